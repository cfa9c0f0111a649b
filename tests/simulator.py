"""What tests of the CUDA path need: Numba's simulator, or a GPU if NUMBANET_TEST_GPU=1 says that it may be used."""

import os

import pytest


def _why_not():
    try:
        from numbanet.backends.cuda.toolkit import SIMULATED
    except ImportError as error:
        return f"numba-cuda cannot be imported: {error}"
    if SIMULATED or os.environ.get("NUMBANET_TEST_GPU"):
        return ""
    return "neither NUMBA_ENABLE_CUDASIM nor NUMBANET_TEST_GPU is set"


needs_simulator = pytest.mark.skipif(bool(_why_not()), reason=_why_not())
