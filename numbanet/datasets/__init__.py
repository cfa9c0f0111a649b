"""Data sets to learn from: MNIST, which comes with the package, and files of your own.

| name | gives |
|---|---|
| `mnist.load_data()` | the 70,000 handwritten digits, with no network |
| `load_idx(path)` | the array of an idx or idx.gz file |
| `save_idx(path, array)` | such a file |
| `load_folder_or_npz(path)` | training and test data from a folder of idx files, or from an npz file |

Nothing here is imported, and no file is read, before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from numbanet.core.missing import no_attribute

if TYPE_CHECKING:
    from numbanet.datasets import mnist
    from numbanet.datasets.folders import load_folder_or_npz
    from numbanet.datasets.idx import load_idx, save_idx

_HOMES = {
    "load_folder_or_npz": "numbanet.datasets.folders",
    "load_idx": "numbanet.datasets.idx",
    "save_idx": "numbanet.datasets.idx",
}

_DOWNLOADED = ("boston_housing", "california_housing", "cifar10", "cifar100", "fashion_mnist", "imdb", "reuters")
_NO_NETWORK = "numbanet downloads nothing; nn.datasets.load_folder_or_npz reads a file of yours"

__all__ = ["load_folder_or_npz", "load_idx", "mnist", "save_idx"]


def __getattr__(name):
    if name == "mnist":
        return import_module("numbanet.datasets.mnist")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise no_attribute("nn.datasets", name, __all__, dict.fromkeys(_DOWNLOADED, _NO_NETWORK))


def __dir__():
    return sorted(__all__)
