/* Tiles of a product of lines that lie along k; numbanet.backends.native.primitives.lines has the same as LLVM code.
Included once per type, as `tile.h` is.

The block has the words of x (p, k) and y (q, k), both contiguous along k, of bias (p, q) and out (p, q), and which
epilogue; the range counts tiles over the lines of y. Lines past the last one are the last one again. Each output has
partial sums in 64 bytes of registers; in the end sums l and l + half are added, again and again.
*/
#define LANES (NUMBANET_VECTOR_BYTES / (int)sizeof(REAL))
#define WIDTH (NUMBANET_PARTIAL_BYTES / NUMBANET_VECTOR_BYTES)

/* The sums of the lanes of `count` vectors, all of which are overwritten. */
NUMBANET_ALWAYS void V(line_totals)(V(v) *vectors, int count, REAL *totals) {
    REAL sums[NUMBANET_MOST_OUTPUTS * LANES];
#if NUMBANET_GNU
    int left = count;
    NUMBANET_UNROLL
    for (int lanes = LANES; lanes > 1; lanes /= 2) {
        const int half = left > 1 ? left / 2 : 1, other = left > 1 ? half : 0;
        NUMBANET_UNROLL
        for (int i = 0; i < half; i++)
            vectors[i] = V(v_add)(V(v_low)(vectors[i], vectors[i + other]), V(v_high)(vectors[i], vectors[i + other]));
        left = half;
    }
    NUMBANET_UNROLL
    for (int i = 0; i < left; i++) V(v_store)((uintptr_t)(sums + i * LANES), V(v_add)(vectors[i], V(v_number)(0)));
    NUMBANET_UNROLL
    for (int i = 0; i < count; i++)
        totals[i] = count < LANES ? sums[i * (LANES / count)] : sums[i % left * LANES + i / left];
#else
    for (int i = 0; i < count; i++) {
        V(v_store)((uintptr_t)sums, vectors[i]);
        for (int half = LANES / 2; half; half /= 2)
            for (int lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
        totals[i] = sums[0] + (REAL)0;
    }
#endif
}

/* One step: 64 bytes of each line, or so many lanes of them as `masks` has where that is given. */
NUMBANET_ALWAYS void V(line_step)(V(v) *sums, const uintptr_t *xs, const uintptr_t *ys, uintptr_t offset,
                                  const V(m) *masks, int rows, int columns) {
    NUMBANET_UNROLL
    for (int part = 0; part < WIDTH; part++) {
        const uintptr_t place = offset + (uintptr_t)part * NUMBANET_VECTOR_BYTES;
        V(v) x[NUMBANET_MOST_LINES];
        NUMBANET_UNROLL
        for (int i = 0; i < rows; i++)
            x[i] = masks ? V(v_load_masked)(xs[i] + place, masks[part]) : V(v_load)(xs[i] + place);
        NUMBANET_UNROLL
        for (int j = 0; j < columns; j++) {
            const V(v) y = masks ? V(v_load_masked)(ys[j] + place, masks[part]) : V(v_load)(ys[j] + place);
            NUMBANET_UNROLL
            for (int i = 0; i < rows; i++) {
                V(v) *sum = sums + (i * columns + j) * WIDTH + part;
                *sum = V(v_multiply_add)(x[i], y, *sum);
            }
        }
    }
}

/* The outputs of one tile, from line `first` of x and `next` of y on. */
NUMBANET_ALWAYS void V(line_tile)(const uintptr_t *block, int64_t first, int64_t next, int rows, int columns) {
    const int64_t last_i = (int64_t)block[1] - 1 - first, last_j = (int64_t)block[6] - 1 - next;
    const int64_t k = (int64_t)block[2], step = NUMBANET_PARTIAL_BYTES / (int64_t)sizeof(REAL), rest = k % step;
    uintptr_t xs[NUMBANET_MOST_LINES], ys[NUMBANET_MOST_OUTPUTS], offset = 0;
    V(v) sums[NUMBANET_MOST_OUTPUTS * WIDTH], whole[NUMBANET_MOST_OUTPUTS];
    REAL totals[NUMBANET_MOST_OUTPUTS];
    NUMBANET_UNROLL
    for (int i = 0; i < rows; i++) xs[i] = block[0] + (uintptr_t)(first + (i < last_i ? i : last_i)) * block[3];
    NUMBANET_UNROLL
    for (int j = 0; j < columns; j++) ys[j] = block[5] + (uintptr_t)(next + (j < last_j ? j : last_j)) * block[8];
    NUMBANET_UNROLL
    for (int i = 0; i < rows * columns * WIDTH; i++) sums[i] = V(v_number)(0);
    for (int64_t left = k / step; left; left--, offset += NUMBANET_PARTIAL_BYTES)
        V(line_step)(sums, xs, ys, offset, NULL, rows, columns);
    if (rest) {
        V(m) masks[WIDTH];
        for (int part = 0; part < WIDTH; part++) masks[part] = V(v_below)(rest - part * LANES);
        V(line_step)(sums, xs, ys, offset, masks, rows, columns);
    }
    NUMBANET_UNROLL
    for (int i = 0; i < rows * columns; i++) {
        NUMBANET_UNROLL
        for (int half = WIDTH / 2; half; half /= 2) {
            NUMBANET_UNROLL
            for (int part = 0; part < half; part++)
                sums[i * WIDTH + part] = V(v_add)(sums[i * WIDTH + part], sums[i * WIDTH + part + half]);
        }
        whole[i] = sums[i * WIDTH];
    }
    V(line_totals)(whole, rows * columns, totals);
    NUMBANET_UNROLL
    for (int i = 0; i < rows; i++) {
        NUMBANET_UNROLL
        for (int j = 0; j < columns; j++) {
            const uintptr_t row = (uintptr_t)(first + (i < last_i ? i : last_i));
            const uintptr_t column = (uintptr_t)(next + (j < last_j ? j : last_j));
            REAL result = totals[i * columns + j];
            if (block[20] != NUMBANET_PLAIN) {
                result += *(const REAL *)(block[10] + row * block[13] + column * block[14]);
                if (block[20] == NUMBANET_BIAS_AND_RELU && result <= (REAL)0) result = (REAL)0; /* NaN stays NaN */
            }
            *(REAL *)(block[15] + row * block[18] + column * block[19]) = result;
        }
    }
}

NUMBANET_ALWAYS void V(lines)(const uintptr_t *block, size_t start, size_t stop, int rows, int columns) {
    for (size_t t = start; t < stop; t++)
        for (int64_t i = 0; i < (int64_t)block[1]; i += rows)
            V(line_tile)(block, i, (int64_t)t * columns, rows, columns);
}
#undef LANES
#undef WIDTH
