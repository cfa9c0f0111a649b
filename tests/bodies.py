"""Operands for naive bodies, drawn, and how close what runs in their place has to come."""

from importlib import import_module

import numpy as np
from hypothesis import strategies as st

SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 1e-30, -1e-30, 88.0, -88.0, 1e4]
DTYPES = {"float32": [np.float32], "float64": [np.float64], "floating": [np.float32, np.float64]}
DTYPES |= {"integer": [np.int8, np.int32, np.int64, np.uint8], "any": [np.float32, np.float64, np.int64]}


def body_of(name):
    """The naive body of a name with its module, such as "functions.exp"."""
    module, _, function = name.partition(".")
    return getattr(import_module(f"numbanet.loops.{module}"), function)


def values(data, shape, dtype, special=False):
    """An array of numbers of moderate size, with special ones among them if asked for."""
    size = int(np.prod(shape))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    if np.dtype(dtype).kind != "f":
        return rng.integers(-9 if np.dtype(dtype).kind == "i" else 0, 10, size=shape).astype(dtype)
    x = rng.normal(scale=data.draw(st.sampled_from([0.1, 1.0, 20.0])), size=size).astype(dtype)
    if special and size:
        places = rng.integers(0, size, size=data.draw(st.integers(0, 4)))
        x[places] = rng.choice(SPECIAL, size=len(places))
    return x.reshape(shape)


def drawn(data, one):
    """The inputs of a body, its output, and how many positions it has."""
    draw = data.draw
    dtype = draw(st.sampled_from(DTYPES[one.dtype]))
    module, _, name = one.body.partition(".")
    a, b, c = (draw(st.integers(1, most)) for most in (5, 40, 6))
    if module == "functions":
        n, count = draw(st.integers(1, 300)), body_of(one.body).__code__.co_argcount - 3
        return [values(data, (n,), dtype, special=True) for _ in range(count)], np.empty(n, dtype), n
    return _OPERANDS[name](data, dtype, a, b, c)


def _rows(data, dtype, a, b, c):
    x = values(data, (a, b), dtype, special=True)
    return [x], np.empty_like(x), a


def _labels(data, a, b):
    return np.random.default_rng(data.draw(st.integers(0, 999))).integers(0, b, size=a)


def _losses(data, dtype, a, b, c):
    return [values(data, (a, b), dtype), _labels(data, a, b)], np.empty(a, dtype), a


def _gradients(data, dtype, a, b, c):
    return [values(data, (a,), dtype), values(data, (a, b), dtype), _labels(data, a, b)], np.empty((a, b), dtype), a


def _both(data, dtype, a, b, c):
    inputs, out, n = _gradients(data, dtype, a, b, c)
    return [*inputs, np.empty(a, dtype)], out, n


def _lanes(data, dtype, a, b, c):
    return [values(data, (a, b, c), dtype, special=True)], np.empty(a * c, dtype), a * c


def _sum_rows(data, dtype, a, b, c):
    return [values(data, (a, b), dtype)], np.empty(a, dtype), a


def _squares(data, dtype, a, b, c):
    return [values(data, (a, b), dtype)], np.empty(a), a


def _vector(data, dtype, a, b, c):
    return [values(data, (a, b), dtype), values(data, (b,), dtype)], np.empty(a, dtype), a


def _moments(data, dtype, a, b, c):
    return [values(data, (a, b), dtype), c % 2, 0.5], np.empty((a, 2), dtype), a


def _slopes(data, dtype, a, b, c):
    g, x, gamma = values(data, (a, b), dtype), values(data, (a, b), dtype), values(data, (b,), dtype)
    moments = np.stack([x.mean(axis=1), 1 / np.sqrt(x.var(axis=1) + 1)], axis=1).astype(dtype)
    return [g, x, gamma, moments, c % 2], np.empty((a, 2), dtype), a


def _matrices(data, dtype, a, b, c):
    m, n = data.draw(st.sampled_from([1, 3, 13])), data.draw(st.sampled_from([1, 9, 33]))
    x, y = values(data, (m, b), dtype), values(data, (n, b) if c % 2 else (b, n), dtype)
    return [x, y.T if c % 2 else y], np.empty((m, n), dtype), m


def _quotients(data, dtype, a, b, c):
    y = values(data, (b,), dtype)
    return [values(data, (b,), dtype), np.where(y == 0, 1, y).astype(dtype)], np.empty(b, dtype), b


def _strided(data, dtype, a, b, c):
    """A view of a matrix: transposed, every other column, or a row repeated."""
    x = values(data, (a * b,), dtype)
    shape, strides = {0: ((b, a), (1, b)), 1: ((a, (b + 1) // 2), (b, 2)), 2: ((c, b), (0, 1))}[c % 3]
    n = shape[0] * shape[1]
    return [x, np.array(shape), np.array(strides)], np.empty(n, dtype), n


def _placed(data, dtype, a, b, c):
    """The same, written to: no two positions are one element."""
    _, shape, strides = _strided(data, dtype, a, b, c % 2)[0]
    n = int(shape[0] * shape[1])
    return [values(data, (n,), dtype), shape, strides], np.zeros(a * b, dtype), n


def _sorted(data, dtype, a, b, c):
    x = values(data, (a, b), dtype, special=np.dtype(dtype).kind == "f")
    return [x, c % 2, np.empty((a, b), np.int64)], np.empty((a, b), np.int64), a


def _csr(data, dtype, a, b):
    """The rows of a sparse matrix (a, b) that take part, and its starts, columns and values."""
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    stored = rng.random((a, b)) < data.draw(st.sampled_from([0.0, 0.2, 1.0]))
    starts, columns = np.concatenate([[0], np.cumsum(stored.sum(axis=1))]), np.nonzero(stored)[1].astype(np.int32)
    return [rng.integers(0, a, data.draw(st.integers(1, 9))), starts, columns, values(data, columns.shape, dtype, True)]


def _sparse(data, dtype, a, b, c):
    parts, units = _csr(data, dtype, a, b), data.draw(st.sampled_from([c, 16, 83]))
    return [*parts, values(data, (b, units), dtype, True)], np.empty((len(parts[0]), units), dtype), len(parts[0])


def _sparse_transposed(data, dtype, a, b, c):
    parts, units = _csr(data, dtype, a, b), data.draw(st.sampled_from([c, 16, 83]))
    cuts = np.sort(np.random.default_rng(c).integers(0, b + 1, b + 1))
    cuts[0], cuts[-1] = 0, b
    return [*parts, cuts, values(data, (len(parts[0]), units), dtype, True)], np.zeros((b, units), dtype), b


RECURRENT = {
    "simple_rnn_step": {"product": 1, "keep": 0, "h_before": 1, "gates": 1, "h": 1},
    "simple_rnn_step_gradient": {"g": 1, "product": 1, "keep": 0, "gates": 1, "dgates": 1, "dh": 1},
    "lstm_step": {"product": 4, "keep": 0, "c_before": 1, "h_before": 1, "gates": 4, "c": 1, "h": 1},
    "lstm_step_gradient": {
        "g": 1, "product": 1, "keep": 0, "gates": 4, "c_before": 1, "c": 1, "dgates": 4, "dc": 1, "dh": 1,
    },
    "gru_step": {"product": 3, "keep": 0, "h_before": 1, "gates": 3, "inner": 1, "h": 1},
    "gru_step_gradient": {
        "g": 1, "product": 1, "keep": 0, "h_before": 1, "gates": 3, "inner": 1, "dgates": 3, "dcandidate": 1, "dh": 1,
    },
}  # fmt: skip
"""The operands of steps of recurrences, and how many numbers for a unit they have; `keep` has one for a sample."""


def recurrent_operands(rng, name, dtype, samples, units, keep):
    """Operands of a step by name: gates and states are what they can be, the others any numbers."""
    found = {one: rng.normal(size=(samples, count * units)).astype(dtype) for one, count in RECURRENT[name].items()}
    found["keep"] = keep
    if "gradient" in name:
        found["gates"] = 1 / (1 + np.exp(-found["gates"]))
    return found


def _recurrent(name):
    def operands(data, dtype, a, b, c):
        rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
        keep = rng.random(a) < data.draw(st.sampled_from([0.0, 0.7, 1.0]))
        found = recurrent_operands(rng, name, dtype, a, b, keep)
        if "gradient" not in name:
            found["product"] = values(data, found["product"].shape, dtype, special=True)
        *inputs, out = found.values()
        return inputs, out, a

    return operands


def _convolved(data):
    """Shapes of x, a kernel and their convolution over two axes; and strides, dilation and padding in front."""

    def each(least, most):
        return [data.draw(st.integers(least, most)) for _ in range(2)]

    window, strides, dilation, before = each(1, 3), each(1, 2), each(1, 2), each(0, 2)
    sizes = [size + (w - 1) * d for size, w, d in zip(each(1, 4), window, dilation, strict=True)]
    numbers = zip(sizes, window, strides, dilation, before, strict=True)
    outputs = [(size + b - (w - 1) * d - 1) // s + 1 for size, w, s, d, b in numbers]
    groups, channels, filters = data.draw(st.sampled_from([(1, 3, 5), (2, 2, 3), (9, 1, 1), (1, 2, 17)]))
    shapes = (
        (2, 1, *sizes, groups * channels),
        (1, *window, channels, groups * filters),
        (2, 1, *outputs, groups * filters),
    )
    return shapes, (1, *strides, 1, *dilation, 0, *before)


def _conv(data, dtype, a, b, c):
    (x, kernel, g), numbers = _convolved(data)
    return [values(data, x, dtype), values(data, kernel, dtype), *numbers], np.empty(g, dtype), 2 * g[2]


def _conv_input_gradient(data, dtype, a, b, c):
    (x, kernel, g), numbers = _convolved(data)
    return [values(data, g, dtype), values(data, kernel, dtype), *numbers], np.empty(x, dtype), 2 * x[2]


def _conv_kernel_gradient(data, dtype, a, b, c):
    (x, kernel, g), numbers = _convolved(data)
    rows = int(np.prod(kernel[:4]))
    return [values(data, x, dtype), values(data, g, dtype), *numbers], np.empty(kernel, dtype), rows


def _pooled(data, dtype):
    """An input with equal elements and NaN in it, the shape of its result, the dtype of places, and the windows."""
    draw = data.draw

    def each(least, most):
        return tuple(draw(st.integers(least, most)) for _ in range(3))

    size, strides, before, further = each(1, 3), each(1, 4), each(0, 1), each(0, 2)
    if not draw(st.integers(0, 9)):
        size = (1, 1, 300)
    before = tuple(min(b, k - 1) for b, k in zip(before, size, strict=True))
    spatial = tuple(k - b + more for k, b, more in zip(size, before, further, strict=True))
    sizes = ((n + b - k) // s + 1 for n, b, k, s in zip(spatial, before, size, strides, strict=True))
    rng, channels = np.random.default_rng(draw(st.integers(0, 999))), draw(st.sampled_from([1, 3, 8, 16, 37, 64, 133]))
    x = rng.choice([-np.inf, -1.0, -0.0, 0.0, 2.0, np.nan], (2, *spatial, channels), p=[0.1, 0.2, 0.2, 0.2, 0.2, 0.1])
    places = np.uint8 if np.prod(size) <= 256 else np.int32
    return x.astype(dtype), (2, *sizes, channels), places, (*size, *strides, *before)


def _max_pool(data, dtype, a, b, c):
    x, shape, _, window = _pooled(data, dtype)
    return [x, *window], np.empty(shape, dtype), int(np.prod(shape[:3]))


def _max_pool_with_places(data, dtype, a, b, c):
    x, shape, places, window = _pooled(data, dtype)
    return [x, np.empty(shape, dtype), *window], np.empty(shape, places), int(np.prod(shape[:3]))


def _max_pool_gradient(data, dtype, a, b, c):
    x, shape, places, window = _pooled(data, dtype)
    found, out, n = np.empty(shape, places), np.empty(shape, dtype), int(np.prod(shape[:3]))
    body_of("pool.max_pool_with_places")(x, out, found, *window, 0, n)
    return [values(data, shape, dtype), found, *window], np.empty_like(x), int(np.prod(x.shape[:3]))


def _average_pool_gradient(data, dtype, a, b, c):
    x, shape, _, window = _pooled(data, dtype)
    return [values(data, shape, dtype), *window], np.empty_like(x), int(np.prod(x.shape[:3]))


def _attention(data, dtype, a, b, c):
    """Shapes of two heads of queries that share one of keys, with a mask that leaves each query a key, and a bias."""
    queries, keys, size, other = (data.draw(st.integers(1, most)) for most in (4, 7, 9, 18))
    shapes = (1, queries, 2, size), (1, keys, 1, size), (1, keys, 1, other)
    query, key, value = (values(data, shape, dtype).clip(-2, 2) for shape in shapes)
    mask = np.random.default_rng(b).random((1, 1, queries, keys)) < 0.7
    mask[..., 0] = True
    operands = [query, key, value, values(data, (1, 2, 1, keys), dtype).clip(-2, 2), mask, 0.5, c % 2]
    return [*operands, np.empty((1, 2, 2, queries), dtype)], np.empty((1, queries, 2, other), dtype), 2 * queries


def _attention_gradient(data, dtype, a, b, c):
    inputs, out, n = _attention(data, dtype, a, b, c)
    *operands, scale, causal, statistics = inputs
    body_of("attention.dot_product_attention")(*operands, scale, causal, out, statistics, 0, n)
    g, (query, key, value) = values(data, out.shape, dtype).clip(-2, 2), operands[:3]
    known = [g, *operands, out, statistics, scale, causal]
    return [*known, np.empty_like(query), np.empty_like(value)], np.empty_like(key), 1


def in_order_of_launch(operands):
    """The operands of `launch.attention`, or of its gradient, in the order of those of the body."""
    if len(operands) == 9:
        return operands
    return [*operands[:6], *operands[8:10], *operands[6:8], *operands[10:]]


def arguments(one, inputs, out):
    """The operands of a body in its order: its result comes before strides and the like."""
    arrays = sum(isinstance(x, np.ndarray) for x in inputs) if one.body.startswith(("conv.", "pool.")) else len(inputs)
    arrays = _PLACES_OF_RESULTS.get(one.body, arrays)
    return (*inputs[:arrays], out, *inputs[arrays:])


_PLACES_OF_RESULTS = {"attention.dot_product_attention": 7, "attention.dot_product_attention_gradient": 11}
_OPERANDS = {
    "dot_product_attention": _attention, "dot_product_attention_gradient": _attention_gradient,
    "conv": _conv, "conv_input_gradient": _conv_input_gradient, "conv_kernel_gradient": _conv_kernel_gradient,
    "max_pool": _max_pool, "max_pool_with_places": _max_pool_with_places, "max_pool_gradient": _max_pool_gradient,
    "average_pool": _max_pool, "average_pool_gradient": _average_pool_gradient,
    "softmax": _rows, "log_softmax": _rows, "softmax_cross_entropy": _losses,
    "softmax_cross_entropy_gradient": _gradients, "softmax_cross_entropy_and_gradient": _both, "logsumexp": _lanes,
    "sum_rows": _sum_rows, "sum_of_squares": _squares, "matrix_vector_dot": _vector, "matrix_dot": _matrices,
    "floor_divide": _quotients, "copy_strided": _strided, "assign_strided": _placed, "argsort": _sorted,
    "row_moments": _moments, "row_slopes": _slopes, "csr_dot": _sparse, "csr_dot_transposed": _sparse_transposed,
    **{name: _recurrent(name) for name in RECURRENT},
}  # fmt: skip


def close(one, found, expected, inputs):
    """Fail unless a result is that of the body: to the byte for integers, nearly for floats."""
    if found.dtype.kind != "f" or one.body.startswith("pool.max"):
        np.testing.assert_array_equal(found, expected)
        return
    eps = np.finfo(np.float32 if found.dtype == np.float32 else np.float64).eps
    floats = [x for x in inputs if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
    terms = max((x.shape[-1] for x in floats), default=1)
    size = max((float(np.abs(x[np.isfinite(x)]).max(initial=1.0)) for x in floats), default=1.0)
    if one.body.startswith("conv."):
        terms = inputs[1].size // inputs[1].shape[-2 if "input" in one.body else -1]
    adds = one.body.startswith(("dot.", "reduce.sum", "optimizers.sum", "conv.", "attention."))
    averages = "slopes" in one.body or "lstm_step_gradient" in one.body  # of products, which may be much larger
    cancels = "gradient" in one.body or "moments" in one.body or one.body.startswith("recurrent.")
    scale = terms * size**2 if adds else size**2 if averages else size if cancels else 1e-3 * size
    np.testing.assert_allclose(found, expected, rtol=16 * eps, atol=4 * eps * scale, equal_nan=True)
