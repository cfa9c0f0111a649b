"""Unknown arguments of classes: a TypeError that names the class, and what to write."""

import inspect
import pickle

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.arguments import Explained
from numbanet.errors import NumbanetError

ROOMS = "layers", "initializers", "constraints", "regularizers", "losses", "metrics", "callbacks", "optimizers"


def classes():
    """All public classes of what is made with settings."""
    found = {nn.Sequential, nn.Model}
    for room in (*(getattr(nn, name) for name in ROOMS), nn.optimizers.schedules):
        found |= {value for value in vars(room).values() if inspect.isclass(value) and issubclass(value, Explained)}
    takes_events = {Explained, nn.callbacks.LambdaCallback}  # which says what events there are
    return sorted(found - takes_events, key=lambda kind: kind.__qualname__)


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__qualname__)
def test_every_class_names_itself_and_its_arguments(kind):
    with pytest.raises(TypeError, match=f"{kind.__name__}(: unknown argument 'nothing_like_it'|.. takes no)"):
        kind(nothing_like_it=1)
    assert "kwargs" not in inspect.signature(kind).parameters  # help() shows the arguments


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.layers.Dense(3, input_dim=4), "Dense: unknown argument 'input_dim'; write input_shape"),
        (lambda: nn.layers.Dense(3, kernel_initialiser="zeros"), "did you mean 'kernel_initializer'"),
        (lambda: nn.layers.Dropout(p=0.5), "Dropout: unknown argument 'p'; it is called rate"),
        (lambda: nn.layers.Dropout(0.5, seed=1), "give rng to"),
        (lambda: nn.initializers.GlorotUniform(seed=1), "GlorotUniform: unknown argument 'seed'; give rng"),
        (lambda: nn.initializers.RandomNormal(sttdev=1), "did you mean 'stddev'"),
        (lambda: nn.optimizers.AdamW(beta1=0.5), "AdamW: unknown argument 'beta1': did you mean 'beta_1'"),
        (lambda: nn.optimizers.SGD(clip_norm=0.5), "it is called clipnorm"),
        (lambda: nn.optimizers.schedules.ExponentialDecay(0.1, 10, decay=0.5), "it is called decay_rate"),
        (lambda: nn.losses.Huber(detla=0.5), "Huber: unknown argument 'detla': did you mean 'delta'"),
        (
            lambda: nn.callbacks.ModelCheckpoint(file="x"),
            r"ModelCheckpoint: unknown argument 'file': did you mean 'filepath'",
        ),
        (lambda: nn.Sequential(laers=[]), "Sequential: unknown argument 'laers': did you mean 'layers'"),
    ],
)
def test_what_to_write(make, words):
    with pytest.raises(TypeError, match=words):
        make()


class Own(nn.layers.Layer):
    """A layer of one's own, with settings of its own."""

    def __init__(self, factor, **options):
        super().__init__(**options)
        self.factor = factor

    def call(self, x):
        return x * self.factor


class Strict(Own):
    """One that takes nothing else."""

    def __init__(self, factor=2.0):
        super().__init__(factor)


def test_classes_of_ones_own():
    assert Own(2.0, name="own").name == "own"
    with pytest.raises(TypeError, match="Own: unknown argument 'input_dim'; write input_shape"):
        Own(2.0, input_dim=3)
    with pytest.raises(TypeError, match=r"Strict: unknown argument 'facter': did you mean 'factor'\?"):
        Strict(facter=3.0)
    assert Strict(factor=3.0).factor == 3.0


def test_python_says_what_else_is_wrong():
    with pytest.raises(TypeError, match="needs "):
        nn.layers.Dense()
    with pytest.raises(TypeError, match="multiple values"):
        nn.layers.Dense(3, units=3)


def test_what_is_made_is_what_it_was():
    made = nn.initializers.RandomNormal(stddev=0.5)
    assert made == nn.initializers.RandomNormal(0.0, 0.5)
    assert pickle.loads(pickle.dumps(made)) == made
    with pytest.raises(AttributeError, match="cannot assign to field"):
        made.stddev = 1.0
    assert list(inspect.signature(nn.layers.Dense).parameters)[:2] == ["units", "activation"]


def test_a_name_that_is_not_there_is_a_plain_attribute_error():
    with pytest.raises(AttributeError, match=r"did you mean numbanet\.relu") as found:
        nn.relo  # noqa: B018  # reading it is what is tried
    copied = pickle.loads(pickle.dumps(found.value))
    assert type(copied) is AttributeError
    assert str(copied) == str(found.value)
    assert type(found.value).__qualname__ == "AttributeError"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dropout_as_a_function(dtype):
    assert nn.nn.dropout is nn.random.dropout
    x = nn.ones((100, 100), dtype)
    y = nn.nn.dropout(x, rate=0.25, seed=0)
    assert y.dtype == x.dtype
    assert set(np.unique(y.numpy())) == {0, np.dtype(dtype).type(1 / 0.75)}
    assert 0.2 < (y.numpy() == 0).mean() < 0.3
    assert (nn.nn.dropout(x, 0.25, rng=np.random.default_rng(0)).numpy() == y.numpy()).all()
    gradient = nn.grad(lambda x: nn.sum(nn.nn.dropout(x, 0.25, rng=0)))(x)
    assert (gradient.numpy() == y.numpy()).all()
    for rate in (-0.1, 1, 1.5, "a", float("nan")):
        with pytest.raises(nn.errors.ArgumentError, match=r"random\.dropout: rate"):
            nn.nn.dropout(x, rate)


CHOICES = {
    "device of zeros": lambda wrong: nn.zeros(2, device=wrong),
    "device of asarray": lambda wrong: nn.asarray([1.0], device=wrong),
    "device of ones_like": lambda wrong: nn.ones_like([1.0], device=wrong),
    "dtype of zeros": lambda wrong: nn.zeros(2, wrong),
    "dtype of ones_like": lambda wrong: nn.ones_like([1.0], wrong),
    "dtype of full_like": lambda wrong: nn.full_like([1.0], 2.0, wrong),
    "dtype of eye": lambda wrong: nn.eye(2, dtype=wrong),
    "dtype of arange": lambda wrong: nn.arange(3, dtype=wrong),
    "dtype of linspace": lambda wrong: nn.linspace(0, 1, 3, dtype=wrong),
    "norm of fft": lambda wrong: nn.fft.fft([1.0, 2.0], norm=wrong),
    "norm of rfftn": lambda wrong: nn.fft.rfftn([1.0, 2.0], norm=wrong),
    "side": lambda wrong: nn.searchsorted([1.0, 2.0], [1.5], side=wrong),
}


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("wrong", [np.ones((2, 3)), np.ones(0), [], {}, slice(0, 2), "zz", ""], ids=repr)
def test_choices_that_are_no_names(name, wrong):
    """Arrays are equal to nothing and to everything, and lists have no hash."""
    with pytest.raises(NumbanetError):
        CHOICES[name](wrong)


def test_windows_and_scores_without_dimensions():
    for call in (
        lambda: nn.depthwise_conv(1.0, 1.0),
        lambda: nn.depthwise_conv([1.0], [1.0]),
        lambda: nn.separable_conv([1.0], [1.0], [1.0]),
        lambda: nn.losses.sparse_categorical_crossentropy(1, 1.0),
    ):
        with pytest.raises(NumbanetError, match="shape"):
            call()
