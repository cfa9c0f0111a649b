"""What the next step of a recurrence is the first to touch is fetched while the largest product of this one computes.

A product waits for no memory once its operands are in the second-level cache, and what surrounds it waits for little
else: the gates of a step, and their gradients, lie in the third-level cache or further away. So each step of k of a
tile fetches a line. The gradient of an LSTM took 5.05 ms without, and takes 4.25 (128 units, 64 samples, 50 steps; one
core of Zen 4); where a tile's share was fetched at once before it, as many lines were waited for, and nothing gained.
"""

import numpy as np

LEAST_BYTES, LEAST_OF_STEP, LINE = 1 << 19, 4096, 64
"""The size from which operands of all steps, and from which those of one, are fetched: others are close, or come at
once. And what a step of k fetches at most."""
_PRODUCT = "dot_tiles"
_ROWS, _STRIPS, _REST, _LAST, _AHEAD = 31, 32, 25, 28, 35
"""Words of the block of `drivers.tiled.dot_tiles`: `rows`, `strips`, `rest`, `last` and `ahead`."""


def fetch_ahead(parts, launches, first, advances, address_of):
    """Return tables of `drivers.repeat` in which the largest product of a step fetches what the next step touches.

    `first` and `advances` get more columns, a table of two words for each strip of that product: what is fetched there
    and at which pace. The block of the product has its address in `words`, the last result.
    """
    product = _largest_product(parts[0][0])
    tables = [([], []) if product is None else _table(part[:2], product, address_of) for part in parts]
    width = first.shape[1]
    more = np.zeros((2, len(parts), max(len(words) for words, _ in tables)), np.int64)
    for i, table in enumerate(tables):
        more[:, i, : len(table[0])] = table
    first, advances = np.hstack((first, more[0])), np.hstack((advances, more[1]))
    words = np.zeros(first.size, np.int64)
    for i in range(len(parts) if product is not None else 0):
        first[i, launches[i, product, 1] + _AHEAD] = words.ctypes.data + 8 * (i * first.shape[1] + width)
    return first, advances, words


def _largest_product(step):
    """The number of the launch, among those of a step, that computes the largest product in tiles, or None."""
    sizes = {k: one.n * one.cost for k, one in enumerate(step) if one.name == _PRODUCT}
    return max(sizes, key=sizes.get, default=None)


def _table(steps, product, address_of):
    """Two words for each strip of a product, an address and a pace, and what they grow by from step to step.

    Each region gets one strip at least, if there are enough, and larger ones more.
    """
    block = steps[0][product].block
    strips = block[_STRIPS] + (block[_REST] != 0) + (block[_LAST] != 0)
    steps_of_k = -(-block[2] // block[_ROWS]) * block[3]
    regions = _new_regions(steps, address_of)[:strips]
    shares = [1] * len(regions)
    for _ in range(strips - len(regions) if regions else 0):
        sizes = [size / share for (_, size, _), share in zip(regions, shares, strict=True)]
        shares[sizes.index(max(sizes))] += 1
    words, advances = [], []
    for (place, size, advance), share in zip(regions, shares, strict=True):
        part = -(-size // share)
        for i in range(share):
            words += place + i * part, min(LINE, -(-part // steps_of_k))
            advances += advance, 0
    return (words, advances) if words else ([block[0], 0] * strips, [0] * 2 * strips)


def _new_regions(steps, address_of):
    """The arrays that the second step touches and the first one does not: (address, bytes, bytes to the next one's)."""
    pairs = [two for launch in zip(*steps, strict=True) for two in zip(*(one.keep for one in launch), strict=True)]
    places = [[(address_of(x), x.nbytes) for x in two] for two in pairs if isinstance(two[0], np.ndarray)]
    known = {before for before, _ in places}
    found = {after: after[0] - before[0] for before, after in places if after not in known}
    large = [(*region, advance) for region, advance in found.items() if region[1] >= LEAST_OF_STEP]
    return sorted(large, key=lambda region: -region[1])
