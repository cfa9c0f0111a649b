/* Squares of numbers, transposed in registers; see `square.h`. */
#ifndef NUMBANET_TRANSPOSE_H
#define NUMBANET_TRANSPOSE_H

#include "registers.h"

#define NUMBANET_LOW_2 0, 2
#define NUMBANET_HIGH_2 1, 3
#define NUMBANET_LOW_4 0, 4, 1, 5
#define NUMBANET_HIGH_4 2, 6, 3, 7
#define NUMBANET_LOW_8 0, 8, 1, 9, 2, 10, 3, 11
#define NUMBANET_HIGH_8 4, 12, 5, 13, 6, 14, 7, 15
#define NUMBANET_LOW_16 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define NUMBANET_HIGH_16 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31

#if defined(__clang__)
#define NUMBANET_SHUFFLE(INDEX, x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
#define NUMBANET_SHUFFLE(INDEX, x, y, ...) __builtin_shuffle(x, y, (INDEX){__VA_ARGS__})
#endif

/* The lower, and the higher, halves of two vectors in turn. */
#define NUMBANET_HALVES(F, I, LANES)                                                                  \
    typedef I n_##F __attribute__((vector_size(NUMBANET_VECTOR_BYTES)));                              \
    NUMBANET_ALWAYS v_##F v_low_##F(v_##F x, v_##F y) {                                               \
        return NUMBANET_SHUFFLE(n_##F, x, y, NUMBANET_LOW_##LANES);                                   \
    }                                                                                                 \
    NUMBANET_ALWAYS v_##F v_high_##F(v_##F x, v_##F y) {                                              \
        return NUMBANET_SHUFFLE(n_##F, x, y, NUMBANET_HIGH_##LANES);                                  \
    }

#if !NUMBANET_GNU
#define NUMBANET_LOG2_f4 0
#define NUMBANET_LOG2_f8 0
#elif NUMBANET_VECTOR_BYTES == 64
NUMBANET_HALVES(f4, int32_t, 16)
NUMBANET_HALVES(f8, int64_t, 8)
#define NUMBANET_LOG2_f4 4
#define NUMBANET_LOG2_f8 3
#elif NUMBANET_VECTOR_BYTES == 32
NUMBANET_HALVES(f4, int32_t, 8)
NUMBANET_HALVES(f8, int64_t, 4)
#define NUMBANET_LOG2_f4 3
#define NUMBANET_LOG2_f8 2
#else
NUMBANET_HALVES(f4, int32_t, 4)
NUMBANET_HALVES(f8, int64_t, 2)
#define NUMBANET_LOG2_f4 2
#define NUMBANET_LOG2_f8 1
#endif

#define REAL float
#define V(name) name##_f4
#define LOG2 NUMBANET_LOG2_f4
#include "square.h"
#undef REAL
#undef V
#undef LOG2
#define REAL double
#define V(name) name##_f8
#define LOG2 NUMBANET_LOG2_f8
#include "square.h"
#undef REAL
#undef V
#undef LOG2

#endif
