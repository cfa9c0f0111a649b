"""What the Numba and the Cython backend share: launches of compiled kernels, drivers, products, threads."""
