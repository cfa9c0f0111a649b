"""The drivers' two worlds: what Numba has in `kernels/primitives`, C has in `kernels/aot`, by the same names."""

import ast
import re
from pathlib import Path

import pytest

import numbanet as nn
from numbanet.kernels import words
from numbanet.kernels.registers import Registers

KERNELS = Path(nn.__file__).parent / "kernels"
TILES = (KERNELS / "aot" / "tiles.h").read_text(encoding="utf-8")


def assigned(module, name):
    """The value that a module gives a name, without importing what needs a compiler."""
    for node in ast.parse((KERNELS / module).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise LookupError(name)


def test_c_declares_every_primitive():
    declarations = (KERNELS / "aot" / "primitives.pxd").read_text(encoding="utf-8")
    names = set(assigned("primitives/__init__.py", "__all__")) - {"inlined"}  # a decorator
    assert {name for name in names if not re.search(rf"\b{name}\b", declarations)} == set()


@pytest.mark.parametrize("many", [True, False])
def test_c_has_every_tile_that_can_be_asked_for(many):
    lists = re.findall(r"#define NUMBANET_EACH_TILE\(X\)((?:.*\\\n)*.*)", TILES)
    found = set(re.findall(r"X\((\w+), (\d+), (\d+), ([01])\)", lists[0 if many else 1]))
    wanted = set()
    for vector_bytes in (16, 32, 64):
        registers = Registers(vector_bytes, many, vector_bytes > 16)
        for itemsize in (4, 8):
            tiles = {registers.tile_for(m, n, itemsize) for m in (1, 2, 4, 5, 99) for n in range(1, 260)}
            wanted |= {(tile.name, str(tile.rows), str(tile.vectors), str(int(tile.masked))) for tile in tiles}
    assert found == wanted


def test_c_has_the_numbers_of_the_epilogues():
    for name in ("PLAIN", "BIAS_AND_RELU"):
        assert re.search(rf"#define NUMBANET_{name} {getattr(words, name)}$", TILES, re.MULTILINE), name


def test_columns_of_a_tile():
    registers = Registers(32, many=False, has_masks=True)
    tile = registers.tile_for(100, 100, 4)
    assert (tile.name, registers.columns(tile, 4), registers.columns(tile, 8)) == ("6x2", 16, 8)
