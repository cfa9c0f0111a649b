"""The processor that kernels are compiled for by LLVM: its features as LLVM names them, and its vector registers."""

import os

from llvmlite import binding

from numbanet.backends.native.registers import Registers


def host():
    """What code is made for: the platform, the processor and its features, as LLVM names them.

    Numba's environment variables `NUMBA_CPU_NAME` and `NUMBA_CPU_FEATURES` choose another processor.
    """
    try:
        features = binding.get_host_cpu_features().flatten()
    except RuntimeError:  # not known for this platform
        features = ""
    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    return binding.get_process_triple(), name, os.environ.get("NUMBA_CPU_FEATURES", features)


def _registers():
    triple, _, features = host()
    has = set(features.split(",")).issuperset
    size = 64 if has({"+avx512f"}) else 32 if has({"+avx2", "+fma"}) else 16
    return Registers(size, many=size == 64 or triple.startswith(("aarch64", "arm64")), has_masks=size > 16)


REGISTERS = _registers()
"""The vector registers of that processor."""
