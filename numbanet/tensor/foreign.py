"""What is array-like to others: frames and columns of pandas become plain arrays; masked and sparse ones are refused.

Neither pandas nor SciPy is ever imported: a caller that passes a DataFrame has imported it.
"""

import sys

import numpy as np

from numbanet.core.dtypes import SUPPORTED, promote
from numbanet.errors import ArgumentError, DataError, DTypeError, GradientError, NumbanetError, ShapeError


def plain_array(obj, what):
    """Return anything that NumPy takes as a plain array, of any dtype.

    Parameters
    ----------
    obj : array-like
        A frame of pandas of boolean, integer and floating columns becomes an array of the dtype to which they promote;
        the nullable dtypes of pandas are those of NumPy as long as nothing is missing.
    what : str
        The name of the caller, for error messages.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ArgumentError
        For masked arrays: their masked values would come back. For sparse ones: they would be made dense.
    DTypeError
        For columns of pandas that are not numbers, by name.
    DataError
        For columns of pandas in which values are missing, by name.
    """
    if type(obj) is np.ndarray:
        return obj
    refuse_masked(obj, what)
    if is_sparse(obj):
        raise sparse_refusal(what, obj)
    if not is_pandas(obj):
        try:
            return np.asarray(obj)
        except NumbanetError:  # of a symbolic tensor
            raise
        except ValueError as error:  # lists of several lengths
            raise ShapeError(f"{what}: {error}") from None
    if obj.ndim == 2:
        return _frame(obj, what)
    name = getattr(obj, "name", None)
    where = f"{what}: the {type(obj).__name__}" + ("" if name is None else f" {name!r}")
    return _column(obj if hasattr(obj, "name") else sys.modules["pandas"].Series(obj), where)


def is_pandas(x):
    """Whether `x` is a frame, a series, an index or an array of pandas."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not hasattr(pandas, "api"):  # which is imported last
        return False
    return isinstance(x, (pandas.DataFrame, pandas.Series, pandas.Index, pandas.api.extensions.ExtensionArray))


def refuse_masked(obj, what):
    """ArgumentError for a masked array of NumPy."""
    masked = sys.modules.get("numpy.ma")
    if masked is not None and isinstance(obj, getattr(masked, "MaskedArray", ())):
        raise ArgumentError(
            f"{what}: a masked array is not taken, since its masked values would count again; give x.filled(value), or "
            "x.compressed()"
        )


class SparseOperand:
    """Rows of which only some elements are there: `ops.sparse` has the class, and says who takes them."""

    __slots__ = ()


def is_scipy_sparse(x):
    """Return whether `x` is a sparse matrix or array of SciPy."""
    issparse = getattr(sys.modules.get("scipy.sparse"), "issparse", None)
    return issparse is not None and issparse(x)


def is_sparse(x):
    """Return whether `x` is a sparse matrix or array of SciPy, or sparse rows of numbanet."""
    return isinstance(x, SparseOperand) or is_scipy_sparse(x)


def sparse_refusal(what, x):
    """Return the error for an operation that takes no sparse operand."""
    return ArgumentError(
        f"{what}: sparse data of shape {tuple(x.shape)} ({x.dtype}) is taken by dot, matmul and Dense alone, and never "
        "made dense unasked; x.toarray() has all of its zeros"
    )


def sparse_gradient(x):
    """Return the error for a request for the gradient of sparse data."""
    return GradientError(
        f"gradient: sparse data of shape {tuple(x.shape)} ({x.dtype}) has none; it flows to the dense operand alone"
    )


def _frame(frame, what):
    dtypes = set(frame.dtypes)
    if len(dtypes) == 1 and dtypes <= SUPPORTED:
        return np.ascontiguousarray(frame.to_numpy())  # frames hold columns: sums depend on how numbers lie
    columns = [_column(frame.iloc[:, i], f"{what}: column {name!r}") for i, name in enumerate(frame.columns)]
    if not columns:
        return np.empty(frame.shape, np.float32)
    result = np.empty(frame.shape, promote(what, *[column.dtype for column in columns]))
    for i, column in enumerate(columns):
        result[:, i] = column
    return result


def _column(column, where):
    """The values of a Series; errors start with `where`."""
    dtype = column.dtype
    if isinstance(dtype, np.dtype):
        if dtype.newbyteorder("=") in SUPPORTED:
            return column.to_numpy()
        raise DTypeError(f"{where} {_not_numbers(column)}")
    plain = getattr(dtype, "numpy_dtype", None) or getattr(dtype, "subtype", None)
    if getattr(dtype, "kind", "O") not in "biuf" or not isinstance(plain, np.dtype):
        raise DTypeError(f"{where} {_not_numbers(column)}")
    if not hasattr(dtype, "subtype") and column.isna().any():  # sparse columns have NaN as arrays have
        raise DataError(f"{where} ({dtype}) has missing values; fill them with fillna, or leave them out with dropna")
    return np.asarray(column.to_numpy(dtype=plain))


def _not_numbers(column):
    """What a column of no numbers is, and what can be done about it."""
    name = str(column.dtype)
    if name == "category":
        return "is a category; give pandas.get_dummies(...), or its codes, x.cat.codes"
    if name == "object":
        kinds = sorted({type(value).__name__ for value in column})
        return f"has dtype object and holds {', '.join(kinds)}; give numbers, with x.astype(float) for example"
    if name.startswith(("str", "string")):
        return f"holds strings ({name}); give numbers, with pandas.factorize(...) or get_dummies(...) for example"
    return f"has dtype {name}, which is not one of numbers that numbanet has; give it as x.astype(float) for example"
