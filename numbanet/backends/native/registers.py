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


class LineTile(NamedTuple):
    """The shape of a tile whose operands are read in vectors along k: lines of the one by lines of the other."""

    rows: int
    columns: int

    @property
    def name(self):
        return f"{self.rows}x{self.columns}"


class RunTile(NamedTuple):
    """The shape of a tile over runs, for convolutions; see `Tile`.

    Parameters
    ----------
    rows, vectors : int
    masked : bool
        Whether lanes past the last column, and before the first one, are left out.
    lanewise : bool
        Whether channels meet their own column alone.
    """

    rows: int
    vectors: int
    masked: bool
    lanewise: bool = False

    @property
    def name(self):
        return f"{self.rows}x{self.vectors}{'_lanes' if self.lanewise else ''}{'_masked' if self.masked else ''}"


PARTIAL_BYTES = 64
"""What partial sums of an output take along k, whatever the size of a vector: bytes depend on shapes alone."""


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
        few = 2 if self.many else 1
        if m == 1:
            rows, vectors = 1, 4 if n <= 4 * lanes else 8
        elif n <= lanes or (self.many and m > 4 and 2 * lanes < n <= 3 * lanes):
            rows, vectors = 4 if m <= 4 else 12, 1
        elif m == 2 and n > 2 * few * lanes:
            rows, vectors = 2, 4 * few
        elif m <= 4 * few:
            rows, vectors = 4, 2 * few if n > 2 * lanes else 2
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

    def line_tile_for(self, lines):
        """The tile for the product of so few lines with many."""
        outputs = 16 if self.vector_bytes == 64 else 4
        rows = min(4 if outputs == 16 else 2, 1 << (lines - 1).bit_length())
        return LineTile(rows, outputs // rows)

    def columns(self, tile, itemsize):
        """How many columns of the output a tile has."""
        return tile.vectors * self.vector_bytes // itemsize
