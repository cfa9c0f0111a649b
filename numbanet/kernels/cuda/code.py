"""The PTX of kernels: compiled once per machine, kept in numbanet's cache, and Numba not imported if it is there."""

import functools
import hashlib
import importlib.metadata
import multiprocessing
import platform
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from numbanet.kernels.disk_cache import DiskCache
from numbanet.settings import config

SOURCES = ("cuda/*.py", "loops/*.py", "vectors/integers.py", "words.py")
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
    key = key_of(name, parameters, operands, capability)
    found = cache().read(key)
    if found is not None:
        return found.decode()
    from numbanet.kernels.cuda.toolkit import compile_ptx

    ptx = compile_ptx(make(*parameters), operands, capability)
    cache().write(key, ptx.encode())
    return ptx


def key_of(name, parameters, operands, capability):
    """What names PTX in the cache."""
    return f"{name} {[_stable(one) for one in parameters]} {operands} {capability}"


def compile_ahead(kernels, capability, processes):
    """Compile kernels that are not in the cache into it, several at a time.

    Parameters
    ----------
    kernels : iterable of Noted
    capability : (int, int)
    processes : int
        How many compile; they are new ones, since compiling holds Python's lock.

    Yields
    ------
    bool
        For each kernel, in no order: whether it was compiled, not found.
    """
    missing = []
    for one in kernels:
        if cache().read(key_of(one.name, one.parameters, one.operands, capability)) is None:
            missing.append(one)
        else:
            yield False
    if not missing:
        return
    context = multiprocessing.get_context("spawn")  # a GPU that is open does not survive a fork
    with ProcessPoolExecutor(min(processes, len(missing)), context, _use_cache, (config.cache_dir,)) as pool:
        for done in as_completed([pool.submit(_compile, one, capability) for one in missing]):
            cache().failure = done.result() or cache().failure
            yield True


def _use_cache(folder):
    config.cache_dir = folder


def _compile(noted, capability):
    """Compile one kernel; what went wrong when it was written, if anything."""
    ptx_of(*noted, capability)
    return cache().failure


def _stable(parameter):
    """A text for a parameter of a kernel that is the same in every process."""
    if callable(parameter):
        return f"{parameter.__module__}.{parameter.__qualname__}"
    return repr(parameter)
