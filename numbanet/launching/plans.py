"""Steps of Plans: the launches that a forward comes to, written down so that compiled code can run them again.

Whoever runs the loops for the second time on operands of the same shapes, strides and dtypes does what was done the
first time, at other addresses. Which words of a launch are addresses is found out by recording it twice, on memory of
its own each time: words that are the same both times are numbers, and the others must lie as far from the start of the
same operand, result or temporary both times. Where they do not, there is no Step, and the op goes its usual way.
"""

from __future__ import annotations

import array
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.lib.array_utils import byte_bounds

from numbanet.backends.native.backend import NativeBackend
from numbanet.backends.select import backend, on_backend
from numbanet.core.context import setting
from numbanet.kernels.recording import LAUNCH, recording
from numbanet.kernels.threads import DIRECT_NS, run_range

SAME, VIEW, FRESH = range(3)
"""What the result of a step is, as `calls.c` has it: an input, a view of one, or new."""


class NoPlan(Exception):
    """What was done cannot be done again on other operands; the text says why."""


class Region(NamedTuple):
    """Memory that launches may point into: where its first element is, and which bytes around that belong to it."""

    address: int
    low: int
    high: int


class Arena:
    """Memory for one recording: each result gets a block of its own, so that addresses tell which one is meant."""

    device = None

    def __init__(self):
        self.blocks = []

    def take(self, shape, dtype):
        """An array of a shape, in a new block."""
        out = np.empty(shape, dtype)
        if not out.size:
            raise NoPlan("a result is empty")
        self.blocks.append(out)
        return out


class Recording(NamedTuple):
    """What a forward did with operands that stand for others."""

    operands: list
    blocks: list
    launches: list
    out: Any


def step_of(make, op, inputs, arrays, params):
    """The Step of an op.

    Parameters
    ----------
    make : callable
        The type of Steps.
    op : Op
    inputs : tuple of int
        Which values of the Plan the operands are.
    arrays : list of numpy.ndarray
        Operands with the shapes, strides and dtypes that the Step is for.
    params : dict

    Returns
    -------
    Step

    Raises
    ------
    NoPlan
        When there is none.
    """
    if not op.recordable or op.forward is None:
        raise NoPlan(f"{op.name} is not made of launches")
    first, second = (_recorded(op, arrays, params) for _ in range(2))
    if len(first.blocks) != len(second.blocks) or len(first.launches) != len(second.launches):
        raise NoPlan(f"{op.name} did something else the second time")
    kind, source, place, order = _result(first)
    regions, again = _regions(first, order), _regions(second, order)
    words = _Words(regions, again)
    starts = [words.add(one, other) for one, other in zip(first.launches, second.launches, strict=True)]
    tables = words.add_tables()
    launches = [(one.function, at, one.n) for one, at in zip(first.launches, starts, strict=True)]
    flat = [number for launch in launches for number in launch]
    temporaries = [first.blocks[i].nbytes for i in order[1:]]
    large = tuple(_large(one) for one in first.launches)
    keep = _lasting(first) & _lasting(second)
    size = first.blocks[order[0]].nbytes if order else 0
    packed = (_packed(one) for one in (words.words, tables, temporaries, words.patches, flat))
    flags = first.out.flags.writeable + 2 * (op.vjp is not None and first.out.dtype.kind == "f")
    held = [x for one in first.launches for x in one.keep if id(x) in keep]
    return make(op, params, inputs, first.out, held, large, kind, source, flags, place, size, *packed)


def _lasting(recording):
    """Ids of what launches point to that both recordings share: kernels' own tables, which must not go away."""
    return {id(x) for one in recording.launches for x in one.keep if type(x) is np.ndarray}


def _packed(numbers):
    return array.array("q", numbers).tobytes()


def _large(launch):
    """What `run_large` gets of a launch that may be split, or should let other threads run; None for a small one."""
    return (LAUNCH(launch.function), launch.cost) if launch.n * launch.cost >= DIRECT_NS else None


def run_large(function, cost, address, n):
    """Run a launch as `NativeBackend.launch` does."""
    run_range(function, address, n, cost, cast(NativeBackend, backend()).chunk_loop)


def _recorded(op, arrays, params):
    if not on_backend(_is_compiled):
        raise NoPlan("the loops run in the interpreter, or where this thread cannot say")
    operands, arena = [_stand_in(x) for x in arrays], Arena()
    with setting(pool=arena), recording() as launches:
        out = op.forward(*operands, **params)
    if type(out) is not np.ndarray or any(one.slots for one in launches):
        raise NoPlan(f"{op.name} gives something else, or takes numbers that change")
    addresses, native = {one.function for one in launches}, cast(NativeBackend, backend())
    if any(one.interpreted and one.address in addresses for one in native.built.values()):
        raise NoPlan(f"{op.name} runs a body in the interpreter")
    return Recording(operands, arena.blocks, [one for one in launches if one.n], out)


def _is_compiled(found):
    return isinstance(found, NativeBackend) and type(found).launch is NativeBackend.launch


def _stand_in(x):
    """An array laid out like another, in memory of its own."""
    if not x.size:
        raise NoPlan("an operand is empty")
    low, high = byte_bounds(x)
    memory = np.zeros(high - low, np.uint8)
    return np.ndarray(x.shape, x.dtype, memory, x.__array_interface__["data"][0] - low, x.strides)


def _region(x):
    low, high = byte_bounds(x)
    address = x.__array_interface__["data"][0]
    return Region(address, low - address, high - address)


def _regions(recording, order):
    return [_region(x) for x in (*recording.operands, *[recording.blocks[i] for i in order])]


def _result(recording):
    """(kind, source, offset in bytes, the blocks with that of the result first) of the result of a recording."""
    out = recording.out
    for i, x in enumerate(recording.operands):
        if out is x:
            return SAME, i, 0, ()
    if not out.size:
        raise NoPlan("the result is empty")
    low, high = byte_bounds(out)
    address = out.__array_interface__["data"][0]
    for i, x in enumerate(recording.operands):
        start, stop = byte_bounds(x)
        if start <= low < high <= stop:
            if recording.launches:
                raise NoPlan("the result is a view of an operand, and there are launches")
            return VIEW, i, address - x.__array_interface__["data"][0], ()
    for i, block in enumerate(recording.blocks):
        start, stop = byte_bounds(block)
        if start <= low < high <= stop:
            whole = out.flags.c_contiguous and (start, stop) == (low, high)
            others = [other for other in range(len(recording.blocks)) if other != i]
            return FRESH, 0 if whole else 1, address - start, (i, *others)
    raise NoPlan("the result lies in memory of its own")


class _Words:
    """The words of all launches of two recordings, one after the other, and where addresses are among them."""

    def __init__(self, regions, again):
        self._regions, self._again = regions, again
        self.words, self.patches = array.array("q"), []
        self._tables = []

    def add(self, one, other):
        """Add a launch, as it was recorded both times; returns where it begins."""
        if (one.function, one.n, len(one.block)) != (other.function, other.n, len(other.block)):
            raise NoPlan(f"{one.name} was launched another way the second time")
        return self._add(one.block, other.block, self._tables_of(one, other))

    def _add(self, block, other, tables):
        start = len(self.words)
        for word, again in zip(block, other, strict=True):
            if word != again:
                self.patches += len(self.words), *self._place(word, again, tables)
            self.words.append(word)
        return start

    def _place(self, word, again, tables):
        """The region and offset that an address stands for."""
        for i, (one, other) in enumerate(zip(self._regions, self._again, strict=True)):
            offset = word - one.address
            if again - other.address == offset and one.low <= offset < one.high:
                return i, offset
        if (word, again) in tables:
            return len(self._regions) + tables[word, again], 0
        raise NoPlan("a launch points to memory that is not known")

    def _tables_of(self, one, other):
        """Arrays of words that a launch points to and that are no operand, such as addresses of several operands."""
        found = {}
        for x, y in zip(one.keep, other.keep, strict=True):
            if type(x) is np.ndarray is type(y) and x.dtype == np.int64 and x.flags.c_contiguous and x.shape == y.shape:
                pair = x.__array_interface__["data"][0], y.__array_interface__["data"][0]
                if pair[0] != pair[1] and not any(r.low <= pair[0] - r.address < r.high for r in self._regions):
                    found[pair] = len(self._tables)
                    self._tables.append((x.reshape(-1).tolist(), y.reshape(-1).tolist()))
        return found

    def add_tables(self):
        """Add those arrays; returns where they begin."""
        return [self._add(x, y, {}) for x, y in self._tables]
