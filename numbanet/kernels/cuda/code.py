"""The PTX of kernels: compiled once per machine, kept in numbanet's cache, and Numba not imported if it is there."""

import functools
import hashlib
import importlib.metadata
import platform
from pathlib import Path

from numbanet.kernels.disk_cache import DiskCache

SOURCES = ("cuda/*.py", "loops/*.py", "words.py")
PACKAGES = ("numba", "numba-cuda", "numba-cuda-mlir", "numpy")


@functools.cache
def cache():
    """The cache of PTX: its entries depend on the sources of kernels and on the versions of what compiles them."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    versions = [f"{name} {_version(name)}" for name in PACKAGES]
    return DiskCache(f"ptx {digest.hexdigest()} {versions} {platform.python_version()}")


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def ptx_of(name, make, parameters, operands, capability):
    """The PTX of the kernel `make(*parameters)` for operands described as for `toolkit.numba_type`."""
    key = f"{name} {[_stable(one) for one in parameters]} {operands} {capability}"
    found = cache().read(key)
    if found is not None:
        return found.decode()
    from numbanet.kernels.cuda.toolkit import compile_ptx

    ptx = compile_ptx(make(*parameters), operands, capability)
    cache().write(key, ptx.encode())
    return ptx


def _stable(parameter):
    """A text for a parameter of a kernel that is the same in every process."""
    if callable(parameter):
        return f"{parameter.__module__}.{parameter.__qualname__}"
    return repr(parameter)
