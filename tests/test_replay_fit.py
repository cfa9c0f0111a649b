"""Random models are trained, evaluated and asked while everything around them changes: replayed as in a plain run.

Two models are made alike and get the same calls; one may be replayed, the other runs op by op, and every number has the
same bytes. Between the calls, and in callbacks during `fit`, settings of the optimizer change, weights are frozen,
containers, globals, class attributes and closures that layers read are edited, data is written to, layers are replaced,
objects die and their ids are used again.
"""

import gc
import os
from random import Random

import numpy as np
import pytest
from hypothesis import currently_in_test_context, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import numbanet as nn
from tests.plain import plain_run

RNG = np.random.default_rng(7)
X = RNG.normal(size=(26, 3)).astype(np.float32)
Y = (X @ RNG.normal(size=(3, 2)) + 0.3).astype(np.float32)
LABELS = (Y[:, 0] > 0.3).astype(np.int64)
WEIGHTS = RNG.random(26).astype(np.float32)
UNITS = 4
NUMBERS = [0.5, 2.0, -1.0, 0.0, -0.0, 1.0]
RANDOM = st.randoms(use_true_random=True)
"""Most of a program is drawn from it: Hypothesis's own choices would repeat themselves, and few would do much."""

GLOBAL = 1.0
LIST = [1.0]


class Settings:
    factor = 1.0


class World:
    """What stands outside of models, and is shared by both."""

    @staticmethod
    def now():
        return GLOBAL, LIST[0], Settings.factor, Reader.shared, os.environ.get("NUMBANET_TEST_FACTOR", "1")

    @staticmethod
    def put(state):
        globals()["GLOBAL"], LIST[0], Settings.factor, Reader.shared, os.environ["NUMBANET_TEST_FACTOR"] = state


class Holder:
    def __init__(self, value):
        self.value = value


class Reader(nn.layers.Layer):
    """Adds numbers to its inputs that stand in all sorts of places."""

    shared = 1.0

    def __init__(self):
        super().__init__()
        self.number, self.items, self.table, self.array = 1.0, [1.0, [1.0]], {"a": 1.0}, np.ones(1, np.float32)
        self.holder = Holder(1.0)
        cell = 1.0

        def closure():
            return cell

        def set_closure(value):
            nonlocal cell
            cell = value

        self.closure, self.set_closure = closure, set_closure

    def call(self, x):
        for read, _ in PLACES.values():
            x = x * 0.8 + read(self)
        return nn.tanh(x)


def put_global(layer, value):
    globals()["GLOBAL"] = value


def new_holder(layer, value):
    layer.holder = None
    gc.collect()
    layer.holder = Holder(value)


PLACES = {
    "attribute": (lambda layer: layer.number, lambda layer, value: setattr(layer, "number", value)),
    "list": (lambda layer: layer.items[1][0], lambda layer, value: layer.items.__setitem__(1, [value])),
    "dict": (lambda layer: layer.table["a"], lambda layer, value: layer.table.update(a=value)),
    "array": (lambda layer: layer.array, lambda layer, value: layer.array.fill(value)),
    "object": (lambda layer: layer.holder.value, new_holder),
    "closure": (lambda layer: layer.closure(), lambda layer, value: layer.set_closure(value)),
    "class": (lambda layer: layer.shared, lambda layer, value: setattr(Reader, "shared", value)),
    "other class": (lambda layer: Settings.factor, lambda layer, value: setattr(Settings, "factor", value)),
    "global": (lambda layer: GLOBAL, put_global),
    "global list": (lambda layer: LIST[0], lambda layer, value: LIST.__setitem__(0, value)),
    "environment": (
        lambda layer: float(os.environ["NUMBANET_TEST_FACTOR"]),
        lambda layer, value: os.environ.__setitem__("NUMBANET_TEST_FACTOR", str(value)),
    ),
}


class OddBias(nn.layers.Layer):
    """A product and a bias that may have one number, a row, or one number per unit."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], UNITS), name="kernel")
        self.bias = self.add_weight(self.shape, "ones", "bias")

    def call(self, x):
        return nn.relu(x @ self.kernel + self.bias)


class Heads(OddBias):
    """Two heads that share sums and their relu: one of them reads the sums themselves."""

    def call(self, x):
        sums = x @ self.kernel + self.bias
        shared = nn.relu(sums)
        return shared - 0.5 * nn.sigmoid(sums)


class Counting(nn.layers.Layer):
    """Does something else at every third call."""

    calls = 0

    def call(self, x):
        self.calls += 1
        return x * 0.5 if self.calls % 3 else x


class Keeping(nn.metrics.Metric):
    """Keeps what it gets, and may change a layer."""

    def __init__(self):
        self.layer = None
        super().__init__("keeping")

    def reset(self):
        self.total, self.count, self.kept = 0.0, 0, []

    def update(self, y_true, y_pred, sample_weight=None):
        self.count += 1
        self.kept.append(y_pred)
        self.total += float(np.abs(y_true.mean() - self.kept[self.count // 2]).sum(dtype=np.float64)) * self.count
        if self.count == 3 and isinstance(self.layer, Reader):
            self.layer.number = 1.5 - self.layer.number

    def result(self):
        return self.total


def squared(y_true, y_pred):
    return nn.mean((y_true - y_pred) ** 2, axis=-1) * GLOBAL


class OwnStep(nn.Sequential):
    factor = 1.0

    def compute_loss(self, x, y, y_pred, sample_weight=None):
        return super().compute_loss(x, y, y_pred, sample_weight) * self.factor


class CountingRate(nn.optimizers.schedules.LearningRateSchedule):
    """Falls with every call, whatever the step is."""

    def __init__(self):
        self.calls = 0

    def __call__(self, step):
        self.calls += 1
        return 0.05 / self.calls


def raising(step):
    if step == 15:
        raise ArithmeticError("there is no rate")
    return 0.02


OPTIMIZERS = {
    "sgd": lambda: nn.optimizers.SGD(0.05),
    "momentum": lambda: nn.optimizers.SGD(0.05, momentum=0.5, nesterov=True),
    "adam": lambda: nn.optimizers.Adam(nn.optimizers.schedules.ExponentialDecay(0.05, 4, 0.5)),
    "nadam": lambda: nn.optimizers.Nadam(0.02, clipnorm=1.0),
    "rmsprop": lambda: nn.optimizers.RMSprop(lambda step: 0.02 / (1 + step)),
    "counting": lambda: nn.optimizers.SGD(CountingRate()),
    "raising": lambda: nn.optimizers.SGD(raising, momentum=0.5),
}
METRICS = {"none": list, "built-in": list, "own": lambda: [Keeping()]}
LOSSES = {"mse": "mse", "huber": "huber", "own": squared, "classes": "sparse_categorical_crossentropy"}

BIASES = [(UNITS,), (1,), (), (1, UNITS)]
OURS = [("dense", "relu"), ("dense", "tanh"), ("dense", None), ("dropout", 0.3)]
OWN = [
    *[("reader", None)] * 4, *[("heads", (UNITS,))] * 4, ("heads", (1,)), ("counting", None),
    *[("bias", shape) for shape in BIASES],
]  # fmt: skip


def some_parts(random):
    """What a model is made of, all of it numbanet's or not."""
    ours, kinds = random.random() < 0.4, [nn.Sequential, nn.Sequential, OwnStep]
    losses = [name for name in sorted(LOSSES) if not ours or name != "own"]
    return {
        "kind": nn.Sequential if ours else random.choice(kinds),
        "layers": random.choices(OURS if ours else OWN, k=random.randint(1, 2)),
        "optimizer": random.choice(sorted(OPTIMIZERS)),
        "loss": random.choice(losses),
        "metrics": random.choice(["none", "built-in", "own"]),
    }


MAKERS = {
    "dense": lambda activation: nn.layers.Dense(UNITS, activation),
    "reader": lambda _: Reader(),
    "bias": OddBias,
    "heads": Heads,
    "dropout": nn.layers.Dropout,
    "counting": lambda _: Counting(),
}


def made(kind, layers, optimizer, loss, metrics):
    last = nn.layers.Dense(2, "softmax" if loss == "classes" else None)
    model = kind([nn.layers.Input((3,)), *[MAKERS[name](arg) for name, arg in layers], last], rng=0)
    built_in = [] if metrics == "none" else ["accuracy" if loss == "classes" else "mae"]
    model.compile(OPTIMIZERS[optimizer](), LOSSES[loss], [*built_in, *METRICS[metrics]()])
    for metric in model.metrics:
        if isinstance(metric, Keeping):
            metric.layer = model.layers[1]
    return model


# What may change: (name of a change, which layer, a number). The same is done to both models.


def set_setting(model, layer, number):
    optimizer, value = model.optimizer, abs(number) / 4
    for name in ("momentum", "rho", "beta_1", "weight_decay"):
        if hasattr(optimizer, name):
            setattr(optimizer, name, value)
            return


def set_clipping(model, layer, number):
    model.optimizer.clipnorm = abs(number) or None


def freeze(model, layer, number):
    weights = layer.weights
    if weights:
        weights[0].trainable = number > 0


def freeze_layer(model, layer, number):
    layer.trainable = number > 0


def replace_layer(model, layer, number):
    index = next(i for i, one in enumerate(model.layers) if one is layer)
    if 0 < index < len(model.layers) - 1 and layer.input_shape[-1] == UNITS:
        model.layers[index] = nn.layers.Dense(UNITS, "tanh" if number > 0 else "relu", kernel_initializer="ones")


def replace_optimizer(model, layer, number):
    model.optimizer = nn.optimizers.Adam(0.02) if number > 0 else nn.optimizers.SGD(0.02)


def change_loss(model, layer, number):
    if not isinstance(model.loss, nn.losses.SparseCategoricalCrossentropy):
        model.loss = nn.losses.get("mae" if number > 0 else "huber")


def change_activation(model, layer, number):
    if isinstance(layer, nn.layers.Dense):
        layer.activation = nn.tanh if number > 0 else nn.relu


def change_factor(model, layer, number):
    model.factor = number + 2


def assign(model, layer, number):
    for weight in layer.weights[:1]:
        weight.assign(weight.numpy() * np.float32(0.5))


def collect(model, layer, number):
    gc.collect()


CHANGES = {
    function.__name__: function
    for function in (
        set_setting, set_clipping, freeze, freeze_layer, replace_layer, replace_optimizer,
        change_loss, change_activation, change_factor, assign, collect,
    )
}  # fmt: skip


def some_change(random, model):
    """(name, which layer, a number)."""
    reads = any(isinstance(layer, Reader) for layer in model.layers)
    hidden = {"environment": None}  # which no snapshot sees
    names = sorted(random.choice([CHANGES, PLACES, hidden] if reads else [CHANGES]))
    return random.choice(names), random.randrange(4), random.choice(NUMBERS)


def some_events(random, model):
    """(epoch, what happens before it): changes most of all."""
    events = []
    for _ in range(random.randint(1, 4)):
        what = some_change(random, model)
        if random.random() < 0.15:
            what = random.choice(
                [
                    "stop",
                    "interrupt",
                    *[("write", part, random.randrange(26), random.choice([0.0, 1.0, 1e12])) for part in DATA],
                ]
            )
        events.append((random.randint(1, 5), what))
    return events


DATA = ("x", "y", "sample_weight")


def apply(model, change):
    name, index, number = change
    if name == "change_factor" and not isinstance(model, OwnStep):
        return
    if name in PLACES:
        for reader in model.layers:
            if isinstance(reader, Reader):
                PLACES[name][1](reader, number)
        return
    CHANGES[name](model, model.layers[1 + index % (len(model.layers) - 1)], number)


class Events(nn.callbacks.Callback):
    """Makes changes before epochs, writes to the data, stops training, or interrupts it."""

    def __init__(self, events, data):
        self.events, self.data = events, data

    def on_epoch_begin(self, epoch, logs=None):
        for at, change in self.events:
            if at != epoch:
                continue
            if change == "stop":
                self.model.stop_training = True
            elif change == "interrupt":
                raise KeyboardInterrupt
            elif change[0] == "write":
                array = self.data[change[1]]
                if array is not None:
                    array[change[2] :] = change[3] if array.dtype.kind == "f" else int(change[3])
            else:
                apply(self.model, change)


def tell(what):
    """Say what is done, where a failure is shown."""
    if currently_in_test_context():
        note(what)


class Twins(RuleBasedStateMachine):
    """Two models, one of which may be replayed."""

    @initialize(random=RANDOM)
    def make(self, random):
        parts = some_parts(random)
        tell(parts)
        World.put((1.0, 1.0, 1.0, 1.0, "1"))
        self.replayed, self.plain = (made(**parts) for _ in range(2))
        self.targets = LABELS if parts["loss"] == "classes" else Y

    def both(self, call):
        """The call of both models: results, or errors, of the same bytes; and the world as it is after one of them."""
        before = World.now()
        mine = outcome(call, self.replayed)
        after = World.now()
        World.put(before)
        with plain_run():
            other = outcome(call, self.plain)
        assert mine == other
        assert repr(World.now()) == repr(after)

    @rule(random=RANDOM)
    def fit(self, random):
        events, batch, seed = some_events(random, self.plain), random.choice([5, 5, 8, 26]), random.randrange(4)
        shuffle, weighted, validated = (random.random() < 0.5 for _ in range(3))
        tell((events, batch, shuffle, weighted, validated, seed))
        validation = (X[:7], self.targets[:7]) if validated else None

        def call(model):
            data = {"x": X.copy(), "y": self.targets.copy(), "sample_weight": WEIGHTS.copy() if weighted else None}
            options = {"batch_size": batch, "shuffle": shuffle, "validation_data": validation}
            generator = np.random.default_rng(seed)
            try:
                history = model.fit(
                    **data, **options, epochs=6, verbose=0, rng=generator, callbacks=[Events(events, data)]
                )
            finally:
                drawn.append(generator.random())
            return history.history

        drawn: list = []
        self.both(call)
        assert drawn[0] == drawn[1]

    @rule(random=RANDOM)
    def fit_again(self, random):
        self.fit(random)

    @rule(batch=st.sampled_from([4, 9]))
    def predict(self, batch):
        self.both(lambda model: model.predict(X, batch_size=batch, verbose=0))

    @rule(batch=st.sampled_from([4, 9]), weighted=st.booleans())
    def evaluate(self, batch, weighted):
        weights = WEIGHTS if weighted else None
        self.both(lambda model: model.evaluate(X, self.targets, batch_size=batch, sample_weight=weights, verbose=0))

    @rule(random=RANDOM)
    def change(self, random):
        change = some_change(random, self.plain)
        tell(change)
        self.both(lambda model: apply(model, change))

    @precondition(lambda self: hasattr(self, "plain"))
    @invariant()
    def weights_have_the_same_bytes(self):
        assert state_of(self.replayed) == state_of(self.plain)


def outcome(call, model):
    """What a call gives: the bytes of its numbers, or its error."""
    try:
        result = call(model)
    except (nn.errors.NumbanetError, ArithmeticError, KeyboardInterrupt) as error:
        return type(error), str(error)
    return (result.shape, result.tobytes()) if isinstance(result, np.ndarray) else repr(result)


def state_of(model):
    optimizer = model.optimizer
    counts = [part.calls for part in (*model.layers, optimizer.schedule) if hasattr(part, "calls")]
    return (
        [weight.tobytes() for weight in model.get_weights()], counts, optimizer.iterations,
        [(name, array.tobytes()) for name, array in optimizer.state()],
    )  # fmt: skip


Twins.TestCase.settings = settings(stateful_step_count=5, max_examples=max(1, settings.default.max_examples * 2 // 3))
TestTwins = Twins.TestCase


@pytest.mark.parametrize("seed", range(30))
def test_programs(seed):
    """The same without Hypothesis, whose choices repeat themselves: six calls each, all alike probable."""
    random, twins = Random(seed), Twins()
    twins.make(random)
    for _ in range(6):
        name = random.choice(["fit", "fit", "change", "predict", "evaluate"])
        options = {"predict": [4], "evaluate": [4, True]}.get(name, [random])
        getattr(twins, name)(*options)
        twins.weights_have_the_same_bytes()
