"""The memory that parts of a launch touch is that which is known of them, and rows of a product are those of all."""

import inspect
import itertools
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import numbanet as nn
from numbanet.kernels.recording import recording
from numbanet.launching import reach
from numbanet.launching.launch import matmul
from numbanet.launching.program import Program
from numbanet.launching.rows import rows_of

N, START, STOP = 6, 2, 4
GATES = ("product", "gates", "dgates")
"""Operands with several numbers per unit."""


class Watched:
    """An array that knows which of its rows were touched."""

    def __init__(self, array):
        self.array, self.rows, self.shape = array, set(), array.shape

    def __getitem__(self, key):
        self.rows.add(int(key[0] if isinstance(key, tuple) else key))
        return self.array[key]

    def __setitem__(self, key, value):
        self.rows.add(int(key[0] if isinstance(key, tuple) else key))
        self.array[key] = value


def declared():
    """(module, body, number of dimensions of each operand, 0 for numbers), as types in C say."""
    for path in sorted((Path(nn.__file__).parent / "backends" / "cython").glob("*.pxd")):
        pattern = r"^cdef void (\w+)\((.*), size_t start, size_t stop\)"
        for name, operands in re.findall(pattern, path.read_text(), re.M):
            kinds = list(re.split(r",\s*(?![^\[]*\])", operands))
            yield path.stem, name, [one.count(":") - one.count("::") if "[" in one else 0 for one in kinds]


DECLARED = {f"numbanet.loops.{module}.{name}": kinds for module, name, kinds in declared()}
KNOWN = sorted(
    body for body in DECLARED if body in reach.OWN or body.startswith(reach.ELEMENTWISE)
)  # fmt: skip


def test_all_that_is_known_is_looked_at():
    assert set(reach.OWN) <= set(KNOWN)
    assert len(KNOWN) > 80


@pytest.mark.parametrize("body", KNOWN)
def test_a_position_touches_only_its_own_row(body):
    module, _, name = body.rpartition(".")
    function = inspect.unwrap(getattr(import_module(module), name))
    names = [*inspect.signature(function).parameters][:-2]
    for dtype in (np.float64, np.int64):
        shapes = [
            (N, 4 * N) if name in GATES else (N,) * dims for name, dims in zip(names, DECLARED[body], strict=True)
        ]
        operands = [Watched(np.ones(shape, dtype)) if shape else dtype(1) for shape in shapes]
        arrays = [one for one in operands if isinstance(one, Watched)]
        if name in ("fetch_rows", "store_rows"):
            arrays[-2].array[:] = 0  # the cursor
        try:
            with np.errstate(all="ignore"):
                function(*operands, START, STOP)
        except (TypeError, IndexError):
            continue  # a body for numbers of the other kind
        break
    else:
        pytest.fail("it runs with neither floats nor integers")
    for i, one in enumerate(arrays):
        if i in reach.OWN.get(body, range(len(arrays))):
            assert one.rows <= set(range(START, STOP)), i


@pytest.mark.needs_compiled("rows are taken from compiled products")
class TestRows:
    def product(self, m, k, n, turned, with_bias, zeros, dtype):
        rng = np.random.default_rng(0)
        a = rng.standard_normal((k, m)).astype(dtype).T if turned else rng.standard_normal((m, k)).astype(dtype)
        a[rng.random(a.shape) < zeros] = 0
        b, bias = rng.standard_normal((k, n)).astype(dtype), rng.standard_normal(n).astype(dtype)
        out = np.zeros((m, n), dtype)
        with recording() as made:
            matmul(a, b, out, bias if with_bias else None, with_bias)
        return made, (a, b, out, bias)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize(
        ("m", "k", "n", "turned"),
        [(128, 784, 96, False), (96, 130, 70, True), (50, 20, 10, False), (41, 33, 100, True)],
    )
    @pytest.mark.parametrize(("with_bias", "zeros"), [(False, 0.0), (True, 0.9)])
    def test_rows_have_the_bytes_of_the_whole(self, m, k, n, turned, with_bias, zeros, dtype):
        made, operands = self.product(m, k, n, turned, with_bias, zeros, dtype)
        (one,), out = made, operands[2]
        assert one.product is not None
        Program(made, operands).run(1)
        whole = out.tobytes()
        for cuts in ((0, m // 2, m), (0, 3, 16, m)):
            out[...] = np.nan
            parts = [rows_of(one, *pair) for pair in itertools.pairwise(cuts)]
            if None in parts:
                assert cuts[1] == 3  # so few are computed another way
                continue
            Program(parts, operands).run(1)
            assert out.tobytes() == whole

    def test_a_product_without_outputs_leaves_the_one_before(self):
        made, _ = self.product(128, 784, 96, False, False, 0.0, "float32")
        before = made[0].product
        with recording() as launches:
            launches.append(made[0])
            matmul(np.zeros((0, 3), "f4"), np.zeros((3, 2), "f4"), np.zeros((0, 2), "f4"))
        assert made[0].product is before

    def test_what_would_be_packed_by_all_is_not_cut(self):
        rng = np.random.default_rng(0)
        a, b, out = rng.random((64, 200)), rng.random((300, 200)).T, np.zeros((64, 300))
        with recording() as made:
            matmul(a, b, out)
        assert rows_of(made[0], 0, 32) is None
