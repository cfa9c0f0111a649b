"""Bodies whose operands have up to seven dimensions, through Python, Numba, the generated C and CUDA."""

import importlib.util
import itertools
import shutil
import subprocess
import sys
import sysconfig

import numpy as np
import pytest

from numbanet.backends import select as backends
from numbanet.backends.cython import c_functions, generate
from numbanet.backends.cython.backend import CythonBackend
from numbanet.backends.native.backend import NativeBackend
from numbanet.backends.python.backend import PythonBackend
from numbanet.kernels.body import Body
from tests.simulator import needs_simulator

COMPILER = next(filter(None, map(shutil.which, ("gcc", "clang"))), None)
needs_compiler = pytest.mark.skipif(
    COMPILER is None or sys.platform == "win32" or importlib.util.find_spec("Cython") is None,
    reason="there is no Cython, or no gcc and no clang",
)

POOLING = '''
def sum_pooling(x, out, start, stop):
    """out[b, i, j, c] is the sum of 2 x 2 pixels of x (batch, rows, columns, channels)."""
    for b in range(start, stop):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                for c in range(out.shape[3]):
                    total = 0.0
                    for k in range(2):
                        for l in range(2):
                            total += float(x[b, 2 * i + k, 2 * j + l, c])
                    out[b, i, j, c] = total
'''
LINE = "cdef void {}(const real[{}] x, real[{}] out, size_t start, size_t stop) noexcept nogil\n"
RANKS = range(1, 8)
LAYOUTS = {"contiguous": "::1", "strided": ":"}


def sum_of_rest(name, ndim):
    """The text of a body with an operand of so many dimensions: out[i] is the sum of x[i]."""
    lines = [f"def {name}(x, out, start, stop):", "    for i0 in range(start, stop):", "        total = 0.0"]
    lines += [f"{'    ' * (d + 1)}for i{d} in range(x.shape[{d}]):" for d in range(1, ndim)]
    index = ", ".join(f"i{d}" for d in range(ndim))
    return "\n".join([*lines, f"{'    ' * (ndim + 1)}total += float(x[{index}])", "        out[i0] = total", ""])


def types_of_sum(name, ndim, last):
    axes = ", ".join([":"] * (ndim - 1) + [last])
    return LINE.format(name, axes, "::1")


NAMES = {f"sum_{layout}_{ndim}": (ndim, last) for (layout, last), ndim in itertools.product(LAYOUTS.items(), RANKS)}
SOURCE = "\n\n".join([POOLING, *(sum_of_rest(name, ndim) for name, (ndim, _) in NAMES.items())])
TYPES = LINE.format("sum_pooling", *[":, :, :, ::1"] * 2) + "".join(
    types_of_sum(name, *how) for name, how in NAMES.items()
)


def function(name, module):
    """A body as a function of a module; those of numbanet have entries in C."""
    scope = {"__name__": module}
    exec(compile(SOURCE, "ranks.py", "exec"), scope)
    return scope[name]


class Compiled(CythonBackend):
    """Runs the entries of a module that a test compiled."""

    def __init__(self, compiled):
        self._compiled, self._addresses = compiled, compiled.kernels()
        NativeBackend.__init__(self)


@pytest.fixture(scope="module")
def extension(tmp_path_factory):
    """A build of the bodies of this file, generated and compiled as those of numbanet are."""
    folder = tmp_path_factory.mktemp("ranks")
    (folder / "ranks.py").write_text(SOURCE, "utf-8")
    (folder / "ranks.pxd").write_text(TYPES, "utf-8")
    (folder / "functions.h").write_text(c_functions.header(), "utf-8")
    written = generate.write(folder / "c", "of_ranks", {"ranks": folder / "ranks.py"}, folder)
    target = folder / f"of_ranks{sysconfig.get_config_var('EXT_SUFFIX')}"
    headers = [f"-I{path}" for path in (sysconfig.get_path("include"), generate.HERE, folder)]
    options = ["-shared", "-fPIC", "-std=c11", "-O0", "-w", *headers]
    subprocess.run([COMPILER, *options, generate.translate(written), "-o", target, "-lm"], check=True, timeout=300)
    spec = importlib.util.spec_from_file_location("of_ranks", target)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Compiled(module)


def check_pooling(build, module, dtype):
    x = np.random.default_rng(0).normal(size=(3, 4, 6, 2)).astype(dtype)
    out = np.zeros((3, 2, 3, 2), dtype)
    build.run(Body(function("sum_pooling", module)), 3, (x, out), 1.0)
    np.testing.assert_allclose(out, x.reshape(3, 2, 2, 3, 2, 2).sum((2, 4), dtype=np.float64), rtol=1e-5)


def check_sums(build, module, name, dtype):
    """Of an array that lies as its body takes it; one with strides runs backwards, and its last axis comes first."""
    ndim, last = NAMES[name]
    shape = (2, 3, 1, 2, 3, 2, 2)[:ndim]
    x = np.random.default_rng(ndim).normal(size=shape[::-1]).astype(dtype).T[::-1]
    x = np.ascontiguousarray(x) if last == "::1" else x
    assert x.flags.c_contiguous == (last == "::1")
    out = np.zeros(2, dtype)
    body = Body(function(name, module))
    build.run(body, 2, (x, out), 1.0)
    np.testing.assert_allclose(out, x.reshape(2, -1).sum(1, dtype=np.float64), rtol=1e-4, atol=1e-5)
    return body, x, out


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@needs_compiler
def test_pooling_of_four_axes_in_c(extension, dtype):
    check_pooling(extension, "numbanet.loops.ranks", dtype)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_pooling_of_four_axes_in_python(dtype):
    check_pooling(PythonBackend(), "ranks", dtype)


@pytest.mark.needs_numba("it compiles a body")
def test_pooling_of_four_axes_in_numba():
    check_pooling(backends._numba(), "ranks", "f4")


@needs_compiler
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_every_number_of_axes_in_c(extension, name, dtype):
    body, x, out = check_sums(extension, "numbanet.loops.ranks", name, dtype)
    (built,) = [built for (kernel, _), built in extension.built.items() if kernel is body]
    assert not built.interpreted
    expected = out.copy()
    out[:] = 0
    block = extension.prepare(body, (x, out))[1]
    built.call(block.buffer_info()[0], 0, 2)  # as in a Program, where operands come in a block
    assert out.tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_axes_in_python(name):
    check_sums(PythonBackend(), "ranks", name, "f8")


@pytest.mark.needs_numba("it compiles bodies")
@pytest.mark.parametrize("name", ["sum_contiguous_5", "sum_contiguous_7", "sum_strided_4", "sum_strided_7"])
def test_many_axes_in_numba(name):
    check_sums(backends._numba(), "ranks", name, "f4")


@needs_compiler
def test_operands_that_do_not_fit_the_short_way_come_in_a_block(extension):
    """Seven operands of seven axes with strides are 105 words."""
    name, address = b"many", extension._addresses["ranks.sum_strided_7 f8A7 f8C1"]
    assert extension._compiled.direct(name, address, b"GGGGGG") is not None
    assert extension._compiled.direct(name, address, b"GGGGGGG") is None


def test_a_body_that_runs_in_python_reads_all_words_of_a_block():
    """Four operands of eight axes with strides are 68 words: more than any body of numbanet takes."""
    from numbanet.backends.cython.backend import _interpreted

    def first(a, b, c, d, out, start, stop):
        for i in range(start, stop):
            out[i] = a[i, 0, 0, 0, 0, 0, 0, 0] + d[i, 0, 0, 0, 0, 0, 0, 0]

    x, out = np.arange(256.0).reshape((2,) * 8).T, np.zeros(2)
    built = _interpreted(Body(first), (*[("<f8", 8, False)] * 4, ("<f8", 1, True)), False)
    block = np.array([*[x.ctypes.data, *x.shape, *x.strides] * 4, out.ctypes.data, 2], np.int64)
    built.call(block.ctypes.data, 0, 2)
    assert out.tolist() == [0.0, 2.0]


def test_more_axes_than_c_has_are_refused(tmp_path):
    (tmp_path / "ranks.pxd").write_text(types_of_sum("too_many", 8, "::1"), "utf-8")
    with pytest.raises(ValueError, match=r"ranks.pxd: x of too_many has 8 dimensions, of 7 at most"):
        generate.declared("ranks", tmp_path)


@needs_simulator
@pytest.mark.parametrize("name", ["sum_pooling", "sum_contiguous_5", "sum_strided_7"])
def test_many_axes_on_a_gpu(name):
    import numbanet as nn
    from numbanet.backends.cuda import ranges

    ndim, _ = NAMES.get(name, (4, ""))
    shape = (3, 4, 6, 2) if name == "sum_pooling" else (2, 3, 1, 2, 3, 2, 2)[:ndim]
    x = np.random.default_rng(ndim).normal(size=shape).astype(np.float32)
    out = np.zeros((3, 2, 3, 2) if name == "sum_pooling" else (2,), np.float32)
    expected = np.zeros_like(out)
    function(name, "ranks")(x, expected, 0, len(out))
    there, result = (nn.asarray(array, device="cuda")._array for array in (x, out))
    ranges.run(there.device.backend, function(name, "ranks"), len(out), (there, result))
    np.testing.assert_allclose(nn.Tensor(result).numpy(), expected, rtol=1e-5)
