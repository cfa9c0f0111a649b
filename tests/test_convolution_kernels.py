"""The tuned convolution and its gradients: right for any geometry, and the same bytes everywhere."""

import itertools
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.backends import select as backends
from numbanet.backends.cython.backend import VARIANTS, CythonBackend
from numbanet.backends.native import convolution, kernel_gradient
from numbanet.backends.native.regions import along, back_along
from numbanet.backends.native.registers import Registers
from numbanet.backends.select import backend
from numbanet.core.windows import Geometry
from numbanet.kernels import words
from numbanet.kernels.recording import recording
from numbanet.launching.program import Program

from .launches import walk
from .test_dot import AVX2, X86, at_the_edge
from .thread_work import share_all

DTYPES = (np.float32, np.float64)
KINDS = ("conv", "conv_input_gradient", "conv_kernel_gradient")
HEADER = (Path(nn.__file__).parent / "backends" / "cython" / "tiles.h").read_text(encoding="utf-8")


class Case(NamedTuple):
    """Shapes of x and kernel, how many outputs there are along the axes, and where windows lie."""

    x: tuple
    kernel: tuple
    outputs: tuple
    geometry: Geometry

    @property
    def out(self):
        return self.x[0], *self.outputs, self.kernel[4]


def case(x, window, filters, groups=1, strides=(1, 1, 1), dilation=(1, 1, 1), before=(0, 0, 0), after=None):
    """The case of a window over x, padded in front and behind by as much unless `after` says otherwise."""
    numbers = zip(x[1:4], window, strides, dilation, before, after or before, strict=True)
    outputs = tuple((s + b + a - (w - 1) * d - 1) // t + 1 for s, w, t, d, b, a in numbers)
    return Case(x, (*window, x[4] // groups, filters), outputs, Geometry(strides, dilation, before))


CASES = (
    case((2, 1, 9, 9, 3), (1, 3, 3), 32, before=(0, 1, 1)),
    case((3, 1, 8, 7, 16), (1, 3, 3), 70),
    case((2, 1, 7, 9, 5), (1, 3, 2), 7, strides=(1, 2, 3), before=(0, 1, 1)),
    case((1, 1, 12, 11, 4), (1, 3, 3), 33, dilation=(1, 2, 3), before=(0, 2, 3)),
    case((2, 1, 6, 6, 70), (1, 3, 3), 70, groups=70, before=(0, 1, 1)),
    case((2, 1, 7, 5, 5), (1, 2, 3), 5, groups=5, strides=(1, 2, 2), dilation=(1, 1, 2), before=(0, 1, 2)),
    case((2, 1, 5, 5, 12), (1, 3, 3), 68, groups=2, before=(0, 1, 1)),
    case((2, 3, 4, 5, 3), (2, 3, 2), 10, before=(1, 1, 0)),
    case((4, 1, 5, 5, 40), (1, 1, 1), 96),
    case((2, 1, 1, 700, 2), (1, 1, 5), 16, before=(0, 0, 4), after=(0, 0, 0)),
    case((1, 1, 1, 4, 1), (1, 1, 3), 1, dilation=(1, 1, 4), before=(0, 0, 8), after=(0, 0, 0)),
    case((3, 1, 30, 30, 1), (1, 3, 3), 8, before=(0, 1, 1)),
    case((1, 1, 20, 2, 64), (1, 3, 2), 320),
)  # fmt: skip


def operands(one, dtype, seed=0):
    """x, the kernel and a gradient of the result."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in (one.x, one.kernel, one.out)]


def windows_of(one, x):
    """For each place of the window: its index, and the view of x, padded with zeros, that its outputs see."""
    strides, dilation, before = one.geometry
    numbers = zip(one.outputs, strides, one.kernel[:3], dilation, strict=True)
    spans = [(o - 1) * s + (w - 1) * d + 1 for o, s, w, d in numbers]
    sizes = [max(b + n, span) for b, n, span in zip(before, one.x[1:4], spans, strict=True)]
    padded = np.zeros((one.x[0], *sizes, one.x[4]))
    inside = (slice(None), *[slice(b, b + n) for b, n in zip(before, one.x[1:4], strict=True)])
    padded[inside] = x
    found = []
    for place in np.ndindex(*one.kernel[:3]):
        numbers = zip(place, dilation, one.outputs, strides, strict=True)
        found.append(
            (place, padded[(slice(None), *[slice(k * d, k * d + (o - 1) * s + 1, s) for k, d, o, s in numbers])])
        )
    return found, padded[inside]


def expected(kind, one, first, second):
    """What a kind of computation gives, in float64 by NumPy: a sum over places of the window."""
    groups = one.x[4] // one.kernel[3]

    def apart(x):
        return x.reshape(*x.shape[:-1], groups, -1)

    result = np.zeros({"conv": one.out, "conv_kernel_gradient": one.kernel}.get(kind, one.x))
    seen, inside = windows_of(one, first if kind != "conv_input_gradient" else 0.0)
    for place, view in seen:
        if kind == "conv":
            result += np.einsum("ndhwgc,cgf->ndhwgf", apart(view), apart(second[place])).reshape(result.shape)
        elif kind == "conv_input_gradient":
            view += np.einsum("ndhwgf,cgf->ndhwgc", apart(first), apart(second[place])).reshape(view.shape)
        else:
            result[place] = np.einsum("ndhwgc,ndhwgf->cgf", apart(view), apart(second)).reshape(result[place].shape)
    return inside if kind == "conv_input_gradient" else result


def taken(kind, one, dtype, seed=0):
    """The operands of a kind of computation, and room for its result."""
    x, kernel, g = operands(one, dtype, seed)
    first, second = {"conv": (x, kernel), "conv_input_gradient": (g, kernel)}.get(kind, (x, g))
    shape = {"conv": one.out, "conv_input_gradient": one.x}.get(kind, one.kernel)
    return first, second, np.full(shape, np.nan, dtype)


def computed(kind, one, dtype, build=None, seed=0):
    first, second, out = taken(kind, one, dtype, seed)
    getattr(build or backend(), kind)(first, second, out, one.geometry)
    return out


def assert_close(kind, one, first, second, result):
    """Within a rounding error of the sum of the absolute products for each of them."""
    exact = expected(kind, one, first.astype(np.float64), second.astype(np.float64))
    bound = expected(kind, one, np.abs(first).astype(np.float64), np.abs(second).astype(np.float64))
    count = first.size * math.prod(one.kernel) // max(result.size, 1) + 2
    assert (np.abs(result - exact) <= min(count, 2000) * np.finfo(result.dtype).eps * bound).all()


@st.composite
def cases(draw):
    """Any convolution of up to three axes, with groups, strides, dilation and padding."""
    rank = draw(st.integers(1, 3))

    def each(least, most, missing):
        return (*(missing,) * (3 - rank), *[draw(st.integers(least, most)) for _ in range(rank)])

    sizes, window = each(1, 9, 1), each(1, 4, 1)
    strides, dilation, before, after = each(1, 3, 1), each(1, 3, 1), each(0, 4, 0), each(0, 4, 0)
    spans = [(w - 1) * d + 1 for w, d in zip(window, dilation, strict=True)]
    sizes = tuple(max(s, span - b - a) for s, span, b, a in zip(sizes, spans, before, after, strict=True))
    groups = draw(st.sampled_from([1, 1, 2, 5, 16, 33, 70]))
    channels, filters = draw(st.sampled_from([(1, 1), (1, 3), (3, 16), (5, 32), (2, 50), (17, 7), (1, 96)]))
    groups = groups if channels == filters == 1 else min(groups, 2)
    x = draw(st.integers(1, 5)), *sizes, groups * channels
    return case(x, window, groups * filters, groups, strides, dilation, before, after)


@pytest.mark.needs_compiled("tiles are compiled")
@pytest.mark.parametrize("kind", KINDS)
@given(one=cases(), dtype=st.sampled_from(DTYPES), seed=st.integers(0, 99))
def test_any_geometry(kind, one, dtype, seed):
    first, second, out = taken(kind, one, dtype, seed)
    before = first.copy(), second.copy()
    getattr(backend(), kind)(first, second, out, one.geometry)
    assert_close(kind, one, first, second, out)
    assert np.array_equal(first, before[0])
    assert np.array_equal(second, before[1])


@pytest.mark.needs_compiled("tiles are compiled")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("one", CASES, ids=str)
def test_the_epilogue_is_add_and_relu_to_the_byte(one, dtype):
    x, kernel, _ = operands(one, dtype)
    bias = np.random.default_rng(1).normal(size=one.kernel[4]).astype(dtype)
    bias[0], kernel[0, 0, 0, 0, -1] = np.nan, np.inf
    sums, biased, positive = (np.empty(one.out, dtype) for _ in range(3))
    backend().conv(x, kernel, sums, one.geometry)
    backend().conv(x, kernel, biased, one.geometry, bias)
    backend().conv(x, kernel, positive, one.geometry, bias, True)
    with np.errstate(invalid="ignore"):
        assert biased.tobytes() == (sums + bias).tobytes()
    assert positive.tobytes() == np.asarray(nn.relu(biased)).tobytes()


@pytest.mark.needs_compiled("tiles are compiled")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("one", CASES, ids=str)
def test_any_split_of_the_tiles_gives_the_same_bytes(one, kind):
    whole = computed(kind, one, np.float32)
    first, second, out = taken(kind, one, np.float32)
    with recording() as launches:
        getattr(backend(), kind)(first, second, out, one.geometry)
    for last in launches:
        for cut in {0, 1, last.n // 3, last.n // 2, last.n - 1} if last is not launches[-1] else {last.n // 3}:
            walk(last, cut, last.n)
            walk(last, 0, cut)
    assert out.tobytes() == whole.tobytes()


@pytest.mark.needs_compiled("launches are recorded")
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_replays_have_the_same_bytes_on_any_number_of_threads(kind, threads, monkeypatch):
    share_all(monkeypatch, threads)
    for one in CASES:
        first, second, out = taken(kind, one, np.float32)
        with recording() as launches:
            getattr(backend(), kind)(first, second, out, one.geometry)
        Program(launches, (first, second, out)).run(3)
        assert out.tobytes() == computed(kind, one, np.float32).tobytes()


@pytest.mark.needs_compiled("tiles are compiled")
@pytest.mark.parametrize("one", CASES, ids=str)
def test_a_sample_does_not_depend_on_the_samples_beside_it(one):
    whole = computed("conv", one, np.float32)
    x, kernel, _ = operands(one, np.float32)
    for i in range(one.x[0]):
        alone = np.empty((1, *one.out[1:]), np.float32)
        backend().conv(x[i : i + 1], kernel, alone, one.geometry)
        assert alone.tobytes() == whole[i : i + 1].tobytes()


@pytest.mark.needs_numba("both builds are compared")
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_variant_is_right_and_gives_the_bytes_of_numba(kind, variant, dtype):
    try:
        ours = CythonBackend(variant)
    except ImportError as error:
        pytest.skip(str(error))
    theirs = backends._numba()
    for one in CASES:
        first, second, _ = taken(kind, one, dtype)
        result = computed(kind, one, dtype, ours)
        assert_close(kind, one, first, second, result)
        if ours.registers.has_masks == theirs.registers.has_masks:  # else only one rounds once
            assert result.tobytes() == computed(kind, one, dtype, theirs).tobytes(), one


# An access outside ends the process; the width of vectors is chosen at its start.


def check_at_the_edge(build):
    """Operands beside memory that must not be touched."""
    guarded = at_the_edge if sys.platform != "win32" else lambda x, at_end: x
    for one, kind, dtype, at_end in itertools.product(CASES, KINDS, DTYPES, (False, True)):
        first, second, out = (guarded(x, at_end) for x in taken(kind, one, dtype))
        getattr(build, kind)(first, second, out, one.geometry)
        assert_close(kind, one, first, second, out)
        if kind == "conv":
            sums, bias = out.copy(), guarded(np.ones(one.kernel[4], dtype), at_end)
            build.conv(first, second, out, one.geometry, bias)
            assert out.tobytes() == (sums + bias).tobytes(), one


def check_in_this_process(width):
    """The same in vectors of `width` bytes."""
    assert width == backend().registers.vector_bytes, backend().registers
    check_at_the_edge(backend())
    print("right")


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_access_outside_the_operands_in_any_variant(variant):
    try:
        build = CythonBackend(variant)
    except ImportError as error:
        pytest.skip(str(error))
    check_at_the_edge(build)


@pytest.mark.needs_numba("its environment variables choose the width of vectors")
@pytest.mark.parametrize(
    ("width", "environment"),
    [
        (None, {}),
        pytest.param(
            32, {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": AVX2},
            marks=pytest.mark.skipif(not X86, reason="AVX2 is of x86-64"),
        ),
        pytest.param(
            16, {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "+sse,+sse2"},
            marks=pytest.mark.skipif(not X86, reason="SSE2 is of x86-64"),
        ),
    ],
    ids=["host", "32 bytes", "16 bytes"],
)  # fmt: skip
def test_no_access_outside_the_operands_at_any_vector_width(width, environment):
    from numbanet.backends.native import processor

    own = processor.REGISTERS.vector_bytes
    if width and width > own:
        pytest.skip("this processor has no vectors of that width")
    code = f"from tests import test_convolution_kernels as tests; tests.check_in_this_process({width or own})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "NUMBANET_BACKEND": "numba", **environment},  # which have a folder of the cache each
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "right"


numbers = st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.integers(0, 9)


@given(st.tuples(*numbers), st.integers(1, 12))
def test_stretches_have_the_places_that_are_inside(sizes, count):
    """Both ways: each output, and each element, is in one stretch, and meets what the definition says."""
    size, window, stride, dilation, before = sizes
    met = {
        (o, k): o * stride + k * dilation - before
        for o, k in itertools.product(range(count), range(window))
        if 0 <= o * stride + k * dilation - before < size
    }
    found = {}
    for one in along(size, count, window, stride, dilation, before):
        for j, (k, far) in itertools.product(range(one.length), one.places):
            found[one.first + j * one.step, k] = one.source + j * one.source_step + far
    assert found == met
    back = {}
    for one in back_along(size, count, window, stride, dilation, before):
        for j, (k, far) in itertools.product(range(one.length), one.places):
            back[one.source + j * one.source_step + far, window - 1 - k] = one.first + j * one.step
    assert back == met


@pytest.mark.parametrize("many", [True, False])
def test_c_has_every_tile_over_runs_that_can_be_asked_for(many):
    lists = re.findall(r"#define NUMBANET_EACH_RUN_TILE\(X\)((?:.*\\\n)*.*)", HEADER)[0 if many else 1]
    lists += re.search(r"#define NUMBANET_EACH_LANE_TILE\(X\)((?:.*\\\n)*.*)", HEADER)[1]
    found = set(re.findall(r"X\((\w+), (\d+), (\d+), ([01]), ([01])\)", lists))
    wanted = set()
    for width, itemsize, lanewise, columns in itertools.product((16, 32, 64), (4, 8), (0, 1), range(1, 140)):
        registers, filters = Registers(width, many, width > 16), 1 if lanewise else columns
        shape = convolution.Shape((), (), (), 1, filters, columns if lanewise else 1)
        tiles = set()
        for rows in (1, 4, 8, 9, 12, 64):
            asked = registers, shape, itemsize, [rows] * 9
            tiles |= {convolution.tile_for(*asked), kernel_gradient.tile_for(*asked)}
        for tile in tiles - {None}:
            numbers = (tile.name, tile.rows, tile.vectors, int(tile.masked), int(tile.lanewise))
            wanted.add(tuple(map(str, numbers)))
    assert wanted == found
    for name in ("ADDED", "STEPS_OF_A_FETCH"):
        assert re.search(rf"#define NUMBANET_{name} {getattr(words, name)}$", HEADER, re.MULTILINE), name


def test_the_gradient_by_the_kernel_is_as_accurate_over_many_positions():
    """Chunks are summed up one by one: the error of 90,000 positions is about that of a chunk."""
    one = case((4, 1, 152, 152, 1), (1, 3, 3), 8)
    first, second, _ = taken("conv_kernel_gradient", one, np.float32)
    first, second = np.abs(first), np.abs(second)
    out = np.empty(one.kernel, np.float32)
    backend().conv_kernel_gradient(first, second, out, one.geometry)
    exact = expected("conv_kernel_gradient", one, first.astype(np.float64), second.astype(np.float64))
    assert (np.abs(out - exact) <= 3e-6 * exact).all()
