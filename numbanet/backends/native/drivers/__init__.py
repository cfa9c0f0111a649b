"""Bodies that drive others: windows, tiles, panels, chunks and replay.

They work with addresses, through the names of `numbanet.backends.native.primitives` and the numbers of
`numbanet.kernels.words` and nothing else, so that Numba and Cython compile the same text.
"""
