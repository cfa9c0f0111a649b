"""What type checkers must accept, and what they must make of it: checked by mypy and pyright, and run by a test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import numbanet as nn
from numbanet.typing import ArrayLike

X = np.random.default_rng(0).normal(size=(24, 3)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)


# Layers, losses, metrics, callbacks, optimizers, schedules and initializers of one's own


class Scale(nn.layers.Layer):
    def build(self, input_shape: tuple[int, ...]) -> None:
        self.factor = self.add_weight((input_shape[-1],), "ones", "factor")

    def call(self, x: nn.Tensor) -> nn.Tensor:
        return x * self.factor


class Noisy(nn.layers.Layer):
    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.inner = nn.layers.Dense(units, activation=nn.tanh, kernel_initializer=ones_and_more)

    def call(self, x: nn.Tensor, training: bool = False) -> nn.Tensor:
        return self.inner(x) * (1.0 if training else 2.0)


class Unannotated(nn.layers.Layer):
    def call(self, x):  # type: ignore[no-untyped-def]  # which strict asks of functions of one's own
        return x


class Biggest(nn.losses.Loss):
    def call(self, y_true: nn.Tensor, y_pred: nn.Tensor) -> nn.Tensor:
        return nn.max(nn.abs(y_true - y_pred), axis=-1)


class Largest(nn.metrics.Metric):
    def reset(self) -> None:
        self.largest = 0.0

    def update(self, y_true: NDArray[Any], y_pred: NDArray[Any], sample_weight: NDArray[Any] | None = None) -> None:
        self.largest = max(self.largest, float(abs(y_true - y_pred).max()))

    def result(self) -> float:
        return self.largest


class Told(nn.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):  # type: ignore[no-untyped-def]  # as above
        self.learning_rate = logs["learning_rate"] if logs else None


class Stop(nn.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.model.stop_training = logs is not None and logs["loss"] < 1e-9


class SignDescent(nn.optimizers.Optimizer):
    def update(self, w: NDArray[Any], g: NDArray[Any], state: list[NDArray[Any]], rate: float) -> None:
        w -= rate * np.sign(g)


class Halving(nn.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step: int) -> float:
        return 0.1 * 0.5**step


class Twos(nn.initializers.Initializer):
    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[Any]:
        return np.full(shape, 2.0)


def distance(y_true: nn.Tensor, y_pred: nn.Tensor) -> nn.Tensor:
    return nn.mean(nn.square(y_true - y_pred), axis=-1)


def error(y_true: NDArray[Any], y_pred: NDArray[Any]) -> NDArray[Any]:
    errors: NDArray[Any] = np.abs(y_true - y_pred)
    return errors.reshape(len(y_pred))


def ones_and_more(shape: tuple[int, ...], dtype: Any, rng: np.random.Generator) -> NDArray[Any]:
    filled: NDArray[Any] = np.full(shape, 1.5, dtype)
    return filled


class Own(nn.Sequential):
    def compute_loss(
        self, x: nn.Tensor, y: nn.Tensor, y_pred: nn.Tensor, sample_weight: nn.Tensor | None = None
    ) -> nn.Tensor:
        return super().compute_loss(x, y, y_pred, sample_weight) + 0.01 * nn.sum(nn.abs(self.weights[0]))

    def train_step(
        self, x: nn.Tensor, y: nn.Tensor, sample_weight: nn.Tensor | None = None, rng: np.random.Generator | None = None
    ) -> tuple[nn.Tensor, nn.Tensor]:
        with nn.GradientTape() as tape:
            y_pred = self(x, training=True, rng=rng)
            loss = self.compute_loss(x, y, y_pred, sample_weight)
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        return loss, y_pred


# Models


def models(folder: Path) -> None:
    last = nn.layers.Dense(1, kernel_initializer=Twos())
    model = nn.Sequential([nn.layers.Input((3,)), Scale(), Noisy(4, name="noisy"), last])
    model.add(Unannotated())
    model.compile(optimizer=nn.optimizers.Adam(), loss=Biggest(), metrics=["mae", Largest(), error])
    history = model.fit(X, Y, verbose=0)
    assert_type(history, nn.callbacks.History)
    assert_type(history.history["loss"], list[float])
    loss, *others = model.evaluate(X, Y, verbose=0)
    print(f"{loss:.3f}", len(others))
    assert_type(model.predict(X, verbose=0), NDArray[Any])
    assert_type(model(X), nn.Tensor)
    assert_type(model.weights, list[nn.Variable])
    assert_type(model.get_weights(), list[NDArray[Any]])
    model.layers[1].trainable = False
    model.compile(optimizer="adam", loss=distance, weighted_metrics=["mse"])
    stop = nn.callbacks.EarlyStopping("loss", patience=2, mode="min")
    keep = nn.callbacks.ModelCheckpoint(folder / "best.safetensors", "loss", save_weights_only=True)
    model.fit(X.tolist(), Y.tolist(), epochs=2, callbacks=[Stop(), Told(), stop, keep], verbose=0, rng=0)
    model.compile(nn.optimizers.SGD(Halving(), momentum=np.float32(0.9), clipnorm=1), "mse")
    model.fit(batches(), epochs=np.int64(1), steps_per_epoch=2, validation_data=(X, Y), verbose=0)
    decay = nn.optimizers.schedules.ExponentialDecay(np.float32(0.1), np.int64(10), np.array(0.5))
    model.compile(nn.optimizers.RMSprop(decay, rho=np.float64(0.5)), "mae", metrics=[nn.metrics.get("mse")])
    model.fit([(X, Y)], verbose=0)
    model.compile(optimizer=SignDescent(0.01, weight_decay=0.1), loss=nn.losses.Huber(0.5))
    x, y = nn.asarray(X), nn.asarray(Y > 0)
    model.fit(x, y, class_weight={0: 2.0}, validation_split=0.5, shuffle=False, verbose=False)
    model.save(folder / "m.numbanet")
    own: list[Any] = [Scale, Noisy, Unannotated, SignDescent, Twos, ones_and_more]
    again = nn.load_model(str(folder / "m.numbanet"), custom_objects={one.__name__: one for one in own})
    assert_type(again, nn.Sequential)
    own_model = Own([nn.layers.Dense(1)], rng=0)
    own_model.compile("sgd", "mse", metrics=["mae"])
    own_model.fit(X, Y, verbose=0).history["mae"][0].hex()


def batches() -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    while True:
        yield X[:8], Y[:8]


# Tensors, variables and operators


def operators(t: nn.Tensor, v: nn.Variable) -> None:
    for_each: list[nn.Tensor] = [t + 1, 1 - t, t * v, v / t, t @ v, 2**t, t // 2.0, t % v, -t, abs(t), [1.0, 2.0] - t]
    for_each += [t + X[0, :2], t > v, t == 1, v != t, t[0], t[..., None], t[:, 1:] if t.ndim > 1 else t.T, v[t > 0]]
    assert_type(t + np.float32(1), nn.Tensor)
    assert_type(v + v, nn.Tensor)
    assert_type(v.assign_sub(0.5 * t), nn.Variable)
    v -= 0.5 * t
    assert_type(v, nn.Variable)
    assert_type(t.shape, tuple[int, ...])
    assert_type(t.numpy(), NDArray[Any])
    assert_type(t.sum(axis=0, keepdims=True).reshape(-1).astype("float64"), nn.Tensor)
    assert_type(t.std(ddof=1).round(2), nn.Tensor)
    assert_type([one for one in t], list[nn.Tensor])  # noqa: C416  (what a loop gives)
    print(f"{t.sum():.2f}", float(t[0]), len(t))


def beside_numpy(t: nn.Tensor, v: nn.Variable) -> None:
    x = X[0, :2]
    from_the_left: list[nn.Tensor] = [
        x * t,
        x - v,
        x @ v,
        1.5 * t,
        np.float32(2) * t,
        np.mean(t),
        np.sum(t),
        np.dot(x, t),
    ]
    total: nn.Tensor = np.sum(nn.exp(t) * x)
    values: NDArray[Any] = np.asarray(t)
    print(from_the_left, (x @ v).numpy(), np.max(t).item(), np.maximum(t, 0), values + 1, np.asarray(t, np.float32) * 2)
    with nn.GradientTape() as tape:
        y = np.square(x * v)
    print(total, tape.gradient(y, v).numpy())


def functions(t: nn.Tensor, v: nn.Variable) -> None:
    assert_type(nn.add(t, v), nn.Tensor)
    assert_type(nn.dot([1.0, 2.0], v), nn.Tensor)
    assert_type(nn.sum([[1, 2], [3, 4]], axis=(0, 1), dtype=nn.float64), nn.Tensor)
    assert_type(nn.ones((2, 3), "float64", device="cpu"), nn.Tensor)
    assert_type(nn.zeros(np.int64(3)), nn.Tensor)
    assert_type(nn.topk(t, 1), tuple[nn.Tensor, nn.Tensor])
    assert_type(nn.split(t, 2), list[nn.Tensor])
    assert_type(nn.unique_counts([1, 1, 2]).counts, nn.Tensor)
    assert_type(nn.where(t > 0, t, 0.0), nn.Tensor)
    assert_type(nn.asarray([t, v]), nn.Tensor)
    assert_type(nn.concat([t, v, [1.0]]), nn.Tensor)
    assert_type(nn.einsum("i,i->", t, v), nn.Tensor)
    assert_type(nn.activations.relu(t), nn.Tensor)
    assert_type(nn.losses.mean_squared_error([[1.0]], [[2.0]]), nn.Tensor)
    assert_type(nn.naive.naive_relu(X), NDArray[Any])
    assert_type(nn.naive.naive_relu.py_func(X), NDArray[Any])
    assert_type(nn.datasets.mnist.load_data()[0][0], NDArray[Any])
    assert_type(nn.optimizers.get("sgd"), nn.optimizers.Optimizer)
    assert_type(nn.finfo("float32").eps, float)
    with nn.device("cpu"), nn.debug.nans():
        assert_type(halved(t), nn.Tensor)


def halved(x: ArrayLike) -> nn.Tensor:
    return nn.divide(x, 2)


# Gradients and functions


@nn.function
def step(x: ArrayLike, y: ArrayLike, scale: float = 1.0) -> nn.Tensor:
    with nn.GradientTape() as tape:
        loss = nn.mean(nn.square(nn.asarray(x) @ WEIGHT - y)) * scale
    optimizer.apply_gradients(zip(tape.gradient(loss, [WEIGHT]), [WEIGHT], strict=True))
    return loss


class Model:
    @nn.function
    def step(self, x: ArrayLike) -> nn.Tensor:
        return nn.sum(x)


@nn.custom_gradient
def same(x: nn.Tensor) -> tuple[nn.Tensor, Callable[[nn.Tensor], nn.Tensor]]:
    return x + 0.0, lambda g: 2.0 * g


@nn.saving.register(package="samples")
def register_me(y_true: nn.Tensor, y_pred: nn.Tensor) -> nn.Tensor:
    return distance(y_true, y_pred)


WEIGHT = nn.Variable(np.zeros((3, 1), np.float32), name="weight")
optimizer = nn.optimizers.SGD(0.1)


def gradients(t: nn.Tensor, v: nn.Variable) -> None:
    assert_type(step(X, Y), nn.Tensor)
    assert_type(step(X, y=Y, scale=0.5), nn.Tensor)
    step.explain()
    assert_type(Model().step(X), nn.Tensor)
    assert_type(same(t), nn.Tensor)
    assert_type(register_me(t, t), nn.Tensor)
    assert_type(nn.grad(lambda x: nn.sum(x * x))(t), nn.Tensor)
    assert_type(nn.grad(nn.grad(lambda x: x**3))(2.0), nn.Tensor)
    value, gradient = nn.value_and_grad(nn.sum)(X)
    assert_type(value, nn.Tensor)
    assert_type(gradient, nn.Tensor)
    nn.grad(lambda weights: nn.sum(weights["a"]))({"a": t})["a"].tolist()
    nn.jacobian(nn.tanh)(t).tolist()
    with nn.GradientTape(persistent=True) as tape:
        assert_type(tape, nn.GradientTape)
        tape.watch([t, v])
        y = nn.sum(t * v)
    tape.gradient(y, {"t": t, "v": v})["t"].tolist()
    nn.testing.check_grad(nn.tanh, t)


def matrices(t: nn.Tensor, v: nn.Variable) -> None:
    a = nn.asarray([[2.0, 1.0], [1.0, 3.0]])
    assert_type(nn.linalg.solve(a, [1.0, 2.0]), nn.Tensor)
    u, s, vh = nn.linalg.svd(a, full_matrices=False)
    assert_type(u * s @ vh, nn.Tensor)
    assert_type(nn.linalg.svd(a, compute_uv=False), nn.Tensor)
    assert_type(nn.linalg.eigh(a).eigenvalues, nn.Tensor)
    assert_type(nn.linalg.norm(v, 1, axis=0), nn.Tensor)
    real, imag = nn.fft.fft((t, v))
    assert_type(nn.fft.irfft((real, imag), 2), nn.Tensor)
    assert_type(nn.fft.rfft(t).real, nn.Tensor)
    assert_type(nn.einsum("i,i->", t, v, optimize="greedy"), nn.Tensor)


def main(folder: Path) -> None:
    """Run all of it: what type checkers accept works."""
    models(folder)
    for function in operators, beside_numpy, functions, gradients, matrices:
        function(nn.asarray([1.0, 2.0]), nn.Variable([0.5, -1.5]))
