"""Data of your own for training: a folder of idx files, or one npz file, checked before anything is computed."""

from __future__ import annotations

import os
from typing import Any

from numbanet.core.files import as_path, reason
from numbanet.datasets.idx import load_idx
from numbanet.datasets.npz import load_npy, open_npz
from numbanet.datasets.sparse import is_sparse, load_sparse
from numbanet.errors import DataError
from numbanet.typing import FilePath


def load_folder_or_npz(path: FilePath) -> Any:
    """Training data, and test data if there are any, from a folder of idx files or from an npz file.

    | part | in a folder | in an npz file |
    |---|---|---|
    | training | `train-images*` and `train-labels*` | `x_train` and `y_train`, or `x` and `y` |
    | test | `t10k-images*` and `t10k-labels*`, or `test-...` | `x_test` and `y_test` |

    The test part may be missing. The files of a folder may be gzip-compressed. Where `name` and `name.gz` are both
    there, `name` is read; any other choice is an error.

    Sparse samples are in files of their own, `x_train.npz` (or `x.npz`) and `x_test.npz`, as `scipy.sparse.save_npz`
    writes CSR matrices, with labels beside them in `y_train.npy` (or `y.npy`) and `y_test.npy`, as `numpy.save` writes
    them. Give the folder, or the file of samples for training. Reading them takes SciPy.

    Parameters
    ----------
    path : str or os.PathLike
        The folder or the file.

    Returns
    -------
    train : tuple of numpy.ndarray
        x and y. x has any numeric dtype and shape (samples, ...), and is a scipy.sparse.csr_array where samples are
        sparse; y has an integer dtype and shape (samples,).
    test : tuple of numpy.ndarray, or None
        The same, with samples of the same shape.

    Raises
    ------
    DataError
        When something is missing, unreadable, ambiguous or empty, when x and y differ in length, samples of the two
        parts in shape, or when labels are not integers from 0 up. The message names the file and what is needed.

    References
    ----------
    The names in a folder are those of the MNIST files, http://yann.lecun.com/exdb/mnist/; those in an npz file are
    those of the `mnist.npz` of Keras, https://keras.io/api/datasets/mnist/.

    Examples
    --------
    >>> import tempfile, numbanet as nn
    >>> from pathlib import Path
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "data.npz")
    ...     np.savez(path, x=np.zeros((6, 4)), y=np.arange(6))
    ...     (x, y), test = nn.datasets.load_folder_or_npz(path)
    >>> x.shape, y.shape, test
    ((6, 4), (6,), None)
    """
    path = as_path(path)
    train, test = _from_folder(path) if os.path.isdir(path) else _from_file(path)
    if test is not None and test[0].shape[1:] != train[0].shape[1:]:
        raise DataError(f"{path}: training samples have shape {train[0].shape[1:]}, test samples {test[0].shape[1:]}")
    return train, test


def _from_folder(folder):
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError as error:
        raise DataError(f"cannot read {folder}: {reason(error)}") from error
    for name in ("x_train.npz", "x.npz"):
        if name in names:
            return _from_sparse(folder / name)
    train = _idx_part(folder, names, "train")
    if train is None:
        raise DataError(
            f"{folder} has no idx files train-images* and train-labels*; it has {_listing(names)}; other "
            "data go into an npz file, np.savez(path, x_train=..., y_train=...), as docs/how_to.md does with pictures"
        )
    return train, _idx_part(folder, names, "t10k", "test")


def _idx_part(folder, names, *parts):
    """x and y of the part that goes by one of these names, or None where there are no files of it."""
    images = _only(folder, names, tuple(f"{part}-images" for part in parts))
    labels = _only(folder, names, tuple(f"{part}-labels" for part in parts))
    if images is None and labels is None:
        return None
    if images is None or labels is None:
        missing = f"{parts[0]}-{'images' if images is None else 'labels'}"
        raise DataError(f"{folder} has {images or labels}, but no {missing}*")
    return _checked(load_idx(folder / images), load_idx(folder / labels), folder / images, folder / labels)


def _only(folder, names, prefixes):
    """The one file with one of these prefixes, or None."""
    found = [name for name in names if name.startswith(prefixes)]
    found = [name for name in found if name.removesuffix(".gz") not in found or not name.endswith(".gz")]
    if len(found) > 1:
        raise DataError(f"{folder} has more than one file for {' or '.join(prefixes)}: {_listing(found)}")
    return found[0] if found else None


def _from_file(path):
    with open_npz(path) as arrays:
        if is_sparse(arrays):
            return _from_sparse(path)
        train = _npz_part(path, arrays, "x_train", "y_train") or _npz_part(path, arrays, "x", "y")
        if train is None:
            raise DataError(f"{path} has no arrays x_train and y_train, nor x and y; it has {_listing(arrays)}")
        return train, _npz_part(path, arrays, "x_test", "y_test")


def _from_sparse(path):
    """Sparse samples for training in one file, labels in another beside it, and those for tests if there are any."""
    name = path.name.removesuffix(".npz")
    if name not in ("x_train", "x"):
        raise DataError(
            f"{path} has a sparse matrix and no labels; name it x_train.npz, and save labels beside it, in y_train.npy"
        )
    test = path.with_name("x_test.npz")
    return _sparse_part(path), _sparse_part(test) if os.path.exists(test) else None


def _sparse_part(path):
    labels = path.with_name(f"y{path.name[1:].removesuffix('.npz')}.npy")
    return _checked(load_sparse(path), load_npy(labels), path, labels)


def _npz_part(path, arrays, x, y):
    """The two arrays of these names, or None where both are missing."""
    if x not in arrays and y not in arrays:
        return None
    if x not in arrays or y not in arrays:
        raise DataError(f"{path} has {x if x in arrays else y}, but no {y if x in arrays else x}")
    return _checked(arrays[x](), arrays[y](), f"{path}: {x}", f"{path}: {y}")


def _checked(x, y, x_name, y_name):
    """The two, with y as a vector, if a classifier can be trained on them."""
    samples = x.shape[0] if x.ndim else 0
    if x.ndim < 2 or 0 in x.shape:
        raise DataError(f"{x_name} has shape {x.shape}; (samples, features...) is needed, none of them 0")
    if y.dtype.kind not in "iu":
        raise DataError(f"{y_name} has dtype {y.dtype}; labels must be integers")
    if y.shape not in ((samples,), (samples, 1)):
        raise DataError(f"{y_name} has shape {y.shape}; ({samples},) is needed, a label for each sample of {x_name}")
    if y.min() < 0:
        raise DataError(f"{y_name} has the label {y.min()}; labels count from 0")
    return x, y.reshape(samples)


def _listing(names, most=8):
    """A few names for a message; quoted, since strangers may have put control characters in them."""
    names = sorted(map(repr, names))
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more if names else "nothing"
