"""Compiling ahead: every op of the table, and training with every optimizer and loss, run on a few numbers.

What is compiled on the way stays in the cache, so that nobody waits for it later. Kernels depend on dtypes and on how
arrays lie in memory, not on sizes: a few rows are enough.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

import numbanet as nn
from numbanet.autodiff.gradients import value_and_grad
from numbanet.backends.cuda.devices import instead_of_the_gpu
from numbanet.core.table import TABLE
from numbanet.errors import ShapeError
from numbanet.ops.sparse import picked
from numbanet.tensor.csr import CsrMatrix

DTYPES = ("float32", "float64")
SAMPLES, BATCH, FEATURES = 40, 16, 36  # the last batch has 8 samples
ROWS, COLUMNS = (1, 3, 16), (1, 10, 64)
"""Sizes of products: dot has tiles for one row, for few and for many, and for columns that fill them or do not."""

LARGE = (
    ("sum", (1, 1 << 24), 1), ("sum", (64, 1000), 1), ("sum", (4096, 1000), 0), ("sum", (4096, 10), 0),
    ("max", (64, 1000), 1), ("argmax", (4096, 10), 1), ("argmax", (64, 1000), 1), ("mean", (4096, 1000), 0),
    ("logsumexp", (64, 1000), 1), ("softmax", (64, 100), 1), ("softmax", (64, 1000), 1), ("softmax", (64, 8192), 1),
    ("softmax", (64, 50_000), 1), ("log_softmax", (64, 1000), 1), ("log_softmax", (64, 50_000), 1),
)  # fmt: skip
"""Ops, shapes and axes: on a GPU, how threads share the work depends on sizes."""
LARGE_PRODUCTS = (
    (1, 4096, 4096), (32, 784, 512), (128, 784, 512), (128, 512, 10), (512, 10, 128), (784, 128, 512),
    (4096, 4096, 4096), (256, 65_536, 256), (4096, 512, 1), (512, 4096, 400), (1000, 512, 784), (784, 100, 4096),
    (2, 4096, 784), (4096, 1000, 48),
)  # fmt: skip
"""(rows, sum, columns) of products: those of layers, their gradients, and larger ones; together they use every tile."""
CONVOLUTIONS = ((1, 32, 1), (3, 16, 1), (32, 64, 1), (64, 40, 1), (24, 10, 2), (32, 32, 32), (40, 40, 40))
"""Channels, filters and groups: convolutions have tiles for few filters, for many, and for channels by themselves."""
LARGE_CROSS_ENTROPIES = ((128, 10), (128, 100), (64, 1000), (64, 8192), (64, 50_000))
"""(rows, classes)."""


def steps(dtype):
    """What there is to run, for arrays of one floating dtype.

    Parameters
    ----------
    dtype : {"float32", "float64"}

    Returns
    -------
    list of (str, callable)
        What it is, and what runs it.
    """
    nn.ops  # noqa: B018  (fills the table)
    found: list[tuple[str, Callable]] = [(op.name, _Calls(op, np.dtype(dtype))) for op in TABLE.values() if op.cases]
    found.append(("products", lambda: _products(dtype)))
    found.append(("convolutions", lambda: _convolutions(dtype)))
    found.append(("attention", lambda: _attend(dtype)))
    found.append(("sparse products", lambda: _sparse_products(dtype)))
    found.append(("normalization", lambda: _normalize(dtype)))
    found.append(("recurrence", lambda: _recur(dtype)))
    found.append(("teams", lambda: _shared(dtype)))
    for make in (*nn.optimizers.OPTIMIZERS.values(), *_with_options()):
        found.append(("optimizers", lambda make=make: _train(dtype, make(), "sparse_categorical_crossentropy")))
    for loss in nn.losses.LOSSES:
        train = _align if loss == "ctc" else _train
        found.append((loss, lambda name=loss, train=train: train(dtype, "sgd", name)))
    return found


def cuda_kernels(dtypes=DTYPES):
    """The kernels that a GPU needs for these steps, and for some sizes beyond: noted, and neither compiled nor run.

    Parameters
    ----------
    dtypes : sequence of str

    Returns
    -------
    dict from numbanet.backends.cuda.catalogue.Noted to int
        The largest block, in threads, that each kernel was launched with.
    """
    from numbanet.backends.cuda.catalogue import Catalogue

    catalogue = Catalogue()
    with instead_of_the_gpu(catalogue), nn.device("cuda"):
        for dtype in dtypes:
            for _, run in steps(dtype):
                run()
            _large(dtype)
        _exact()
    return catalogue.threads


def _large(dtype):
    """Ops of sizes that a catalogue takes in its stride: nothing is computed, and zeros need no memory."""
    for name, shape, axis in LARGE:
        getattr(nn, name)(nn.zeros(shape, dtype), axis=axis)
    for dtype_of_copy in (dtype, "int64", "uint8", "bool"):
        nn.reshape(nn.zeros((300, 500), dtype_of_copy).T, -1)
    for m, k, n in LARGE_PRODUCTS:
        a, b, bias = (nn.zeros(shape, dtype) for shape in ((m, k), (k, n), (n,)))
        value_and_grad(lambda *given: nn.sum(nn.dot(*given)), (0, 1))(a, b)
        for with_relu in (False, True):
            TABLE["dense"].function(a, b, bias, with_relu=with_relu)
    for rows, classes in LARGE_CROSS_ENTROPIES:
        labels, logits = nn.zeros(rows, "int64"), nn.zeros((rows, classes), dtype)
        loss = nn.losses.SparseCategoricalCrossentropy(from_logits=True)
        value_and_grad(lambda logits, labels=labels, loss=loss: loss(labels, logits), 0)(logits)


def _attend(dtype):
    """Attention and its gradient, in heads that fill vectors or do not, with and without a mask."""
    for size, mask in ((5, None), (64, nn.ones((3, 3), "bool"))):
        several = [nn.zeros((1, 3, 2, size), dtype)] * 3
        value_and_grad(lambda q, k, v, mask=mask: nn.sum(nn.dot_product_attention(q, k, v, None, mask)), (0, 1, 2))(
            *several
        )


def _summed_conv(padding, x, kernel):
    return nn.sum(nn.conv(x, kernel, padding=padding))


def _convolutions(dtype):
    """Convolutions and their gradients, with and without padding."""
    for channels, filters, groups in CONVOLUTIONS:
        x, kernel = nn.zeros((4, 12, 12, channels), dtype), nn.zeros((3, 3, channels // groups, filters), dtype)
        for padding in ("same", "valid"):
            value_and_grad(partial(_summed_conv, padding), (0, 1))(x, kernel)


def _exact():
    """Ops on integers and booleans, where all inputs may be such."""
    for op in TABLE.values():
        for dtype in (np.dtype("int64"), np.dtype("bool")):
            cases = tuple(case for case in op.cases if all(dtype.kind in domain.kinds for domain in case.inputs))
            _Calls(replace(op, cases=cases), dtype)()
    nn.pow(nn.ones(3, "int64"), nn.ones(3, "int64"))


def _with_options():
    """Optimizers with the options that have kernels of their own."""
    yield partial(nn.optimizers.SGD, momentum=0.9)
    yield partial(nn.optimizers.Adam, amsgrad=True)
    for clipping in ("clipvalue", "clipnorm", "global_clipnorm"):
        options: Any = {clipping: 1.0}
        yield partial(nn.optimizers.SGD, **options)
    for momentum, centered in ((0.9, False), (0.0, True), (0.9, True)):
        yield partial(nn.optimizers.RMSprop, momentum=momentum, centered=centered)


class _Calls:
    """All cases of an op, on contiguous and on transposed arrays, with gradients."""

    def __init__(self, op, dtype):
        self.op, self.dtype = op, dtype

    def __call__(self):
        for case in self.op.cases:
            shapes = case.shapes or ((3, 4),) * len(case.inputs)
            arrays = [_values(shape, domain, self.dtype) for shape, domain in zip(shapes, case.inputs, strict=True)]
            self._run(arrays, case.params)
            self._run([x.T.copy().T for x in arrays], case.params)
            if case.shapes is None and len(arrays) > 1:
                self._run([arrays[0], *[x[0] for x in arrays[1:]]], case.params)

    def _run(self, arrays, params):
        params = dict(params)
        first = [params.pop("subscripts")] if "subscripts" in params else []
        floats = [i for i, x in enumerate(arrays) if x.dtype.kind == "f"]

        def total(*given):
            operands = list(arrays)
            for i, x in zip(floats, given, strict=True):
                operands[i] = x
            return nn.sum(self.op.function(*first, *operands, **params))

        if self.op.differentiable and floats:
            value_and_grad(total, tuple(range(len(floats))))(*[arrays[i] for i in floats])
        else:
            self.op.function(*first, *arrays, **params)


def _values(shape, domain, dtype):
    """Numbers of a domain, from its low to its high end."""
    count = int(np.prod(shape))
    numbers = np.linspace(domain.low, domain.high, count).reshape(shape)
    if dtype.kind in domain.kinds:
        return numbers.astype(dtype)
    return numbers > 0 if "b" in domain.kinds else np.arange(count).reshape(shape)


def _products(dtype):
    rng = np.random.default_rng(0)
    for m in ROWS:
        for n in COLUMNS:
            a, b = rng.normal(size=(m, FEATURES)).astype(dtype), rng.normal(size=(FEATURES, n)).astype(dtype)
            for left in (a, a.T.copy().T):
                for right in (b, b.T.copy().T):
                    nn.dot(left, right)
                    TABLE["dense"].function(left, right, right[0], with_relu=False)
    for n in (10, 64):  # large enough to leave out the zeros of the left side
        a, b = np.zeros((128, 512), dtype), np.zeros((512, n), dtype)
        for left in (a, a.T.copy().T):
            nn.dot(left, b)
            TABLE["dense"].function(left, b, b[0], with_relu=True)


def _shared(dtype):
    """What several threads share: a product that is split, and a step that a team walks, which is tried both ways."""
    x = np.zeros((512, 512), dtype)
    nn.dot(x, x)
    model = nn.Sequential([nn.layers.Dense(256, dtype=dtype), nn.layers.Dense(2, dtype=dtype)])
    model.compile(optimizer="sgd", loss="mse")
    for _ in range(4):
        model.fit(x, x[:, :2], 128, 1, verbose=0, rng=0)


def _normalize(dtype):
    """One epoch, evaluation and prediction of a network with both kinds of normalization."""
    x = np.linspace(0, 1, SAMPLES * FEATURES).reshape(SAMPLES, FEATURES).astype(dtype)
    layers = [nn.layers.BatchNormalization(dtype=dtype), nn.layers.LayerNormalization(dtype=dtype)]
    model = nn.Sequential([nn.layers.Dense(16, dtype=dtype), *layers])
    model.compile(optimizer="sgd", loss="mse")
    model.fit(x, x[:, :16], BATCH, 1, verbose=0, rng=0)
    model.evaluate(x, x[:, :16], verbose=0)
    model.predict(x[:1], verbose=0)


def _recur(dtype):
    """Each recurrent layer with its gradients, for few samples and for many."""
    for kind in (nn.layers.SimpleRNN, nn.layers.LSTM, nn.layers.GRU):
        for samples in (2, SAMPLES):
            layer, x = kind(16, dtype=dtype), nn.ones((samples, 5, FEATURES), dtype)
            layer(x)
            value_and_grad(lambda x, layer=layer: nn.sum(layer(x)))(x)


def _sparse_products(dtype):
    """Products with sparse rows, and their gradients; SciPy is not needed."""
    entries = np.arange(SAMPLES)
    matrix = CsrMatrix(
        "warmup", (SAMPLES, FEATURES), np.ones(SAMPLES, dtype), entries % FEATURES, np.arange(SAMPLES + 1)
    )
    rows = picked(matrix, nn.asarray(entries))
    value_and_grad(lambda kernel: nn.sum(nn.dot(rows, kernel)))(nn.ones((FEATURES, 16), dtype))


def _takes(loss, hot):
    """Whether a loss takes one-hot rows, and not labels."""
    try:
        nn.losses.get(loss).check_targets("warmup", hot, hot.shape)
    except ShapeError:
        return False
    return True


def _train(dtype, optimizer, loss):
    """One epoch, evaluation and prediction of a small network with layers and metrics that suit the loss."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, (SAMPLES, FEATURES)).astype(dtype)
    classes = 10 if "categorical" in loss or loss == "kl_divergence" else 1
    labels, hot = np.arange(SAMPLES) % max(classes, 2), np.eye(classes, dtype=dtype)
    last = "softmax" if classes > 1 else "sigmoid" if loss == "binary_crossentropy" else None
    if classes > 1 and not _takes(loss, hot):
        targets, data = [labels.astype(kind) for kind in (np.uint8, np.int64)], [x, (x * 255).astype(np.uint8)]
    else:
        targets, data = [hot[labels] if classes > 1 else labels[:, None].astype(dtype)], [x]
    for y in targets:
        for samples in data:
            hidden = nn.layers.Dense(64, activation="relu", dtype=dtype)
            model = nn.Sequential([hidden, nn.layers.Dense(classes, activation=last, dtype=dtype)])
            model.compile(optimizer=copy(optimizer), loss=loss, metrics=["accuracy"] if last else ["mae"])
            model.fit(samples, y, BATCH, 1, verbose=0, rng=rng)
            model.evaluate(samples, y, verbose=0)
            model.predict(samples[:1], verbose=0)


def _align(dtype, optimizer, loss):
    """One epoch, evaluation and prediction with a loss of sequences of labels: each sample has 6 steps and 2 labels."""
    x = np.random.default_rng(0).uniform(0, 1, (SAMPLES, 6, 8)).astype(dtype)
    y = np.tile(np.array([1, 2]), (SAMPLES, 1))
    model = nn.Sequential([nn.layers.Dense(4, dtype=dtype)])
    model.compile(optimizer=optimizer, loss=loss)
    model.fit(x, y, BATCH, 1, verbose=0, rng=0)
    model.evaluate(x, y, verbose=0)
