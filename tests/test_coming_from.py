"""docs/coming_from.md: what it says about other libraries, where they are installed."""

import inspect

import numpy as np
import pytest

import numbanet as nn
from tests.test_docs import ROOT, run_blocks

PAGE = ROOT / "docs" / "coming_from.md"
X = np.random.default_rng(0).normal(size=(4, 6, 3)).astype(np.float32)
IMAGES = np.random.default_rng(1).normal(size=(2, 8, 8, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def page():
    """What the page defines."""
    pytest.importorskip("scipy", reason="the page has sparse matrices, and SciPy is not installed")
    return run_blocks(PAGE)


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed")


def carried(layer, x, weights):
    """The output of a layer with these weights."""
    layer(x)
    layer.set_weights(weights)
    return layer(x).numpy()


def arrays(module):
    return {name: tensor.numpy() for name, tensor in module.state_dict().items()}


def output(torch, module, x):
    with torch.no_grad():
        y = module(torch.tensor(x))
    return (y[0] if isinstance(y, tuple) else y).numpy()


def test_weights_of_pytorch_give_the_same_outputs(page, torch):
    torch.manual_seed(0)
    for name, module, layer in (
        ("linear", torch.nn.Linear(3, 5), nn.layers.Dense(5)),
        ("lstm", torch.nn.LSTM(3, 5, batch_first=True), nn.layers.LSTM(5, return_sequences=True)),
        ("gru", torch.nn.GRU(3, 5, batch_first=True), nn.layers.GRU(5, return_sequences=True)),
    ):
        ours = carried(layer, X, page[name](arrays(module)))
        np.testing.assert_allclose(ours, output(torch, module, X), rtol=1e-5, atol=1e-6, err_msg=name)


def test_convolutions_and_padding(page, torch):
    torch.manual_seed(0)
    module = torch.nn.Conv2d(3, 4, 3, stride=2)
    images = IMAGES.transpose(0, 3, 1, 2)
    weights = page["conv2d"](arrays(module))
    ours = carried(nn.layers.Conv2D(4, 3, strides=2), IMAGES, weights)
    np.testing.assert_allclose(ours.transpose(0, 3, 1, 2), output(torch, module, images), rtol=1e-5, atol=1e-6)
    padded = np.pad(images, ((0, 0), (0, 0), (0, 1), (0, 1)))
    ours = carried(nn.layers.Conv2D(4, 3, strides=2, padding="same"), IMAGES, weights).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(ours, output(torch, module, padded), rtol=1e-5, atol=1e-6)
    both = torch.nn.Conv2d(3, 4, 3, stride=2, padding=1)
    both.load_state_dict(module.state_dict())
    assert np.abs(ours - output(torch, both, images)).max() > 0.1
    with pytest.raises(ValueError, match="strided"):
        torch.nn.Conv2d(3, 4, 3, stride=2, padding="same")


def test_batch_normalization_keeps_another_variance(page, torch):
    module = torch.nn.BatchNorm1d(3)
    layer = nn.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    x = X[:, 0]
    np.testing.assert_allclose(
        layer(x, training=True), output(torch, module, x), rtol=1e-5, atol=1e-6
    )  # both have the biased one
    biased, unbiased = 0.9 + 0.1 * x.var(axis=0), 0.9 + 0.1 * x.var(axis=0, ddof=1)
    np.testing.assert_allclose(layer.get_weights()[3], biased, rtol=1e-5)
    np.testing.assert_allclose(module.running_var.numpy(), unbiased, rtol=1e-5)
    module.eval()
    same = nn.layers.BatchNormalization(epsilon=1e-5)
    ours = carried(same, x, page["batch_norm"](arrays(module)))
    np.testing.assert_allclose(ours, output(torch, module, x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "theirs", "ours"),
    [
        ("SGD", {"lr": 1e-3}, {"learning_rate": 1e-2}),
        ("Adam", {"lr": 1e-3, "eps": 1e-8}, {"learning_rate": 1e-3, "epsilon": 1e-7}),
        ("RMSprop", {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8}, {"learning_rate": 1e-3, "rho": 0.9, "epsilon": 1e-7}),
        ("Adagrad", {"lr": 1e-2, "initial_accumulator_value": 0, "eps": 1e-10},
         {"learning_rate": 1e-3, "initial_accumulator_value": 0.1, "epsilon": 1e-7}),
        ("AdamW", {"weight_decay": 1e-2}, {"weight_decay": 4e-3}),
    ],
)  # fmt: skip
def test_defaults_of_optimizers(torch, kind, theirs, ours):
    for optimizer, defaults in ((getattr(torch.optim, kind), theirs), (getattr(nn.optimizers, kind), ours)):
        parameters = inspect.signature(optimizer).parameters
        assert {name: parameters[name].default for name in defaults} == defaults


def test_defaults_of_layers(torch):
    def default(kind, name):
        return inspect.signature(kind).parameters[name].default

    assert default(torch.nn.BatchNorm2d, "eps") == default(torch.nn.LayerNorm, "eps") == 1e-5
    assert default(torch.nn.GroupNorm, "eps") == 1e-5
    assert default(torch.nn.BatchNorm2d, "momentum") == 0.1
    assert default(torch.nn.Dropout, "p") == 0.5
    for layer in (nn.layers.BatchNormalization, nn.layers.LayerNormalization, nn.layers.GroupNormalization):
        assert default(layer, "epsilon") == 1e-3
    assert default(nn.layers.BatchNormalization, "momentum") == 0.99
    assert default(torch.nn.LeakyReLU, "negative_slope") == 0.01
    assert default(nn.leaky_relu, "negative_slope") == 0.2
    assert default(nn.layers.LeakyReLU, "negative_slope") == 0.3


def test_momentum_and_the_epsilon_of_adam(torch):
    """The rules of the table, over three steps whose learning rates differ."""
    gradients, rates = np.array([1.0, -2.0, 0.5]), (0.1, 0.2, 0.05)

    def trained(optimizer, parameter):
        for g, rate in zip(gradients, rates, strict=True):
            optimizer.param_groups[0]["lr"] = rate
            parameter.grad = torch.tensor([g])
            optimizer.step()
        return parameter.item()

    def ours(optimizer):
        w = nn.Variable(np.zeros(1))
        for g, rate in zip(gradients, rates, strict=True):
            optimizer.learning_rate = rate
            optimizer.apply_gradients([(np.array([g]), w)])
        return w.numpy().item()

    def parameter():
        return torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))

    def adam(epsilon_in_both):
        m = v = w = 0.0
        for t, (g, rate) in enumerate(zip(gradients, rates, strict=True), 1):
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            root = np.sqrt(v / (1 - 0.999**t)) + 1e-2 * (1 if epsilon_in_both else 1 / np.sqrt(1 - 0.999**t))
            w -= rate * m / (1 - 0.9**t) / root
        return w

    w = parameter()
    theirs = trained(torch.optim.SGD([w], lr=0.1, momentum=0.9), w)
    first = m = 0.0
    for g, rate in zip(gradients, rates, strict=True):
        m = 0.9 * m + g
        first -= rate * m
    assert theirs == pytest.approx(first)
    second = m = 0.0
    for g, rate in zip(gradients, rates, strict=True):
        m = 0.9 * m - rate * g
        second += m
    assert ours(nn.optimizers.SGD(0.1, momentum=0.9)) == pytest.approx(second)
    assert first != pytest.approx(second)
    w = parameter()
    assert trained(torch.optim.Adam([w], eps=1e-2), w) == pytest.approx(adam(True))
    assert ours(nn.optimizers.Adam(epsilon=1e-2)) == pytest.approx(adam(False))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras with JAX
def test_weights_of_keras_give_the_same_outputs():
    keras = pytest.importorskip("keras", reason="Keras is not installed")
    theirs = keras.Sequential(
        [
            keras.layers.Input((8, 8, 3)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(5, activation="softmax"),
        ]
    )
    layers = [nn.layers.Conv2D(4, 3, activation="relu"), nn.layers.Flatten(), nn.layers.Dense(5, activation="softmax")]
    ours = nn.Sequential(layers)
    ours.build((None, 8, 8, 3))
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(ours.predict(IMAGES, verbose=0), theirs.predict(IMAGES, verbose=0), rtol=1e-5, atol=1e-6)


def test_the_penalty_of_scikit_learn():
    """One step from the same weights, with the same penalty, gives the same weights."""
    network = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 3)), np.arange(16) % 2
    alpha = 3.0
    theirs = network.MLPClassifier(
        (4,), solver="sgd", alpha=alpha, batch_size=16, learning_rate_init=0.1, momentum=0.0, shuffle=False,
        random_state=0,
    )  # fmt: skip
    theirs.partial_fit(x, y, classes=[0, 1])
    again = network.MLPClassifier((4,), solver="sgd", learning_rate_init=0.0 + 1e-30, random_state=0, batch_size=16)
    again.partial_fit(x, y, classes=[0, 1])  # the weights from before the step
    penalty = nn.regularizers.L2(0.5 * alpha / 16)
    ours = nn.Sequential(
        [
            nn.layers.Dense(4, activation="relu", kernel_regularizer=penalty, dtype="float64"),
            nn.layers.Dense(1, activation="sigmoid", kernel_regularizer=penalty, dtype="float64"),
        ]
    )
    ours.build((None, 3))
    ours.set_weights([part for pair in zip(again.coefs_, again.intercepts_, strict=True) for part in pair])
    ours.compile(nn.optimizers.SGD(0.1), "binary_crossentropy")
    ours.train_on_batch(x, y[:, None])
    for mine, other in zip(ours.get_weights()[::2], theirs.coefs_, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-8)
