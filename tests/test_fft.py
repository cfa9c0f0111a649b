"""nn.fft: NumPy's values, complex numbers as two arrays, gradients of first and second order, windows, errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from tests import strategies

F = nn.fft
COMPLEX_TO_COMPLEX, COMPLEX_TO_REAL, REAL_TO_COMPLEX = ("fft", "ifft"), ("irfft", "hfft"), ("rfft", "ihfft")
OVER_AXES = ("fftn", "ifftn", "irfftn", "rfftn")
NORMS = st.sampled_from(["backward", "ortho", "forward"])
TOLERANCE = {np.dtype("float32"): 1e-4, np.dtype("float64"): 1e-11}


def check_equal(found, expected, dtype):
    parts = (found.real, found.imag) if isinstance(found, tuple) else (found,)
    wanted = (expected.real, expected.imag) if isinstance(found, tuple) else (expected,)
    for part, other in zip(parts, wanted, strict=True):
        assert (part.shape, part.dtype) == (other.shape, dtype)
        np.testing.assert_allclose(part.numpy(), other, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@st.composite
def signals(draw):
    """(real, imag) of some shape, dtype and layout."""
    shape = draw(st.sampled_from([(1,), (5,), (8,), (3, 4), (2, 1, 7), (0, 3)]))
    dtype = draw(st.sampled_from(["float32", "float64"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    layout = draw(st.sampled_from(strategies.LAYOUTS))
    return tuple(strategies.laid_out(rng.normal(size=shape).astype(dtype), layout) for _ in range(2))


@pytest.mark.parametrize("name", COMPLEX_TO_COMPLEX + COMPLEX_TO_REAL + REAL_TO_COMPLEX)
@given(parts=signals(), n=st.integers(1, 9) | st.none(), last=st.booleans(), norm=NORMS)
def test_along_one_axis(name, parts, n, last, norm):
    real, imag = parts
    axis = -1 if last or not real.shape[0] else 0
    if n is None and name in COMPLEX_TO_REAL and real.shape[axis] == 1:
        n = 1  # neither can guess it
    given_here, there = (real, real) if name in REAL_TO_COMPLEX else (parts, real + np.complex64(1j) * imag)
    expected = getattr(np.fft, name)(there, n, axis, norm)
    check_equal(getattr(F, name)(given_here, n, axis, norm), expected, real.dtype)


@pytest.mark.parametrize("name", OVER_AXES)
@given(parts=signals(), sized=st.booleans(), norm=NORMS, data=st.data())
def test_along_several_axes(name, parts, sized, norm, data):
    real, imag = parts
    filled = [d for d in range(real.ndim) if real.shape[d]]
    axes = tuple(data.draw(st.permutations(filled))[: data.draw(st.integers(1, len(filled)))])
    sizes = tuple(data.draw(st.integers(1, 5)) for _ in axes) if sized or real.shape[axes[-1]] == 1 else None
    given_here, there = (real, real) if name == "rfftn" else (parts, real + np.complex64(1j) * imag)
    expected = getattr(np.fft, name)(there, sizes, axes, norm)
    check_equal(getattr(F, name)(given_here, sizes, axes, norm), expected, real.dtype)


def test_along_all_and_two_axes():
    rng = np.random.default_rng(0)
    real, imag = rng.normal(size=(2, 3, 2, 4))
    for name in ("fftn", "ifftn", "fft2", "ifft2", "irfftn", "irfft2"):
        check_equal(getattr(F, name)((real, imag)), getattr(np.fft, name)(real + 1j * imag), real.dtype)
    for name in ("rfftn", "rfft2"):
        check_equal(getattr(F, name)(real), getattr(np.fft, name)(real), real.dtype)
    expected = np.fft.fftn(real, (2, 3), (-2, -1))  # which NumPy wants said
    check_equal(F.fftn(real, (2, 3)), expected, real.dtype)


@pytest.mark.parametrize("name", COMPLEX_TO_COMPLEX + COMPLEX_TO_REAL + REAL_TO_COMPLEX)
@pytest.mark.parametrize("size", [3, 4])
@given(n=st.integers(1, 6), norm=NORMS)
@settings(max_examples=5)
def test_gradients(name, size, n, norm):
    rng = np.random.default_rng(0)
    real, imag = rng.normal(size=(2, 2, size))
    if name in REAL_TO_COMPLEX:
        nn.testing.check_grad(lambda x: list(map(nn.square, getattr(F, name)(x, n, 1, norm))), real, order=2)
        return

    def function(real, imag):
        found = getattr(F, name)((real, imag), n, 0, norm)
        return nn.square(found) if name in COMPLEX_TO_REAL else list(map(nn.square, found))

    nn.testing.check_grad(function, real.T, imag.T, order=2)


def test_gradients_over_axes_and_of_shifts():
    rng = np.random.default_rng(0)
    real, imag = rng.normal(size=(2, 2, 3, 2))
    nn.testing.check_grad(lambda x, y: list(F.fftn((x, y), (3, 2), (2, 0))), real, imag)
    nn.testing.check_grad(lambda x, y: F.irfftn((x, y), (3, 3), (0, 1)), real, imag)
    nn.testing.check_grad(lambda x: list(F.rfft2(x)), real)
    nn.testing.check_grad(lambda x, y: list(F.fftshift((x, y), 1)), real, imag)


def test_inverses_undo_transforms():
    rng = np.random.default_rng(0)
    parts = tuple(rng.normal(size=(2, 3, 5)))
    for back, there in ((F.ifft, F.fft), (F.ifft2, F.fft2), (F.ifftn, F.fftn)):
        for found, expected in zip(back(there(parts)), parts, strict=True):
            np.testing.assert_allclose(found.numpy(), expected, atol=1e-14)
    np.testing.assert_allclose(F.irfft(F.rfft(parts[0]), 5).numpy(), parts[0], atol=1e-14)
    np.testing.assert_allclose(F.irfftn(F.rfftn(parts[0]), (3, 5)).numpy(), parts[0], atol=1e-14)
    np.testing.assert_allclose(F.hfft(F.ihfft(parts[0]), 5).numpy(), parts[0], atol=1e-14)


def test_what_transforms_take():
    whole = F.fft(np.array([1, 2, 3], "int8"))
    assert whole.real.dtype == whole.imag.dtype == np.float32
    assert F.fft((np.ones(2, "float32"), np.ones(2))).real.dtype == np.float64
    assert F.fft(([1.0, 2.0], [0.0, 1.0])).imag.tolist() == [1.0, -1.0]
    v = nn.Variable([1.0, 2.0])
    with nn.GradientTape() as tape:
        y = nn.sum(F.rfft(v).real)
    assert tape.gradient(y, v).tolist() == [2.0, 0.0]
    infinite = F.fft(([np.inf], [1.0]))
    assert (infinite.real.item(), infinite.imag.item()) == (np.inf, 1.0)


@pytest.mark.parametrize("n", [1, 4, 5])
def test_frequencies_and_their_order(n):
    for name in ("fftfreq", "rfftfreq"):
        found, expected = getattr(F, name)(n, 0.25, dtype="float64"), getattr(np.fft, name)(n, 0.25)
        np.testing.assert_array_equal(found.numpy(), expected)
        assert getattr(F, name)(n).dtype == np.float32
    x = np.arange(3.0 * n).reshape(3, n)
    for name in ("fftshift", "ifftshift"):
        for axes in (None, 0, (0, 1), -1):
            expected = getattr(np.fft, name)(x, axes)
            np.testing.assert_array_equal(getattr(F, name)(x, axes).numpy(), expected)
            np.testing.assert_array_equal(getattr(F, name)((x, -x), axes).imag.numpy(), -expected)


class TestWindows:
    """Short-time transforms against sums over windows, and SciPy's."""

    @pytest.mark.parametrize("window", ["hann", "hamming", None, np.array([0.5, 1.0, 2.0, 1.0, 0.5])])
    @pytest.mark.parametrize("center", [True, False])
    @pytest.mark.parametrize("fft_length", [5, 8])
    def test_values(self, window, center, fft_length):
        x = np.random.default_rng(0).normal(size=(2, 21))
        steps = np.arange(5)
        values = {
            "hann": 0.5 - 0.5 * np.cos(2 * np.pi * steps / 5),
            "hamming": 0.54 - 0.46 * np.cos(2 * np.pi * steps / 5),
        }
        weights = values.get(window) if isinstance(window, str) else np.ones(5) if window is None else window
        before = (fft_length - 5) // 2
        weights = np.pad(weights, (before, fft_length - 5 - before))
        whole = np.pad(x, ((0, 0), (fft_length // 2,) * 2), mode="reflect") if center else x
        starts = range(0, whole.shape[1] - fft_length + 1, 2)
        expected = np.stack([np.fft.rfft(whole[:, i : i + fft_length] * weights) for i in starts], 1)
        found = F.stft(x, 5, 2, fft_length, window, center)
        check_equal(found, expected, x.dtype)
        back = F.istft(found, 5, 2, fft_length, window=window, center=center).numpy()
        inside = slice(None) if center else slice(before + 5, -5 - before)
        np.testing.assert_allclose(back[:, inside], x[:, : back.shape[1]][:, inside], atol=1e-12)

    def test_it_is_scipys(self):
        signal = pytest.importorskip("scipy.signal", reason="SciPy is in the test extra")
        x = np.random.default_rng(0).normal(size=64)
        window = signal.get_window("hann", 16)
        expected = (
            signal.stft(x, window=window, nperseg=16, noverlap=12, boundary=None, padded=False)[-1] * window.sum()
        )
        check_equal(F.stft(x, 16, 4, 16, center=False), expected.T, x.dtype)

    def test_gradients(self):
        rng = np.random.default_rng(0)
        x, real, imag = rng.normal(size=9), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
        nn.testing.check_grad(lambda x: list(map(nn.square, F.stft(x, 3, 2, 4))), x, order=2)
        nn.testing.check_grad(lambda a, b: nn.square(F.istft((a, b), 3, 2, 4, length=6)), real, imag, order=2)

    def test_a_length_may_be_said(self):
        x = np.random.default_rng(0).normal(size=40)
        found = F.istft(F.stft(x, 8, 4, 8), 8, 4, 8, length=40).numpy()
        np.testing.assert_allclose(found, x, atol=1e-13)


@pytest.mark.needs_compiled("nothing is recorded in the interpreter")
def test_a_step_with_one_runs_operation_by_operation(capsys):
    step = nn.function(lambda x: nn.sum(F.rfft(x).real))
    for _ in range(3):
        assert step(nn.asarray([1.0, 2.0])).item() == 2.0
    step.explain()
    assert "op fft.rfft runs in NumPy" in capsys.readouterr().out


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: F.fft((np.ones(2), np.ones(3))), ShapeError, r"fft\.fft: real and imaginary.*\(2,\) and \(3,\)"),
    (lambda: F.fft((np.ones(2),)), ArgumentError, r"a tuple is \(real, imag\), got one of 1"),
    (lambda: F.fft([np.ones(2), np.ones(2)]), ArgumentError, r"as a tuple \(real, imag\)"),
    (lambda: F.rfft((np.ones(2), np.ones(2))), ArgumentError, r"fft\.rfft: takes real numbers"),
    (lambda: F.fft(np.ones(2), 0), ArgumentError, r"fft\.fft: size"),
    (lambda: F.fft(np.ones(2), axis=1), ShapeError, r"fft\.fft.*axis 1"),
    (lambda: F.fft(1.0), ShapeError, r"fft\.fft"),
    (lambda: F.fft(np.ones(2), norm="both"), ArgumentError, r"fft\.fft: norm must be .*'both'"),
    (lambda: F.ihfft(np.ones(2), norm="unitary"), ArgumentError, r"fft\.ihfft: norm must be"),
    (lambda: F.irfft(np.ones(1)), ShapeError, r"fft\.irfft: of one bin.*\(1,\)"),
    (lambda: F.fftn(np.ones((2, 2)), axes=(0, 0)), ArgumentError, r"fft\.fftn: axes must name dimensions, each once"),
    (lambda: F.fftn(np.ones((2, 2)), (1, 2, 3), (0, 1)), ArgumentError, "one size for each"),
    (lambda: F.fft(np.ones(2) * 1j), DTypeError, "complex"),
    (lambda: np.fft.fft(nn.ones(2)), DTypeError, r"nn\.fft has this function for tuples"),
    (lambda: F.fftfreq(0), ArgumentError, r"fft\.fftfreq: n"),
    (lambda: F.rfftfreq(4, 0.0), ArgumentError, "must not be 0"),
    (lambda: F.stft(np.ones(3), 4, 1, 8), ShapeError, r"\(3,\) is too short for windows of 8"),
    (lambda: F.stft(np.ones(9), 4, 1, 2), ArgumentError, "fft_length must be at least sequence_length, 4, got 2"),
    (lambda: F.stft(np.ones(9), 4, 1, 4, "box"), ArgumentError, "window must be 'hann', .* got 'box'"),
    (lambda: F.stft(np.ones(9), 4, 1, 4, np.ones(3)), ShapeError, r"must have shape \(4,\), got \(3,\)"),
    (lambda: F.stft(np.ones(9), 4, 0, 4), ArgumentError, r"fft\.stft: sequence_stride"),
    (lambda: F.istft((np.ones((3, 4)), np.ones((3, 4))), 4, 1, 4), ShapeError, r"windows, 3\), got \(3, 4\)"),
])  # fmt: skip
def test_errors_name_function_and_shape(call, error, words):
    with pytest.raises(error, match=words):
        call()
