"""The devices that there are: the GPU, or Numba's simulator, opened when it is first asked for."""

import functools
from importlib.util import find_spec

from numbanet.errors import DeviceError

HELP = 'pip install "numbanet[cuda13]" (or cuda12) has it'


@functools.cache
def cuda():
    """The first GPU, or the simulator under NUMBA_ENABLE_CUDASIM=1.

    Raises
    ------
    DeviceError
        With the reason, in one sentence: numba-cuda is missing, or there is no driver, or no GPU.
    """
    if find_spec("numba_cuda") is None:
        raise DeviceError(f"device 'cuda' cannot be used: numba-cuda is not installed; {HELP}")
    try:
        from numbanet.kernels.cuda.toolkit import SIMULATED
    except Exception as error:
        raise DeviceError(f"device 'cuda' cannot be used: numba-cuda cannot be imported ({error}); {HELP}") from error
    if SIMULATED:
        from numbanet.kernels.cuda.simulator import Simulator

        return Simulator()
    from numbanet.kernels.cuda.driver import Driver

    return Driver()
