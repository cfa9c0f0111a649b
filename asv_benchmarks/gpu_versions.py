"""What there is on a machine with a GPU: the first thing that is printed, before anything can fail."""

import datetime
import importlib.metadata
import os
import platform
import shutil
import subprocess

PACKAGES = (
    *("numpy", "numba", "llvmlite", "numba-cuda", "cuda-core", "cuda-bindings", "cuda-pathfinder", "nvidia-nvvm"),
    *("nvidia-nvjitlink", "torch", "cupy-cuda13x", "jax", "pytest", "hypothesis"),
)
COMMANDS = {
    "nvidia-smi": ["--query-gpu=name,driver_version,memory.total,clocks.max.sm", "--format=csv,noheader"],
    "nvcc": ["--version"], "compute-sanitizer": ["--version"], "ncu": ["--version"],
}  # fmt: skip


def versions():
    """Yield a line for each thing: a package, a tool, the device."""
    yield f"{datetime.date.today()}, Python {platform.python_version()}, {platform.platform()}, {os.cpu_count()} CPUs"
    for name in PACKAGES:
        yield f"{name} {_package(name)}"
    for name, arguments in COMMANDS.items():
        yield f"{name}: {_said(name, arguments)}"
    yield f"CUDA_HOME={os.environ.get('CUDA_HOME')}"
    yield from _ours()


def _package(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "is not installed"


def _said(name, arguments):
    """The last line that a tool says of itself."""
    tool = shutil.which(name) or shutil.which(name, path="/usr/local/cuda/bin")
    if tool is None:
        return "is not installed"
    try:
        done = subprocess.run([tool, *arguments], capture_output=True, text=True, timeout=20)
    except Exception as error:
        return f"{tool}: {error}"
    return f"{tool}: {(done.stdout or done.stderr).strip().splitlines()[-1:]}"


def _ours():
    """What numbanet finds."""
    import numbanet as nn
    from numbanet.backends.cuda import devices

    yield f"numbanet {nn.__version__}"
    yield f"device: {devices.described()}"
    try:
        from numbanet.backends.cuda import toolchain

        yield f"NVVM: {toolchain.nvvm_version()}; CUDA toolkit that was looked up: {toolchain.toolkit_root()}"
        yield f"nvJitLink: {toolchain.linker_version()}"
    except Exception as error:
        yield f"no compiler can be asked: {error}"


if __name__ == "__main__":
    for line in versions():
        print(line, flush=True)
    print()
