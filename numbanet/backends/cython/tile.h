/* One register tile of `dot`; numbanet.backends.native.primitives.tile has the same as LLVM code. Included once per type:
REAL is float or double, V(name) appends f4 or f8.

A tile is rows x vectors of the output that stay in registers while k runs: per step, the vectors of a row of b are
loaded and each of the rows' numbers of a is broadcast against them. Every output adds its products in the order of k.

The block has the words of a (rows, k), b (k, columns), both with any row stride, bias, out (rows, columns) and which
epilogue; the range counts tiles below each other. Rows past the last one are the last one again. A listed tile walks
the steps of k in its list: lists of int32, how many steps each has, and the bytes from one list to the next follow.
*/
NUMBANET_ALWAYS void V(tile)(const uintptr_t *block, size_t start, size_t stop, int rows, int vectors, int masked,
                             int listed) {
    const int lanes = NUMBANET_VECTOR_BYTES / sizeof(REAL);
    const uintptr_t row_stride = block[3], k_stride = block[4], b_stride = block[8], out_stride = block[15];
    const uintptr_t b = block[5], bias = block[10], epilogue = block[17];
    const int64_t width = (int64_t)block[14];
    V(m) masks[NUMBANET_MOST_VECTORS];
    V(v) biases[NUMBANET_MOST_VECTORS];
    for (int j = 0; masked && j < vectors; j++) masks[j] = V(v_below)(width - j * lanes);
    NUMBANET_UNROLL
    for (int j = 0; j < vectors; j++) { /* without a branch at the end: -0.0 changes nothing */
        const uintptr_t place = bias + (uintptr_t)j * NUMBANET_VECTOR_BYTES;
        biases[j] = epilogue == NUMBANET_PLAIN ? V(v_number)((REAL)-0.0)
                    : masked                   ? V(v_load_masked)(place, masks[j])
                                               : V(v_load)(place);
    }
    const V(v) floor = V(v_number)(epilogue == NUMBANET_BIAS_AND_RELU ? (REAL)0 : -(REAL)INFINITY);
    for (size_t t = start; t < stop; t++) {
        const uintptr_t first = t * (uintptr_t)rows, last = block[1] - 1 - first;
        uintptr_t row_of_a[NUMBANET_MOST_ROWS], row_of_b = b, offset = 0;
        V(v) sums[NUMBANET_MOST_ROWS][NUMBANET_MOST_VECTORS];
        NUMBANET_UNROLL
        for (int i = 0; i < rows; i++) {
            const uintptr_t row = (uintptr_t)i < last ? (uintptr_t)i : last;
            row_of_a[i] = block[0] + (first + row) * row_stride;
            NUMBANET_UNROLL
            for (int j = 0; j < vectors; j++) sums[i][j] = V(v_number)(0);
        }
        const int32_t *list = listed ? (const int32_t *)(block[18] + t * block[20]) : NULL;
        NUMBANET_STEPS_OF_K
        for (uintptr_t left = listed ? ((const uintptr_t *)block[19])[t] : block[2]; left; left--) {
            if (listed) {
                const uintptr_t step = (uintptr_t)*list++;
                offset = step * k_stride;
                row_of_b = b + step * b_stride;
            }
            V(v) columns[NUMBANET_MOST_VECTORS];
            NUMBANET_UNROLL
            for (int j = 0; j < vectors; j++) {
                const uintptr_t place = row_of_b + (uintptr_t)j * NUMBANET_VECTOR_BYTES;
                columns[j] = masked && NUMBANET_HAS_MASKS ? V(v_load_masked)(place, masks[j]) : V(v_load)(place);
            }
            NUMBANET_UNROLL
            for (int i = 0; i < rows; i++) {
                const V(v) number = V(v_number)(*(const REAL *)(row_of_a[i] + offset));
                NUMBANET_UNROLL
                for (int j = 0; j < vectors; j++) sums[i][j] = V(v_multiply_add)(number, columns[j], sums[i][j]);
            }
            if (!listed) {
                offset += k_stride;
                row_of_b += b_stride;
            }
        }
        NUMBANET_UNROLL
        for (int i = 0; i < rows; i++) {
            const uintptr_t row = (uintptr_t)i < last ? (uintptr_t)i : last;
            NUMBANET_UNROLL
            for (int j = 0; j < vectors; j++) {
                const V(v) sum = V(v_add)(sums[i][j], V(v_number)(0)); /* -0.0, of what is too small, is 0.0 */
                const V(v) result = V(v_at_least)(V(v_add)(sum, biases[j]), floor);
                const uintptr_t place =
                    block[12] + (first + row) * out_stride + (uintptr_t)j * NUMBANET_VECTOR_BYTES;
                if (masked)
                    V(v_store_masked)(place, result, masks[j]);
                else
                    V(v_store)(place, result);
            }
        }
    }
}
