/* What is done with the rows of a matrix that the entries of one sparse row name, for sparse_rows.pxd:
   native/primitives/sparse.py in C.

Columns are walked SPARSE_LANES at a time, in registers; the entries are walked for each of these parts, in their order,
with one multiplication and one addition for each.
*/
#ifndef NUMBANET_SPARSE_ROWS_H
#define NUMBANET_SPARSE_ROWS_H

#include "rows.h"

#define SPARSE_LANES(T) (4 * ROW_LANES / (int)sizeof(T))

#define NUMBANET_SPARSE_ROWS(name, T)                                                                                  \
    NUMBANET_INLINE void sum_part_##name(const T *y, size_t n, const int32_t *columns, const T *values, int64_t begin, \
                                         int64_t end, T *out, const int count) {                                       \
        T sums[4 * SPARSE_LANES(T)];                                                                                   \
        for (int j = 0; j < count; j++) sums[j] = 0;                                                                   \
        for (int64_t p = begin; p < end; p++) {                                                                        \
            const T *row = y + (size_t)columns[p] * n;                                                                 \
            const T v = values[p];                                                                                     \
            OVER_LANES                                                                                                 \
            for (int j = 0; j < count; j++) sums[j] += v * row[j];                                                     \
        }                                                                                                              \
        for (int j = 0; j < count; j++) out[j] = sums[j];                                                              \
    }                                                                                                                  \
    NUMBANET_INLINE void add_part_##name(const T *g, size_t n, const int32_t *columns, const T *values, int64_t begin, \
                                         int64_t end, T *out, const int count) {                                       \
        T gradient[4 * SPARSE_LANES(T)];                                                                               \
        for (int j = 0; j < count; j++) gradient[j] = g[j];                                                            \
        for (int64_t p = begin; p < end; p++) {                                                                        \
            T *row = out + (size_t)columns[p] * n;                                                                     \
            const T v = values[p];                                                                                     \
            OVER_LANES                                                                                                 \
            for (int j = 0; j < count; j++) row[j] += v * gradient[j];                                                 \
        }                                                                                                              \
    }                                                                                                                  \
    /* out = the sum over begin <= p < end of values[p] times row columns[p] of y, of n columns. */                    \
    NUMBANET_INLINE void sum_of_rows_##name(const T *y, size_t n, const int32_t *columns, const T *values,             \
                                            int64_t begin, int64_t end, T *out) {                                      \
        size_t j = 0;                                                                                                  \
        for (; j + 4 * SPARSE_LANES(T) <= n; j += 4 * SPARSE_LANES(T))                                                 \
            sum_part_##name(y + j, n, columns, values, begin, end, out + j, 4 * SPARSE_LANES(T));                      \
        for (; j + SPARSE_LANES(T) <= n; j += SPARSE_LANES(T))                                                         \
            sum_part_##name(y + j, n, columns, values, begin, end, out + j, SPARSE_LANES(T));                          \
        if (j < n) sum_part_##name(y + j, n, columns, values, begin, end, out + j, (int)(n - j));                      \
    }                                                                                                                  \
    /* Row columns[p] of out += values[p] * g, for begin <= p < end. */                                                \
    NUMBANET_INLINE void add_to_rows_##name(const T *g, size_t n, const int32_t *columns, const T *values,             \
                                            int64_t begin, int64_t end, T *out) {                                      \
        size_t j = 0;                                                                                                  \
        for (; j + 4 * SPARSE_LANES(T) <= n; j += 4 * SPARSE_LANES(T))                                                 \
            add_part_##name(g + j, n, columns, values, begin, end, out + j, 4 * SPARSE_LANES(T));                      \
        for (; j + SPARSE_LANES(T) <= n; j += SPARSE_LANES(T))                                                         \
            add_part_##name(g + j, n, columns, values, begin, end, out + j, SPARSE_LANES(T));                          \
        if (j < n) add_part_##name(g + j, n, columns, values, begin, end, out + j, (int)(n - j));                      \
    }

NUMBANET_SPARSE_ROWS(float, float)
NUMBANET_SPARSE_ROWS(double, double)

#endif
