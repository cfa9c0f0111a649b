"""Where tensors live."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from numbanet.core.context import setting
from numbanet.tensor.tensor import device_named


@contextlib.contextmanager
def device(name: str) -> Iterator[None]:
    """Make tensors on a device inside the block: what is made from lists, NumPy arrays and shapes, weights included.

    What is computed from tensors is where these are; tensors of two devices in one operation raise DeviceError.

    Parameters
    ----------
    name : {"cpu", "cuda"}
        "cuda" is the first NVIDIA GPU.

    Returns
    -------
    context manager
        For a `with` statement.

    Raises
    ------
    ArgumentError
        When there is no such name.
    DeviceError
        When the device cannot be used: the message says what is missing.

    References
    ----------
    Python array API standard 2024.12, device support.

    Examples
    --------
    >>> import numbanet as nn
    >>> with nn.device("cpu"):
    ...     t = nn.zeros(2)
    >>> t.device
    'cpu'
    """
    with setting(device=device_named(name)):
        yield
