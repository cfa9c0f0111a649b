/* Sums along rows in several partial sums, side by side: what the compiler may not do by itself, since it changes the
   order. The order depends on the length of a row alone: element i goes to partial sum i % 32, and then each half of the
   partial sums is added to the other.

   The naive bodies are sum_rows, sum_of_squares, matrix_vector_dot, row_moments and row_slopes. */
#ifndef NUMBANET_SUMS_H
#define NUMBANET_SUMS_H
#include <math.h>
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

/* Sums over a row in double precision of `TERM`, where lanes past the end are zeros. */
#define NUMBANET_APART(READ, T) ((READ(T, double, x) - mean) * (READ(T, double, x) - mean))
#define NUMBANET_WEIGHTED(READ, T) (READ(T, double, g) * READ(T, double, gamma))
#define NUMBANET_WEIGHTED_APART(READ, T) (NUMBANET_WEIGHTED(READ, T) * (READ(T, double, x) - mean))
#define NUMBANET_SINGLE(T, S, place) ((S)*(place))
#if defined(__GNUC__)
#define NUMBANET_ADD_TERM(T, parts, TERM) parts += TERM(NUMBANET_EIGHT, T), x += 8, g += 8, gamma += 8;
#define NUMBANET_SUM_OF(name, T, TERM)                                                                            \
    static inline double name(const T *x, const T *g, const T *gamma, double mean, size_t n) {                    \
        double_8 a = {0}, b = {0}, c = {0}, d = {0};                                                              \
        for (; n >= NUMBANET_PARTS; n -= NUMBANET_PARTS) {                                                        \
            NUMBANET_ADD_TERM(T, a, TERM) NUMBANET_ADD_TERM(T, b, TERM)                                           \
            NUMBANET_ADD_TERM(T, c, TERM) NUMBANET_ADD_TERM(T, d, TERM)                                           \
        }                                                                                                         \
        if (n) {                                                                                                  \
            double left[NUMBANET_PARTS] = {0};                                                                    \
            for (size_t i = 0; i < n; i++, x++, g++, gamma++) left[i] = TERM(NUMBANET_SINGLE, T);                 \
            a += *(const double_8 *)left, b += *(const double_8 *)(left + 8);                                     \
            c += *(const double_8 *)(left + 16), d += *(const double_8 *)(left + 24);                             \
        }                                                                                                         \
        a += c, b += d, a += b;                                                                                   \
        return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));                                 \
    }
#else
#define NUMBANET_SUM_OF(name, T, TERM)                                                                            \
    static inline double name(const T *x, const T *g, const T *gamma, double mean, size_t n) {                    \
        double parts[NUMBANET_PARTS] = {0};                                                                       \
        for (size_t i = 0; i < n; i++, x++, g++, gamma++) parts[i % NUMBANET_PARTS] += TERM(NUMBANET_SINGLE, T);  \
        for (size_t half = NUMBANET_PARTS / 2; half; half /= 2)                                                   \
            for (size_t j = 0; j < half; j++) parts[j] += parts[j + half];                                        \
        return parts[0];                                                                                          \
    }
#endif

/* The same in the precision of the row, where rows are long: four elements go together before they are made a double. */
enum { NUMBANET_QUICK_FROM = 4 * NUMBANET_PARTS };
#define NUMBANET_VANISHING 1e-30
#define NUMBANET_APART_AT(k) (x[k] - mean)
#define NUMBANET_SQUARE_AT(k) ((x[k] - mean) * (x[k] - mean))
#define NUMBANET_WEIGHTED_AT(k) (g[k] * gamma[k])
#define NUMBANET_WEIGHTED_APART_AT(k) (g[k] * gamma[k] * (x[k] - mean))
#define NUMBANET_OF_FOUR(AT, k)                           \
    ((AT(k) + AT((k) + NUMBANET_PARTS)) +                 \
     (AT((k) + 2 * NUMBANET_PARTS) + AT((k) + 3 * NUMBANET_PARTS)))
#define NUMBANET_QUICK_SUM(name, T, AT)                                                                          \
    static inline double name(const T *x, const T *g, const T *gamma, const T mean, size_t n) {                  \
        const size_t edge = n / NUMBANET_QUICK_FROM * NUMBANET_QUICK_FROM;                                       \
        double parts[NUMBANET_PARTS] = {0};                                                                      \
        (void)x, (void)g, (void)gamma, (void)mean;                                                               \
        for (size_t i = 0; i < edge; i += NUMBANET_QUICK_FROM)                                                   \
            for (size_t j = 0; j < NUMBANET_PARTS; j++) parts[j] += (double)NUMBANET_OF_FOUR(AT, i + j);         \
        for (size_t i = edge; i < n; i++) parts[(i - edge) % NUMBANET_PARTS] += (double)AT(i);                   \
        for (size_t half = NUMBANET_PARTS / 2; half; half /= 2)                                                  \
            for (size_t j = 0; j < half; j++) parts[j] += parts[j + half];                                       \
        return parts[0];                                                                                         \
    }

/* `row_moments` and `row_slopes` for rows of type T. */
#define NUMBANET_NORMALIZATION(T)                                                                                 \
    NUMBANET_SUM_OF(numbanet_apart_##T, T, NUMBANET_APART)                                                        \
    NUMBANET_SUM_OF(numbanet_weighted_##T, T, NUMBANET_WEIGHTED)                                                  \
    NUMBANET_SUM_OF(numbanet_weighted_apart_##T, T, NUMBANET_WEIGHTED_APART)                                      \
    NUMBANET_QUICK_SUM(numbanet_quick_apart_##T, T, NUMBANET_APART_AT)                                            \
    NUMBANET_QUICK_SUM(numbanet_quick_squares_##T, T, NUMBANET_SQUARE_AT)                                         \
    NUMBANET_QUICK_SUM(numbanet_quick_weighted_##T, T, NUMBANET_WEIGHTED_AT)                                      \
    NUMBANET_QUICK_SUM(numbanet_quick_weighted_apart_##T, T, NUMBANET_WEIGHTED_APART_AT)                          \
    static void row_moments_##T(const uintptr_t *block, size_t start, size_t stop) {                              \
        const size_t n = block[2];                                                                                \
        const double centred = (double)(int64_t)block[3], count = (double)n;                                      \
        double epsilon;                                                                                           \
        memcpy(&epsilon, block + 4, sizeof epsilon);                                                              \
        T *out = (T *)block[5];                                                                                   \
        for (size_t i = start; i < stop; i++) {                                                                   \
            const T *x = (const T *)block[0] + i * n;                                                             \
            double mean = 0.0, spread = 0.0;                                                                      \
            if (n >= NUMBANET_QUICK_FROM) {                                                                       \
                mean = numbanet_sum_##T(x, x, NUMBANET_PARTS) / NUMBANET_PARTS * centred;                         \
                for (int k = 0; k < 2; k++) {                                                                     \
                    const T shift = (T)mean;                                                                      \
                    const double rest = numbanet_quick_apart_##T(x, x, x, shift, n) * (centred / count);          \
                    const double squares = numbanet_quick_squares_##T(x, x, x, shift, n);                         \
                    mean = (double)shift + rest;                                                                  \
                    spread = squares - count * rest * rest;                                                       \
                    if (4.0 * spread >= squares) break; /* the shift is near the mean: little cancels */          \
                }                                                                                                 \
            }                                                                                                     \
            if (!(spread > NUMBANET_VANISHING && spread < (double)INFINITY)) {                                    \
                mean = numbanet_sum_##T(x, x, n) / count * centred;                                               \
                spread = numbanet_apart_##T(x, x, x, mean, n);                                                    \
            }                                                                                                     \
            out[2 * i] = (T)mean;                                                                                 \
            out[2 * i + 1] = (T)(1.0 / sqrt(spread / count + (double)(T)epsilon));                                \
        }                                                                                                         \
    }                                                                                                             \
    static void row_slopes_##T(const uintptr_t *block, size_t start, size_t stop) {                               \
        const size_t n = block[2];                                                                                \
        const double centred = (double)(int64_t)block[11], count = (double)n;                                     \
        const T *gamma = (const T *)block[6];                                                                     \
        T *out = (T *)block[12];                                                                                  \
        for (size_t i = start; i < stop; i++) {                                                                   \
            const T *g = (const T *)block[0] + i * n, *x = (const T *)block[3] + i * n;                           \
            const T *moments = (const T *)block[8] + 2 * i;                                                       \
            const double scale = (double)moments[1];                                                              \
            double total = 0.0, product = 0.0;                                                                    \
            if (n >= NUMBANET_QUICK_FROM) {                                                                       \
                total = numbanet_quick_weighted_##T(x, g, gamma, 0, n);                                           \
                product = numbanet_quick_weighted_apart_##T(x, g, gamma, moments[0], n);                          \
            }                                                                                                     \
            if (!(fabs(product) > NUMBANET_VANISHING && fabs(product) < (double)INFINITY &&                       \
                  fabs(total) < (double)INFINITY)) {                                                              \
                total = numbanet_weighted_##T(x, g, gamma, 0.0, n);                                               \
                product = numbanet_weighted_apart_##T(x, g, gamma, (double)moments[0], n);                        \
            }                                                                                                     \
            out[2 * i] = (T)(total / count * scale * centred);                                                    \
            out[2 * i + 1] = (T)(product / count * scale * scale * scale);                                        \
        }                                                                                                         \
    }

NUMBANET_NORMALIZATION(float)
NUMBANET_NORMALIZATION(double)

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
