"""What makes machine code of kernels: NVVM, NVIDIA's compiler of LLVM code to PTX, and nvJitLink, which assembles that.

numba-cuda calls NVVM itself; nvJitLink is called here. The two may come from different releases of CUDA, and the driver
from a third: a driver refuses PTX of a later release than its own, while it takes machine code of any release of its
major version (CUDA Compatibility guide, minor version compatibility). So kernels are linked to machine code, and where
nvJitLink is the older of the two, the version in the header of the PTX is lowered to what it knows: kernels use nothing
that is newer than PTX 7.0.
"""

import contextlib
import functools
import os
import re
import shutil
from pathlib import Path
from unittest import mock

from cuda.bindings import nvjitlink, nvvm

from numbanet.backends.cuda.calls import driver_version
from numbanet.errors import DeviceError

ROOTS = "/usr/local/cuda", "/opt/cuda", "/usr/lib/cuda", "/usr"
"""Where toolkits are installed."""

LIBRARIES = "lib64/libnvvm.so*", "lib/libnvvm.so*", "bin/**/nvvm64*.dll"
"""Where NVVM lies in the folder `nvvm` of a toolkit; some have nvcc without it."""

PTX_OF_CUDA_12 = 0, 1, 2, 3, 4, 5, 5, 6, 7, 8
"""The minor version of PTX 8 that CUDA 12.0, 12.1, ... brought (PTX ISA, release notes)."""

VERSION = re.compile(r"^\.version (\d+)\.(\d+)", re.M)

EMPTY = """target triple = "nvptx64-nvidia-cuda"
target datalayout = "e-p:64:64:64-i1:8:8-i8:8:8-i16:16:16-i32:32:32-i64:64:64-i128:128:128-f32:32:32-f64:64:64-\
v16:16:16-v32:32:32-v64:64:64-v128:128:128-n16:32:64"
!nvvmir.version = !{{!0}}
!0 = !{{i32 {}, i32 {}, i32 {}, i32 {}}}
"""
"""A module without functions, for a version of NVVM's intermediate code."""


def toolkit_root(environment=os.environ, roots=ROOTS):
    """Return the folder of the CUDA toolkit that nobody named, or None: that of `nvcc`, or one of the usual ones."""
    if environment.get("CUDA_HOME") or environment.get("CUDA_PATH"):
        return None
    compiler = shutil.which("nvcc", path=environment.get("PATH"))
    likely = [Path(compiler).resolve().parents[1]] if compiler else []
    for root in (*likely, *map(Path, roots)):
        if any(next((root / "nvvm").glob(pattern), None) for pattern in LIBRARIES):
            return str(root)
    return None


@contextlib.contextmanager
def toolkit_named():
    """Set CUDA_HOME inside the block where it is not set: without it, NVVM of a toolkit is not looked for."""
    root = toolkit_root()
    with mock.patch.dict(os.environ, {"CUDA_HOME": root} if root else {}):
        yield


@functools.cache
def nvvm_version():
    """Return what NVVM says about itself in the PTX that it writes, a text; None where it cannot be found."""
    try:
        with toolkit_named():
            code = EMPTY.format(*nvvm.ir_version()).encode()
        program = nvvm.create_program()
        try:
            nvvm.add_module_to_program(program, code, len(code), "empty")
            nvvm.compile_program(program, 0, [])
            ptx = bytearray(nvvm.get_compiled_result_size(program))
            nvvm.get_compiled_result(program, ptx)
        finally:
            nvvm.destroy_program(program)
    except Exception:  # numba-cuda says what is missing, when it compiles
        return None
    lines = ptx.decode().splitlines()
    return " ".join(line.strip("/ ") for line in lines if re.search(r"release|NVVM \d|^\.version", line))


@functools.cache
def linker_version():
    """Return the version (major, minor) of nvJitLink, or None where it is not installed."""
    try:
        with toolkit_named():
            return tuple(nvjitlink.version())
    except Exception:  # no library, or one of before CUDA 12.3
        return None


def ptx_version(cuda):
    """Return the newest PTX (major, minor) that a release (major, minor) of CUDA reads; None for an unknown one."""
    major, minor = cuda
    if major == 12:
        return 8, PTX_OF_CUDA_12[min(minor, len(PTX_OF_CUDA_12) - 1)]
    return (9, minor) if major == 13 else None


def lowered(ptx, most):
    """Return PTX whose header asks for version `most`, (major, minor), if it asked for a newer one."""
    found = VERSION.search(ptx)
    if most is None or found is None or (int(found[1]), int(found[2])) <= most:
        return ptx
    return VERSION.sub(".version {}.{}".format(*most), ptx, count=1)


def image_of(name, ptx, capability):
    """Return what the driver loads: machine code, or without nvJitLink PTX that the driver at hand can assemble.

    Parameters
    ----------
    name : str
        Of the kernel, for errors.
    ptx : str
    capability : (int, int)

    Returns
    -------
    bytes

    Raises
    ------
    DeviceError
        When nvJitLink refuses.
    """
    linker = linker_version()
    if linker is None:
        return lowered(ptx, ptx_version(driver_version())).encode() + b"\0"
    try:
        return _cubin_of(lowered(ptx, ptx_version(linker)), capability)
    except DeviceError as error:
        written = ".".join(VERSION.search(ptx).groups())
        raise DeviceError(
            f"cuda: kernel {name} cannot be assembled for compute capability {capability[0]}.{capability[1]} from PTX "
            f"{written} by nvJitLink {linker[0]}.{linker[1]}; packages nvidia-nvvm and nvidia-nvjitlink of one version "
            f"fit together: {error}"
        ) from error


def _cubin_of(ptx, capability):
    """The machine code of PTX; no driver and no GPU are needed."""
    options, code = [f"-arch=sm_{capability[0]}{capability[1]}"], ptx.encode()
    handle = nvjitlink.create(len(options), options)
    try:
        nvjitlink.add_data(handle, nvjitlink.InputType.PTX, code, len(code), "kernel")
        nvjitlink.complete(handle)
        cubin = bytearray(nvjitlink.get_linked_cubin_size(handle))
        nvjitlink.get_linked_cubin(handle, cubin)
        return bytes(cubin)
    except nvjitlink.nvJitLinkError as error:
        raise DeviceError(_log_of(handle) or str(error)) from error
    finally:
        nvjitlink.destroy(handle)


def _log_of(handle):
    """What nvJitLink says about an error."""
    log = bytearray(nvjitlink.get_error_log_size(handle))
    if log:
        nvjitlink.get_error_log(handle, log)
    return " ".join(log.decode(errors="replace").strip("\0").split())
