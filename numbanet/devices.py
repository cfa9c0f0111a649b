"""Where tensors live."""

import contextlib

from numbanet.tensor import check_device


@contextlib.contextmanager
def device(name):
    """Make tensors on a device inside the block.

    Parameters
    ----------
    name : str
        "cpu" is the one device of this version.

    Raises
    ------
    ArgumentError
        When there is no such device.

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
    check_device(name)
    yield
