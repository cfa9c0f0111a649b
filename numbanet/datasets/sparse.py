"""Reads the files that `scipy.sparse.save_npz` writes; SciPy is imported here, when there is such a file."""

import numpy as np

from numbanet.datasets.npz import open_npz
from numbanet.errors import DataError, DependencyError

PARTS = ("data", "indices", "indptr", "shape")


def is_sparse(arrays):
    """Whether the arrays of an npz file, by name, are the parts of one sparse matrix."""
    return "format" in arrays and "shape" in arrays and "data" in arrays


def load_sparse(path):
    """The matrix in a file of `scipy.sparse.save_npz`.

    Parameters
    ----------
    path : str or os.PathLike

    Returns
    -------
    scipy.sparse.csr_array, (rows, columns)

    Raises
    ------
    DataError
        When the file cannot be read, holds something else, or a matrix that is not in CSR form, or when its parts do
        not fit together.
    DependencyError
        When SciPy is not installed.

    References
    ----------
    SciPy reference, scipy.sparse.save_npz.
    """
    with open_npz(path) as arrays:
        if not is_sparse(arrays):
            raise DataError(f"{path} is not a file of scipy.sparse.save_npz, with {', '.join(PARTS)} and format")
        kind = bytes(arrays["format"]().reshape(-1)[:1].tobytes()).rstrip(b"\0").decode("ascii", "replace")
        if kind != "csr" or not set(PARTS) <= set(arrays):
            raise DataError(f"{path} has a sparse matrix in {kind!r} form; save x.tocsr()")
        values, columns, starts, shape = (arrays[name]() for name in PARTS)
    return _matrix(path, values, columns, starts, shape)


def _matrix(path, values, columns, starts, shape):
    try:
        from scipy import sparse
    except ImportError as error:
        raise DependencyError(
            f"{path}: sparse rows in a file need SciPy, which is not there ({error}): python -m pip install scipy"
        ) from None
    if shape.shape != (2,) or shape.dtype.kind not in "iu" or (np.diff(starts.astype(np.int64).reshape(-1)) < 0).any():
        raise DataError(f"{path}: shape must be two whole numbers, and indptr must ascend")
    try:
        matrix = sparse.csr_array((values, columns, starts), shape=tuple(shape.tolist()))
        matrix.check_format(full_check=True)
    except (ValueError, TypeError, IndexError) as error:
        raise DataError(f"{path}: it has no sparse matrix: {error}") from error
    return matrix
