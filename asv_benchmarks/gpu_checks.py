"""Results of a GPU against NumPy: every tile of products, long and many rows, all kinds of copies, training.

Products are of small integers, whose sums float32 holds exactly: whatever the order of a sum, one wrong element shows.
Everything else is compared with float64.
"""

import functools
import itertools
from typing import Any, NamedTuple

import numpy as np

import numbanet as nn
from numbanet.backends.cuda.catalogue import Catalogue
from numbanet.backends.cuda.code import compile_ahead
from numbanet.backends.cuda.devices import instead_of_the_gpu
from numbanet.core.settings import config
from numbanet.core.table import TABLE

TOLERANCE = {np.dtype(np.float32): 2e-6, np.dtype(np.float64): 4e-15}
"""Of results, relative to 1 + their size: a few roundings."""


class Check(NamedTuple):
    """A result and what it has to be: `run` computes it on the device, `expected` on the host, both from `given`."""

    group: str
    what: str
    given: tuple
    run: Any
    expected: Any
    exact: bool = False


def on_device(check):
    """What the device computes, a list of arrays."""
    result = check.run(*[nn.asarray(x, device="cuda") if isinstance(x, np.ndarray) else x for x in check.given])
    return [one.numpy() for one in (result if isinstance(result, (list, tuple)) else [result])]


def error_of(check):
    """(error, most): the largest error of a result relative to 1 + its size, and how large it may be."""
    found, expected = on_device(check), check.expected(*check.given)
    expected = expected if isinstance(expected, (list, tuple)) else [expected]
    worst, most = 0.0, 0.0 if check.exact else TOLERANCE.get(found[0].dtype, 0.0)
    for one, right in zip(found, expected, strict=True):
        right = np.asarray(right)
        if one.shape != right.shape:
            return np.inf, most
        if check.exact or one.dtype.kind != "f":
            error = 0.0 if np.array_equal(one, right.astype(one.dtype), equal_nan=one.dtype.kind == "f") else np.inf
        else:
            same = (one == right) | (np.isnan(one) & np.isnan(right))
            with np.errstate(invalid="ignore"):
                errors = np.where(same, 0, np.abs(one - right) / (1 + np.abs(right)))
            error = float(np.max(np.nan_to_num(errors, nan=np.inf), initial=0.0))
        worst = max(worst, error)
    return worst, most


def compile_all(checks, device):
    """Compile the kernels of checks in all processes that there is room for, and return how many there are."""
    catalogue = Catalogue()
    with instead_of_the_gpu(catalogue), nn.device("cuda"):
        for check in checks:
            try:
                on_device(check)
            except Exception:  # it will fail again, and be told, when it is its turn
                continue
    return len(catalogue.threads), sum(compile_ahead(catalogue.threads, device.capability, config.num_threads))


def run(table, checks):
    """Run checks, and add a row for each that fails, and one for each group of which all are right."""
    groups = {}
    for check in checks:
        groups.setdefault(check.group, []).append(check)
    for group, members in groups.items():
        errors = [_told(table, check) for check in members]
        if None not in errors:
            worst, most = (max(numbers) for numbers in zip(*errors, strict=True))
            table.check(f"{group}, {len(members)} checks", f"error {worst:.1e}", True, f"<= {most:.0e}")


def _told(table, check):
    """(error, most) of a check that is right; None of one that is not, which has a row of its own."""
    try:
        error, most = error_of(check)
    except Exception as problem:
        told = f"{type(problem).__name__}: {' '.join(str(problem).split())[:200]}"
        table.check(f"{check.group}: {check.what}", told, False)
        return None
    if error <= most:
        return error, most
    table.check(f"{check.group}: {check.what}", f"error {error:.1e}", False, f"<= {most:.0e}")
    return None


def numbers(*shape, dtype=np.float32, seed=0):
    """Normal numbers."""
    return np.random.default_rng((seed, *shape)).normal(size=shape).astype(dtype)


def whole(*shape, dtype=np.float32):
    """Integers from -4 to 4 as a floating dtype."""
    return np.random.default_rng(shape).integers(-4, 5, shape).astype(dtype)


def _in_float64(function):
    """A function of float64 arrays."""
    return lambda *given: function(*[np.asarray(x, np.float64) if isinstance(x, np.ndarray) else x for x in given])


def elementwise(scale):
    """Maps: flat, broadcast in every way, of views, of several dtypes."""
    n = max(2, 1000 // scale)
    for dtype in (np.float32, np.float64):
        x, y = numbers(n + 1, n + 3, dtype=dtype), numbers(n + 1, n + 3, dtype=dtype, seed=1)
        cube = numbers(5, n // 8 + 2, 33, dtype=dtype)
        pairs = {
            "flat": (x, y), "row": (x, y[0]), "column": (x, y[:, :1]), "number": (x, y[0, 0].reshape(1, 1)),
            "transposed": (x, y.T.copy().T), "reversed": (x[::-1, ::-2], y[:, ::2]),
            "outer": (x[:, :1], y[0]), "three dimensions": (cube, cube[:, :1]), "middle": (cube, cube[:1, :, :1]),
        }  # fmt: skip
        for (kind, given), name in itertools.product(pairs.items(), ("add", "multiply", "maximum")):
            yield Check("elementwise", f"{name} {kind} {dtype.__name__}", given, getattr(nn, name), getattr(np, name))
        for name in ("exp", "tanh", "sin", "log1p", "sqrt"):
            given = (np.abs(x[: n // 2]),)
            yield Check(
                "functions", f"{name} {dtype.__name__}", given, getattr(nn, name), _in_float64(getattr(np, name))
            )
    i = np.arange(-(n * n) // 2, n * n // 2).reshape(-1, 4)
    yield Check("elementwise", "floor_divide int64", (i, i[::-1] | 1), nn.floor_divide, np.floor_divide)
    yield Check("elementwise", "where", (i > 0, i * 1.0, i[:, :1] * 2.0), nn.where, np.where)


def reductions(scale):
    """Sums and the like of few and many, short and long rows and columns."""
    shapes = [(1, 1 << 22), (64, 1000), (4096, 1000), (3, 50_001), (100_003, 5), (1, 1), (1000, 1), (7, 255, 33)]
    for shape in [tuple(max(1, size // (scale if size > 50 else 1)) for size in shape) for shape in shapes]:
        x, z = numbers(*shape), whole(*shape)
        for axis in range(len(shape)):
            axes = functools.partial(dict, axis=axis)
            for name in ("sum", "max", "mean", "logsumexp"):
                expected = _logsumexp if name == "logsumexp" else getattr(np, name)
                run, right = functools.partial(getattr(nn, name), **axes()), functools.partial(expected, **axes())
                yield Check("reductions", f"{name} {shape} axis {axis}", (x,), run, _in_float64(right))
            for name, expected in (("argmax", np.argmax), ("sum", np.sum), ("all", np.all)):
                run, right = functools.partial(getattr(nn, name), **axes()), functools.partial(expected, **axes())
                yield Check("reductions, exact", f"{name} {shape} axis {axis}", (z,), run, _in_float64(right), True)


def _logsumexp(x, axis):
    most = x.max(axis, keepdims=True)
    return np.squeeze(most, axis) + np.log(np.exp(x - most).sum(axis))


def _softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def rows(scale):
    """Softmax and its cross-entropy, for rows in a thread, in a warp, in a block, and longer ones."""
    sizes = (1, 3, 10, 33, 100, 129, 1000, 1025, 8192, 8193, 50_000, 200_001)
    for classes in sizes if scale == 1 else sizes[:4]:
        x = numbers(5 if classes > 9000 or scale > 1 else 131, classes) * 3
        labels = np.random.default_rng(classes).integers(0, classes, len(x))
        loss = nn.losses.SparseCategoricalCrossentropy(from_logits=True)

        def entropy(x, labels):
            return np.mean(_logsumexp(x, 1) - x[np.arange(len(x)), labels.astype(int)])

        yield Check("softmax", f"softmax {x.shape}", (x,), nn.softmax, _in_float64(_softmax))
        yield Check("softmax", f"log_softmax {x.shape}", (x,), nn.log_softmax,
                    _in_float64(lambda x: x - _logsumexp(x, 1)[:, None]))  # fmt: skip
        yield Check("cross-entropy", f"{x.shape}", (labels, x), loss, lambda y, x: entropy(np.float64(x), y))
        yield Check("cross-entropy", f"gradient {x.shape}", (labels, x),
                    lambda y, x, loss=loss: nn.value_and_grad(lambda x: loss(y, x))(x)[1],
                    lambda y, x: (_softmax(np.float64(x)) - np.eye(x.shape[1])[y]) / len(x)
                    if x.shape[1] < 9000 else _entropy_gradient(np.float64(x), y))  # fmt: skip


def _entropy_gradient(x, labels):
    found = _softmax(x)
    found[np.arange(len(x)), labels] -= 1
    return found / len(x)


def products(device, scale):
    """Every tile, over its edges, in parts, with both orders of both operands, and with bias and relu.

    Only the tile in question is there to be chosen. These results fill no GPU, so that their sums are cut into parts.
    """
    for dtype in (np.dtype(np.float32), np.dtype(np.float64)):
        for tile in getattr(device.backend.sizes.dot, dtype.name):
            name = f"products by {tile.rows}x{tile.columns}x{tile.depth} {dtype.name}"
            m, n, k = tile.rows * 2 + 3, tile.columns * 3 + 1, max(5, (tile.depth * 33 + 3) // scale)
            for a_order, b_order in itertools.product("CF", repeat=2):
                a, b = (
                    np.asarray(whole(*size, dtype=dtype), order=o) for size, o in (((m, k), a_order), ((k, n), b_order))
                )
                yield Check(
                    name, f"{m}x{k}x{n} {a_order}{b_order}", (a, b), _with_tile(device, tile, nn.dot), np.dot, True
                )
            bias, relu = whole(n, dtype=dtype), TABLE["dense"].function
            for with_relu in (False, True):
                run = functools.partial(relu, with_relu=with_relu)
                right = functools.partial(_dense, with_relu=with_relu)
                given = whole(m, k, dtype=dtype), whole(k, n, dtype=dtype), bias
                yield Check(name, f"dense {with_relu}", given, _with_tile(device, tile, run), right, True)
    for m, k, n in ((1, 4096, 4096), (4096, 512, 1), (3, 1, 5), (257, 129, 65), (700, 300, 900)):
        m, k, n = (max(1, size // scale) for size in (m, k, n))
        for dtype in (np.float32, np.float64):
            given = whole(m, k, dtype=dtype), whole(k, n, dtype=dtype)
            yield Check("products of vectors and others", f"{m}x{k}x{n}", given, nn.dot, np.dot, True)
            stack = whole(3, 7, k, dtype=dtype), whole(3, k, 9, dtype=dtype)
            yield Check("products of vectors and others", f"3x7x{k}x9", stack, nn.matmul, np.matmul, True)


def _dense(x, w, bias, with_relu):
    found = x @ w + bias
    return np.maximum(found, 0) if with_relu else found


def _with_tile(device, tile, function):
    """A function whose products are computed with one tile."""

    def run(*given):
        build = given[0]._array.device.backend
        before = build.sizes
        build.sizes = before._replace(dot=before.dot._replace(float32=(tile,), float64=(tile,)))
        try:
            return function(*given)
        finally:
            build.sizes = before

    return run


def copies(scale):
    """Transposed copies, rows by index and their gradient, sorting, indices of arrays."""
    n = max(3, 1000 // scale)
    for dtype in (np.float32, np.float64, np.uint8):
        x = (numbers(n + 1, n // 2 + 3) * 50).astype(np.int64).astype(dtype)
        cube = (numbers(5, n // 4 + 9, 35) * 50).astype(np.int64).astype(dtype)
        yield Check("transposed copies", f"{x.shape} {x.dtype}", (x,), lambda x: nn.reshape(x.T, -1),
                    lambda x: x.T.reshape(-1), True)  # fmt: skip
        for order in itertools.permutations(range(3)):
            yield Check("transposed copies", f"{order} {x.dtype}", (cube,),
                        lambda x, order=order: nn.reshape(nn.transpose(x, order), -1),
                        lambda x, order=order: x.transpose(order).reshape(-1), True)  # fmt: skip
    for size, count, width in ((10, 7, 3), (n, 3 * n, 65), (7, 9 * n, 5), (50 * n, 20 * n, 9), (3, 5, 70 * n)):
        x, index = whole(size, width), np.random.default_rng(count).integers(0, size, count)

        def gradient(x, index):
            return nn.value_and_grad(lambda x: nn.sum(nn.take(x, index, axis=0)))(x)[1]

        yield Check("rows by index", f"{count} of {x.shape}", (x, index), functools.partial(nn.take, axis=0),
                    functools.partial(np.take, axis=0), True)  # fmt: skip
        yield Check("rows by index", f"gradient, {count} of {x.shape}", (x, index), gradient,
                    lambda x, i: np.repeat(np.bincount(i, minlength=len(x))[:, None], x.shape[1], 1), True)  # fmt: skip
    for shape in ((1, 17), (3, n), (40, 11), (1, 40 * n)):
        x = whole(*shape)
        yield Check("sorting", f"{shape}", (x,), nn.argsort, lambda x: np.argsort(x, kind="stable"), True)


def all_of_them(device, scale):
    """All checks; sizes are divided by a number to rehearse."""
    for part in (elementwise, reductions, rows, copies):
        yield from part(scale)
    yield from products(device, scale)


def training(table, scale):
    """Two epochs of `fit` on the GPU, with graphs and dropout, give the losses of the CPU."""
    rng = np.random.default_rng(0)
    n = 3000 // scale
    x, y = rng.normal(size=(n, 70)).astype(np.float32), rng.integers(0, 10, n)
    found = {}
    for device in ("cpu", "cuda"):
        with nn.device(device):
            layers = [nn.layers.Dense(129, activation="relu"), nn.layers.Dropout(0.2), nn.layers.Dense(10, "softmax")]
            model = nn.Sequential(layers)
            model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
            found[device] = model.fit(x, y, batch_size=64, epochs=2, rng=0, verbose=0).history["loss"]
    error = max(abs(mine / its - 1) for mine, its in zip(found["cuda"], found["cpu"], strict=True))
    table.check("training, losses of two epochs", f"error {error:.1e}", error <= 1e-4, "<= 1e-04")


def far(table, size=(1 << 31) + 1000):
    """Elements that lie so far apart that their positions do not fit 31 bits."""
    x = nn.zeros(size, "uint8", device="cuda")
    y = (x + nn.asarray(3, "uint8", device="cuda")) * nn.asarray(2, "uint8", device="cuda")
    right = all((y[at : at + 500].numpy() == 6).all() for at in (0, size // 2, size - 500))
    table.check(f"positions up to {size}", "6 everywhere" if right else "not 6", right)
