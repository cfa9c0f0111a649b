/* A square of lanes x lanes numbers, transposed in registers. Included once per type, as `tile.h` is.

target[i, j] = source[j, i] for j < lanes and i < width <= lanes; rows past `last_row` repeat that one. LOG2 times,
every row is interleaved with the one half of the rows further down.
*/
#define ROWS (NUMBANET_VECTOR_BYTES / (int)sizeof(REAL))

NUMBANET_ALWAYS void V(transpose_square)(int64_t source, int64_t source_stride, int64_t last_row, int64_t width,
                                         int64_t target, int64_t target_stride) {
#if NUMBANET_GNU
    V(v) rows[ROWS], next[ROWS];
#if NUMBANET_HAS_MASKS
    const V(m) mask = V(v_below)(width);
#endif
    NUMBANET_UNROLL
    for (int64_t i = 0; i < ROWS; i++) {
        const uintptr_t place = (uintptr_t)(source + (i < last_row ? i : last_row) * source_stride);
#if NUMBANET_HAS_MASKS
        rows[i] = V(v_load_masked)(place, mask);
#else
        rows[i] = V(v_load)(place);
#endif
    }
    NUMBANET_UNROLL
    for (int step = 0; step < LOG2; step++) {
        NUMBANET_UNROLL
        for (int i = 0; i < ROWS / 2; i++) {
            next[2 * i] = V(v_low)(rows[i], rows[i + ROWS / 2]);
            next[2 * i + 1] = V(v_high)(rows[i], rows[i + ROWS / 2]);
        }
        NUMBANET_UNROLL
        for (int i = 0; i < ROWS; i++) rows[i] = next[i];
    }
    NUMBANET_UNROLL
    for (int64_t i = ROWS - 1; i >= 0; i--) /* the last of those that share a place is right */
        V(v_store)((uintptr_t)(target + (i < width - 1 ? i : width - 1) * target_stride), rows[i]);
#else
    for (int64_t i = 0; i < width; i++)
        for (int64_t j = 0; j < ROWS; j++)
            memcpy((char *)(uintptr_t)(target + i * target_stride) + j * (int64_t)sizeof(REAL),
                   (const char *)(uintptr_t)(source + (j < last_row ? j : last_row) * source_stride) +
                       i * (int64_t)sizeof(REAL), sizeof(REAL));
#endif
}

#undef ROWS
