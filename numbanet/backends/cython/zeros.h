/* What products with many zeros are made of; numbanet.backends.native.primitives.zeros has the same as LLVM code. Included
once per type, as `tile.h` is, with WORD, the unsigned integer of its size. Rows are those of a listed tile.
*/
#define LANES (NUMBANET_VECTOR_BYTES / (int)sizeof(REAL))

NUMBANET_ALWAYS WORD V(bits_at)(int64_t place) {
    WORD bits;
    memcpy(&bits, (const void *)(uintptr_t)place, sizeof bits);
    return bits;
}

/* List those of the steps first, first + 1, ..., one for each lane, at which not all rows are zero; returns how many.
A row has a number per lane side by side; lanes below `passed` are left out. There is room for one vector of lanes. */
NUMBANET_ALWAYS int64_t V(list_lanes)(int64_t source, int64_t row_stride, int64_t first, int64_t passed,
                                      int64_t target) {
    int32_t *list = (int32_t *)(uintptr_t)target;
#if NUMBANET_HAS_MASKS
    V(v) any = V(v_load)((uintptr_t)source);
    NUMBANET_UNROLL
    for (int i = 1; i < NUMBANET_LISTED_ROWS; i++)
        any = V(v_or)(any, V(v_load)((uintptr_t)(source + i * row_stride)));
    const uint32_t found = V(v_not_zero)(any) >> passed << passed;
#else
    uint32_t found = 0;
    for (int lane = (int)passed; lane < LANES; lane++) {
        WORD any = 0;
        for (int i = 0; i < NUMBANET_LISTED_ROWS; i++)
            any |= V(bits_at)(source + i * row_stride + lane * (int)sizeof(REAL));
        found |= (uint32_t)((WORD)(any << 1) != 0) << lane; /* -0.0 is zero */
    }
#endif
#if NUMBANET_VECTOR_BYTES == 64 /* a compress to memory is slow on some processors */
    const __m512i numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i steps = _mm512_add_epi32(_mm512_set1_epi32((int)first), numbers);
    const __m512i kept = _mm512_maskz_compress_epi32((__mmask16)found, steps);
    if (LANES == 16)
        _mm512_storeu_si512(list, kept);
    else
        _mm256_storeu_si256((__m256i *)list, _mm512_castsi512_si256(kept));
    return __builtin_popcount(found);
#else
    int64_t count = 0;
    NUMBANET_UNROLL
    for (int lane = 0; lane < LANES; lane++) {
        list[count] = (int32_t)first + lane;
        count += found >> lane & 1;
    }
    return count;
#endif
}

/* List one step, at which the rows' numbers lie side by side, if they are not all zero; returns 1 then, else 0. */
NUMBANET_ALWAYS int64_t V(list_column)(int64_t source, int64_t step, int64_t target) {
    WORD any = 0;
    NUMBANET_UNROLL
    for (int i = 0; i < NUMBANET_LISTED_ROWS; i++) any |= V(bits_at)(source + i * (int64_t)sizeof(REAL));
    *(int32_t *)(uintptr_t)target = (int32_t)step;
    return (WORD)(any << 1) != 0;
}

/* Whether no number of a matrix with contiguous rows is NaN or infinite: 0 times those is NaN, else it is zero. */
NUMBANET_ALWAYS int64_t V(all_finite)(int64_t source, int64_t row_stride, int64_t rows, int64_t width) {
    const V(v) zero = V(v_number)(0);
    V(v) total = zero, other = zero;
    for (int64_t column = 0; column < width; column += LANES) {
        const V(m) mask = V(v_below)(width - column);
        const int64_t place = source + column * (int64_t)sizeof(REAL);
        for (int64_t row = 0; row < rows; row += 2) {
            const int64_t following = row + 1 < rows ? row + 1 : row;
            const V(v) first = V(v_load_masked)((uintptr_t)(place + row * row_stride), mask);
            const V(v) second = V(v_load_masked)((uintptr_t)(place + following * row_stride), mask);
            total = V(v_multiply_add)(first, zero, total);
            other = V(v_multiply_add)(second, zero, other);
        }
    }
    REAL lanes[LANES];
    int finite = 1;
    V(v_store)((uintptr_t)lanes, V(v_add)(total, other));
    for (int i = 0; i < LANES; i++) finite &= lanes[i] == 0;
    return finite;
}
#undef LANES
