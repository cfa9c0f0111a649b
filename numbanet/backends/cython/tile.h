/* One register tile of `dot`; numbanet.backends.native.primitives.tile has the same as LLVM code. Included once per type:
REAL is float or double, V(name) appends f4 or f8, VECTOR is the size of a vector, TURNS whether tiles may be turned.

A tile is rows x vectors of the output that stay in registers while k runs: per step, the vectors of a row of b are
loaded and each of the rows' numbers of a is broadcast against them. Every output adds its products in the order of k.

The block has the words of a (rows, k), b (k, columns), both with any row stride, bias, out (rows, columns), which
epilogue, the address of the sums to begin with, or 0, and that of two words: where the line is that a step of k fetches,
and how many bytes further that of the next step, through all tiles. The range counts tiles below each other. There are
as many rows as a tile has at least, and the last tile lies over the one before. A turned tile has a bias for each row
and stores its columns as rows. The rows of a packed one lie side by side. A listed tile walks the steps of k in its
list, and fetches nothing: lists of int32, how many steps each has, and the bytes from one list to the next follow.
*/
#if TURNS
/* Store `count` vectors as the columns of rows `stride` bytes apart: they are interleaved with those half of them
further down until a vector has what lies side by side, for one or several rows. */
NUMBANET_ALWAYS void V(store_turned)(V(v) *columns, int count, uintptr_t place, uintptr_t stride) {
    const int lanes = VECTOR / sizeof(REAL), width = count <= 2 ? 2 : count <= 4 ? 4 : count <= 8 ? 8 : 16;
    V(v) next[NUMBANET_MOST_ROWS + 4];
    NUMBANET_UNROLL
    for (int stage = 1; stage < width; stage *= 2) {
        NUMBANET_UNROLL
        for (int i = 0; i < width / 2; i++) {
            next[2 * i] = V(v_low)(columns[i], columns[i + width / 2]);
            next[2 * i + 1] = V(v_high)(columns[i], columns[i + width / 2]);
        }
        NUMBANET_UNROLL
        for (int i = 0; i < width; i++) columns[i] = next[i];
    }
    NUMBANET_UNROLL
    for (int lane = 0; lane < lanes; lane++) {
        const int before = lane * width % lanes; /* lanes of other rows in the vector */
        const uintptr_t row = place + (uintptr_t)lane * stride;
        V(v_store_masked)(row - (uintptr_t)before * sizeof(REAL), columns[lane * width / lanes],
                          (V(m))(((1u << count) - 1u) << before));
    }
}
#endif

NUMBANET_ALWAYS void V(tile)(const uintptr_t *block, size_t start, size_t stop, int rows, int vectors, int masked,
                             int listed, int turned, int packed) {
    const int lanes = VECTOR / sizeof(REAL);
    const uintptr_t row_stride = packed ? sizeof(REAL) : block[3], k_stride = block[4];
    const uintptr_t b_stride = block[8], out_stride = block[15];
    const uintptr_t b = block[5], bias = block[10], epilogue = block[17];
    const uintptr_t *ahead = (const uintptr_t *)block[19], pace = ahead[1];
    const int64_t width = (int64_t)block[14];
    V(m) masks[NUMBANET_MOST_VECTORS];
    V(v) biases[NUMBANET_MOST_VECTORS];
    for (int j = 0; masked && j < vectors; j++) masks[j] = V(v_below)(width - j * lanes);
    NUMBANET_UNROLL
    for (int j = 0; j < vectors; j++) { /* without a branch at the end: -0.0 changes nothing */
        const uintptr_t place = bias + (uintptr_t)j * VECTOR;
        biases[j] = epilogue == NUMBANET_PLAIN ? V(v_number)((REAL)-0.0)
                    : turned                   ? V(v_number)(0)
                    : masked                   ? V(v_load_masked)(place, masks[j])
                                               : V(v_load)(place);
    }
    const V(v) floor = V(v_number)(epilogue == NUMBANET_BIAS_AND_RELU ? (REAL)0 : -(REAL)INFINITY);
    for (size_t t = start; t < stop; t++) {
        const uintptr_t from = t * (uintptr_t)rows, most = block[1] - (uintptr_t)rows;
        const uintptr_t first = from < most ? from : most;
        uintptr_t row_of_a = block[0] + first * row_stride, row_of_b = b, offset = 0;
        uintptr_t line = ahead[0] + t * block[2] * pace;
        V(v) sums[NUMBANET_MOST_ROWS][NUMBANET_MOST_VECTORS];
        NUMBANET_UNROLL
        for (int i = 0; i < rows; i++) {
            NUMBANET_UNROLL
            for (int j = 0; j < vectors; j++) sums[i][j] = V(v_number)(0);
        }
        if (block[18]) {
            const uintptr_t begun = block[18] + t * (uintptr_t)(rows * vectors) * VECTOR;
            NUMBANET_UNROLL
            for (int i = 0; i < rows; i++) {
                NUMBANET_UNROLL
                for (int j = 0; j < vectors; j++) sums[i][j] = V(v_load)(begun + (uintptr_t)(i * vectors + j) * VECTOR);
            }
        }
        const int32_t *list = listed ? (const int32_t *)(block[20] + t * block[22]) : NULL;
        NUMBANET_STEPS_OF_K
        for (uintptr_t left = listed ? ((const uintptr_t *)block[21])[t] : block[2]; left; left--) {
            if (listed) {
                const uintptr_t step = (uintptr_t)*list++;
                offset = step * k_stride;
                row_of_b = b + step * b_stride;
            }
            V(v) columns[NUMBANET_MOST_VECTORS];
            NUMBANET_UNROLL
            for (int j = 0; j < vectors; j++) {
                const uintptr_t place = row_of_b + (uintptr_t)j * VECTOR;
                columns[j] = masked && NUMBANET_HAS_MASKS ? V(v_load_masked)(place, masks[j]) : V(v_load)(place);
            }
            NUMBANET_UNROLL
            for (int i = 0; i < rows; i++) {
                const V(v) number = V(v_number)(*(const REAL *)(row_of_a + offset + (uintptr_t)i * row_stride));
                NUMBANET_UNROLL
                for (int j = 0; j < vectors; j++) sums[i][j] = V(v_multiply_add)(number, columns[j], sums[i][j]);
            }
            if (!listed) {
                NUMBANET_FETCH(line);
                line += pace;
                offset += k_stride;
                row_of_b += b_stride;
            }
        }
        NUMBANET_UNROLL
        for (int i = 0; i < rows; i++) {
            const V(v) own = turned && epilogue != NUMBANET_PLAIN
                                 ? V(v_number)(*(const REAL *)(bias + (first + (uintptr_t)i) * sizeof(REAL)))
                                 : V(v_number)((REAL)-0.0);
            NUMBANET_UNROLL
            for (int j = 0; j < vectors; j++) {
                const V(v) sum = V(v_add)(sums[i][j], V(v_number)(0)); /* -0.0, of what is too small, is 0.0 */
                sums[i][j] = V(v_at_least)(V(v_add)(sum, turned ? own : biases[j]), floor);
                const uintptr_t place = block[12] + (first + (uintptr_t)i) * out_stride + (uintptr_t)j * VECTOR;
                if (turned) continue;
                if (masked)
                    V(v_store_masked)(place, sums[i][j], masks[j]);
                else
                    V(v_store)(place, sums[i][j]);
            }
        }
#if TURNS
        if (!turned) continue;
        NUMBANET_UNROLL
        for (int i = 0; i < rows; i += lanes) {
            NUMBANET_UNROLL
            for (int j = 0; j < vectors; j++) {
                V(v) columns[NUMBANET_MOST_ROWS + 4]; /* of the output: a power of two */
                const int count = rows - i < lanes ? rows - i : lanes;
                NUMBANET_UNROLL
                for (int row = 0; row < lanes; row++) columns[row] = row < count ? sums[i + row][j] : V(v_number)(0);
                V(store_turned)(columns, count, block[12] + (first + (uintptr_t)i) * sizeof(REAL) +
                                (uintptr_t)j * (uintptr_t)lanes * block[16], block[16]);
            }
        }
#endif
    }
}
