"""The idx format of the MNIST files: arrays of any rank behind a header of a few bytes.

| bytes | meaning |
|---|---|
| 2 | zero |
| 1 | dtype: 08 uint8, 09 int8, 0b int16, 0c int32, 0d float32, 0e float64 |
| 1 | number of axes n, at least 1 |
| 4 n | the length of every axis, big-endian uint32 |
| the rest | the values in C order, big-endian |
"""

from __future__ import annotations

import contextlib
import gzip
import math
import struct
import zlib

import numpy as np

from numbanet.core.files import as_path, check_readable, reason, write_atomically
from numbanet.datasets.gzipped import GzipStream
from numbanet.datasets.payload import as_array, read_payload
from numbanet.errors import ArgumentError, DataError, DTypeError
from numbanet.typing import Array, ArrayLike, FilePath

DTYPES = {
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(np.int16),
    0x0C: np.dtype(np.int32),
    0x0D: np.dtype(np.float32),
    0x0E: np.dtype(np.float64),
}
CODES = {dtype: code for code, dtype in DTYPES.items()}
MAX_AXES = 64  # NumPy's limit; the format has room for 255
GZIP_MAGIC = b"\x1f\x8b"
_NAMES = ", ".join(map(str, CODES))


def load_idx(path: FilePath) -> Array:
    """Read an idx file, plain or gzip-compressed.

    Which of the two it is, is seen from the first bytes, not from the name. A gzip file may have several members, as
    gzip itself allows. Nothing that the file declares is believed before it is there: memory grows with the bytes that
    are read, and never beyond what the header declares.

    Parameters
    ----------
    path : str or os.PathLike

    Returns
    -------
    numpy.ndarray
        uint8, int8, int16, int32, float32 or float64 in native byte order, of the shape in the header; writable.

    Raises
    ------
    DataError
        When there is no such file, or it is a directory, not an idx file, cut off, followed by junk or corrupt.

    References
    ----------
    Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits, section "The IDX file format",
    http://yann.lecun.com/exdb/mnist/.
    P. Deutsch: GZIP file format specification version 4.3, RFC 1952, https://www.rfc-editor.org/rfc/rfc1952.

    Examples
    --------
    >>> import tempfile, numbanet as nn
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "labels.idx")
    ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]))
    ...     nn.datasets.load_idx(path)
    array([5, 0, 4], dtype=uint8)
    """
    path = check_readable(path)
    with _open(path) as stream:
        dtype, shape = _read_header(stream, path)
        data = read_payload(stream, math.prod(shape) * dtype.itemsize, str(path))
    return as_array(data, dtype.newbyteorder(">"), shape, str(path))


def save_idx(path: FilePath, array: ArrayLike) -> None:
    """Write an array as an idx file, compressed if the name ends in `.gz`.

    The file is written atomically: an old one stays until the new one is complete. Equal arrays give equal bytes.

    Parameters
    ----------
    path : str or os.PathLike
    array : array-like
        uint8, int8, int16, int32, float32 or float64, of rank 1 to 64, every axis shorter than 2**32.

    Raises
    ------
    DTypeError
        For other dtypes.
    ArgumentError
        For other shapes, or when `path` cannot be written.
    OSError
        When the disk is full or fails.

    References
    ----------
    As for `load_idx`.

    Examples
    --------
    >>> import tempfile, numpy as np, numbanet as nn
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "images.idx.gz")
    ...     nn.datasets.save_idx(path, np.ones((2, 3), np.float32))
    ...     nn.datasets.load_idx(path)
    array([[1., 1., 1.],
           [1., 1., 1.]], dtype=float32)
    """
    file_path, array = as_path(path), np.asarray(array)
    dtype = array.dtype.newbyteorder("=")
    if dtype not in CODES:
        raise DTypeError(f"save_idx: idx files hold {_NAMES}, got {array.dtype}; use array.astype(...) first")
    if not 1 <= array.ndim <= MAX_AXES or max(array.shape) >= 2**32:
        raise ArgumentError(f"save_idx: needs rank 1 to {MAX_AXES} and axes below 2**32, got shape {array.shape}")
    header = struct.pack(f">HBB{array.ndim}I", 0, CODES[dtype], array.ndim, *array.shape)
    with write_atomically(file_path) as file, contextlib.ExitStack() as stack:
        # No name and no time in the gzip header, so that equal arrays give equal bytes.
        packed = file_path.suffix == ".gz"
        stream = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0)) if packed else file
        stream.write(header + array.astype(dtype.newbyteorder(">")).tobytes())


@contextlib.contextmanager
def _open(path):
    """The bytes of `path`, unpacked if they are gzip's; whatever the disk or gzip finds wrong is a DataError."""
    try:
        with open(path, "rb") as file:
            if file.peek(2)[:2] != GZIP_MAGIC:
                yield file
                return
            yield GzipStream(file)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"cannot read {path}: {reason(error)}") from error


def _read_header(stream, path):
    """Dtype and shape, the latter as declared: nothing says yet that the data are there."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0":
        raise DataError(
            f"{path} is not an idx file: it begins with {magic.hex(' ') or 'nothing'}, "
            "where 00 00, a dtype code and the number of axes are needed"
        )
    code, rank = magic[2], magic[3]
    if code not in DTYPES:
        known = ", ".join(f"{known:02x} {dtype}" for known, dtype in DTYPES.items())
        raise DataError(f"{path} is not an idx file: there is no dtype code {code:02x}, only {known}")
    if not 1 <= rank <= MAX_AXES:
        raise DataError(f"{path}: its header declares {rank} axes, but 1 to {MAX_AXES} are possible")
    lengths = stream.read(4 * rank)
    if len(lengths) < 4 * rank:
        raise DataError(f"{path} is cut off: its header needs {4 + 4 * rank} bytes, but {4 + len(lengths)} are there")
    return DTYPES[code], struct.unpack(f">{rank}I", lengths)
