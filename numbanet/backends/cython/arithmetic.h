/* Division that rounds down, as Python and NumPy have it; C truncates. */
#ifndef NUMBANET_ARITHMETIC_H
#define NUMBANET_ARITHMETIC_H
#include <math.h>
#include <stdint.h>

/* Dividing by zero gives 0, and the least integer by -1 is itself, as in NumPy; the processor would stop at both. */
static inline int64_t floordiv_int64(int64_t a, int64_t b) {
    if (b == 0) return 0;
    if (b == -1 && a == INT64_MIN) return a;
    int64_t q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

static inline int64_t mod_int64(int64_t a, int64_t b) {
    if (b == 0 || b == -1) return 0;
    int64_t r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

static inline uint64_t floordiv_uint64(uint64_t a, uint64_t b) { return b == 0 ? 0 : a / b; }
static inline uint64_t mod_uint64(uint64_t a, uint64_t b) { return b == 0 ? 0 : a % b; }

/* The quotient is rounded down from (a - remainder) / b, which is whole but for rounding. */
#define NUMBANET_DIVISION(T, suffix)                                   \
    static inline T mod_##T(T a, T b) {                                \
        if (b == 0) return (T)NAN;                                     \
        T r = fmod##suffix(a, b);                                      \
        if (r == 0) return copysign##suffix(0, b);                     \
        return (b < 0) != (r < 0) ? r + b : r;                         \
    }                                                                  \
    static inline T floordiv_##T(T a, T b) {                           \
        if (b == 0) return a / b;                                      \
        T r = fmod##suffix(a, b), q = (a - r) / b;                     \
        if (r != 0 && (b < 0) != (r < 0)) q -= 1;                      \
        if (q == 0) return copysign##suffix(0, a / b);                 \
        T whole = floor##suffix(q);                                    \
        return q - whole > (T)0.5 ? whole + 1 : whole;                 \
    }

NUMBANET_DIVISION(double, )
NUMBANET_DIVISION(float, f)
#endif
