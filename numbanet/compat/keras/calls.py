"""How the functions of `keras.ops` reach those that NumPy's functions are on tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numbanet.numpy_functions  # noqa: F401  (which fills the table that is read here)
from numbanet.core.table import NUMPY_FUNCTIONS
from numbanet.tensor.tensor import Tensor, asarray


def call(function: Callable[..., Any], x: Any, *arguments: Any, **options: Any) -> Any:
    """Call what a function of NumPy does with tensors.

    Parameters
    ----------
    function : callable
        NumPy's.
    x : array-like, or list of Tensor
        Its first argument.
    *arguments, **options
        The others.

    Returns
    -------
    Tensor, or several

    Examples
    --------
    >>> import numpy as np
    >>> call(np.cbrt, [8.0])
    Tensor([2.], shape=(1,), dtype=float32)
    """
    several = isinstance(x, list) and x and all(isinstance(part, Tensor) for part in x)
    return NUMPY_FUNCTIONS[function](x if several else asarray(x), *arguments, **options)
