"""Discrete Fourier transforms. Complex numbers are tuples `(real, imag)` of two arrays, as in Keras 3.

NumPy computes, on the host: where operands are on a GPU, they are copied there and the results back, and a step with
one of these functions in it is run operation by operation, not replayed. All have gradients of any order. float32 is
transformed in float32, float64 in float64, and integers become float32.

Examples
--------
>>> import numbanet as nn
>>> real, imag = nn.fft.rfft([1.0, 0.0, 0.0, 0.0])
>>> real
Tensor([1., 1., 1.], shape=(3,), dtype=float32)
>>> nn.fft.irfft((real, imag))
Tensor([1., 0., 0., 0.], shape=(4,), dtype=float32)
"""

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.fft.frames import istft, stft
from numbanet.fft.grids import fftfreq, fftshift, ifftshift, rfftfreq
from numbanet.fft.numbers import Complex as Complex
from numbanet.fft.real import hfft, ihfft, irfft, irfft2, irfftn, rfft, rfft2, rfftn
from numbanet.fft.transforms import fft, fft2, fftn, ifft, ifft2, ifftn

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft",
    "irfft2", "irfftn", "istft", "rfft", "rfft2", "rfftfreq", "rfftn", "stft",
]  # fmt: skip


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.fft", __all__, {})
