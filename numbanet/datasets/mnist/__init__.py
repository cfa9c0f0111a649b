"""The MNIST database of handwritten digits, complete, beside this file; LICENSE.md says whose it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.datasets.idx import load_idx
from numbanet.typing import Array

__all__ = ["load_data"]


def load_data() -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """The 60,000 training and 10,000 test digits, read from the package: no network, no cache.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of numpy.ndarray
        All uint8. Images have the shapes (60000, 28, 28) and (10000, 28, 28), from 0 (background) to 255 (ink); labels
        have the shapes (60000,) and (10000,), from 0 to 9.

    Raises
    ------
    DataError
        When a file of the package is missing or damaged.

    References
    ----------
    Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits, http://yann.lecun.com/exdb/mnist/.
    Creative Commons Attribution-Share Alike 3.0, https://creativecommons.org/licenses/by-sa/3.0/.
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition, Proceedings of
    the IEEE 86 (1998), 2278-2324, https://doi.org/10.1109/5.726791.

    Examples
    --------
    >>> from numbanet.datasets import mnist
    >>> (x_train, y_train), (x_test, y_test) = mnist.load_data()
    >>> x_train.shape, x_test.shape, y_test[:5]
    ((60000, 28, 28), (10000, 28, 28), array([7, 2, 1, 0, 4], dtype=uint8))
    """
    return _part("train"), _part("t10k")


def _part(name):
    folder = Path(__file__).parent
    return load_idx(folder / f"{name}-images-idx3-ubyte.gz"), load_idx(folder / f"{name}-labels-idx1-ubyte.gz")


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.datasets.mnist", __all__, {})
