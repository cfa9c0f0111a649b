"""Reads npz files, zip archives of npy files, as data from strangers: nothing unpickled, no size believed."""

import contextlib
import functools
import io
import math
import struct
import zipfile
import zlib

from numpy.lib import format as npy

from numbanet.core.dtypes import SUPPORTED
from numbanet.core.files import check_readable, reason
from numbanet.datasets.payload import as_array, read_payload
from numbanet.errors import DataError

# NumPy refuses longer headers than 10,000 characters, but version 2 would read up to 4 GiB of them first.
MAX_HEADER = 1 << 14
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 1
KIND_OF_SPARSE = "format.npy"
"""The member in which `scipy.sparse.save_npz` writes what kind of matrix it is, as bytes; others have numbers."""
# All that zipfile and zlib raise on archives that are cut off, corrupt or made up.
_BROKEN = (OSError, EOFError, ValueError, RuntimeError, struct.error, zlib.error, zipfile.BadZipFile)


@contextlib.contextmanager
def open_npz(path):
    """The arrays of an npz file, each to be read when it is called for.

    Parameters
    ----------
    path : str or os.PathLike
        As written by `numpy.savez` or `numpy.savez_compressed`.

    Yields
    ------
    dict of str to callable
        From the name of an array to a function that reads it: a numpy.ndarray of bool, integers, float32 or float64,
        in native byte order. The function raises DataError when the member is cut off, corrupt, of another dtype
        (objects above all), or when the shape in its header does not fit its size in the archive.

    Raises
    ------
    DataError
        When there is no such file, or it is not a zip archive.

    References
    ----------
    NumPy: The NPY format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
    PKWARE: .ZIP File Format Specification, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "data.npz")
    ...     np.savez(path, x=[[1.5, 2.5]], y=[7])
    ...     with open_npz(path) as arrays:
    ...         sorted(arrays), arrays["y"]()
    (['x', 'y'], array([7]))
    """
    path = check_readable(path)
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise DataError(f"{path} is not an npz file ({reason(error)}); np.savez writes one of arrays") from error
    with archive:
        yield {
            info.filename.removesuffix(".npy"): functools.partial(_member, archive, info, f"{path}: {info.filename!r}")
            for info in archive.infolist()
            if info.filename.endswith(".npy")
        }


def load_npy(path):
    """Return the array of a npy file, as `numpy.save` writes it; see `open_npz` for what is read, and for errors."""
    path = check_readable(path)
    try:
        with open(path, "rb") as file:
            return _read(file, path.stat().st_size, str(path))
    except OSError as error:
        raise DataError(f"cannot read {path}: {reason(error)}") from error


def _member(archive, info, what):
    """The array in one member of the archive."""
    if info.compress_type not in COMPRESSIONS or info.flag_bits & ENCRYPTED:
        raise DataError(f"{what} is encrypted or compressed by another method than deflate")
    try:
        with archive.open(info) as member:
            return _read(member, info.file_size, what, texts=info.filename == KIND_OF_SPARSE)
    except DataError:
        raise
    except _BROKEN as error:
        raise DataError(f"cannot read {what}: {reason(error)}") from error


def _read(stream, size, what, texts=False):
    """The array in a npy file of so many bytes."""
    head = io.BytesIO(stream.read(MAX_HEADER))
    dtype, shape, order = _read_header(head, what, texts)
    count = math.prod(shape) * dtype.itemsize
    stored = size - head.tell()
    if count != stored:
        raise DataError(f"{what}: shape {shape} of {dtype} needs {count} bytes, but {stored} are stored")
    return as_array(read_payload(stream, count, what, start=head.read()), dtype, shape, what, order)


def _read_header(head, what, texts=False):
    """Dtype, shape and memory order as the npy header declares them."""
    try:
        version = npy.read_magic(head)
        # Version 3 is for field names in Unicode, and records are refused below.
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran_order, dtype = read(head)
    except Exception as error:  # it is parsed as a Python literal, and there is no end to what parsers raise
        raise DataError(f"{what} has no npy header that can be read") from error
    if dtype.newbyteorder("=") not in SUPPORTED and not (texts and dtype.kind == "S"):
        hint = "; of names save np.unique(names, return_inverse=True)[1]" if dtype.kind in "US" else ""
        raise DataError(
            f"{what} has dtype {dtype.name}; bool, int8 to int64, uint8 to uint64, float32 or float64 is needed{hint}"
        )
    if any(length < 0 for length in shape):
        raise DataError(f"{what}: its header declares the shape {shape}, but no axis can be negative")
    return dtype, shape, "F" if fortran_order else "C"
