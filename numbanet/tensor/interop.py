"""Tensors from arrays of other libraries, which share their memory."""

from __future__ import annotations

import numpy as np

from numbanet.core.dtypes import check_supported
from numbanet.errors import ExchangeError
from numbanet.kernels import exchange
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, asarray, current, device_named, moves
from numbanet.typing import Device, SupportsDLPack


def from_dlpack(x: SupportsDLPack, /, *, device: Device = None, copy: bool | None = None) -> Tensor:
    """Return a Tensor of an array of any library with DLPack: NumPy, CuPy, PyTorch, JAX and others.

    The memory is shared: do not write to `x` while the tensor is in use. On a GPU, computations wait for those that `x`
    comes from. The other direction is `np.from_dlpack(t)`, `torch.from_dlpack(t)` and so on, on the same device.

    Parameters
    ----------
    x : array
        Of any shape and a dtype that numbanet has, with the methods `__dlpack__` and `__dlpack_device__`.
    device : {None, "cpu", "cuda"}
        Where the values are to be; None leaves them where they are.
    copy : bool, optional
        True copies always, False raises if a copy is needed, None copies if `device` is another one.

    Returns
    -------
    Tensor
        Of the shape and dtype of the array.

    Raises
    ------
    AttributeError
        When `x` does not have these methods.
    ExchangeError
        A BufferError: when a copy is needed and `copy` is False, or `x` is where numbanet cannot be.
    DTypeError
        For complex numbers, half precision and the like.

    References
    ----------
    Python array API standard 2024.12, from_dlpack.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> x = np.ones((2, 2))
    >>> t = nn.from_dlpack(x)
    >>> t
    Tensor([[1., 1.],
            [1., 1.]], shape=(2, 2), dtype=float64)
    >>> np.shares_memory(np.from_dlpack(t), x)
    True
    """
    if isinstance(x, Operators):
        _check_copies(current(x), device, copy)
        return asarray(x, device=device, copy=copy)  # which keeps its gradient
    kind, _ = x.__dlpack_device__()
    if kind in exchange.HOST_KINDS:
        try:
            array = np.from_dlpack(x)
        except BufferError as error:  # NumPy's, of strings for example
            raise ExchangeError(f"from_dlpack: {error}") from None
        array = check_supported(array, "from_dlpack")
    else:
        array = exchange.taken(x, device_named("cuda"))
    tensor = Tensor(array)
    if _check_copies(tensor, device, copy):
        return tensor.to_device(device)  # type: ignore[arg-type]  # None moves nothing
    return Tensor(array.copy()) if copy else tensor


def _check_copies(tensor: Tensor, device: Device, copy: bool | None) -> bool:
    """Whether the tensor moves to the device; an error where it does and may not be copied."""
    moving = device is not None and moves(tensor, device)
    if moving and copy is False:
        raise ExchangeError(f"from_dlpack: {tensor.device} to {device} needs a copy, but copy=False")
    return moving
