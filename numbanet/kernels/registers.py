"""Vector registers, and the tiles of a dot that fit them. Launches need these numbers, so there is no Numba here."""

from typing import NamedTuple

from numbanet.kernels import machine_code

_triple, _, _features = machine_code.host()
_has = set(_features.split(",")).issuperset
VECTOR_BYTES = 64 if _has({"+avx512f"}) else 32 if _has({"+avx2", "+fma"}) else 16
MANY_REGISTERS = VECTOR_BYTES == 64 or _triple.startswith(("aarch64", "arm64"))  # 32 of them, else 16
HAS_MASKS = VECTOR_BYTES > 16
"""Whether lanes can be left out of a load. LLVM makes a branch per lane of it elsewhere, too slow for a loop over k."""

ROWS = 12 if MANY_REGISTERS else 6
"""Rows of the tile that most products take, with two vectors of columns."""


class Tile(NamedTuple):
    """The shape of a tile.

    Parameters
    ----------
    rows, vectors : int
        Accumulators: rows * vectors registers. Columns are those of `vectors` vectors.
    masked : bool
        Whether lanes past the last column are left out; else all columns are inside.
    """

    rows: int
    vectors: int
    masked: bool

    @property
    def name(self):
        return f"{self.rows}x{self.vectors}{'_masked' if self.masked else ''}"

    def columns(self, itemsize):
        return self.vectors * VECTOR_BYTES // itemsize


def tile_for(m, n, itemsize):
    """The tile for an output of m rows and n columns: as high and wide as registers and the output allow."""
    lanes = VECTOR_BYTES // itemsize
    if m == 1:
        rows, vectors = 1, 8
    elif n <= lanes:
        rows, vectors = 4 if m <= 4 else 12, 1
    elif m <= 4:
        rows, vectors = 4, 4 if MANY_REGISTERS else 2
    else:
        rows, vectors = ROWS, 2
    return Tile(rows, vectors, n < vectors * lanes or vectors == 1)
