"""How the functions of `keras.ops` reach those that NumPy's functions are on tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numbanet.numpy_functions  # noqa: F401  (which fills the table that is read here)
from numbanet.core.table import NUMPY_FUNCTIONS
from numbanet.tensor.tensor import Tensor


def call(function: Callable[..., Any], *arguments: Any, **options: Any) -> Tensor:
    """Call what a function of NumPy does with tensors.

    Parameters
    ----------
    function : callable
        One of NumPy's functions.
    *arguments, **options
        What it takes. Python numbers and lists of them still take the dtype of the tensors beside them.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import numpy as np
    >>> call(np.cbrt, [8.0])
    Tensor([2.], shape=(1,), dtype=float32)
    """
    found: Tensor = NUMPY_FUNCTIONS[function](*arguments, **options)
    return found


def call_several(function: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Tensor, ...]:
    """Call what a function of NumPy with more than one result does with tensors.

    Parameters
    ----------
    function : callable
        One of NumPy's functions.
    *arguments, **options
        What it takes.

    Returns
    -------
    tuple of Tensor

    Examples
    --------
    >>> import numpy as np
    >>> call_several(np.array_split, [1.0, 2.0], 2)
    (Tensor([1.], shape=(1,), dtype=float32), Tensor([2.], shape=(1,), dtype=float32))
    """
    return tuple(NUMPY_FUNCTIONS[function](*arguments, **options))
