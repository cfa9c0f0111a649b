"""Bodies of the fast attention: blocks of queries meet blocks of keys, in tiles over runs.

Queries lie along the lanes of vectors, two vectors of them, so that a row of scores belongs to one key: what is done to
the weights of a query is done lane by lane, in `attention_passes`. Panels of a block of queries have one row per number
of their vectors. All other operands are read where they lie, whatever their strides.
"""

from numbanet.backends.native.primitives import (
    VECTOR_BYTES,
    address,
    allocate,
    as_int64,
    call_kernel,
    copy_bytes,
    inlined,
    release,
    stack_words,
    write_word,
)
from numbanet.kernels.words import (
    ADDED,
    ALONG,
    BEST,
    COUNT,
    DIVIDE,
    EXP,
    FORGET,
    HEAD,
    KEY_SLOPES,
    KEYS,
    KEYS_AT_ONCE,
    LOWER,
    MANY_BLOCKS,
    MULTIPLY,
    NARROW,
    OTHER_ROWS,
    OTHERS,
    OUTPUTS,
    PACK,
    PANEL,
    PLAIN,
    PREPARE,
    QUERY,
    RESTRICT,
    ROOM,
    ROWS_OF_A,
    ROWS_OF_OUT,
    RUNS,
    SAMPLE,
    SCORES,
    SHARED,
    SHIFT,
    SIZE_ROWS,
    SIZES,
    SLOPE_PANEL,
    SLOPES,
    SLOPES_OF,
    TALL,
    TALL_ROWS,
    TOTAL,
    VALUE_SLOPES,
    VALUES,
    WEIGH,
    WIDE,
)


@inlined
def call_rows(function, block, x, rows, lanes, by, start):
    """Call a body of an array (rows, lanes) and one more row, over rows from `start` on to the last."""
    block[0], block[1], block[2], block[3], block[4] = x, rows, lanes, by, lanes
    call_kernel(function, address(block), 0, rows - start)


@inlined
def call_exp(function, block, x, count):
    """Replace numbers by their exponentials."""
    block[0], block[1], block[2], block[3] = x, count, x, count
    call_kernel(function, address(block), 0, count)


@inlined
def pack_rows(function, block, source, rows, columns, down, across, target, pitch):
    """Copy a matrix of any strides to contiguous rows."""
    block[0], block[1], block[2], block[3], block[4] = source, rows, columns, down, across
    block[5], block[6], block[7] = target, rows, pitch
    call_kernel(function, address(block), 0, columns)


@inlined
def list_rows(at, count, high, step):
    """Write down where rows lie that are `step` bytes apart; rows of the last tile past the last row are that one."""
    for i in range(count):
        write_word(at + 8 * i, i * step)
    for i in range(count, (count + high - 1) // high * high):
        write_word(at + 8 * i, (count - 1) * step)


@inlined
def tile_product(tile, high, block, rows, columns, a, a_step, length, b, b_step, out, epilogue):
    """Compute out = a @ b in tiles, or add it to `out`; words 2 and 3 have the tables of rows of a and of out."""
    block[0], block[1], block[4], block[5], block[7], block[8] = b, columns, a, out, 1, length
    block[9], block[10], block[11], block[12], block[13] = a_step, b, b_step, 0, epilogue
    call_kernel(tile, address(block), 0, (rows + high - 1) // high)


@inlined
def add_product(kernels, tile, rows, columns, item, a, length, b, b_step, out):
    """Add a @ b to `out`, strip by strip of its columns."""
    lanes = VECTOR_BYTES // item
    for strip in range((columns + 2 * lanes - 1) // (2 * lanes)):
        left, far = columns - strip * 2 * lanes, strip * 2 * lanes * item
        kernel = kernels[WIDE] if left > lanes else kernels[NARROW]
        width = min(left, 2 * lanes)
        tile_product(kernel, kernels[TALL_ROWS], tile, rows, width, a, item, length, b + far, b_step, out + far, ADDED)


@inlined
def vector_of(x, b, t, h):
    """The address of x[b, t, h]."""
    return address(x) + b * x.strides[0] + t * x.strides[1] + h * x.strides[2]


@inlined
def copy_vectors(target, target_step, source, source_step, count, size):
    """Copy so many vectors of `size` bytes, which lie so many bytes apart."""
    for t in range(count):
        copy_bytes(target + t * target_step, source + t * source_step, size)


@inlined
def place_vectors(room, place, x, memory, gathers):
    """Note where the vectors of a head begin, and how far apart they are: in `x`, or side by side in memory."""
    room[place] = memory if gathers else vector_of(x, room[SAMPLE], 0, room[SHARED])
    room[place + 1] = x.shape[3] * x.strides[3] if gathers else x.strides[1]


@inlined
def limit_scores(kernels, block, room, bias, mask, causal, s, met, lanes):
    """Add the bias to scores of a block of queries and one of keys, and replace those that do not count."""
    b, h, t = room[SAMPLE], room[HEAD], room[QUERY]
    block[0] = address(bias) + b * bias.strides[0] + h * bias.strides[1] + t * bias.strides[2] + s * bias.strides[3]
    block[1], block[2], block[3], block[4] = room[COUNT], met, bias.strides[2], bias.strides[3]
    block[5] = address(mask) + b * mask.strides[0] + h * mask.strides[1] + t * mask.strides[2] + s * mask.strides[3]
    block[6], block[7], block[8], block[9] = room[COUNT], met, mask.strides[2], mask.strides[3]
    block[10] = t - s if causal else met
    block[11], block[12], block[13] = room[SCORES], met, lanes
    call_kernel(kernels[RESTRICT], address(block), 0, met)


@inlined
def forget_rest(kernels, block, room, mask, causal, s, met, lanes):
    """Make slopes of scores that do not count zero."""
    b, h, t = room[SAMPLE], room[HEAD], room[QUERY]
    block[0] = address(mask) + b * mask.strides[0] + h * mask.strides[1] + t * mask.strides[2] + s * mask.strides[3]
    block[1], block[2], block[3], block[4] = room[COUNT], met, mask.strides[2], mask.strides[3]
    block[5] = t - s if causal else met
    block[6], block[7], block[8] = room[SLOPES], met, lanes
    call_kernel(kernels[FORGET], address(block), 0, met)


@inlined
def find_scores(kernels, block, tile, room, size, item, bias, mask, limited, causal, s, met, lanes):
    """Compute the scores of a block of queries and one of keys, one row for each key."""
    wide, high = 2 * VECTOR_BYTES, kernels[TALL_ROWS]
    of_key = room[KEYS] + s * room[KEYS + 1]
    list_rows(tile[ROWS_OF_A], met, high, room[KEYS + 1])
    list_rows(tile[ROWS_OF_OUT], met, high, wide)
    panel, scores = room[PANEL], room[SCORES]
    tile_product(kernels[TALL], high, tile, met, lanes, of_key, item, size, panel, wide, scores, PLAIN)
    if limited or (causal and s + met - 1 > room[QUERY]):
        limit_scores(kernels, block, room, bias, mask, causal, s, met, lanes)


@inlined
def add_values(tile, room, place, s, met, size, weights, kernel, high, lanes, item):
    """Add products of the vectors at a place, transposed, and weights to the outputs of a block of queries."""
    wide, step = 2 * VECTOR_BYTES, room[place + 1]
    list_rows(tile[ROWS_OF_A], size, high, item)
    list_rows(tile[ROWS_OF_OUT], size, high, wide)
    x, epilogue = room[place] + s * step, PLAIN if s == 0 else ADDED
    tile_product(kernel, high, tile, size, lanes, x, step, met, weights, wide, room[OUTPUTS], epilogue)


@inlined
def store_outputs(kernels, block, room, out, lanes):
    """Store the outputs of a block of queries, one column of the panel for each, in rows of an array."""
    size, item, wide = out.shape[3], out.strides[3], 2 * VECTOR_BYTES
    rows, pitch = room[OUTPUTS] + size * wide, (size + lanes - 1) // lanes * lanes
    pack_rows(kernels[PACK], block, room[OUTPUTS], room[COUNT], size, item, wide, rows, pitch)
    for i in range(room[COUNT]):
        target = vector_of(out, room[SAMPLE], room[QUERY] + i, room[HEAD])
        copy_bytes(target, rows + i * pitch * item, size * item)


@inlined
def fill_zeros(start, end):
    """Write zeros to memory, 8 bytes at a time."""
    for i in range(start, end, 8):
        write_word(i, 0)


@inlined
def make_room(room, size, other, tables):
    """Scratch memory, its parts in a table; returns the address of all of it.

    There are panels of queries and of gradients, scores and slopes of a block with a row more, three rows, outputs with
    as much room behind them, and two tables of rows of tiles.
    """
    wide, most = 2 * VECTOR_BYTES, max(size, other)
    rows = (KEYS_AT_ONCE + 1) * wide
    pieces = (size + other + 3 + 2 * (most + 2 * VECTOR_BYTES)) * wide + 2 * rows
    listed = (max(most, KEYS_AT_ONCE) + 12) * 8
    memory = allocate(pieces + 2 * listed + 64)
    room[PANEL] = (memory + 63) // 64 * 64
    room[SLOPE_PANEL] = room[PANEL] + size * wide
    room[SCORES] = room[SLOPE_PANEL] + other * wide
    room[SLOPES] = room[SCORES] + rows
    room[BEST] = room[SLOPES] + rows
    room[TOTAL], room[ALONG], room[OUTPUTS] = room[BEST] + wide, room[BEST] + 2 * wide, room[BEST] + 3 * wide
    tables[ROWS_OF_A] = room[PANEL] + pieces
    tables[ROWS_OF_OUT] = tables[ROWS_OF_A] + listed
    fill_zeros(room[PANEL], tables[ROWS_OF_A])
    return memory


def attention_tiles(
    query, key, value, bias, mask, scales, kernels, limited, causal, masked, out, statistics, start, stop
):  # fmt: skip
    """Scaled dot-product attention; the range counts blocks of queries of heads of samples.

    `scales` has a row of what scores are multiplied by, and one of minus infinity. `limited` is whether there is a bias
    or a mask, which broadcast by strides of 0. Where it is `masked`, keys that no query of a block may look at count
    nevertheless, because a query that may look at none weighs all alike.
    """
    queries, heads, size, keys, other = query.shape[1], query.shape[2], query.shape[3], key.shape[1], value.shape[3]
    item, wide, together = query.strides[3], 2 * VECTOR_BYTES, heads // key.shape[2]
    words, tile, run, room, lanes = stack_words(14), stack_words(14), stack_words(2), stack_words(ROOM), wide // item
    memory = make_room(room, size, other, tile)
    run[0], run[1], tile[RUNS] = 0, 0, address(run)
    blocks = (queries + lanes - 1) // lanes
    for r in range(as_int64(start), as_int64(stop)):
        b, h, t = r // blocks // heads, r // blocks % heads, r % blocks * lanes
        count = min(lanes, queries - t)
        room[SAMPLE], room[HEAD], room[QUERY], room[COUNT], room[SHARED] = b, h, t, count, h // together
        place_vectors(room, KEYS, key, 0, False)
        place_vectors(room, VALUES, value, 0, False)
        source = vector_of(query, b, t, h)
        pack_rows(kernels[PACK], words, source, size, count, item, query.strides[1], room[PANEL], lanes)
        call_rows(kernels[MULTIPLY], words, room[PANEL], size, lanes, address(scales), 0)
        copy_bytes(room[BEST], address(scales) + wide, wide)
        fill_zeros(room[TOTAL], room[TOTAL] + wide)
        end = min(keys, t + count) if causal and not masked else keys
        for part in range((end + KEYS_AT_ONCE - 1) // KEYS_AT_ONCE):
            s = part * KEYS_AT_ONCE
            met = min(KEYS_AT_ONCE, end - s)
            find_scores(kernels, words, tile, room, size, item, bias, mask, limited, causal, s, met, lanes)
            call_rows(kernels[SHIFT], words, room[SCORES], met + 1, lanes, room[BEST], 1)
            call_exp(kernels[EXP], words, room[SCORES], (met + 1) * lanes)
            call_rows(kernels[WEIGH], words, room[SCORES], met + 1, lanes, room[TOTAL], 1)
            if s > 0:
                call_rows(kernels[MULTIPLY], words, room[OUTPUTS], other, lanes, room[SCORES] + met * wide, 0)
            high = kernels[OTHER_ROWS]
            add_values(tile, room, VALUES, s, met, other, room[SCORES], kernels[OTHERS], high, lanes, item)
        call_rows(kernels[DIVIDE], words, room[OUTPUTS], other, lanes, room[TOTAL], 0)
        store_outputs(kernels, words, room, out, lanes)
        known = address(statistics) + b * statistics.strides[0] + h * statistics.strides[1] + t * item
        copy_bytes(known, room[BEST], count * item)
        copy_bytes(known + statistics.strides[2], room[TOTAL], count * item)
    release(memory)


@inlined
def begin_gradient(kernels, block, room, g, query, out, scales, statistics, lanes):
    """Put a block of queries, the gradient by its result, and what is known of it into scratch memory."""
    b, h, t, count = room[SAMPLE], room[HEAD], room[QUERY], room[COUNT]
    size, other, item = query.shape[3], out.shape[3], query.strides[3]
    source = vector_of(query, b, t, h)
    pack_rows(kernels[PACK], block, source, size, count, item, query.strides[1], room[PANEL], lanes)
    call_rows(kernels[MULTIPLY], block, room[PANEL], size, lanes, address(scales), 0)
    source = vector_of(g, b, t, h)
    pack_rows(kernels[PACK], block, source, other, count, item, g.strides[1], room[SLOPE_PANEL], lanes)
    source = vector_of(out, b, t, h)
    pack_rows(kernels[PACK], block, source, other, count, item, out.strides[1], room[OUTPUTS], lanes)
    known = address(statistics) + b * statistics.strides[0] + h * statistics.strides[1] + t * item
    copy_bytes(room[BEST], known, count * item)
    copy_bytes(room[TOTAL], known + statistics.strides[2], count * item)
    block[0], block[1], block[2], block[3], block[4] = room[SLOPE_PANEL], other, lanes, room[OUTPUTS], other
    block[5], block[6], block[7], block[8], block[9] = lanes, room[ALONG], lanes, room[TOTAL], lanes
    call_kernel(kernels[PREPARE], address(block), 0, other)


@inlined
def find_slopes_of(kernels, block, tile, room, other, item, scales, s, met, lanes):
    """Compute weights from scores, in their place, and the gradients by scores."""
    wide, high = 2 * VECTOR_BYTES, kernels[TALL_ROWS]
    list_rows(tile[ROWS_OF_A], met, high, room[VALUES + 1])
    list_rows(tile[ROWS_OF_OUT], met, high, wide)
    of_value, slopes = room[VALUES] + s * room[VALUES + 1], room[SLOPES]
    panel = room[SLOPE_PANEL]
    tile_product(kernels[TALL], high, tile, met, lanes, of_value, item, other, panel, wide, slopes, PLAIN)
    call_rows(kernels[LOWER], block, room[SCORES], met, lanes, room[BEST], 0)
    call_exp(kernels[EXP], block, room[SCORES], met * lanes)
    block[0], block[1], block[2], block[3] = room[ALONG], lanes, room[TOTAL], lanes
    block[4], block[5], block[6], block[7] = address(scales), 2, lanes, room[SCORES]
    block[8], block[9], block[10], block[11], block[12] = met, lanes, slopes, met, lanes
    call_kernel(kernels[SLOPES_OF], address(block), 0, met)


@inlined
def add_to_keys(kernels, tile, room, of, weights, s, met, place):
    """Add products of rows of weights and the vectors of a block of queries to the gradients at a place."""
    item, high, size = of.strides[3], kernels[TALL_ROWS], of.shape[3]
    list_rows(tile[ROWS_OF_A], met, high, 2 * VECTOR_BYTES)
    list_rows(tile[ROWS_OF_OUT], met, high, room[place + 1])
    source = vector_of(of, room[SAMPLE], room[QUERY], room[HEAD])
    into = room[place] + s * room[place + 1]
    add_product(kernels, tile, met, size, item, weights, room[COUNT], source, of.strides[1], into)


@inlined
def begin_head(room, key, value, dkey, dvalue, memory, gathers):
    """Find places for the keys and values of a head, copied if they are gathered, and zeros for their gradients.

    Where they lie, heads are side by side, so that rows are far apart and take each other's place in the cache.
    """
    b, h, keys = room[SAMPLE], room[SHARED], key.shape[1]
    size, other = key.shape[3] * key.strides[3], value.shape[3] * value.strides[3]
    at, part = (memory + 63) // 64 * 64, (keys * max(size, other) + 63) // 64 * 64
    place_vectors(room, KEYS, key, at, gathers)
    place_vectors(room, VALUES, value, at + part, gathers)
    place_vectors(room, KEY_SLOPES, dkey, at + 2 * part, gathers)
    place_vectors(room, VALUE_SLOPES, dvalue, at + 3 * part, gathers)
    fill_zeros(room[OUTPUTS], room[OUTPUTS] + max(size, other))
    copy_vectors(room[KEY_SLOPES], room[KEY_SLOPES + 1], room[OUTPUTS], 0, keys, size)
    copy_vectors(room[VALUE_SLOPES], room[VALUE_SLOPES + 1], room[OUTPUTS], 0, keys, other)
    if gathers:
        copy_vectors(room[KEYS], size, vector_of(key, b, 0, h), key.strides[1], keys, size)
        copy_vectors(room[VALUES], other, vector_of(value, b, 0, h), value.strides[1], keys, other)


@inlined
def store_head(room, place, x):
    """Copy gradients that were added up side by side to where they go."""
    target, step = vector_of(x, room[SAMPLE], 0, room[SHARED]), room[place + 1]
    copy_vectors(target, x.strides[1], room[place], step, x.shape[1], step)


def attention_gradient_tiles(
    g, query, key, value, bias, mask, scales, kernels, limited, causal, masked, out, statistics, dquery, dkey, dvalue,
    start, stop,
):  # fmt: skip
    """The gradients by query, key and value; the range counts heads of keys of samples."""
    queries, size, keys, shared = query.shape[1], query.shape[3], key.shape[1], key.shape[2]
    item, wide, together = query.strides[3], 2 * VECTOR_BYTES, query.shape[2] // shared
    words, tile, run, room, lanes = stack_words(14), stack_words(14), stack_words(2), stack_words(ROOM), wide // item
    other, blocks = value.shape[3], (queries + lanes - 1) // lanes
    gathers = blocks * together >= MANY_BLOCKS
    memory = make_room(room, size, other, tile)
    of_head = allocate((4 * keys * max(size, other) * item if gathers else 0) + 320)
    run[0], run[1], tile[RUNS] = 0, 0, address(run)
    for r in range(as_int64(start), as_int64(stop)):
        room[SAMPLE], room[SHARED] = r // shared, r % shared
        begin_head(room, key, value, dkey, dvalue, of_head, gathers)
        for number in range(blocks * together):
            room[HEAD], t = room[SHARED] * together + number // blocks, number % blocks * lanes
            room[QUERY], room[COUNT] = t, min(lanes, queries - t)
            begin_gradient(kernels, words, room, g, query, out, scales, statistics, lanes)
            end = min(keys, t + room[COUNT]) if causal and not masked else keys
            for part in range((end + KEYS_AT_ONCE - 1) // KEYS_AT_ONCE):
                s = part * KEYS_AT_ONCE
                met = min(KEYS_AT_ONCE, end - s)
                find_scores(kernels, words, tile, room, size, item, bias, mask, limited, causal, s, met, lanes)
                find_slopes_of(kernels, words, tile, room, other, item, scales, s, met, lanes)
                if masked:
                    forget_rest(kernels, words, room, mask, causal, s, met, lanes)
                add_to_keys(kernels, tile, room, g, room[SCORES], s, met, VALUE_SLOPES)
                add_to_keys(kernels, tile, room, query, room[SLOPES], s, met, KEY_SLOPES)
                high = kernels[SIZE_ROWS]
                add_values(tile, room, KEYS, s, met, size, room[SLOPES], kernels[SIZES], high, lanes, item)
            store_outputs(kernels, words, room, dquery, lanes)
        if gathers:
            store_head(room, KEY_SLOPES, dkey)
            store_head(room, VALUE_SLOPES, dvalue)
    release(of_head)
    release(memory)
