/* The register tile of convolutions; numbanet.backends.native.primitives.runs has the same as LLVM code. Included once per
type, as `tile.h` is.

The block has a bias and how many columns there are, the tables of offsets of rows in a and in out, the addresses of a and
out, the table of runs, how many there are and how many steps each has, the step in a, the address of b and the step in it,
the first column to be stored, and which epilogue; the range counts tiles. In a tile of lanes, a vector of a meets one of b.
*/
NUMBANET_ALWAYS void V(runs)(const uintptr_t *block, size_t start, size_t stop, int rows, int vectors, int masked,
                             int lanewise) {
    const int lanes = NUMBANET_VECTOR_BYTES / sizeof(REAL), loaded = masked && NUMBANET_HAS_MASKS;
    const int64_t width = (int64_t)block[1], before = (int64_t)block[12], count = (int64_t)block[7];
    const uintptr_t bias = block[0], out = block[5], length = block[8], a_step = block[9], b_step = block[11];
    const uintptr_t epilogue = block[13];
    V(m) inside[NUMBANET_MOST_VECTORS];
    V(v) biases[NUMBANET_MOST_VECTORS];
    for (int j = 0; masked && j < vectors; j++) inside[j] = V(v_below)(width - j * lanes);
    NUMBANET_UNROLL
    for (int j = 0; j < vectors; j++) {
        const uintptr_t place = bias + (uintptr_t)j * NUMBANET_VECTOR_BYTES;
        biases[j] = epilogue == NUMBANET_PLAIN || epilogue == NUMBANET_ADDED ? V(v_number)((REAL)-0.0)
                    : masked                                                 ? V(v_load_masked)(place, inside[j])
                                                                             : V(v_load)(place);
    }
    const V(v) floor = V(v_number)(epilogue == NUMBANET_BIAS_AND_RELU ? (REAL)0 : -(REAL)INFINITY);
    for (size_t t = start; t < stop; t++) {
        const uintptr_t *sources = (const uintptr_t *)block[2] + t * (size_t)rows;
        const uintptr_t *targets = (const uintptr_t *)block[3] + t * (size_t)rows;
        const int64_t *run = (const int64_t *)block[6];
        uintptr_t row_of_a[NUMBANET_MOST_ROWS];
        V(v) sums[NUMBANET_MOST_ROWS][NUMBANET_MOST_VECTORS];
        NUMBANET_UNROLL
        for (int i = 0; i < rows; i++) {
            row_of_a[i] = block[4] + sources[i];
            NUMBANET_UNROLL
            for (int j = 0; j < vectors; j++) sums[i][j] = V(v_number)(0);
        }
        if (count * (int64_t)length >= NUMBANET_STEPS_OF_A_FETCH)
            for (int i = 0; i < rows; i++)
                for (int line = 0; line < vectors * NUMBANET_VECTOR_BYTES; line += 64)
                    NUMBANET_FETCH_TO_WRITE(out + targets[i] + (uintptr_t)line);
        for (int64_t left_runs = count; left_runs > 0; left_runs--, run += 2) {
            uintptr_t offset = (uintptr_t)run[0], row_of_b = block[10] + (uintptr_t)run[1];
            for (uintptr_t left = length; left; left--, offset += a_step, row_of_b += b_step) {
                V(v) columns[NUMBANET_MOST_VECTORS];
                NUMBANET_UNROLL
                for (int j = 0; j < vectors; j++) {
                    const uintptr_t place = row_of_b + (uintptr_t)j * NUMBANET_VECTOR_BYTES;
                    columns[j] = loaded ? V(v_load_masked)(place, inside[j]) : V(v_load)(place);
                }
                NUMBANET_UNROLL
                for (int i = 0; i < rows; i++) {
                    const uintptr_t here = row_of_a[i] + offset;
                    V(v) number = columns[0];
                    if (!lanewise) number = V(v_number)(*(const REAL *)here);
                    NUMBANET_UNROLL
                    for (int j = 0; j < vectors; j++) {
                        const uintptr_t place = here + (uintptr_t)j * NUMBANET_VECTOR_BYTES;
                        if (lanewise) number = loaded ? V(v_load_masked)(place, inside[j]) : V(v_load)(place);
                        sums[i][j] = V(v_multiply_add)(number, columns[j], sums[i][j]);
                    }
                }
            }
        }
        if (epilogue == NUMBANET_ADDED) { /* rows past the last one repeat it: all are read before any is written */
            NUMBANET_UNROLL
            for (int i = 0; i < rows; i++) {
                NUMBANET_UNROLL
                for (int j = 0; j < vectors; j++) {
                    const uintptr_t place = out + targets[i] + (uintptr_t)j * NUMBANET_VECTOR_BYTES;
                    sums[i][j] = V(v_add)(masked ? V(v_load_masked)(place, inside[j]) : V(v_load)(place), sums[i][j]);
                }
            }
        }
        NUMBANET_UNROLL
        for (int i = 0; i < rows; i++) {
            NUMBANET_UNROLL
            for (int j = 0; j < vectors; j++) {
                const V(v) result = V(v_at_least)(V(v_add)(sums[i][j], biases[j]), floor);
                const uintptr_t place = out + targets[i] + (uintptr_t)j * NUMBANET_VECTOR_BYTES;
                if (!masked)
                    V(v_store)(place, result);
                else
                    V(v_store_between)(place, result, before - j * lanes, width - j * lanes);
            }
        }
    }
}
