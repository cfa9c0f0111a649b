"""Unpacking gzip in large pieces, so that a thread that does it hardly needs the interpreter.

`gzip.GzipFile` hands zlib 8 kB at a time, and takes the interpreter's lock between them. A thread that reads MNIST
beside one that runs Python would wait for that lock a thousand times, up to 5 ms each time.
"""

import zlib
from typing import Any

LEAST, MOST = 1 << 16, 1 << 22
"""Bytes that zlib is given at once: few where a member begins, since it may be short, and twice as many each time."""

_GZIP = 16 + zlib.MAX_WBITS  # zlib reads gzip's header, and compares the checksum and the length at its end


class GzipStream:
    """What is packed in a gzip file, for reading from its beginning to its end.

    A file may have several members, and zeros behind them, as for gzip itself.

    Parameters
    ----------
    file : binary stream
        At its beginning.

    References
    ----------
    P. Deutsch: GZIP file format specification version 4.3, RFC 1952, https://www.rfc-editor.org/rfc/rfc1952.

    Examples
    --------
    >>> import gzip, io
    >>> stream = GzipStream(io.BytesIO(gzip.compress(b"four") + gzip.compress(b"five")))
    >>> stream.read(3), stream.read(100), stream.read(100), stream.read(100)
    (b'fou', b'rfive', b'', b'')
    """

    def __init__(self, file):
        self._file = file
        self._packed, self._at, self._size = memoryview(b""), 0, LEAST
        self._member: Any = None

    def read(self, count):
        """Return the next `count` bytes, or fewer at the end.

        Raises
        ------
        EOFError
            When the file ends inside a member.
        zlib.error
            When the file is corrupt.
        """
        parts = []
        while count and (self._member or self._begin()):
            parts.append(self._unpack(count))
            count -= len(parts[-1])
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _begin(self):
        """Whether another member begins; whatever is there and is not padding is taken for one."""
        self._size = LEAST
        while self._more():
            self._at = len(self._packed) - len(bytes(self._packed[self._at :]).lstrip(b"\0"))
            if self._at < len(self._packed):
                self._member = zlib.decompressobj(_GZIP)
                return True
        return False

    def _unpack(self, count):
        """At most `count` bytes of the current member; none if there are none in what zlib is given."""
        self._more()
        given = self._packed[self._at : self._at + self._size]
        found = self._member.decompress(given, count)
        ended = self._member.eof
        if not (given or found or ended):
            raise EOFError("the file ends before the end of the data in it")
        left = self._member.unused_data if ended else self._member.unconsumed_tail
        self._at += len(given) - len(left)
        self._size = min(2 * self._size, MOST)
        self._member = None if ended else self._member
        return found

    def _more(self):
        """Whether there are packed bytes that zlib has not seen."""
        if self._at == len(self._packed):
            self._packed, self._at = memoryview(self._file.read(self._size)), 0
        return self._at < len(self._packed)
