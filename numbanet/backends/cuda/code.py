"""The machine code of kernels: made once per machine and kept in numbanet's cache; Numba is not needed to load it."""

import functools
import hashlib
import importlib.metadata
import multiprocessing
import os
import re
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from numbanet.backends.numba.disk_cache import DiskCache
from numbanet.core.settings import config

SOURCES = ("backends/cuda/*.py", "loops/*.py", "vector_math/integers.py", "kernels/words.py")
PACKAGES = ("numba", "numba-cuda", "numba-cuda-mlir", "numpy")


@functools.cache
def cache():
    """The cache of machine code: entries depend on the sources of kernels and on the versions of what compiles them.

    Those are NVVM's and nvJitLink's own, which may come with no package; without nvJitLink, it is the driver that
    decides. Of Python it is the minor version that matters, whose bytecode Numba reads.

    NUMBANET_CUDA_PORTABLE=1 leaves the versions out: what another machine compiled of the same sources is used then.
    """
    made_by = "anything" if os.environ.get("NUMBANET_CUDA_PORTABLE", "0") not in ("", "0") else versions()
    return DiskCache(f"cubin {_digest_of_sources()} {made_by}")


def _digest_of_sources():
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def versions():
    """Return what the machine code of a kernel depends on besides its source, a dict."""
    from numbanet.backends.cuda.toolchain import driver_version, linker_version, nvvm_version

    linker = linker_version()
    found = {name: _version(name) for name in PACKAGES}
    found |= {"python": sys.version_info[:2], "nvvm": nvvm_version(), "nvjitlink": linker}
    return found if linker else found | {"driver": driver_version()}


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def code_of(name, make, parameters, operands, capability):
    """Return the name of the kernel `make(*parameters)` and what the driver loads to have it.

    Parameters
    ----------
    name : str
        What the cache calls it.
    make : callable
    parameters, operands : tuple
        The operands are described as for `toolkit.numba_type`.
    capability : (int, int)

    Returns
    -------
    (bytes, bytes)

    Raises
    ------
    DeviceError
        When it cannot be assembled.
    """
    key = key_of(name, parameters, operands, capability)
    found = cache().read(key)
    if found is None:
        from numbanet.backends.cuda.toolchain import image_of
        from numbanet.backends.cuda.toolkit import compile_ptx

        ptx = compile_ptx(make(*parameters), operands, capability)
        entry = re.search(r"\.visible\s+\.entry\s+(\w+)", ptx).group(1)
        found = entry.encode() + b"\n" + image_of(name, ptx, capability)
        cache().write(key, found)
    entry, _, image = found.partition(b"\n")
    return entry, image


def key_of(name, parameters, operands, capability):
    """What names a kernel in the cache."""
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
    code_of(*noted, capability)
    return cache().failure


def _stable(parameter):
    """A text for a parameter of a kernel that is the same in every process."""
    if callable(parameter):
        return f"{parameter.__module__}.{parameter.__qualname__}"
    if type(parameter) is tuple:
        return f"({', '.join(map(_stable, parameter))})"
    return repr(parameter)
