"""Dropout and noise: each number has a random number of its own, which its position and a seed give."""

import numpy as np

STREAM = np.uint64(0xD1342543DE82EF95)
STEP = np.uint64(0x9E3779B97F4A7C15)
MIX_1, MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
"""What `dropout` multiplies by."""
LOW_HALF = np.uint64(0xFFFFFFFF)


def dropout(x, high, low, rate, out, start, stop):
    """out[i] = x[i] / (1 - rate), or 0 where random number i of the seed is below the rate.

    The seed is high * 2**24 + low. Number i is the i-th of SplitMix64 (Steele, Lea, Flood, 2014), its upper 24 bits.
    """
    first = (np.uint64(high) * np.uint64(16777216) + np.uint64(low)) * STREAM
    for i in range(start, stop):
        z = first + np.uint64(i + 1) * STEP
        z = (z ^ (z >> np.uint64(30))) * MIX_1
        z = (z ^ (z >> np.uint64(27))) * MIX_2
        uniform = float((z ^ (z >> np.uint64(31))) >> np.uint64(40)) / 16777216
        out[i] = x[i] / (1 - rate) if uniform >= rate else 0


def gaussian_noise(x, high, low, stddev, out, start, stop):
    """out[i] = x[i] + stddev * n, where n is normal: of the two halves of random number i (Box and Muller, 1958)."""
    first = (np.uint64(high) * np.uint64(16777216) + np.uint64(low)) * STREAM
    for i in range(start, stop):
        z = first + np.uint64(i + 1) * STEP
        z = (z ^ (z >> np.uint64(30))) * MIX_1
        z = (z ^ (z >> np.uint64(27))) * MIX_2
        z = z ^ (z >> np.uint64(31))
        length = np.sqrt(-2.0 * np.log((float(z >> np.uint64(32)) + 0.5) / 4294967296.0))
        normal = length * np.cos(6.283185307179586 * (float(z & LOW_HALF) / 4294967296.0))
        out[i] = float(x[i]) + float(stddev) * normal


def gaussian_dropout(x, high, low, stddev, out, start, stop):
    """out[i] = x[i] * (1 + stddev * n), with the n of `gaussian_noise`."""
    first = (np.uint64(high) * np.uint64(16777216) + np.uint64(low)) * STREAM
    for i in range(start, stop):
        z = first + np.uint64(i + 1) * STEP
        z = (z ^ (z >> np.uint64(30))) * MIX_1
        z = (z ^ (z >> np.uint64(27))) * MIX_2
        z = z ^ (z >> np.uint64(31))
        length = np.sqrt(-2.0 * np.log((float(z >> np.uint64(32)) + 0.5) / 4294967296.0))
        normal = length * np.cos(6.283185307179586 * (float(z & LOW_HALF) / 4294967296.0))
        out[i] = float(x[i]) * (1.0 + float(stddev) * normal)
