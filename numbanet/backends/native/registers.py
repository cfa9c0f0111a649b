"""Vector registers, and the tiles of a dot that fit them. Every backend has its own; no compiler is needed for this."""

from typing import NamedTuple


class Tile(NamedTuple):
    """The shape of a tile.

    Parameters
    ----------
    rows, vectors : int
        Accumulators: rows * vectors registers. Columns are those of `vectors` vectors.
    masked : bool
        Whether lanes past the last column are left out; else all columns are inside.
    listed : bool
        Whether only those steps of k are walked that a list names, because a is zero at all others.
    """

    rows: int
    vectors: int
    masked: bool
    listed: bool = False

    @property
    def name(self):
        return f"{self.rows}x{self.vectors}{'_masked' if self.masked else ''}{'_listed' if self.listed else ''}"


class Registers(NamedTuple):
    """The vector registers that a backend's code uses.

    Parameters
    ----------
    vector_bytes : int
        The size of one.
    many : bool
        Whether there are 32 of them, else 16.
    has_masks : bool
        Whether lanes can be left out of a load. Elsewhere that is a branch per lane, too slow for a loop over k.
    """

    vector_bytes: int
    many: bool
    has_masks: bool

    @property
    def rows(self):
        """Rows of the tile that most products take, with two vectors of columns."""
        return 12 if self.many else 6

    def tile_for(self, m, n, itemsize):
        """The tile for an output of m rows and n columns: as high and wide as registers and the output allow."""
        lanes = self.vector_bytes // itemsize
        if m == 1:
            rows, vectors = 1, 8
        elif n <= lanes:
            rows, vectors = 4 if m <= 4 else 12, 1
        elif m <= 4:
            rows, vectors = 4, 4 if self.many else 2
        else:
            rows, vectors = self.rows, 2
        return Tile(rows, vectors, n < vectors * lanes or vectors == 1)

    @property
    def listed_rows(self):
        """Rows of a tile that walks a list: the fewer, the more steps it can leave out; enough to fill the pipes."""
        return 4 if self.many else 6

    def listed_for(self, tile):
        """The tile that computes a part of the rows of `tile` along a list; None where lists cannot pay."""
        divides = tile.rows % self.listed_rows == 0 and tile.rows > 4
        return Tile(self.listed_rows, tile.vectors, tile.masked, listed=True) if divides else None

    def columns(self, tile, itemsize):
        """How many columns of the output a tile has."""
        return tile.vectors * self.vector_bytes // itemsize
