"""What tests of the CUDA path need: Numba's simulator, which `conftest.py` turns on where numba-cuda is installed."""

import pytest


def _why_not():
    try:
        from numbanet.kernels.cuda.toolkit import SIMULATED
    except ImportError as error:
        return f"numba-cuda cannot be imported: {error}"
    return "" if SIMULATED else "NUMBA_ENABLE_CUDASIM=1 is not set: the tests would run on the GPU"


needs_simulator = pytest.mark.skipif(bool(_why_not()), reason=_why_not())
