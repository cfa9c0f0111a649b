"""What models say of drawings, for every kind of model that reads digits, and which models are refused."""

import base64
import json
import threading

import numpy as np
import pytest

import numbanet as nn
from numbanet.demo import reader as module
from numbanet.demo.centring import centred
from numbanet.demo.reader import Reader
from numbanet.demo.variants import VARIANTS
from numbanet.errors import DataError, DTypeError, NotBuiltError, ShapeError
from numbanet.graph.replay import ReplayedCall

pytestmark = pytest.mark.needs_compiled("networks read a thousand digits")

LAYERS = nn.layers


@pytest.fixture(scope="module")
def digits():
    """The first test digits, and their labels."""
    _, (images, labels) = nn.datasets.mnist.load_data()
    return images[:1000], labels[:1000]


@pytest.fixture(autouse=True)
def few_digits(digits, monkeypatch):
    """A reader tries its model on these alone, which takes a moment."""
    monkeypatch.setattr(nn.datasets.mnist, "load_data", lambda: (digits, digits))


def compiled(model, loss="sparse_categorical_crossentropy"):
    model.compile("rmsprop", loss=loss)
    return model


def learnt(layers, shape, digits, scale=1 / 255, **options):
    """A network that has read some digits."""
    model = compiled(nn.Sequential(layers), **options)
    model.fit((digits[0] * np.float32(scale)).reshape(-1, *shape), digits[1], epochs=8, rng=0, verbose=0)
    return model


def dense(units=64, last="softmax"):
    return [LAYERS.Dense(units, activation="relu"), LAYERS.Dense(10, activation=last)]


@pytest.fixture(scope="module")
def network(digits):
    return learnt(dense(), (784,), digits)


def functional(dtype="float32"):
    x = nn.Input((28, 28), rng=0, dtype=dtype)
    hidden = LAYERS.Dense(12, activation="tanh")(LAYERS.Flatten()(x))
    return nn.Model(x, LAYERS.Dense(10, activation="softmax")(LAYERS.Dropout(0.5)(hidden)))


class Own(nn.Model):
    def __init__(self):
        super().__init__()
        self.last = LAYERS.Dense(10, activation="softmax")

    def call(self, x):
        return self.last(nn.reshape(x, (-1, 784)))


class Halved(nn.Sequential):
    """Its layers do not tell what it computes."""

    def __call__(self, x, training=None, rng=None, **options):
        return nn.softmax(super().__call__(x, training, rng) / 2)


def shared():
    x = nn.Input((784,), rng=0)
    last = LAYERS.Dense(10, "softmax")
    return nn.Model(x, LAYERS.Average()([last(LAYERS.Dense(784, "relu")(x)), last(x)]))


def convnet(*after):
    layers = [LAYERS.Input((28, 28, 1)), LAYERS.Conv2D(4, 3, strides=2, activation="relu"), LAYERS.MaxPooling2D(2)]
    return nn.Sequential([*layers, *after], rng=0)


def own():
    model = Own()
    model.build_for((None, 28, 28, 1), rng=0)
    return model


MODELS = {
    "dense": lambda: nn.Sequential([LAYERS.Input((784,)), *dense(16)], rng=0),
    "deep": lambda: nn.Sequential([LAYERS.Input((28, 28)), LAYERS.Flatten(), LAYERS.Dense(32, "gelu"),
                                   LAYERS.BatchNormalization(), *dense(24)], rng=0),
    "activation apart": lambda: nn.Sequential([LAYERS.Input((784,)), LAYERS.Dense(9, "sigmoid"), LAYERS.Dense(10),
                                               LAYERS.Activation("softmax")], rng=0),
    "convnet": lambda: convnet(LAYERS.Flatten(), LAYERS.Dropout(0.5), *dense(7)),
    "functional": functional,
    "float64": lambda: functional("float64"),
    "rows as steps": lambda: nn.Sequential([LAYERS.Input((None, 28)), LAYERS.SimpleRNN(6), LAYERS.Dense(10, "softmax")],
                                           rng=0),
    "open sizes": lambda: nn.Sequential([LAYERS.Input((None, None, 1)), LAYERS.Conv2D(5, 3, activation="relu"),
                                         LAYERS.GlobalAveragePooling2D(), LAYERS.Dense(10, "softmax")], rng=0),
    "own call": own,
    "another call": lambda: Halved([LAYERS.Input((784,)), *dense(4)], rng=0),
    "shared last layer": shared,
    "no hidden layer": lambda: nn.Sequential([LAYERS.Input((784,)), LAYERS.Dense(10, "softmax")], rng=0),
    "convolution last": lambda: convnet(LAYERS.Conv2D(10, 3), LAYERS.GlobalAveragePooling2D(),
                                        LAYERS.Activation("softmax")),
}  # fmt: skip
HIDDEN = {"dense": 16, "deep": 24, "activation apart": 9, "convnet": 7, "functional": 12, "float64": 12,
          "rows as steps": 6, "open sizes": 5}  # fmt: skip


def bytes_of(text, dtype=np.uint8):
    return np.frombuffer(base64.b64decode(text), dtype).reshape(28, 28)


def as_samples(reader, images):
    """Images of bytes as the model of a reader takes them: as it was written without looking at it."""
    return (np.asarray(images) / 255).astype(reader._model.dtype).reshape(-1, *reader._shape)


@pytest.mark.parametrize("kind", MODELS)
def test_answers_are_what_the_model_predicts(kind, digits):
    model = MODELS[kind]()
    reader = Reader(model, kind)
    drawing = np.kron(digits[0][3], np.ones((4, 4)))
    answer = json.loads(json.dumps(reader.answer(drawing)))
    image = bytes_of(answer["image"])
    np.testing.assert_array_equal(image, np.floor(centred(drawing) + 0.5))
    images = [image, *(bytes_of(one["image"]) for one in answer["variants"])]
    found = [answer["probabilities"], *(one["probabilities"] for one in answer["variants"])]
    np.testing.assert_allclose(found, model.predict(as_samples(reader, images), verbose=0), rtol=1e-5, atol=1e-7)
    for one, (name, change) in zip(answer["variants"], VARIANTS.items(), strict=True):
        assert one["name"] == name
        np.testing.assert_array_equal(bytes_of(one["image"]), np.floor(255 * change(image / 255) + 0.5))
    assert reader.hidden == HIDDEN.get(kind)
    assert bool(answer["units"]) == (reader.hidden is not None)


@pytest.mark.parametrize("kind", HIDDEN)
def test_units_are_the_strongest_with_their_slopes(kind, digits):
    model = MODELS[kind]()
    reader = Reader(model, kind)
    answer = reader.answer(digits[0][4])
    sample = as_samples(reader, bytes_of(answer["image"])[None])
    parts, _ = module.parts_of(model, reader._shape)
    values = parts(sample)[0].numpy()[0]
    strongest = sorted(range(len(values)), key=lambda unit: -abs(values[unit]))[:8]
    assert [one["unit"] for one in answer["units"]] == [unit for unit in strongest if values[unit]]
    for one in answer["units"]:
        assert one["activation"] == pytest.approx(values[one["unit"]], rel=1e-5)

        def activation(x, unit=one["unit"]):
            return nn.sum(parts(x)[0][:, unit])

        slope = nn.grad(activation)(sample).numpy().reshape(28, 28) * np.sign(one["activation"])
        np.testing.assert_allclose(bytes_of(one["image"], np.int8), slope * 127 / np.abs(slope).max(), atol=0.51)


def test_slopes_of_a_first_layer_are_its_weights(network, digits):
    answer = Reader(network, "dense").answer(digits[0][0])
    kernel = network.layers[0].weights[0].numpy()
    assert len(answer["units"]) == 8
    for one in answer["units"]:
        weights = kernel[:, one["unit"]].reshape(28, 28)
        np.testing.assert_allclose(bytes_of(one["image"], np.int8), weights * 127 / np.abs(weights).max(), atol=0.51)


def test_a_trained_network_reads_drawings(network, digits):
    reader = Reader(network, "dense")
    assert reader.accuracy > 0.95
    assert reader.facts() == {"name": "dense", "accuracy": reader.accuracy, "digits": 1000, "hidden": 64}
    right = [np.argmax(reader.answer(image)["probabilities"]) == label for image, label in zip(*digits, strict=True)]
    assert np.mean(right) == reader.accuracy


def test_models_of_bytes_get_bytes(digits):
    """And accuracy does not settle it: a network without biases reads as well on any scale."""
    rescaled = learnt([LAYERS.Rescaling(1 / 255), *dense()], (784,), digits, scale=1.0)
    assert Reader(rescaled, "bytes").accuracy > 0.95
    assert Reader(rescaled, "bytes")._scale == 255
    plain = [LAYERS.Dense(64, "relu", use_bias=False), LAYERS.Dense(10, "softmax", use_bias=False)]
    assert Reader(learnt(plain, (784,), digits), "numbers")._scale == 1


def test_logits_become_probabilities(digits):
    loss = nn.losses.SparseCategoricalCrossentropy(from_logits=True)
    reader = Reader(learnt(dense(last=None), (784,), digits, loss=loss), "logits")
    probabilities = np.array(reader.answer(digits[0][0])["probabilities"])
    assert probabilities.sum() == pytest.approx(1, abs=1e-6)
    assert probabilities.argmax() == digits[1][0]
    assert reader.accuracy > 0.95


def test_an_empty_pad_has_an_answer(network):
    answer = Reader(network, "dense").answer(np.zeros((112, 112), np.uint8))
    assert answer["drawn"] is False
    assert not bytes_of(answer["image"]).any()
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-6)


def test_units_that_say_nothing_are_left_out():
    model = nn.Sequential([LAYERS.Input((784,)), *dense(4)], rng=0)
    model.layers[0].weights[0].assign(-np.ones((784, 4), np.float32))
    assert Reader(model, "silent").answer(np.eye(28))["units"] == []


def test_how_dark_the_pen_is_does_not_count(network, digits):
    reader = Reader(network, "dense")
    assert reader.answer(digits[0][5] / 1000) == reader.answer(digits[0][5])


def test_answers_are_replayed(network):
    reader = Reader(network, "dense")
    for function in (reader._read, reader._slopes):
        assert [type(call) for call in function._calls.values()] == [ReplayedCall]


def test_threads_get_their_own_answers(network, digits):
    reader = Reader(network, "dense")
    expected = [reader.answer(image) for image in digits[0][:20]]
    found = {}

    def ask(first):
        for at in range(first, 20, 4):
            found[at] = reader.answer(digits[0][at])

    threads = [threading.Thread(target=ask, args=[first]) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[at] for at in range(20)] == expected


@pytest.mark.parametrize(
    ("picture", "error"),
    [(np.full((28, 28), np.nan), DataError), (-np.eye(28), DataError), (np.zeros(784), ShapeError),
     (np.full((28, 28), "1"), DTypeError)],
)  # fmt: skip
def test_what_is_no_picture_is_refused(network, picture, error):
    reader = Reader(network, "dense")
    with pytest.raises(error, match=r"^answer: "):
        reader.answer(picture)
    assert reader.answer(np.eye(28))["drawn"]


def several_inputs():
    one, other = nn.Input((784,)), nn.Input((784,))
    return nn.Model([one, other], LAYERS.Dense(10)(LAYERS.Add()([one, other])))


def several_outputs():
    one = nn.Input((784,))
    return nn.Model(one, [LAYERS.Dense(10)(one), LAYERS.Dense(10)(one)])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.Sequential([LAYERS.Input((64,)), *dense()]), r"m.numbanet: needs inputs .* takes \(None, 64\)"),
        (lambda: nn.Sequential([LAYERS.Input((28, 28, 3)), LAYERS.Flatten(), *dense()]), r"\(None, 28, 28, 3\)"),
        (lambda: nn.Sequential([LAYERS.Input((784,)), LAYERS.Dense(11)]), r"needs outputs .* gives \(None, 11\)"),
        (lambda: nn.Sequential([LAYERS.Input((28, 28)), LAYERS.Dense(10)]), r"gives \(None, 28, 10\)"),
        (several_inputs, r"takes \[\(None, 784\), \(None, 784\)\]"),
        (several_outputs, r"gives \[\(None, 10\), \(None, 10\)\]"),
    ],
)
def test_models_for_something_else_are_refused(make, words):
    with pytest.raises(ShapeError, match=words):
        Reader(make(), "m.numbanet")


def test_models_without_weights_are_refused():
    for model in (nn.Sequential(dense()), Own()):
        with pytest.raises(NotBuiltError, match=r"m\.numbanet: has no weights yet"):
            Reader(model, "m.numbanet")


@pytest.mark.parametrize(
    ("last", "loss"),
    [(None, None), ("relu", None), ("sigmoid", None), (None, nn.losses.BinaryCrossentropy(from_logits=True)),
     (None, "mse")],
)  # fmt: skip
def test_outputs_that_are_not_probabilities_are_refused(last, loss):
    model = nn.Sequential([LAYERS.Input((784,)), LAYERS.Dense(10, last)], rng=0)
    if loss is not None:
        model.compile("sgd", loss)
    with pytest.raises(DataError, match=r"m\.numbanet: its outputs are not probabilities"):
        Reader(model, "m.numbanet")


def test_a_broken_model_is_refused():
    model = nn.Sequential([LAYERS.Input((784,)), *dense()], rng=0)
    model.layers[0].weights[0].assign(np.full((784, 64), np.nan, np.float32))
    with pytest.raises(DataError, match="not probabilities"):
        Reader(model, "broken")
