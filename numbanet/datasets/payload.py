"""Arrays from files that may lie: a header can promise any size, so memory is taken as the bytes arrive."""

import numpy as np

from numbanet.errors import DataError

FIRST, MOST = 1 << 20, 1 << 22
"""Bytes that are read at first and at most at once: as many as have been read already. More take new memory each time,
which costs as much as unpacking does."""


def read_payload(stream, count, what, start=b""):
    """The `count` bytes that a header declares, and which must be the last ones of `stream`.

    At most one byte more than declared is read, and memory grows with what has been read. So neither a header that
    promises too much nor a file that unpacks to more than its header says can take memory that the data do not need.

    Parameters
    ----------
    stream : binary stream
        Behind the header.
    count : int
        Bytes.
    what : str
        The file, for messages.
    start : bytes, optional
        Payload that was read already.

    Returns
    -------
    bytearray
        Of length `count`.

    Raises
    ------
    DataError
        When there are fewer bytes, or more.

    Examples
    --------
    >>> import io
    >>> read_payload(io.BytesIO(b"four"), 5, "digits.idx")
    Traceback (most recent call last):
    numbanet.errors.DataError: digits.idx is cut off: its header declares 5 bytes of data, but 4 are there
    """
    data = bytearray(start)
    # One byte more than declared: it tells of junk, and makes the stream verify its checksum at the end.
    while len(data) <= count and (chunk := stream.read(min(max(FIRST, len(data)), MOST, count + 1 - len(data)))):
        data += chunk
    if len(data) < count:
        raise DataError(f"{what} is cut off: its header declares {count} bytes of data, but {len(data)} are there")
    if len(data) > count:
        raise DataError(f"{what} goes on after its data: its header declares {count} bytes, but there are more")
    return data


def as_array(data, dtype, shape, what, order="C"):
    """The array that lies in `data`, in native byte order, without a copy.

    Parameters
    ----------
    data : bytearray
        As long as dtype and shape say; it belongs to the array from now on.
    dtype : numpy.dtype
        In the byte order of `data`.
    shape : tuple of int
    what : str
        The file, for messages.
    order : {"C", "F"}
        How the array lies in memory.

    Returns
    -------
    numpy.ndarray
        Of this shape, writable.

    Raises
    ------
    DataError
        When NumPy has no arrays of this shape: (0, 2**32 - 1, 2**32 - 1) needs no bytes, yet is too large.

    Examples
    --------
    >>> as_array(bytearray(b"\\0\\1\\0\\2"), np.dtype(">i2"), (2,), "digits.idx")
    array([1, 2], dtype=int16)
    """
    try:
        array = np.ndarray(shape, dtype, buffer=data, order=order)
    except ValueError as error:
        raise DataError(f"{what}: there are no arrays of shape {shape}: {error}") from None
    return array if dtype.isnative else array.byteswap(inplace=True).view(dtype.newbyteorder("="))
