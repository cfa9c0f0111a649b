"""What runs here, and why: the facts behind `numbanet info`."""

import importlib.metadata
import platform

from numbanet.backends import select as backends
from numbanet.backends.cuda import devices
from numbanet.core.settings import config
from numbanet.version import __version__


def facts():
    """Versions, backend, the compiled extension, threads, CUDA and cache folder.

    Returns
    -------
    dict of str
    """
    build = backends.backend()
    reason = backends.backend_reason()
    return {
        "numbanet": __version__,
        "python": f"{platform.python_version()} ({platform.platform()})",
        **{name: _version(name) for name in ("numpy", "numba", "llvmlite", "safetensors")},
        "backend": f"{build.description()} ({reason}; NUMBANET_BACKEND={config.backend})",
        "extension": backends.extension(),
        "threads": f"{config.num_threads if build.compiled else 1} (Python threads over disjoint ranges)",
        "vectors": build.vectors(),
        "cuda": devices.described(),
        "cache": _cache(),
        "replays": "compared with plain calls" if config.check_replay else "not compared with plain calls",
    }


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _cache():
    folder = config.cache_dir
    kernels = list(folder.glob("*/*.kernel")) if folder.is_dir() else []
    size = sum(path.stat().st_size for path in kernels) / 1e6
    return f"{folder} ({len(kernels)} kernels, {size:.1f} MB)"
