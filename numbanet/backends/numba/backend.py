"""The Numba backend: kernels from the cache, or compiled by Numba when something is missing there."""

import hashlib
import os
import platform
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from numbanet.backends.native import direct, processor
from numbanet.backends.native.backend import Built, NativeBackend, one_compiles
from numbanet.backends.numba import machine_code
from numbanet.backends.numba.disk_cache import DiskCache
from numbanet.backends.protocol import BackendFailed
from numbanet.kernels.body import Body
from numbanet.kernels.recording import LAUNCH
from numbanet.loops import arithmetic

PACKAGE = Path(__file__).parents[2]
COMPILED_FROM = ("backends/native", "backends/numba", "kernels", "loops", "vector_math")
"""Packages with the source of kernels, and with what makes kernels of them."""


def _fingerprint():
    """What all kernels depend on: each file that it is made of, versions, the processor, and how Numba is set up."""
    digest = hashlib.sha256()
    for package in COMPILED_FROM:
        for path in sorted((PACKAGE / package).rglob("*.py")):
            digest.update(path.read_bytes())
    places = {name: getattr(find_spec(name), "origin", None) for name in ("numba", "llvmlite")}
    packages = [f"{name} {metadata.version(name)} {place}" for name, place in places.items()]
    settings = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("NUMBA_"))
    parts = [digest.hexdigest(), *packages, f"numpy {np.__version__}", f"python {platform.python_version()}"]
    return "\n".join([*parts, *processor.host(), *settings])


class NumbaBackend(NativeBackend):
    """Runs range bodies through kernels that Numba compiles for this very processor."""

    name = "numba"

    def __init__(self):
        super().__init__()
        self.registers = processor.REGISTERS
        self.cache = DiskCache(_fingerprint())

    def try_out(self):
        """Compile what most programs need, if nothing in the cache shows that Numba works here."""
        if not self.cache.has_kernels():
            self.compiled_map(Body(arithmetic.add), (np.dtype(np.float32),) * 3)

    def _build(self, body, key, operands, flat):
        """The kernel from the cache, or compiled: Numba is imported when something is missing there."""
        identity = f"{body.qualified_name} {operands} {'flat' * flat}"
        with one_compiles:
            built = self.built.get((body, key)) or self._loaded(body, identity)
        if built is None:
            with one_compiles:
                built = self.built.get((body, key))
                if built is None:
                    self.cache.misses += 1
                    code, built = self._compiled(body, operands, flat)
                    if _is_kept(body):
                        self.cache.write(identity, code)
        self.built[body, key] = built
        return built

    def _compiled(self, body, operands, flat):
        """Object code, and the kernel. A Numba that fails is a BackendFailed; a body that is at fault raises."""
        try:
            from numbanet.backends.numba.compile import compile_kernel  # a fork must not come in the middle

            code = compile_kernel(body, operands, flat)
            return code, self._linked(body, code)
        except Exception as error:
            works = self.can_compile()
            if _is_kept(body) or not works:
                raise BackendFailed(self, body.qualified_name if works else None) from error
            raise

    def can_compile(self):
        """Whether it compiles what it surely can: when it does not, no body is at fault."""
        try:
            from numbanet.backends.numba.compile import compile_kernel

            compile_kernel(Body(arithmetic.add), (("<f4", 1, True),) * 3, flat=True)
        except Exception:
            return False
        return True

    def _loaded(self, body, identity):
        code = self.cache.read(identity) if _is_kept(body) else None
        if code is None:
            return None
        try:
            built = self._linked(body, code)
        except Exception:  # it cannot be linked
            return None
        self.cache.hits += 1
        return built

    def _linked(self, body, code):
        entry, for_python = machine_code.load(code)
        return Built(LAUNCH(entry), entry, direct.built_in(body.name, for_python) if self.has_direct else None)


def _is_kept(body):
    """Whether the fingerprint covers the sources of a kernel, so that it can be kept in the cache."""
    package, _, path = body.qualified_name.replace(".", "/").partition("/")
    return package == "numbanet" and path.startswith(tuple(f"{folder}/" for folder in COMPILED_FROM))
