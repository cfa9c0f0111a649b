"""Reductions: x as (outer, n, inner), one result per (outer, inner): the naive bodies are those of `loops.reduce`.

One kernel for all, made of a recipe (see `recipes`) and of an arrangement of threads (see `groups`):

- inner is 1: a thread, a part of a warp, a warp or a block reads a row, neighbouring threads neighbouring elements;
- inner is large: neighbouring threads read neighbouring columns, and a block's rows of threads share the n elements;
- few results of many elements: the n elements are cut into parts, one block each, whose states go to scratch memory,
  and the same kernel reduces those (Harris: Optimizing parallel reduction in CUDA, 2007). How many depends on shapes
  alone, so that results are the same on every device, and no atomic is needed.
"""

import numpy as np

from numbanet.backends.cuda import recipes
from numbanet.backends.cuda.groups import Group, make_group_of, make_together, power_of_two, uint
from numbanet.backends.cuda.toolkit import cuda, device
from numbanet.loops import reduce as loops

RECIPES = {
    loops.sum: recipes.SUM,
    loops.sum_rows: recipes.SUM,
    loops.sum_columns: recipes.SUM,
    loops.sum_integers: recipes.SUM,
    loops.prod: recipes.PRODUCT,
    loops.prod_integers: recipes.PRODUCT,
    loops.max: recipes.MAXIMUM,
    loops.min: recipes.MINIMUM,
    loops.argmax: recipes.ARGMAX,
    loops.argmin: recipes.ARGMIN,
    loops.any: recipes.ANY,
    loops.all: recipes.ALL,
    loops.logsumexp: recipes.LOGSUMEXP,
}
WHOLE, FIRST, LAST = "whole", "first", "last"
"""Stages: elements to results; elements to states in scratch memory; those to results."""


def make_reduction(body, dtype, stage, unroll, columns, lanes, groups, warp):
    """The kernel of one stage of the reduction that `body` defines, for elements of `dtype`.

    Its operands: what is read, what is written, then outer, n, inner, and how many elements a part has. In scratch
    memory a state is an element of one array, and of a second one if the recipe has a payload.
    """
    recipe, group = RECIPES[body], Group(columns, lanes, groups, warp)
    accumulator, pairs = recipe.accumulator(dtype), recipe.has_payload
    combine = device(recipe.combine)
    reduce_lane = make_lane(recipe, combine, dtype, accumulator, stage, unroll, lanes)
    share, collect = make_together(combine, accumulator, group, pairs)
    place, store = make_place(group), make_store(recipe, stage)
    threads, payload, crosses_warps = group.threads, recipe.payload.dtype, group.partials > 1
    is_row = columns == 1  # then inner is 1 (see `group_for`), and known, addresses need no registers of their own

    def reduce(sources, targets, outer, n, inner, chunk):
        values = cuda.shared.array(threads, accumulator)
        payloads = cuda.shared.array(threads, payload)
        thread, inner = uint(cuda.threadIdx.x), uint(1) if is_row else uint(inner)
        at, k, stop, target, is_inside = place(thread, uint(outer), uint(n), inner, uint(chunk))
        state = share(reduce_lane(sources, at, k, stop, inner), thread, values, payloads)
        if crosses_warps:
            cuda.syncthreads()
        state = collect(state, thread, values, payloads)
        if is_inside:
            store(targets, target, state)

    reduce = device(reduce)

    def one_to_one(x, out, outer, n, inner, chunk):
        reduce((x,), (out,), outer, n, inner, chunk)

    def one_to_two(x, values, payloads, outer, n, inner, chunk):
        reduce((x,), (values, payloads), outer, n, inner, chunk)

    def two_to_one(values, payloads, out, outer, n, inner, chunk):
        reduce((values, payloads), (out,), outer, n, inner, chunk)

    return one_to_one if stage == WHOLE or not pairs else one_to_two if stage == FIRST else two_to_one


def make_place(group):
    """`place(thread, outer, n, inner, chunk)`: where this thread reads, of which elements, and where its result goes.

    Block x counts groups of results and block y parts of n. More than one block side by side along inner means that a
    group is a whole block; so the one division that costs something is of 32 bits.
    """
    columns, _, groups, _ = group
    group_of = make_group_of(group)

    def place(thread, outer, n, inner, chunk):
        number, lane, column = group_of(thread)
        part, parts = uint(cuda.blockIdx.y), uint(cuda.gridDim.y)
        row = uint(cuda.blockIdx.x) * uint(groups) + number
        side_by_side = (inner + uint(columns - 1)) // uint(columns)
        if side_by_side > uint(1):
            block, blocks = np.uint32(cuda.blockIdx.x), np.uint32(side_by_side)
            row = uint(block // blocks)
            column += uint(block % blocks) * uint(columns)
        stop = min(n, (part + uint(1)) * chunk)
        is_inside = row < outer and column < inner
        k = part * chunk + lane if is_inside else stop
        target = (row * parts + part) * inner + column
        return (row * n + k) * inner + column, k, stop, target, is_inside and lane == uint(0)

    return device(place)


def make_step(recipe, combine, convert, from_states):
    """`add(state, v, k)`: the state of a state and one more element, the value v at position k."""
    empty = recipe.payload
    step = device(recipe.step) if recipe.has_payload else None

    def stepped(state, v, k):
        return combine(state, (convert(v), empty))

    def stepped_truth(state, v, k):
        return combine(state, (convert(v != 0), empty))

    def stepped_pair(state, v, k):
        return step(state, convert(v), k)

    of_elements = stepped_pair if step else stepped_truth if recipe.as_truth else stepped
    return device(stepped if from_states else of_elements)


def make_lane(recipe, combine, dtype, accumulator, stage, unroll, lanes):
    """`reduce_lane(sources, at, k, stop, inner)`: the state of elements k, k + lanes, ..., read from position `at` on.

    Elements are read several at a time, before the first is used: so many reads are under way in each thread, without
    which few threads do not use the bandwidth of the memory.
    """
    identity, empty, from_states = accumulator.type(recipe.identity(accumulator)), recipe.payload, stage == LAST
    add = make_step(recipe, combine, accumulator.type, from_states)

    def elements(sources, at, k, stop, inner):
        x, state, values = sources[0], (identity, empty), cuda.local.array(unroll, dtype)
        while k + uint((unroll - 1) * lanes) < stop:
            for u in range(unroll):
                values[u] = x[at + uint(u * lanes) * inner]
            for u in range(unroll):
                state = add(state, values[u], k + uint(u * lanes))
            at += uint(unroll * lanes) * inner
            k += uint(unroll * lanes)
        while k < stop:
            state = add(state, x[at], k)
            at += uint(lanes) * inner
            k += uint(lanes)
        return state

    def pairs(sources, at, k, stop, inner):
        state = (identity, empty)
        while k < stop:
            state = combine(state, (sources[0][at], sources[1][at]))
            at += uint(lanes) * inner
            k += uint(lanes)
        return state

    return device(pairs if from_states and recipe.has_payload else elements)


def make_store(recipe, stage):
    """`store(targets, at, state)`: the result of a state, or the state itself."""
    finish = device(recipe.finish)

    def result(targets, at, state):
        targets[0][at] = finish(state)

    def value(targets, at, state):
        targets[0][at] = state[0]

    def both(targets, at, state):
        targets[0][at] = state[0]
        targets[1][at] = state[1]

    return device(result if stage != FIRST else both if recipe.has_payload else value)


def group_for(sizes, n, inner):
    """Who reduces n elements: four each at least, and warps side by side if inner has as many columns."""
    most = max(sizes.block // power_of_two(inner), sizes.block // sizes.warp)
    lanes = min(most, power_of_two(-(-n // 4)))
    columns = min(power_of_two(inner), sizes.block // lanes)
    return Group(columns, lanes, sizes.block // (columns * lanes), sizes.warp)


def parts_for(sizes, blocks, n, lanes):
    """Into how many parts n is cut, and of how many elements, a multiple of the lanes.

    There should be `reduce_blocks` of them in the whole grid; but a part has `reduce_elements` per thread at least.
    """
    wanted = min(-(-sizes.reduce_blocks // blocks), n // (lanes * sizes.reduce_elements))
    if wanted < 2:
        return 1, max(n, 1)
    chunk = -(-n // (wanted * lanes)) * lanes
    return -(-n // chunk), chunk


def _launch(backend, body, dtype, stage, shape, parts, chunk, group, operands):
    outer, n, inner = shape
    blocks = -(-outer // group.groups) * -(-inner // group.columns)
    parameters = body, dtype, stage, backend.sizes.reduce_unroll, *group
    backend.launch(make_reduction, parameters, (blocks, parts), (group.threads,), (*operands, outer, n, inner, chunk))


def reduce(backend, body, x, out):
    """out[o, i] = the elements x[o, :, i] reduced as `body` does; both are contiguous, and out has an element."""
    (outer, n, inner), sizes = x.shape, backend.sizes
    group = group_for(sizes, n, inner)
    blocks = -(-outer // group.groups) * -(-inner // group.columns)
    parts, chunk = parts_for(sizes, blocks, n, group.lanes)
    source, target = x.reshape(-1), out.reshape(-1)
    if parts == 1:
        _launch(backend, body, x.dtype, WHOLE, x.shape, 1, chunk, group, (source, target))
        return
    recipe = RECIPES[body]
    states = [backend.empty((outer * parts * inner,), recipe.accumulator(x.dtype))]
    if recipe.has_payload:
        states.append(backend.empty(states[0].shape, recipe.payload.dtype))
    _launch(backend, body, x.dtype, FIRST, x.shape, parts, chunk, group, (source, *states))
    dtype, shape = states[0].dtype, (outer, parts, inner)
    _launch(backend, body, dtype, LAST, shape, 1, parts, group_for(sizes, parts, inner), (*states, target))


def tuned(body):
    """The reduction that stands in for `body`, with its operands."""

    def run(backend, x, out):
        reduce(backend, body, x, out)

    return run


def sum_rows(backend, x, out):
    """`sum` of x as (outer, n)."""
    reduce(backend, loops.sum_rows, x.reshape(*x.shape, 1), out)


def sum_columns(backend, x, totals, out):
    """`sum` of x as (n, inner); the totals of the naive body stay as they are."""
    reduce(backend, loops.sum_columns, x.reshape(1, *x.shape), out)


TUNED = {
    **{body: tuned(body) for body in RECIPES},
    loops.sum_rows: sum_rows,
    loops.sum_columns: sum_columns,
}
"""What runs on the device in place of a naive body."""
