"""Safetensors files: tensors by name, and metadata."""

from __future__ import annotations

from pathlib import PurePath

import numpy as np

from numbanet.core.files import check_readable, write_atomically
from numbanet.errors import ArgumentError, DataError

FOREIGN = (".keras", ".h5", ".hdf5", ".pt", ".pth", ".onnx", ".pb", ".tflite", ".pkl", ".pickle", ".joblib", ".npz")


def check_ending(who, path):
    """Raise ArgumentError if the name of a file ends as those of other programs do."""
    ending = PurePath(str(path)).suffix.lower()
    if ending in FOREIGN:
        own = ".numbanet" if who == "save" else ".safetensors"
        raise ArgumentError(
            f"{who}: numbanet writes files of its own format, which other programs do not read as {ending}; "
            f"let the name end in {own}, got {str(path)!r}"
        )


def write(path, tensors, metadata=None):
    from safetensors.numpy import save

    content = save({name: np.asarray(array, order="C") for name, array in tensors.items()}, metadata)
    with write_atomically(path) as stream:
        stream.write(content)


def read(path):
    """Return the tensors and the metadata of a safetensors file; its own checks come first, then ours."""
    from safetensors import SafetensorError, safe_open

    file = check_readable(path)
    try:
        with safe_open(file, framework="numpy") as stream:
            names = stream.keys()  # safe_open is no dict: it cannot be iterated
            return {name: stream.get_tensor(name) for name in names}, stream.metadata() or {}
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{path}: not a readable safetensors file{_kind_of(file)} ({one_line(error)})") from None


def _kind_of(file):
    """Return what a file of Keras is called, for errors."""
    with open(file, "rb") as stream:
        start = stream.read(4)
    kinds = {b"PK\x03\x04": ", but a zip archive, as Keras's .keras", b"\x89HDF": ", but HDF5, as Keras's .h5"}
    return kinds.get(start, "")


def one_line(error):
    return " ".join(str(error).split())  # it may quote the file, line breaks and all
