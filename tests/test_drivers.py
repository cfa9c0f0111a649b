"""The drivers' two worlds: what Numba has in `kernels/primitives`, C has in `kernels/aot`, by the same names."""

import ast
import itertools
import re
from pathlib import Path

import numpy as np
import pytest

import numbanet as nn
from numbanet.backends import select as backends
from numbanet.backends.cython.backend import VARIANTS, CythonBackend
from numbanet.backends.native.registers import PARTIAL_BYTES, Registers, Tile
from numbanet.kernels import words
from numbanet.launching.launch import Kernel
from numbanet.loops import arithmetic

BACKENDS = Path(nn.__file__).parent / "backends"
TILES = (BACKENDS / "cython" / "tiles.h").read_text(encoding="utf-8")


def assigned(module, name):
    """The value that a module gives a name, without importing what needs a compiler."""
    for node in ast.parse((BACKENDS / module).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise LookupError(name)


def test_c_declares_every_primitive():
    declarations = (BACKENDS / "cython" / "primitives.pxd").read_text(encoding="utf-8")
    names = set(assigned("native/primitives/__init__.py", "__all__")) - {"inlined"}  # a decorator
    assert {name for name in names if not re.search(rf"\b{name}\b", declarations)} == set()


@pytest.mark.parametrize(("vector_bytes", "many"), [(64, True), (32, False), (16, True), (16, False)])
def test_c_has_every_tile_that_can_be_asked_for(vector_bytes, many):
    found, wanted, registers = set(), set(), Registers(vector_bytes, many, vector_bytes > 16)
    kinds = [("EACH_LISTED", 2), ("EACH_PACKED", 2), ("ROW", 1), ("NARROW", 1), ("LOW", 1), ("WIDE", 2)]
    kinds += (
        [(f"EACH_{kind}", 1) for kind in ("HALF", "HALF_LISTED", "HALF_PACKED", "TURNED")] if vector_bytes == 64 else []
    )
    for kind, variants in kinds:
        lists = re.findall(rf"#define NUMBANET_{kind}_TILES?\(X\)((?:.*\\\n)*.*)", TILES)
        assert len(lists) >= variants
        found |= set(re.findall(r"X\((\w+), (\d+), (\d+), ([01])\)", lists[0 if many or variants == 1 else 1]))
    for m, n, itemsize, listed in itertools.product([*range(1, 40), 99], [*range(1, 140), 599], (4, 8), (False, True)):
        if listed and not registers.has_listed(m, n):
            continue
        tiles = {tile for tile in registers.tiling_for(m, n, itemsize, listed) if isinstance(tile, Tile)}
        tiles |= {registers.listed_for(tile) for tile in tiles if listed}
        turned = registers.turned_for(m, n, itemsize) or ()
        packed = registers.packed_for(n, itemsize) if n * itemsize >= 2 * vector_bytes else ()
        tiles |= {tile for tile in (*turned, *packed) if isinstance(tile, Tile)}
        wanted |= {(tile.name, str(tile.rows), str(tile.vectors), str(int(tile.masked))) for tile in tiles}
    assert wanted <= found
    if (vector_bytes, many) != (16, True):  # NEON has the masked ones of AVX-512, too
        assert found == wanted


@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
def test_c_has_every_tile_of_lines(vector_bytes):
    lists = re.findall(r"#define NUMBANET_EACH_LINE_TILE\(X\) (.*)", TILES)
    found = set(re.findall(r"X\((\w+), (\d+), (\d+)\)", lists[0 if vector_bytes == 64 else 1]))
    registers = Registers(vector_bytes, many=vector_bytes == 64, has_masks=True)
    tiles = {registers.line_tile_for(lines) for lines in range(1, 30)}
    assert found == {(tile.name, str(tile.rows), str(tile.columns)) for tile in tiles}
    assert f"NUMBANET_PARTIAL_BYTES {PARTIAL_BYTES}\n" in TILES


def test_c_has_the_numbers_of_the_epilogues():
    for name in ("PLAIN", "BIAS_AND_RELU"):
        assert re.search(rf"#define NUMBANET_{name} {getattr(words, name)}$", TILES, re.MULTILINE), name


@pytest.mark.parametrize("many", [True, False])
def test_c_has_the_rows_of_listed_tiles(many):
    header = (BACKENDS / "cython" / "registers.h").read_text(encoding="utf-8")
    rows = re.search(r"#define NUMBANET_LISTED_ROWS \(NUMBANET_MANY_REGISTERS \? (\d+) : (\d+)\)", header)
    assert int(rows[1 if many else 2]) == Registers(64, many, has_masks=True).listed_rows


def test_columns_of_a_tile():
    registers = Registers(32, many=False, has_masks=True)
    tile = registers.tile_for(100, 100, 4)
    assert (tile.name, registers.columns(tile, 4), registers.columns(tile, 8)) == ("6x2", 16, 8)


def extension(variant):
    """The build of a variant; a test is skipped where there is none."""
    try:
        return CythonBackend(variant)
    except ImportError as error:
        pytest.skip(str(error))


def layouts(rng, dtype):
    """Arrays that broadcast to (4, 1, 30, 50), in many layouts."""
    x = (100 * rng.normal(size=(4, 2, 30, 50))).astype(dtype)
    yield from (x[:, :1], x[:, 1:], x[:, :1, ::-1, ::-1], x[0, 0, 0], x[0, 0, :, :1], x[:, :1, :1, :1], x[:1, :1, 0, 0])
    yield (100 * rng.normal(size=(50, 30, 4, 1))).astype(dtype).transpose(2, 3, 1, 0)


@pytest.mark.needs_numba("both builds are compared")
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i4", "i8", "f4", "f8"])
def test_windows_give_the_bytes_of_numba(variant, dtype):
    kernel, ours, theirs = Kernel(arithmetic.maximum), extension(variant), backends._numba()
    for x, y in itertools.product(layouts(np.random.default_rng(0), dtype), repeat=2):
        results = [np.zeros((4, 1, 30, 50), dtype) for _ in range(2)]
        for build, out in zip((ours, theirs), results, strict=True):
            build.run_windowed(kernel, out, (x, y))
        assert results[0].tobytes() == results[1].tobytes(), (x.strides, y.strides)


@pytest.mark.needs_compiled("both builds are compiled ones")
@pytest.mark.needs_numba("both builds are compared")
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_products_give_the_bytes_of_numba(variant, dtype):
    """At any width of vectors, where both multiply and add in one instruction or neither does."""
    ours, theirs, rng = extension(variant), backends._numba(), np.random.default_rng(0)
    if ours.registers.has_masks != theirs.registers.has_masks:
        pytest.skip(f"{variant} and Numba's code for this processor round differently")
    for m, k, n in ((1, 9, 300), (3, 17, 65), (13, 5, 31), (40, 31, 64), (25, 40, 7), (7, 64, 1)):
        rows, columns, bias = rng.normal(size=(m, k)), rng.normal(size=(n, k)), rng.normal(size=n).astype(dtype)
        a, b = rows.astype(dtype), columns.astype(dtype).T
        bias[0] = np.nan
        for x, y in itertools.product((a, np.asfortranarray(a)), (b, np.ascontiguousarray(b), b[::-1])):
            for given in [(), (bias,), (bias, True)][: 1 if n == 1 else 3]:
                results = [np.zeros((m, n), dtype) for _ in range(2)]
                for build, out in zip((ours, theirs), results, strict=True):
                    build.matmul(x, y, out, *given)
                assert results[0].tobytes() == results[1].tobytes(), (m, k, n, x.strides, y.strides)
