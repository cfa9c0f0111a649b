"""Models from files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from numbanet.core.checks import as_flag
from numbanet.errors import ArgumentError
from numbanet.saving.reading import read_model
from numbanet.training.model import Model
from numbanet.training.sequential import Sequential
from numbanet.typing import FilePath


def load_model(
    path: FilePath, custom_objects: Mapping[str, Callable[..., Any]] | None = None, compile: bool = True
) -> Sequential:
    """Read a model that `Sequential.save` wrote.

    No code is taken from the file: classes and functions of your own are those of `custom_objects`, or those that
    were registered with `nn.saving.register`.

    Parameters
    ----------
    path : str or path
        A file of numbanet.
    custom_objects : dict, optional
        From names to classes and functions of your own.
    compile : bool
        Whether to compile the model as it was saved, the optimizer's state included.

    Returns
    -------
    Sequential
        With its weights; what was frozen still is.

    Raises
    ------
    DataError
        When the file is missing, cut off, edited, or not a model, or when it names a class or function that is neither
        registered nor given.
    ArgumentError
        When `custom_objects` is not such a dict.

    References
    ----------
    safetensors, https://huggingface.co/docs/safetensors.

    Examples
    --------
    >>> import os, tempfile, numbanet as nn
    >>> model = nn.Sequential([nn.layers.Input((2,)), nn.layers.Dense(3)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.save(os.path.join(folder, "m.numbanet"))
    ...     again = nn.load_model(os.path.join(folder, "m.numbanet"))
    >>> [w.shape for w in again.weights]
    [(2, 3), (3,)]
    """
    own = custom_objects or {}
    if not isinstance(own, dict) or not all(isinstance(name, str) and callable(one) for name, one in own.items()):
        raise ArgumentError(f"load_model: custom_objects must map names to classes and functions, got {own!r}")
    return read_model(path, Sequential, Model, own, as_flag("load_model: compile", compile))
