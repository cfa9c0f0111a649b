"""NumPy's numbers, and arrays and tensors without dimensions, are taken wherever a number is, and saved as plain."""

import inspect
import json

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.checks import as_count, as_float, as_integer, as_number
from numbanet.core.table import TABLE
from numbanet.errors import ArgumentError
from tests.scalar_calls import WITH_FLOAT, WITH_INTEGER, V

INTEGER_KINDS = {
    "int64": np.int64,
    "int8": np.int8,
    "uint8": np.uint8,
    "array": np.array,
    "tensor": nn.asarray,
}
FLOAT_KINDS = {"float64": np.float64, "float32": np.float32, "array": np.array, "tensor": nn.asarray}


def plain(x):
    """A result as what can be compared, with the kinds of numbers in it: nothing but Python's outside of arrays."""
    if isinstance(x, dict):
        return {key: plain(part) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(part) for part in x]
    if isinstance(x, (nn.Tensor, nn.Variable, np.ndarray)):
        array = np.asarray(x)
        return str(array.dtype), array.shape, array.tobytes()
    return type(x).__name__, x


STRONG = ("arange", "arange from", "clip", "full", "linspace")
"""Here a number of NumPy brings its own dtype along, as in NumPy."""


def values(x):
    """The values of a tensor, whatever its dtype."""
    return np.asarray(x).tolist()


def approximately(found, expected):
    """The same, but that a float32 of 0.34 is another number."""
    if isinstance(found, list):
        return all(map(approximately, found, expected)) and len(found) == len(expected)
    if isinstance(found, dict):
        return found.keys() == expected.keys() and all(approximately(found[key], expected[key]) for key in found)
    if isinstance(found, tuple) and found[0] == "float":
        return expected[0] == "float" and found[1] == pytest.approx(expected[1], rel=1e-6)
    return found == expected


@pytest.mark.parametrize("kind", INTEGER_KINDS)
@pytest.mark.parametrize("name", WITH_INTEGER)
def test_integers_of_every_kind_are_taken(name, kind):
    number, call = WITH_INTEGER[name]
    found = call(INTEGER_KINDS[kind](number))
    compared = values if name in STRONG else plain
    assert compared(found) == compared(call(number))
    if isinstance(found, dict):
        json.dumps(found)  # what is saved is plain


@pytest.mark.parametrize("kind", FLOAT_KINDS)
@pytest.mark.parametrize("name", WITH_FLOAT)
def test_floats_of_every_kind_are_taken(name, kind):
    number, call = WITH_FLOAT[name]
    found = call(FLOAT_KINDS[kind](number))
    if name in STRONG:
        assert values(found) == values(call(number))
    else:
        assert approximately(plain(found), plain(call(number)))
    if isinstance(found, dict):
        json.dumps(found)


NUMERIC = {
    "alpha", "axes", "axis", "correction", "delta", "destination", "fill_value", "indices_or_sections", "k", "max",
    "min", "n", "n_rows", "negative_slope", "num", "num_classes", "ord", "pad_width", "rate", "repeats", "repetitions",
    "shift", "source",
}  # fmt: skip
CALLED = {key.split()[0] for key in (*WITH_INTEGER, *WITH_FLOAT)}
NO_SETTINGS = {"LearningRateScheduler", "ModelCheckpoint", "Optimizer", "TopK"}
"""Two whose number is how much they tell, and what optimizers and metrics share that are called here."""


def has_numbers(obj):
    """Whether a class or function of numbanet has parameters whose first values are numbers."""
    if not getattr(obj, "__module__", "").startswith("numbanet.") or obj.__module__ == "numbanet.core.checks":
        return False
    if not callable(obj) or (inspect.isclass(obj) and issubclass(obj, BaseException)):
        return False
    defaults = [parameter.default for parameter in inspect.signature(obj).parameters.values()]
    return any(isinstance(value, (int, float)) and not isinstance(value, bool) for value in defaults)


def test_every_function_with_a_number_among_its_parameters_is_called():
    public = set(dir(nn))
    functions = {name: inspect.signature(op.function).parameters for name, op in TABLE.items() if name in public}
    assert {name for name, parameters in functions.items() if NUMERIC & set(parameters)} <= CALLED


@pytest.mark.parametrize(
    "module",
    [nn.layers, nn.optimizers, nn.optimizers.schedules, nn.initializers, nn.losses, nn.metrics, nn.callbacks],
    ids=lambda module: module.__name__,
)
def test_every_class_with_a_number_among_its_settings_is_made(module):
    found = {obj.__name__ for name, obj in vars(module).items() if not name.startswith("_") and has_numbers(obj)}
    assert found - NO_SETTINGS <= CALLED | {kind.__name__ for kind in MADE}


COUNTS = [
    "split", "repeat", "tile", "topk", "one_hot", "Dense", "fit", "evaluate", "predict", "zeros", "eye", "linspace",
    "diff n", "roll", "reshape", "EarlyStopping", "ReduceLROnPlateau", "TopKCategoricalAccuracy", "sum", "concat",
    "permute_dims", "moveaxis",
]  # fmt: skip


@pytest.mark.parametrize("bad", [True, np.bool_(True), 1.0, np.float64(2.0), "2", np.array([2]), None, 1j], ids=repr)
@pytest.mark.parametrize("name", COUNTS)
def test_what_is_no_integer_is_refused_where_a_count_or_an_axis_is_meant(name, bad):
    _, call = WITH_INTEGER[name]
    if bad is None and name in ("sum", "evaluate", "predict", "eye", "fit", "concat"):
        return  # where it has a meaning
    if isinstance(bad, np.ndarray) and name in ("repeat", "split", "tile", "zeros", "reshape", "moveaxis", "roll"):
        return
    with pytest.raises((ArgumentError, TypeError, ValueError)):
        call(bad)


@pytest.mark.parametrize("bad", [True, "0.5", None, np.array([0.5]), np.bool_(True), 1j], ids=repr)
@pytest.mark.parametrize(
    "make",
    [
        lambda x: nn.layers.Dropout(x),
        lambda x: nn.optimizers.SGD(learning_rate=x),
        lambda x: nn.optimizers.SGD(momentum=x),
        lambda x: nn.losses.Huber(delta=x),
        lambda x: nn.initializers.Constant(x),
        lambda x: nn.optimizers.schedules.ExponentialDecay(0.1, x, 0.5),
        lambda x: nn.linspace(x, 1, 3),
    ],
)
def test_what_is_no_number_is_refused(make, bad):
    with pytest.raises((ArgumentError, TypeError)):
        make(bad)


def test_a_model_made_of_numpys_numbers_is_saved_and_loaded(tmp_path):
    schedule = nn.optimizers.schedules.ExponentialDecay(np.float32(0.5), np.int64(10), np.array(0.5))
    model = nn.Sequential(
        [
            nn.layers.Input((np.int64(4),)),
            nn.layers.Dense(
                np.int8(3), kernel_initializer=nn.initializers.RandomNormal(np.float64(0.0), np.float32(0.1))
            ),
            nn.layers.Dropout(np.float32(0.25)),
            nn.layers.Dense(nn.asarray(1)),
        ]
    )
    optimizer = nn.optimizers.SGD(schedule, momentum=np.float64(0.5), clipnorm=nn.asarray(2.0))
    model.compile(optimizer, nn.losses.Huber(np.float32(0.5)))
    x = np.arange(24.0).reshape(6, 4)
    model.fit(x, x[:, 0], epochs=np.int64(2), batch_size=np.array(3), validation_split=np.float32(0.5), verbose=0)
    model.save(tmp_path / "m.numbanet")
    loaded = nn.load_model(tmp_path / "m.numbanet")
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))
    assert loaded.optimizer.get_config() == model.optimizer.get_config()


def test_a_learning_rate_is_set_to_any_kind_of_number():
    optimizer = nn.optimizers.SGD(0.1)
    for rate in (np.float32(0.5), np.array(0.5), nn.asarray(0.5), np.int64(1)):
        optimizer.learning_rate = rate
        assert type(optimizer.learning_rate) is float
        assert optimizer.learning_rate == float(rate)


def test_schedules_of_ones_own_return_any_kind_of_number():
    for rate in (np.float32(0.5), np.array(0.5), nn.asarray(0.5)):
        assert nn.optimizers.SGD(lambda step, rate=rate: rate).learning_rate == 0.5


def test_the_checks():
    for five in (5, np.int64(5), np.array(5), nn.asarray(5), nn.Variable(5)):
        assert as_count("n", five) == 5
        assert type(as_integer("n", five)) is int
        assert type(as_number("x", five)) is float
    for half in (0.5, np.float32(0.5), np.array(0.5), nn.asarray(0.5), nn.Variable(0.5)):
        assert as_float("x", half) == 0.5
        with pytest.raises(ArgumentError):
            as_integer("n", half)
    with pytest.raises(ArgumentError, match="at least 3"):
        as_count("n", np.int8(2), low=3)
    assert V.shape == (4,)


REQUIRED = {
    "filters": 2, "kernel_size": 2, "units": 3, "rate": 0.5, "num_classes": 3, "target_class_ids": [0], "input_dim": 4,
    "output_dim": 2, "num_heads": 2, "key_dim": 2, "stddev": 0.5, "scale": 2.0, "recall": 0.5, "precision": 0.5,
    "sensitivity": 0.5, "specificity": 0.5, "factor": 0.5, "height_factor": 0.5, "width_factor": 0.5,
    "layer": nn.layers.Dense(2),
}  # fmt: skip
"""Arguments without defaults, of classes whose other settings are numbers."""
MADE = [
    obj
    for module in (nn.layers, nn.optimizers, nn.losses, nn.metrics)
    for name, obj in sorted(vars(module).items())
    if inspect.isclass(obj)
    and not name.startswith("_")
    and has_numbers(obj)
    and obj.__name__ not in CALLED | NO_SETTINGS
]


def config_of(kind, cast):
    """The configuration of an object whose numbers, defaults and others, were given as `cast` makes them."""
    arguments = {}
    for name, parameter in inspect.signature(kind).parameters.items():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        value = REQUIRED[name] if parameter.default is parameter.empty else parameter.default
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            arguments[name] = cast(value)
        elif parameter.default is parameter.empty:
            arguments[name] = value
    return json.dumps(
        {key: value for key, value in kind(**arguments).get_config().items() if key != "name"}, default=repr
    )


@pytest.mark.parametrize("kind", MADE, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_settings_may_be_numbers_of_numpy(kind):
    assert config_of(kind, lambda x: np.asarray(x)[()]) == config_of(kind, lambda x: x)
