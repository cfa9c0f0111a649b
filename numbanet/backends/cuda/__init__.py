"""The CUDA path: the same bodies, and tuned kernels beside them, compiled by numba-cuda for NVIDIA GPUs.

Nothing here is imported before the first tensor goes to a GPU. `toolkit.py` alone imports numba-cuda, `driver.py` alone
the driver's bindings; under NUMBA_ENABLE_CUDASIM=1 `simulator.py` stands in for both.
"""
