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

/* What is added: `READ` makes a number, or eight of them, of type S from what lies at a place. */
#define NUMBANET_ELEMENT(T, S, READ, x, y) READ(T, S, x)
#define NUMBANET_SQUARE(T, S, READ, x, y) (READ(T, S, x) * READ(T, S, x))
#define NUMBANET_PRODUCT(T, S, READ, x, y) (READ(T, S, x) * READ(T, S, y))

#if defined(__GNUC__)
/* Eight lanes at a time, whatever the registers hold: the compiler splits what is longer. */
typedef float float_8 __attribute__((vector_size(32), aligned(4)));
typedef double double_8 __attribute__((vector_size(64), aligned(8)));
#define NUMBANET_EIGHT(T, S, place) __builtin_convertvector(*(const T##_8 *)(place), S##_8)
#define NUMBANET_ADD_PARTS(T, S, TERM, x, y)                                                                  \
    a += TERM(T, S, NUMBANET_EIGHT, x, y), b += TERM(T, S, NUMBANET_EIGHT, (x) + 8, (y) + 8);                 \
    c += TERM(T, S, NUMBANET_EIGHT, (x) + 16, (y) + 16), d += TERM(T, S, NUMBANET_EIGHT, (x) + 24, (y) + 24);
#define NUMBANET_SUM(name, T, S, TERM)                                                        \
    static inline S name(const T *x, const T *y, size_t n) {                                  \
        S##_8 a = {0}, b = {0}, c = {0}, d = {0};                                             \
        for (; n >= NUMBANET_PARTS; n -= NUMBANET_PARTS, x += NUMBANET_PARTS, y += NUMBANET_PARTS) { \
            NUMBANET_ADD_PARTS(T, S, TERM, x, y)                                              \
        }                                                                                     \
        if (n) {                                                                              \
            T x_left[NUMBANET_PARTS] = {0}, y_left[NUMBANET_PARTS] = {0};                     \
            memcpy(x_left, x, n * sizeof(T)), memcpy(y_left, y, n * sizeof(T));               \
            NUMBANET_ADD_PARTS(T, S, TERM, x_left, y_left)                                    \
        }                                                                                     \
        a += c, b += d, a += b;                                                               \
        return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));             \
    }
#else
#define NUMBANET_ONE(T, S, place) ((S)*(place))
#define NUMBANET_SUM(name, T, S, TERM)                                                        \
    static inline S name(const T *x, const T *y, size_t n) {                                  \
        S parts[NUMBANET_PARTS] = {0};                                                        \
        for (size_t i = 0; i < n; i++) parts[i % NUMBANET_PARTS] += TERM(T, S, NUMBANET_ONE, x + i, y + i); \
        for (size_t half = NUMBANET_PARTS / 2; half; half /= 2)                               \
            for (size_t j = 0; j < half; j++) parts[j] += parts[j + half];                    \
        return parts[0];                                                                      \
    }
#endif

NUMBANET_SUM(numbanet_sum_float, float, double, NUMBANET_ELEMENT)
NUMBANET_SUM(numbanet_sum_double, double, double, NUMBANET_ELEMENT)
NUMBANET_SUM(numbanet_squares_float, float, double, NUMBANET_SQUARE)
NUMBANET_SUM(numbanet_squares_double, double, double, NUMBANET_SQUARE)
NUMBANET_SUM(numbanet_dot_float, float, float, NUMBANET_PRODUCT)
NUMBANET_SUM(numbanet_dot_double, double, double, NUMBANET_PRODUCT)

#define NUMBANET_ROWS(name, T, S, sum)                                                  \
    static void name(const uintptr_t *block, size_t start, size_t stop) {               \
        const T *x = (const T *)block[0];                                               \
        S *out = (S *)block[3];                                                         \
        for (size_t i = start; i < stop; i++) out[i] = (S)sum(x + i * block[2], x + i * block[2], block[2]); \
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
