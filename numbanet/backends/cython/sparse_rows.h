/* What is done with the rows of a matrix that the entries of one sparse row name, for sparse_rows.pxd:
   native/primitives/sparse.py in C.

Columns are walked in vectors, the last one masked, and sums in four vectors side by side where there are as many; the
entries are walked for each of these parts, in their order. A product is rounded before it is added, as in the naive body.
*/
#ifndef NUMBANET_SPARSE_ROWS_H
#define NUMBANET_SPARSE_ROWS_H

#include "registers.h"

/* sum_of_rows: out = the sum over begin <= p < end of values[p] times row columns[p] of y, of n columns.
   add_to_rows: row columns[p] of out += values[p] * g, for begin <= p < end. */
#define NUMBANET_SPARSE_ROWS(F, T)                                                                             \
    enum { NUMBANET_LANES_##F = sizeof(v_##F) / sizeof(T) };                                                   \
    NUMBANET_ALWAYS v_##F v_plus_product_##F(v_##F sum, v_##F a, v_##F b) {                                    \
        return v_add_##F(sum, v_multiply_add_##F(a, b, v_number_##F((T)-0.0)));                                \
    }                                                                                                          \
    NUMBANET_ALWAYS uintptr_t row_of_##F(const T *x, const int32_t *columns, int64_t p, size_t n) {            \
        return (uintptr_t)(x + (size_t)columns[p] * n);                                                        \
    }                                                                                                          \
    NUMBANET_ALWAYS void sum_of_rows_##F(const T *y, size_t n, const int32_t *columns, const T *values,        \
                                         int64_t begin, int64_t end, T *out) {                                 \
        const size_t lanes = NUMBANET_LANES_##F, step = sizeof(v_##F);                                         \
        size_t j = 0;                                                                                          \
        for (; j + 4 * lanes <= n; j += 4 * lanes) {                                                           \
            v_##F a = v_number_##F(0), b = a, c = a, d = a;                                                    \
            for (int64_t p = begin; p < end; p++) {                                                            \
                const uintptr_t row = row_of_##F(y + j, columns, p, n);                                        \
                const v_##F v = v_number_##F(values[p]);                                                       \
                a = v_plus_product_##F(a, v, v_load_##F(row));                                                 \
                b = v_plus_product_##F(b, v, v_load_##F(row + step));                                          \
                c = v_plus_product_##F(c, v, v_load_##F(row + 2 * step));                                      \
                d = v_plus_product_##F(d, v, v_load_##F(row + 3 * step));                                      \
            }                                                                                                  \
            v_store_##F((uintptr_t)(out + j), a);                                                              \
            v_store_##F((uintptr_t)(out + j) + step, b);                                                       \
            v_store_##F((uintptr_t)(out + j) + 2 * step, c);                                                   \
            v_store_##F((uintptr_t)(out + j) + 3 * step, d);                                                   \
        }                                                                                                      \
        for (; j + lanes <= n; j += lanes) {                                                                   \
            v_##F a = v_number_##F(0);                                                                         \
            for (int64_t p = begin; p < end; p++)                                                              \
                a = v_plus_product_##F(a, v_number_##F(values[p]), v_load_##F(row_of_##F(y + j, columns, p, n))); \
            v_store_##F((uintptr_t)(out + j), a);                                                              \
        }                                                                                                      \
        if (j == n) return;                                                                                    \
        const m_##F left = v_below_##F((int64_t)(n - j));                                                      \
        v_##F a = v_number_##F(0);                                                                             \
        for (int64_t p = begin; p < end; p++) {                                                                \
            const v_##F row = v_load_masked_##F(row_of_##F(y + j, columns, p, n), left);                       \
            a = v_plus_product_##F(a, v_number_##F(values[p]), row);                                           \
        }                                                                                                      \
        v_store_masked_##F((uintptr_t)(out + j), a, left);                                                     \
    }                                                                                                          \
    NUMBANET_ALWAYS void add_to_rows_##F(const T *g, size_t n, const int32_t *columns, const T *values,        \
                                         int64_t begin, int64_t end, T *out) {                                 \
        const size_t lanes = NUMBANET_LANES_##F;                                                               \
        size_t j = 0;                                                                                          \
        for (; j + lanes <= n; j += lanes) {                                                                   \
            const v_##F part = v_load_##F((uintptr_t)(g + j));                                                 \
            for (int64_t p = begin; p < end; p++) {                                                            \
                const uintptr_t row = row_of_##F(out + j, columns, p, n);                                      \
                v_store_##F(row, v_plus_product_##F(v_load_##F(row), v_number_##F(values[p]), part));          \
            }                                                                                                  \
        }                                                                                                      \
        if (j == n) return;                                                                                    \
        const m_##F left = v_below_##F((int64_t)(n - j));                                                      \
        const v_##F part = v_load_masked_##F((uintptr_t)(g + j), left);                                        \
        for (int64_t p = begin; p < end; p++) {                                                                \
            const uintptr_t row = row_of_##F(out + j, columns, p, n);                                          \
            const v_##F sum = v_load_masked_##F(row, left);                                                    \
            v_store_masked_##F(row, v_plus_product_##F(sum, v_number_##F(values[p]), part), left);             \
        }                                                                                                      \
    }

NUMBANET_SPARSE_ROWS(f4, float)
NUMBANET_SPARSE_ROWS(f8, double)

#endif
