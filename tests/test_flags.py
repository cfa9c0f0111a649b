"""Parameters that are true or false: every public function refuses what is neither, which Python takes for true."""

import inspect
import types

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError
from tests.test_saving_contract import MADE

X = np.array([[4.0, 1.0], [1.0, 3.0]])
GIVEN = {
    "a": X, "x": X, "x1": X, "x2": X, "y": X, "shape": (2,), "dtype": "float32", "y_true": [[0.0, 1.0]],
    "y_pred": [[0.2, 0.8]], "target": [[0.0, 1.0]], "output": [[0.2, 0.8]], "axes": 0, "q": 0.5, "k": 1, "start": 0,
    "stop": 1, "num": 3, "sequence_length": 2, "sequence_stride": 1, "fft_length": 2, "data": X, "segment_ids": [0, 1],
    "b": X, "path": "a.numbanet", "learning_rate": 0.1, "num_classes": 2, "target_class_ids": [0],
    "backup_dir": "a",
    "model": nn.Sequential([nn.layers.Dense(1)]),
    "inputs": [[[0.0, 1.0]]], "sequence_lengths": [1],
    "filters": 2, "kernel_size": 1, "input_dim": 3, "output_dim": 2, "num_heads": 2, "key_dim": 3,
    "cond": X > 0, "units": 1, "rate": 0.5, "filepath": "a", "filename": "a", "monitor": "loss",
    "query": [[[[0.0]]]], "key": [[[[0.0]]]], "value": [[[[0.0]]]],
}  # fmt: skip
LABELS = {"y_true": [1], "target": [1]}


def _flags():
    seen, found = set(), {}
    modules = [getattr(nn, name) for name in dir(nn) if isinstance(getattr(nn, name), types.ModuleType)]
    for module in (nn, *modules):
        for name in dir(module):
            known = getattr(module, name)
            if not callable(known) or id(known) in seen or isinstance(known, types.ModuleType):
                continue
            seen.add(id(known))
            try:
                parameters = inspect.signature(known).parameters.values()
            except (TypeError, ValueError):
                continue
            for one in parameters:
                if str(one.annotation).strip("'") in ("bool", "<class 'bool'>"):
                    found[f"{module.__name__}.{name}: {one.name}"] = (known, one.name, list(parameters))
    return found


FLAGS = _flags()


def _call(known, flag, parameters, value):
    needed = [one for one in parameters if one.default is one.empty and one.kind is not one.VAR_KEYWORD]
    special = LABELS if "sparse" in getattr(known, "__name__", "").lower() else {}
    given = {**GIVEN, **{name: make() for name, make in MADE.items()}, **special}
    options = {one.name: given[one.name] for one in needed if one.kind is one.KEYWORD_ONLY}
    if known is nn.Variable:
        options["value"] = 1.0
    args = [given[one.name] for one in needed if one.kind is not one.KEYWORD_ONLY]
    return known(*args, **options, **{flag: value})


def test_there_are_many():
    assert len(FLAGS) > 60


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("value", ["no", 2, None, [], 0.5], ids=repr)
def test_what_is_neither_true_nor_false_is_refused(name, value):
    known, flag, parameters = FLAGS[name]
    with pytest.raises(ArgumentError, match=rf"{flag} must be True or False"):
        _call(known, flag, parameters, value)


@pytest.mark.parametrize(
    "method", ["sum", "mean", "max", "min", "argmax", "argmin", "std", "var", "prod", "any", "all"]
)
def test_methods_take_no_dtype_for_keepdims(method):
    with pytest.raises(ArgumentError, match="keepdims must be True or False"):
        getattr(nn.asarray(X), method)(axis=0, keepdims="float64")
    assert getattr(nn.asarray(X), method)(axis=0, keepdims=np.True_).shape == (1, 2)


@pytest.mark.parametrize("function", [np.sum, np.mean, np.std, np.max, np.nanmean, np.nansum, np.median])
def test_numpy_functions_take_no_string_for_keepdims(function):
    with pytest.raises(ArgumentError, match="keepdims must be True or False"):
        function(nn.asarray(X), axis=0, keepdims="no")
    assert function(nn.asarray(X), axis=0).shape == (2,)
