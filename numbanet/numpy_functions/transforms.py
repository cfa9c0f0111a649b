"""NumPy's functions of `np.fft` that need no complex numbers, with its parameters and defaults."""

from typing import Any

from numbanet.numpy_functions.adapters import Late, adapts

fft: Any = Late("numbanet.fft")


@adapts("fft.fftshift")
def fftshift(x, axes=None):
    """Bins in the order of their frequencies."""
    return fft.fftshift(x, axes)


@adapts("fft.ifftshift")
def ifftshift(x, axes=None):
    """Bins in the order in which transforms have them."""
    return fft.ifftshift(x, axes)
