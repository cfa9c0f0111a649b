/* Sums along rows in several partial sums, side by side: what the compiler may not do by itself, since it changes the
   order. The order depends on the length of a row alone: element i goes to partial sum i % 32, and then each half of the
   partial sums is added to the other.

   The naive bodies are sum_rows, sum_of_squares and matrix_vector_dot. */
#ifndef NUMBANET_SUMS_H
#define NUMBANET_SUMS_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { NUMBANET_PARTS = 32 };

#if defined(__GNUC__)
/* Eight lanes at a time, whatever the registers hold: the compiler splits what is longer. */
typedef float float_8 __attribute__((vector_size(32), aligned(4)));
typedef double double_8 __attribute__((vector_size(64), aligned(8)));
#define NUMBANET_LOAD(T, S, pointer) __builtin_convertvector(*(const T##_8 *)(pointer), S##_8)
#define NUMBANET_ALL_PARTS(T, S, count, TERM)                                           \
    S##_8 a = {0}, b = {0}, c = {0}, d = {0};                                           \
    for (; i < (count); i += NUMBANET_PARTS) {                                          \
        a += TERM(T, S, NUMBANET_LOAD, i), b += TERM(T, S, NUMBANET_LOAD, i + 8);       \
        c += TERM(T, S, NUMBANET_LOAD, i + 16), d += TERM(T, S, NUMBANET_LOAD, i + 24); \
    }                                                                                   \
    memcpy(parts, &a, sizeof a), memcpy(parts + 8, &b, sizeof b);                       \
    memcpy(parts + 16, &c, sizeof c), memcpy(parts + 24, &d, sizeof d);
#else
#define NUMBANET_ALL_PARTS(T, S, count, TERM)          \
    memset(parts, 0, sizeof parts);                    \
    for (; i < (count); i += NUMBANET_PARTS)           \
        for (size_t j = 0; j < NUMBANET_PARTS; j++) parts[j] += TERM(T, S, NUMBANET_ONE, i + j);
#endif
#define NUMBANET_ONE(T, S, pointer) ((S)*(pointer))

#define NUMBANET_SUM(name, T, S, PARAMETERS, TERM)                                                        \
    static inline S name PARAMETERS {                                                                     \
        S parts[NUMBANET_PARTS];                                                                          \
        size_t i = 0;                                                                                     \
        NUMBANET_ALL_PARTS(T, S, n / NUMBANET_PARTS * NUMBANET_PARTS, TERM)                               \
        for (size_t j = 0; i < n; i++, j++) parts[j] += TERM(T, S, NUMBANET_ONE, i);                      \
        for (size_t half = NUMBANET_PARTS / 2; half; half /= 2)                                           \
            for (size_t j = 0; j < half; j++) parts[j] += parts[j + half];                                \
        return parts[0];                                                                                  \
    }

#define NUMBANET_ELEMENT(T, S, READ, i) READ(T, S, x + (i))
#define NUMBANET_SQUARE(T, S, READ, i) (READ(T, S, x + (i)) * READ(T, S, x + (i)))
#define NUMBANET_PRODUCT(T, S, READ, i) (READ(T, S, x + (i)) * READ(T, S, y + (i)))

NUMBANET_SUM(numbanet_sum_float, float, double, (const float *x, size_t n), NUMBANET_ELEMENT)
NUMBANET_SUM(numbanet_sum_double, double, double, (const double *x, size_t n), NUMBANET_ELEMENT)
NUMBANET_SUM(numbanet_squares_float, float, double, (const float *x, size_t n), NUMBANET_SQUARE)
NUMBANET_SUM(numbanet_squares_double, double, double, (const double *x, size_t n), NUMBANET_SQUARE)
NUMBANET_SUM(numbanet_dot_float, float, float, (const float *x, const float *y, size_t n), NUMBANET_PRODUCT)
NUMBANET_SUM(numbanet_dot_double, double, double, (const double *x, const double *y, size_t n), NUMBANET_PRODUCT)

#define NUMBANET_ROWS(name, T, S, sum)                                                  \
    static void name(const uintptr_t *block, size_t start, size_t stop) {               \
        const T *x = (const T *)block[0];                                               \
        S *out = (S *)block[3];                                                         \
        for (size_t i = start; i < stop; i++) out[i] = (S)sum(x + i * block[2], block[2]); \
    }
#define NUMBANET_ROWS_DOT(name, T, dot)                                                       \
    static void name(const uintptr_t *block, size_t start, size_t stop) {                     \
        const T *x = (const T *)block[0], *y = (const T *)block[3];                           \
        T *out = (T *)block[5];                                                               \
        for (size_t i = start; i < stop; i++) out[i] = dot(x + i * block[2], y, block[2]);    \
    }

NUMBANET_ROWS(sum_rows_float, float, float, numbanet_sum_float)
NUMBANET_ROWS(sum_rows_double, double, double, numbanet_sum_double)
NUMBANET_ROWS(sum_of_squares_float, float, double, numbanet_squares_float)
NUMBANET_ROWS(sum_of_squares_double, double, double, numbanet_squares_double)
NUMBANET_ROWS_DOT(matrix_vector_dot_float, float, numbanet_dot_float)
NUMBANET_ROWS_DOT(matrix_vector_dot_double, double, numbanet_dot_double)
#endif
