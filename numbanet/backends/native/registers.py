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
    half : bool
        Whether vectors are half as long as a register.
    turned : bool
        Whether the output is stored transposed: its rows are the columns of the tile.
    packed : bool
        Whether the numbers of a that meet a step of k lie side by side.
    """

    rows: int
    vectors: int
    masked: bool
    listed: bool = False
    half: bool = False
    turned: bool = False
    packed: bool = False

    @property
    def name(self):
        marks = {"half": self.half, "turned": self.turned, "masked": self.masked, "listed": self.listed}
        marks["packed"] = self.packed
        return f"{self.rows}x{self.vectors}" + "".join(f"_{name}" for name, holds in marks.items() if holds)


class Tiling(NamedTuple):
    """The tiles of an output: so many strips of columns of the first, and what remains for up to two others.

    Strips that stick out lie over the columns before; only a single strip may be wider than the output.
    """

    tile: Tile
    strips: int
    rest: Tile | None = None
    last: Tile | None = None

    @property
    def across(self):
        """How many strips there are, of all tiles."""
        return self.strips + (self.rest is not None) + (self.last is not None)


HEIGHTS = (2, 3, 4, 5, 6, 7, 8, 10, 12)
"""Rows of tiles, apart from those of one row."""


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

    def height(self, m, most, multiple=1):
        """As many rows of a tile as leave the last one the least to repeat, since it lies over the one before."""
        heights = [rows for rows in HEIGHTS if rows <= min(m, most) and rows % multiple == 0]
        return min(heights, key=lambda rows: (-(-m // rows) * (rows + 2), -rows))

    def tile_for(self, m, n, itemsize):
        """The tile for an output of m rows and n columns: as high and wide as registers and the output allow."""
        lanes = self.vector_bytes // itemsize
        few = 2 if self.many else 1
        if m == 1:
            rows, vectors = 1, min(8, 1 << (-(-n // lanes) - 1).bit_length())
        elif n <= lanes:
            rows, vectors = self.height(m, 12), 1
        elif m == 2 and n > 2 * few * lanes:
            rows, vectors = 2, 4 * few
        elif m <= self.rows // 2:
            rows, vectors = m, 2 * few if n > 2 * lanes else 2
        else:
            rows, vectors = self.height(m, self.rows), 2
        return Tile(rows, vectors, n < vectors * lanes or vectors == 1)

    def tiling_for(self, m, n, itemsize, listed=False):
        """The tiles for an output; where zeros are left out, `listed_for` must have each of them along lists."""
        tile, lanes = self.tile_for(m, n, itemsize), self.vector_bytes // itemsize
        if listed:
            most = 12 if tile.vectors == 1 else self.rows
            tile = tile._replace(rows=self.height(m, most, max(self.listed_rows, 4)))
        columns, half, ragged = tile.vectors * lanes, lanes // 2, self.vector_bytes == 64
        whole = Tiling(tile, -(-n // columns))
        if not ragged or tile.vectors > 2:
            return whole
        strips, left = divmod(n, 2 * lanes)
        single, short = Tile(tile.rows, 1, masked=True), Tile(tile.rows, 1, masked=True, half=True)
        if left > lanes + half:
            return whole
        ends = [single] * (left > half) + [short] * (0 < left % lanes <= half)
        if strips == 0:
            return Tiling(ends[0], 1, *ends[1:])
        return Tiling(tile, strips, *ends)

    def turned_for(self, m, n, itemsize):
        """The tiles that store m rows and n columns as n rows of m numbers; None where no registers are made for it."""
        lanes = self.vector_bytes // itemsize
        if self.vector_bytes < 64 or m < 2 or n < lanes:
            return None
        vectors = 4 if m <= 4 and n >= 4 * lanes else min(2, n // lanes)
        wide, rest = (Tile(self.height(m, 12), some, masked=False, turned=True) for some in (vectors, vectors // 2))
        strips, left = divmod(n, vectors * lanes)
        if rest.vectors == 0 or left == 0 or left > rest.vectors * lanes:
            return Tiling(wide, strips + (left > 0))
        return Tiling(wide, strips, rest)

    def packed_for(self, n, itemsize):
        """The tiles for many rows, whose numbers lie side by side, and n columns, two vectors or more."""
        tiling = self.tiling_for(self.rows, n, itemsize)
        packed = [tile and tile._replace(packed=True) for tile in (tiling.tile, tiling.rest, tiling.last)]
        return Tiling(packed[0], tiling.strips, *packed[1:])

    @property
    def listed_rows(self):
        """Rows of a tile that walks a list: the fewer, the more steps it can leave out; enough to fill the pipes."""
        return 4 if self.many else 6

    def has_listed(self, m, n):
        """Whether there are listed tiles for an output: not where rows are so few that its tiles are for these."""
        return n > 1 and m >= (8 if self.many else 6)

    def listed_for(self, tile):
        """The tile that computes a part of the rows of `tile` along a list."""
        return tile._replace(rows=self.listed_rows, listed=True, packed=False)

    def line_tile_for(self, lines):
        """The tile for the product of so few lines with many."""
        outputs = 16 if self.vector_bytes == 64 else 4
        rows = min(4 if outputs == 16 else 2, 1 << (lines - 1).bit_length())
        return LineTile(rows, outputs // rows)

    def columns(self, tile, itemsize):
        """How many columns of the output a tile has."""
        return tile.vectors * self.vector_bytes // itemsize // (2 if tile.half else 1)


WIDEST = Registers(PARTIAL_BYTES, many=True, has_masks=True)
"""Those of AVX-512."""
