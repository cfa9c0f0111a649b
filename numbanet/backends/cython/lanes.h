/* What generated functions of one number are made of, besides operators and math.h; see c_lanes.py.

NUMBANET_FUSED is 1 where a * b + c is one instruction. Elsewhere fma would be a call, and the naive bodies are better.
*/
#ifndef NUMBANET_LANES_H
#define NUMBANET_LANES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__FMA__) || defined(__aarch64__) || defined(_M_ARM64) || (defined(_MSC_VER) && defined(__AVX2__))
#define NUMBANET_FUSED 1
#else
#define NUMBANET_FUSED 0
#endif

/* A loop is made of vectors only if what it calls is a part of it. */
#if defined(_MSC_VER)
#define NUMBANET_INLINE static __forceinline
#define NUMBANET_NOINLINE __declspec(noinline)
#define NUMBANET_UNUSED
#else
#define NUMBANET_INLINE static inline __attribute__((always_inline, unused))
#define NUMBANET_NOINLINE __attribute__((noinline))
#define NUMBANET_UNUSED __attribute__((unused))
#endif

NUMBANET_INLINE uint32_t bits_of_f4(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof x);
    return bits;
}

NUMBANET_INLINE uint64_t bits_of_f8(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof x);
    return bits;
}

NUMBANET_INLINE float f4_of_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

NUMBANET_INLINE double f8_of_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Filled with the sign. */
NUMBANET_INLINE uint32_t shifted_right_i4(uint32_t x, uint32_t count) { return (uint32_t)((int32_t)x >> count); }
NUMBANET_INLINE uint64_t shifted_right_i8(uint64_t x, uint64_t count) { return (uint64_t)((int64_t)x >> count); }

#endif
