"""Compiled kernels on disk, one file per kernel and types, named by a digest of everything that it depends on.

Nothing is ever looked up by time stamp, so an entry is right or absent. A folder that is missing, read-only or broken
costs time, never an error: whatever goes wrong while reading or writing means compiling again.
The files hold machine code, which is trusted as `__pycache__` is: they are the user's own, never data from elsewhere.

| bytes | meaning |
|---|---|
| 18 | `numbanet kernel 1` and a line feed |
| 32 | SHA-256 of what the kernel depends on and of the object code |
| the rest | the object code |

The kernels of one fingerprint (sources, versions, processor) share a folder. What nobody has used for a month goes.
"""

import contextlib
import hashlib
import os
import re
import stat
import tempfile
import time

from numbanet.core.settings import config

MAGIC = b"numbanet kernel 1\n"
FOLDER = re.compile("[0-9a-f]{32}")
HOUR, MONTH = 3600, 30 * 24 * 3600
LONGEST = 1 << 28
"""Bytes of an entry at most: the largest kernels take some hundred kilobytes."""


class DiskCache:
    """Reads and writes object code.

    Parameters
    ----------
    fingerprint : str
        What all kernels depend on: sources, versions, processor.
    """

    def __init__(self, fingerprint):
        self.fingerprint = fingerprint
        self.hits = 0
        self.misses = 0
        self.failure = None  # the last error of writing
        self._tidy = False

    @property
    def folder(self):
        return config.cache_dir / hashlib.sha256(self.fingerprint.encode()).hexdigest()[:32]

    def has_kernels(self):
        """Whether kernels with this fingerprint have been compiled before: if so, Numba works here."""
        with contextlib.suppress(OSError):
            os.utime(self.folder)  # in use
        return next(self.folder.glob("*.kernel"), None) is not None

    def _path(self, key):
        digest = hashlib.sha256(f"{self.fingerprint}\n{key}".encode()).hexdigest()
        return self.folder / f"{key.split()[0].rpartition('.')[2]}-{digest[:32]}.kernel"

    def _header(self, key, code):
        return MAGIC + hashlib.sha256(f"{self.fingerprint}\n{key}\n".encode() + code).digest()

    def read(self, key):
        """The object code that was written for a key, a kernel's full name and what else it depends on; or None."""
        try:
            content = _content(self._path(key))
        except OSError:
            return None
        start = len(MAGIC) + hashlib.sha256().digest_size
        code = content[start:]
        return code if content[:start] == self._header(key, code) else None

    def write(self, key, code):
        """Write object code under a temporary name, then rename: readers see a whole file or none."""
        try:
            self._write(self._path(key), self._header(key, code) + code)
        except OSError as error:
            self.failure = error

    def _write(self, path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not self._tidy:
            self._tidy = True
            with contextlib.suppress(OSError):
                _remove_leftovers(config.cache_dir)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise


def _content(path):
    """The bytes of an entry; nothing of a pipe, which would wait for ever, or of a device, which may have no end."""
    with open(path, "rb", opener=_without_waiting) as stream:
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > LONGEST:
            return b""
        return stream.read(found.st_size)


def _without_waiting(path, flags):
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # opening a pipe waits for who writes, else


def _remove_leftovers(root):
    """Remove what killed processes left half-written an hour ago or more, and folders unused for a month."""
    now = time.time()
    for folder in root.iterdir():
        if not FOLDER.fullmatch(folder.name) or folder.is_symlink() or not folder.is_dir():
            continue  # not one of ours, and what a link points to is not in this folder
        unused = now - folder.stat().st_mtime > MONTH
        for path in folder.iterdir():
            old = path.suffix == ".part" and now - path.stat().st_mtime > HOUR
            if old or (unused and path.suffix in (".part", ".kernel")):
                path.unlink(missing_ok=True)
        if unused:
            folder.rmdir()
