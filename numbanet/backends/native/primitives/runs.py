"""The register tile of convolutions: sums over runs of steps, whose places in memory a table tells.

As in the tile of `dot`, rows x vectors of the output stay in registers. What differs is where operands lie: every row
has an offset in a and one in out, from a table; and instead of one walk along k there are runs of them, each of which
begins at an offset in a and one in b, from another table. A convolution has a run for each place of its window, the
gradient of its kernel one for each row of outputs. So windows are read where they lie, and nothing is unrolled.

In a tile of lanes, which is for convolutions channel by channel, a vector of a meets one of b, where otherwise a number
does. Every output adds its products in the order of the runs, whatever the tile. `cython/runs.h` has the same in C.
"""

import math

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives.addresses import as_int64
from numbanet.backends.native.primitives.vectors import BYTE, INT32, WORD, Vectors
from numbanet.backends.native.processor import REGISTERS
from numbanet.kernels.words import ADDED, BIAS_AND_RELU, PLAIN, STEPS_OF_A_FETCH

_POINTER = BYTE.as_pointer()


def runs_body(tile):
    """The body of a tile over runs; its range counts tiles, each of which has `tile.rows` rows of the tables.

    `sources` and `targets` are the addresses of offsets, one word per row, from `a` and `out` on; a row past the last
    one is the last one again. `runs` is that of `count` pairs of offsets, from a row of a and from `b` on; all have
    `length` steps. `bias` starts with as many numbers as the tile has columns that can be read, whatever the epilogue.
    Of its columns those from `first` on are stored, which only masked tiles can leave out.
    """
    rows = tile.rows

    @intrinsic
    def run_tile(typing_context, bias, sources, targets, a, out, runs, count, length, a_step, b, b_step, first, end):
        def generate(context, builder, signature, arguments):
            bias = context.make_array(signature.args[0])(context, builder, arguments[0])
            lanes = Vectors(context, builder, signature.args[0].dtype)
            _Emitter(tile, lanes, bias, *arguments[1:]).emit()
            return context.get_dummy_value()

        return types.void(bias, *[types.int64] * 12), generate

    def body(bias, sources, targets, a, out, runs, count, length, a_step, b, b_step, first, epilogue, start, stop):
        for t in range(start, stop):
            row = 8 * rows * as_int64(t)
            run_tile(
                bias, sources + row, targets + row, a, out, runs, count, length, a_step, b, b_step, first, epilogue
            )

    return body


class _Emitter:
    """One tile under construction."""

    def __init__(
        self, tile, lanes, bias, sources, targets, a, out, runs, count, length, a_step, b, b_step, first, epilogue
    ):
        self.tile, self.lanes, self.builder = tile, lanes, lanes.builder
        self.bias = self.builder.bitcast(bias.data, _POINTER)
        self.sources, self.a, self.targets, self.out = sources, a, targets, out
        self.runs, self.count, self.length, self.epilogue = runs, count, length, epilogue
        self.a_step, self.b, self.b_step = a_step, b, b_step
        self.offsets = [WORD(j * REGISTERS.vector_bytes) for j in range(tile.vectors)]
        self.inside = self.stored = [None] * tile.vectors
        if tile.masked:
            width = cgutils.unpack_tuple(self.builder, bias.shape)[0]
            starts = [j * lanes.count for j in range(tile.vectors)]
            self.inside = [lanes.below(width, start) for start in starts]
            before = [lanes.below(first, start) for start in starts]
            pairs = zip(self.inside, before, strict=True)
            self.stored = [self.builder.and_(inside, self.builder.not_(left)) for inside, left in pairs]
        self.loaded = self.inside if REGISTERS.has_masks else [None] * tile.vectors

    def _block(self, name):
        return self.builder.append_basic_block(f"runs.{name}")

    def _word(self, address, index):
        table = self.builder.inttoptr(address, WORD.as_pointer())
        return self.builder.load(self.builder.gep(table, [index]))

    def _places(self, table, base):
        """Pointers to what the rows of the tile are, by a table of offsets."""
        builder = self.builder
        words = [self._word(table, WORD(i)) for i in range(self.tile.rows)]
        return [builder.inttoptr(builder.add(base, word), _POINTER) for word in words]

    def emit(self):
        """All of it: sums over all runs, then what the epilogue makes of them."""
        builder, tile = self.builder, self.tile
        self.rows = self._places(self.sources, self.a)
        self._fetch_ahead()
        entry, loop, done = builder.block, self._block("each"), self._block("done")
        zero = self.lanes.constant(0.0)
        builder.cbranch(builder.icmp_signed(">", self.count, WORD(0)), loop, done)
        builder.position_at_end(loop)
        number = builder.phi(WORD)
        sums = [builder.phi(self.lanes.vector) for _ in range(tile.rows * tile.vectors)]
        totals = self._run(number, sums)
        end, following = builder.block, builder.add(number, WORD(1))
        self._incoming([number, *sums], [WORD(0), *[zero] * len(sums)], entry)
        self._incoming([number, *sums], [following, *totals], end)
        builder.cbranch(builder.icmp_signed("<", following, self.count), loop, done)
        builder.position_at_end(done)
        results = [builder.phi(self.lanes.vector) for _ in totals]
        self._incoming(results, [zero] * len(totals), entry)
        self._incoming(results, totals, end)
        vectors = range(0, len(results), tile.vectors)
        self._finish([results[i : i + tile.vectors] for i in vectors])

    def _fetch_ahead(self):
        """Have the processor fetch what will be written, while it computes: from so many steps on that takes longer."""
        builder = self.builder
        kinds = [_POINTER, INT32, INT32, INT32]
        prefetch = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), kinds), "llvm.prefetch.p0"
        )
        many = builder.icmp_signed(">=", builder.mul(self.count, self.length), WORD(STEPS_OF_A_FETCH))
        with builder.if_then(many):
            for place in self._places(self.targets, self.out):
                for line in range(0, self.tile.vectors * REGISTERS.vector_bytes, 64):
                    builder.call(prefetch, [builder.gep(place, [WORD(line)]), INT32(1), INT32(3), INT32(1)])

    def _incoming(self, phis, values, block):
        for phi, value in zip(phis, values, strict=True):
            phi.add_incoming(value, block)

    def _run(self, number, sums):
        """The steps of one run, at least one: the sums with their products."""
        builder = self.builder
        pair = builder.mul(number, WORD(2))
        a_offset = self._word(self.runs, pair)
        b_offset = self._word(self.runs, builder.add(pair, WORD(1)))
        row_of_b = builder.inttoptr(builder.add(self.b, b_offset), _POINTER)
        entry, loop, done = builder.block, self._block("steps"), self._block("run")
        builder.branch(loop)
        builder.position_at_end(loop)
        left, offset, place = builder.phi(WORD), builder.phi(WORD), builder.phi(_POINTER)
        own = [builder.phi(self.lanes.vector) for _ in sums]
        totals = self._step(offset, place, own)
        fewer, further = builder.sub(left, WORD(1)), builder.add(offset, self.a_step)
        phis = [left, offset, place, *own]
        self._incoming(phis, [self.length, a_offset, row_of_b, *sums], entry)
        self._incoming(phis, [fewer, further, builder.gep(place, [self.b_step]), *totals], loop)
        builder.cbranch(builder.icmp_unsigned("!=", fewer, WORD(0)), loop, done)
        builder.position_at_end(done)
        return totals

    def _step(self, offset, place, sums):
        """One step: what each row has in a meets a row of b."""
        builder, lanes, vectors = self.builder, self.lanes, self.tile.vectors
        multiply_add = lanes.intrinsic("fmuladd", lanes.vector, [lanes.vector] * 3)
        columns = [lanes.load(place, at, mask) for at, mask in zip(self.offsets, self.loaded, strict=True)]
        totals = []
        for i, row in enumerate(self.rows):
            here = builder.gep(row, [offset])
            if self.tile.lanewise:
                factors = [lanes.load(here, at, mask) for at, mask in zip(self.offsets, self.loaded, strict=True)]
            else:
                number = builder.load(builder.bitcast(here, lanes.element.as_pointer()))
                factors = [lanes.broadcast(number)] * vectors
            own = sums[i * vectors : (i + 1) * vectors]
            operands = zip(factors, columns, own, strict=True)
            totals += [builder.call(multiply_add, list(three)) for three in operands]
        return totals

    def _finish(self, totals):
        """Add the sums to what is there, or store them with their bias, or the relu of that."""
        builder, lanes = self.builder, self.lanes
        with builder.if_else(builder.icmp_signed("==", self.epilogue, WORD(ADDED))) as (added, otherwise):
            with added:  # rows past the last one repeat it: all are read before any is written
                places = self._places(self.targets, self.out)
                self._store(places, [self._added(place, row) for place, row in zip(places, totals, strict=True)])
            with otherwise:
                plain, relu = (builder.icmp_signed("==", self.epilogue, WORD(one)) for one in (PLAIN, BIAS_AND_RELU))
                floor = builder.select(relu, lanes.constant(0.0), lanes.constant(-math.inf))
                pairs = list(zip(self.offsets, self.inside, strict=True))
                biases = [builder.select(plain, lanes.constant(-0.0), lanes.load(self.bias, *pair)) for pair in pairs]
                finished = [[self._finished(*two, floor) for two in zip(row, biases, strict=True)] for row in totals]
                self._store(self._places(self.targets, self.out), finished)

    def _added(self, place, row):
        there = [self.lanes.load(place, at, mask) for at, mask in zip(self.offsets, self.inside, strict=True)]
        return [self.builder.fadd(old, new) for old, new in zip(there, row, strict=True)]

    def _finished(self, total, bias, floor):
        biased = self.builder.fadd(total, bias)
        return self.builder.select(self.builder.fcmp_unordered(">", biased, floor), biased, floor)  # NaN stays NaN

    def _store(self, places, results):
        for place, row in zip(places, results, strict=True):
            for at, mask, vector in zip(self.offsets, self.stored, row, strict=True):
                self.lanes.store(vector, place, at, mask)
