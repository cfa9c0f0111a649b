"""Shuffles for Numba's simulator, which has none."""


def shfl_down_sync(mask, value, distance):
    raise NotImplementedError


def shfl_xor_sync(mask, value, distance):
    raise NotImplementedError
