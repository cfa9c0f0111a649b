"""Layers and functions that are given what they cannot take: an error of numbanet's, and nothing changed."""

import inspect
import random
import warnings

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, NumbanetError, ShapeError
from tests.hostile import peak_of
from tests.layer_checks import Own, bytes_of
from tests.test_saving_contract import ELSEWHERE, LAYERS, SHAPES, instance, takes

CALLED = [*LAYERS, *(name for name in ELSEWHERE if name != "Layer")]
SEVERAL = [name for name in nn.layers.__all__ if getattr(nn.layers, name).several_inputs]


def made(name):
    """A layer that has not been called."""
    return instance(getattr(nn.layers, name))


def called(name):
    """A layer that has been called, and samples that it takes."""
    layer = made(name)
    shape = (3, 4) if name in ELSEWHERE else next(one for one in SHAPES if takes(made(name), one))
    x = np.zeros((3, *shape), np.int64 if name == "Embedding" else np.float32)
    x = [x, x] if name == "MultiHeadAttention" else x
    layer(x, rng=0)
    return layer, x


class TestTraining:
    """`training` is True, False or None: Python would take "no" for true."""

    @pytest.mark.parametrize("name", CALLED)
    def test_of_layers(self, name):
        layer, x = called(name)
        before = bytes_of(layer)
        for wrong in ("no", 2, [], 0.5):
            with pytest.raises(ArgumentError, match="training must be True or False"):
                layer(x, training=wrong)
        assert bytes_of(layer) == before
        layer(x, training=np.False_)

    def test_of_cells_and_models(self):
        x, inputs = np.ones((2, 3), np.float32), nn.Input((3,))
        models = [nn.Sequential([nn.layers.Dense(2)]), nn.Model(inputs, nn.layers.Dense(2)(inputs)), Own()]
        calls = [lambda model=model: model(x, training="no") for model in models]
        calls += [lambda: nn.layers.GRUCell(2)(x, np.zeros((2, 2)), training="no")]
        calls += [lambda: nn.layers.Dense(2)(inputs, training="no")]
        for call in calls:
            with pytest.raises(ArgumentError, match="training must be True or False, got 'no'"):
                call()


WRONG_SHAPES = ["abc", 3, -1, 10**30, (None, -1), (None, "a"), (2.5,), (None, 10**30), [[1], [2], None, "x"]]


class TestShapesByHand:
    """Shapes that `build` and `compute_output_shape` are given by hand."""

    @pytest.mark.parametrize("name", [*CALLED, *SEVERAL])
    def test_what_is_no_shape_is_refused(self, name):
        layer = made(name)
        for wrong in WRONG_SHAPES:
            with pytest.raises(NumbanetError, match=layer.name):
                layer.build(wrong)
            with pytest.raises(NumbanetError, match=layer.name):
                layer.compute_output_shape(wrong)
        assert not layer.built
        assert layer.weights == []

    @pytest.mark.parametrize("name", [*CALLED, *SEVERAL])
    def test_an_unknown_shape(self, name):
        """It gives an unknown shape; layers that need to know say so."""
        layer = made(name)
        assert layer.compute_output_shape(None) is None
        try:
            layer.build(None)
        except NumbanetError:
            assert not layer.built

    def test_open_sizes_of_many_dimensions_take_little_memory(self):
        layer = nn.layers.Lambda(nn.exp)
        assert peak_of(lambda: layer.compute_output_shape((None,) * 7)) < 100_000_000
        assert layer.compute_output_shape((None,) * 7) == (None,) * 7

    @pytest.mark.parametrize("wrong", [None, -1, 2.5])
    def test_weights_are_a_list(self, wrong):
        for owner in (called("Dense")[0], nn.Sequential([nn.layers.Input((3,)), nn.layers.Dense(2)])):
            before = bytes_of(owner)
            with pytest.raises(ArgumentError, match="set_weights needs a list of arrays"):
                owner.set_weights(wrong)
            assert bytes_of(owner) == before


A, B = np.ones((2, 3, 4), np.float32), np.ones((2, 5, 4), np.float32)


class TestSeveralInputs:
    @pytest.mark.parametrize("name", [one for one in SEVERAL if one != "Concatenate"])
    def test_all_have_as_many_samples(self, name):
        """Attention read beyond the end of the smaller batch."""
        layer = made(name)
        for several in ([A, A[:1]], [A[:1], A]):
            with pytest.raises(ShapeError, match="as many samples of each input"):
                layer(several)
        assert layer([A, A]).shape[0] == 2

    def test_of_attention_with_heads(self):
        layer = nn.layers.MultiHeadAttention(2, 3)
        for query, value in ((A, B[:1]), (A[:1], B)):
            with pytest.raises(ShapeError, match="as many samples of each input"):
                layer(query, value)

    @pytest.mark.parametrize("name", SEVERAL)
    def test_none_at_all(self, name):
        with pytest.raises(ArgumentError, match="takes a list of tensors, got none"):
            made(name)([])

    @pytest.mark.parametrize("name", ["LSTM", "Bidirectional", "RNN"])
    def test_recurrent_layers_take_no_dicts(self, name):
        with pytest.raises(ArgumentError, match="got a dict"):
            made(name)({"a": A})

    @pytest.mark.parametrize("name", ["Flatten", "Reshape"])
    def test_what_has_no_samples(self, name):
        layer = made(name)
        for call in (lambda: layer(1.0), lambda: layer.compute_output_shape(())):
            with pytest.raises(ShapeError, match=r"needs inputs \(samples, ...\)"):
                call()


class TestAttention:
    """What the kernel of attention takes for granted is made sure by the layers."""

    @pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
    @pytest.mark.parametrize("dtype", ["int64", "bool", "uint8"])
    def test_integers_become_floats(self, name, dtype):
        x = np.random.default_rng(0).integers(0, 2, (2, 3, 4))
        layer = made(name)
        found = layer([x.astype(dtype), x.astype(dtype)], rng=0)
        np.testing.assert_array_equal(found, layer([x.astype(np.float32)] * 2))

    @pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
    @pytest.mark.parametrize("causal", [False, True])
    def test_vectors_without_elements(self, name, causal):
        """All scores are 0. (The process died of them.)"""
        values = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
        none = values[..., :0]
        layer = getattr(nn.layers, name)(use_scale=False)
        found = layer([none, values, none], use_causal_mask=causal)
        counted = np.tril(np.ones((3, 3))) if causal else np.ones((3, 3))
        np.testing.assert_allclose(found, counted / counted.sum(1, keepdims=True) @ values, rtol=1e-6)
        assert layer([none, none], use_causal_mask=causal).shape == (2, 3, 0)

    @pytest.mark.parametrize("name", ["Attention", "AdditiveAttention", "MultiHeadAttention"])
    @pytest.mark.parametrize("causal", [False, True])
    @pytest.mark.parametrize("sizes", [(2, 3, 0), (2, 0, 3), (0, 3, 3), (2, 0, 0)], ids=str)
    def test_masks_of_nothing(self, name, causal, sizes):
        """Means over no keys are 0, and there may be no queries or samples, with masks as without."""
        samples, queries, keys = sizes
        layer, given = made(name), [np.ones((samples, steps, 4), np.float32) for steps in (queries, keys)]
        layer([A, B])
        plain = layer(given, use_causal_mask=causal)
        masks = [np.ones((samples, steps), bool) for steps in (queries, keys)]
        assert plain.shape == (samples, queries, 4)
        np.testing.assert_array_equal(layer(given, mask=masks, use_causal_mask=causal), plain)

    @pytest.mark.parametrize("name", ["Attention", "AdditiveAttention", "MultiHeadAttention"])
    def test_masks_that_are_no_list(self, name):
        layer = made(name)
        for wrong in (np.ones((2, 3), bool), [], 5, "ab", {"a": np.ones((2, 3), bool)}):
            with pytest.raises(NumbanetError):
                layer([A, B], mask=wrong)
        assert layer([A, B], mask=[None, np.ones((2, 5), bool)]).shape == (2, 3, 4)

    @pytest.mark.parametrize("name", ["Attention", "AdditiveAttention", "MultiHeadAttention"])
    @pytest.mark.parametrize("flag", ["return_attention_scores", "use_causal_mask"])
    def test_flags(self, name, flag):
        layer = made(name)
        for wrong in ("no", 2, None, []):
            with pytest.raises(ArgumentError, match=f"{flag} must be True or False"):
                layer([A, B], **{flag: wrong})


def test_choices_that_are_arrays():
    """An array equals all of its words, or none; Python's `in` cannot say which."""
    words, model = np.array(["zero", "right", "min", "auto"]), nn.Sequential([nn.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = nn.Variable([1.0])
    with nn.GradientTape(persistent=True) as tape:
        y = x * x
    for call in (
        lambda: tape.gradient(y, x, unconnected=words),
        lambda: nn.plotting.tape(tape, y, direction=words),
        lambda: nn.callbacks.EarlyStopping(mode=words),
        lambda: model.fit(A[0], A[0, :, :1], verbose=words),
    ):
        with pytest.raises(ArgumentError):
            call()


WRONG = [
    None, "abc", "", b"x", [[1, 2], [3]], [], {}, {1, 2}, -1, 3, 10**30, -(10**30), np.nan, np.inf, True, 2.5, 1j, (3,),
    (0, 0), (None,), ((1,), (2,)), [1.5], [None], [[[]]], object(), lambda x: x, int, np.float64, slice(1), ...,
    range(3), np.array(["a"]), np.array([None]), np.zeros((0, 3)), np.ones((1,) * 40), [A, "a"], [A, A[0]], "float99",
    (10**18,), np.datetime64("2020-01-01"),
]  # fmt: skip
RIGHT = [A, A[0], np.arange(6), 2.0, nn.asarray(A), np.ones((2, 3), bool), nn.Variable([1.0, 2.0])]
MODULES = [
    "",
    "activations",
    "fft",
    "initializers",
    "linalg",
    "losses",
    "math",
    "metrics",
    "naive",
    "nn",
    "ops",
    "random",
]
CALLING = {"custom_gradient", "device", "fori_loop", "function", "load_model", "map", "scan", "while_loop"}
"""What calls functions of the user's, which may raise anything, and what reads files."""
DOCUMENTED = {
    "from_dlpack": (AttributeError, "has no attribute '__dlpack_device__'"),  # as the standard of arrays has it
}


def functions_of(module):
    """The public functions of a module of numbanet's, by name."""
    holder = getattr(nn, module) if module else nn
    names = [name for name in dir(holder) if not name.startswith("_") and name not in CALLING]
    found = {name: getattr(holder, name) for name in names}
    return {name: one for name, one in found.items() if inspect.isroutine(one) and not inspect.isbuiltin(one)}


def arguments_of(function, wrong, value, drawn):
    """Arguments of which that with the name `wrong` is a value, and those that are needed are good for many."""
    args, options = [], {}
    for one in inspect.signature(function).parameters.values():
        if one.name == wrong or (one.default is one.empty and one.kind is not one.VAR_KEYWORD):
            given = value if one.name == wrong else drawn.choice(RIGHT)
            if one.kind in (one.POSITIONAL_ONLY, one.VAR_POSITIONAL) or (one.default is one.empty and not options):
                args.append(given)
            else:
                options[one.name] = given
    return args, options


@pytest.mark.parametrize("module", MODULES)
def test_functions_raise_errors_of_their_own(module):
    """Whatever one of the arguments is: no error of NumPy's or Python's, which would not say what is needed."""
    found = {}
    for name, function in functions_of(module).items():
        drawn = random.Random(name)
        parameters = inspect.signature(function).parameters.values()
        names = [one.name for one in parameters if one.kind is not one.VAR_KEYWORD]
        for one in [one for one in names if one != "copy"]:  # which may be whatever is true or false in Python
            for value in drawn.sample(WRONG, 8):
                args, options = arguments_of(function, one, value, drawn)
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")  # of NaN and overflow, which these numbers may come to
                        function(*args, **options)
                except (NumbanetError, MemoryError):
                    pass
                except Exception as error:
                    kind, text = DOCUMENTED.get(name, (None, ""))
                    if kind is None or not isinstance(error, kind) or text not in str(error):
                        found.setdefault(f"{name}: {one}={value!r}"[:80], repr(error)[:120])
    assert found == {}
