"""Compiled kernels on disk, one file per kernel and types, named by a digest of everything that it depends on.

Nothing is ever looked up by time stamp, so an entry is right or absent. A folder that is missing, read-only or broken
costs time, never an error: whatever goes wrong while reading or writing means compiling again.
The files hold machine code, which is trusted as `__pycache__` is: they are the user's own, never data from elsewhere.
"""

import contextlib
import hashlib
import os
import pickle
import tempfile

from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from numbanet.settings import config


class DiskCache:
    """Loads and saves compile results, in the form that Numba's `CFunc` expects of its cache."""

    def __init__(self, fingerprint):
        self.fingerprint = fingerprint
        self.hits = 0
        self.misses = 0

    def of(self, body, flat):
        """A view of the cache for one body, compiled for flat operands or not.

        Only the package's own bodies are kept: their sources are what the fingerprint covers.
        """
        return _Entry(self, body, flat) if body.__module__.startswith("numbanet.kernels.") else NullCache()


class _Entry:
    def __init__(self, cache, body, flat):
        self.cache = cache
        self.body = body
        self.flat = flat

    def _path(self, signature, codegen):
        name = f"{self.body.__module__}.{self.body.__qualname__}"
        digest = hashlib.sha256(self.cache.fingerprint)
        digest.update(repr((name, self.flat, signature, codegen.magic_tuple())).encode())
        return config.cache_dir / f"{self.body.__qualname__}-{digest.hexdigest()[:32]}.kernel"

    def load_overload(self, signature, target_context):
        """The compile result of `signature`, or None."""
        target_context.refresh()
        try:
            payload = self._path(signature, target_context.codegen()).read_bytes()
            found = CompileResult._rebuild(target_context, *pickle.loads(payload))
        except Exception:  # absent, unreadable, cut off or of another making: all mean "compile again"
            self.cache.misses += 1
            return None
        self.cache.hits += 1
        return found

    def save_overload(self, signature, compiled):
        """Write the compile result under a temporary name, then rename: readers see a whole file or none."""
        path = self._path(signature, compiled.codegen)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(dumps(compiled._reduce()))
                os.replace(temporary, path)
            except OSError:
                os.unlink(temporary)
                raise
