/* What is done to a row of float32, for rows.pxd: native/primitives/rows.py in C.

A row is walked ROW_LANES elements at a time. Lane j of a sum adds the elements j, j + ROW_LANES, ... in this order, in
double precision; then halves of lanes are added onto each other. With as many lanes as Numba's vectors have, sums are
Numba's to the last bit.
*/
#ifndef NUMBANET_ROWS_H
#define NUMBANET_ROWS_H

#include "functions.h"

#if defined(__AVX512F__)
#define ROW_LANES 16
#elif defined(__AVX2__)
#define ROW_LANES 8
#else
#define ROW_LANES 4
#endif

/* For loops over lanes, which become one instruction. gcc would take such a short loop apart before it makes vectors of
   loops: softmax of 128 rows of 10 took 6.7 us, where it takes 2.8 so (Zen 5, AVX-512). */
#if defined(__GNUC__) && !defined(__clang__)
#define OVER_LANES _Pragma("GCC unroll 1")
#else
#define OVER_LANES
#endif

#if !NUMBANET_FUSED
NUMBANET_INLINE void exponentials_of_row(const float *x, float *out, const int count) {
    for (int j = 0; j < count; j++) out[j] = expf(x[j]);
}
#endif

/* The n elements that are left of a row, and `fill` in the lanes after them. */
NUMBANET_INLINE void load_left(const float *x, int n, float fill, float *lanes) {
    OVER_LANES
    for (int j = 0; j < ROW_LANES; j++) lanes[j] = j < n ? x[j] : fill;
}

NUMBANET_INLINE void take_larger(float *best, const float *x, const int count) {
    OVER_LANES
    for (int j = 0; j < count; j++) best[j] = x[j] > best[j] ? x[j] : best[j];
}

NUMBANET_INLINE void add_upper_half(double *totals, const int count) {
    OVER_LANES
    for (int j = 0; j < count; j++) totals[j] += totals[j + count];
}

/* The largest of n elements; NaN may be passed over. */
NUMBANET_INLINE float largest_of_row(const float *x, size_t n) {
    float best[ROW_LANES], lanes[ROW_LANES];
    OVER_LANES
    for (int j = 0; j < ROW_LANES; j++) best[j] = -INFINITY;
    for (; n >= ROW_LANES; n -= ROW_LANES, x += ROW_LANES) take_larger(best, x, ROW_LANES);
    if (n) {
        load_left(x, (int)n, -INFINITY, lanes);
        take_larger(best, lanes, ROW_LANES);
    }
    if (ROW_LANES > 8) take_larger(best, best + 8, 8);
    if (ROW_LANES > 4) take_larger(best, best + 4, 4);
    take_larger(best, best + 2, 2);
    take_larger(best, best + 1, 1);
    return best[0];
}

/* The sum of exp(x - best) over n elements; unless `out` is NULL, the terms are stored there. */
NUMBANET_INLINE double sum_of_exponentials(const float *x, size_t n, float best, float *out) {
    double totals[ROW_LANES];
    float shifted[ROW_LANES], y[ROW_LANES];
    OVER_LANES
    for (int j = 0; j < ROW_LANES; j++) totals[j] = 0;
    for (; n >= ROW_LANES; n -= ROW_LANES, x += ROW_LANES) {
        OVER_LANES
        for (int j = 0; j < ROW_LANES; j++) shifted[j] = x[j] - best;
        exponentials_of_row(shifted, y, ROW_LANES);
        OVER_LANES
        for (int j = 0; j < ROW_LANES; j++) totals[j] += (double)y[j];
        if (out) {
            memcpy(out, y, sizeof y);
            out += ROW_LANES;
        }
    }
    if (n) {
        const int left = (int)n;
        load_left(x, left, best, shifted);
        OVER_LANES
        for (int j = 0; j < ROW_LANES; j++) shifted[j] -= best;
        exponentials_of_row(shifted, y, ROW_LANES);
        OVER_LANES
        for (int j = 0; j < ROW_LANES; j++) totals[j] += j < left ? (double)y[j] : 0.0;
        if (out) {
            OVER_LANES
            for (int j = 0; j < ROW_LANES; j++)
                if (j < left) out[j] = y[j];
        }
    }
    if (ROW_LANES > 8) add_upper_half(totals, 8);
    if (ROW_LANES > 4) add_upper_half(totals, 4);
    add_upper_half(totals, 2);
    add_upper_half(totals, 1);
    return totals[0];
}

/* n elements times a double. */
NUMBANET_INLINE void scale_row(float *x, size_t n, double factor) {
    for (size_t j = 0; j < n; j++) x[j] = (float)((double)x[j] * factor);
}

#endif
