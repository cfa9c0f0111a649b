/* Vector registers of the processor that is compiled for: what tiles and transposed squares are made of.

For float (f4) and double (f8) there are the type of a vector, `v_f4`, that of a mask of lanes, `m_f4`, and functions
named after both: v_load_f4, v_store_f4, v_number_f4 (the same in every lane), v_multiply_add_f4 (rounded once where
that is one instruction), v_add_f4, v_at_least_f4 (NaN stays NaN), v_below_f4 (the mask of the first so many lanes),
v_load_masked_f4 (zero elsewhere), v_store_masked_f4 and v_store_between_f4 (lanes first to end). Where there are masks, also v_or_f4 (of the bits) and
v_not_zero_f4 (a bit for each lane that is neither 0.0 nor -0.0).
*/
#ifndef NUMBANET_REGISTERS_H
#define NUMBANET_REGISTERS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whether the compiler has vectors as types; without them, everything here is loops. */
#if defined(__GNUC__) && !defined(NUMBANET_PLAIN_C)
#define NUMBANET_GNU 1
#else
#define NUMBANET_GNU 0
#endif

#if defined(__GNUC__)
#define NUMBANET_ALWAYS static inline __attribute__((always_inline, unused))
#elif defined(_MSC_VER)
#define NUMBANET_ALWAYS static __forceinline
#else
#define NUMBANET_ALWAYS static inline
#endif

#if defined(__clang__)
#define NUMBANET_UNROLL _Pragma("clang loop unroll(full)")
#define NUMBANET_TWO_AT_A_TIME _Pragma("clang loop unroll_count(2)")
#elif defined(__GNUC__)
#define NUMBANET_UNROLL _Pragma("GCC unroll 16")
#define NUMBANET_TWO_AT_A_TIME _Pragma("GCC unroll 2")
#else
#define NUMBANET_UNROLL
#define NUMBANET_TWO_AT_A_TIME
#endif

#if defined(__GNUC__)
#define NUMBANET_FETCH_TO_WRITE(p) __builtin_prefetch((const void *)(p), 1, 3)
#define NUMBANET_FETCH(p) __builtin_prefetch((const void *)(p), 0, 2)
#else
#define NUMBANET_FETCH_TO_WRITE(p) ((void)(p))
#define NUMBANET_FETCH(p) ((void)(p))
#endif

#if NUMBANET_GNU && defined(__AVX512F__)
#include <immintrin.h>
#define NUMBANET_VECTOR_BYTES 64
#define NUMBANET_MANY_REGISTERS 1
#define NUMBANET_HAS_MASKS 1
#define NUMBANET_OPERATIONS(F, T, VECTOR, P, MASK)                                                           \
    typedef VECTOR v_##F;                                                                                    \
    typedef MASK m_##F;                                                                                      \
    NUMBANET_ALWAYS v_##F v_load_##F(uintptr_t p) { return _mm512_loadu_##P((const T *)p); }                 \
    NUMBANET_ALWAYS void v_store_##F(uintptr_t p, v_##F x) { _mm512_storeu_##P((T *)p, x); }                 \
    NUMBANET_ALWAYS v_##F v_number_##F(T x) { return _mm512_set1_##P(x); }                                   \
    NUMBANET_ALWAYS v_##F v_multiply_add_##F(v_##F a, v_##F b, v_##F c) { return _mm512_fmadd_##P(a, b, c); } \
    NUMBANET_ALWAYS v_##F v_add_##F(v_##F a, v_##F b) { return _mm512_add_##P(a, b); }                       \
    NUMBANET_ALWAYS v_##F v_or_##F(v_##F a, v_##F b) { return _mm512_or_##P(a, b); }                         \
    NUMBANET_ALWAYS uint32_t v_not_zero_##F(v_##F x) {                                                       \
        return _mm512_cmp_##P##_mask(x, _mm512_setzero_##P(), _CMP_NEQ_UQ);                                  \
    }                                                                                                        \
    NUMBANET_ALWAYS v_##F v_at_least_##F(v_##F x, v_##F floor) {                                             \
        return _mm512_mask_mov_##P(x, _mm512_cmp_##P##_mask(x, floor, _CMP_LE_OQ), floor);                   \
    }                                                                                                        \
    NUMBANET_ALWAYS m_##F v_below_##F(int64_t count) {                                                       \
        return (MASK)(count >= (int64_t)(64 / sizeof(T)) ? ~0u : count <= 0 ? 0u : (1u << count) - 1u);      \
    }                                                                                                        \
    NUMBANET_ALWAYS v_##F v_load_masked_##F(uintptr_t p, m_##F mask) {                                       \
        return _mm512_maskz_loadu_##P(mask, (const T *)p);                                                   \
    }                                                                                                        \
    NUMBANET_ALWAYS void v_store_masked_##F(uintptr_t p, v_##F x, m_##F mask) {                              \
        _mm512_mask_storeu_##P((T *)p, mask, x);                                                             \
    }                                                                                                        \
    NUMBANET_ALWAYS void v_store_between_##F(uintptr_t p, v_##F x, int64_t first, int64_t end) {             \
        _mm512_mask_storeu_##P((T *)p, (MASK)(v_below_##F(end) & ~v_below_##F(first)), x);                   \
    }
NUMBANET_OPERATIONS(f4, float, __m512, ps, __mmask16)
NUMBANET_OPERATIONS(f8, double, __m512d, pd, __mmask8)

/* What a tile needs of vectors of half the size, f4h and f8h. */
#define NUMBANET_HALF_OPERATIONS(F, T, VECTOR, P, MASK)                                                      \
    typedef VECTOR v_##F##h;                                                                                 \
    typedef MASK m_##F##h;                                                                                   \
    NUMBANET_ALWAYS v_##F##h v_load_##F##h(uintptr_t p) { return _mm256_loadu_##P((const T *)p); }           \
    NUMBANET_ALWAYS void v_store_##F##h(uintptr_t p, v_##F##h x) { _mm256_storeu_##P((T *)p, x); }           \
    NUMBANET_ALWAYS v_##F##h v_number_##F##h(T x) { return _mm256_set1_##P(x); }                             \
    NUMBANET_ALWAYS v_##F##h v_multiply_add_##F##h(v_##F##h a, v_##F##h b, v_##F##h c) {                     \
        return _mm256_fmadd_##P(a, b, c);                                                                    \
    }                                                                                                        \
    NUMBANET_ALWAYS v_##F##h v_add_##F##h(v_##F##h a, v_##F##h b) { return _mm256_add_##P(a, b); }           \
    NUMBANET_ALWAYS v_##F##h v_at_least_##F##h(v_##F##h x, v_##F##h floor) {                                 \
        return _mm256_mask_mov_##P(x, _mm256_cmp_##P##_mask(x, floor, _CMP_LE_OQ), floor);                   \
    }                                                                                                        \
    NUMBANET_ALWAYS m_##F##h v_below_##F##h(int64_t count) {                                                 \
        return (MASK)(count >= (int64_t)(32 / sizeof(T)) ? (1u << 32 / sizeof(T)) - 1u                       \
                      : count <= 0               ? 0u                                                        \
                                                 : (1u << count) - 1u);                                      \
    }                                                                                                        \
    NUMBANET_ALWAYS v_##F##h v_load_masked_##F##h(uintptr_t p, m_##F##h mask) {                              \
        return _mm256_maskz_loadu_##P(mask, (const T *)p);                                                   \
    }                                                                                                        \
    NUMBANET_ALWAYS void v_store_masked_##F##h(uintptr_t p, v_##F##h x, m_##F##h mask) {                     \
        _mm256_mask_storeu_##P((T *)p, mask, x);                                                             \
    }
NUMBANET_HALF_OPERATIONS(f4, float, __m256, ps, __mmask8)
NUMBANET_HALF_OPERATIONS(f8, double, __m256d, pd, __mmask8)

#elif NUMBANET_GNU && defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define NUMBANET_VECTOR_BYTES 32
#define NUMBANET_MANY_REGISTERS 0
#define NUMBANET_HAS_MASKS 1
#define NUMBANET_OPERATIONS(F, T, VECTOR, P, BELOW)                                                          \
    typedef VECTOR v_##F;                                                                                    \
    typedef __m256i m_##F;                                                                                   \
    NUMBANET_ALWAYS v_##F v_load_##F(uintptr_t p) { return _mm256_loadu_##P((const T *)p); }                 \
    NUMBANET_ALWAYS void v_store_##F(uintptr_t p, v_##F x) { _mm256_storeu_##P((T *)p, x); }                 \
    NUMBANET_ALWAYS v_##F v_number_##F(T x) { return _mm256_set1_##P(x); }                                   \
    NUMBANET_ALWAYS v_##F v_multiply_add_##F(v_##F a, v_##F b, v_##F c) { return _mm256_fmadd_##P(a, b, c); } \
    NUMBANET_ALWAYS v_##F v_add_##F(v_##F a, v_##F b) { return _mm256_add_##P(a, b); }                       \
    NUMBANET_ALWAYS v_##F v_or_##F(v_##F a, v_##F b) { return _mm256_or_##P(a, b); }                         \
    NUMBANET_ALWAYS uint32_t v_not_zero_##F(v_##F x) {                                                       \
        return (uint32_t)_mm256_movemask_##P(_mm256_cmp_##P(x, _mm256_setzero_##P(), _CMP_NEQ_UQ));          \
    }                                                                                                        \
    NUMBANET_ALWAYS v_##F v_at_least_##F(v_##F x, v_##F floor) {                                             \
        return _mm256_blendv_##P(x, floor, _mm256_cmp_##P(x, floor, _CMP_LE_OQ));                            \
    }                                                                                                        \
    NUMBANET_ALWAYS m_##F v_below_##F(int64_t count) { return BELOW; }                                       \
    NUMBANET_ALWAYS v_##F v_load_masked_##F(uintptr_t p, m_##F mask) {                                       \
        return _mm256_maskload_##P((const T *)p, mask);                                                      \
    }                                                                                                        \
    NUMBANET_ALWAYS void v_store_masked_##F(uintptr_t p, v_##F x, m_##F mask) {                              \
        _mm256_maskstore_##P((T *)p, mask, x);                                                               \
    }                                                                                                        \
    NUMBANET_ALWAYS void v_store_between_##F(uintptr_t p, v_##F x, int64_t first, int64_t end) {             \
        _mm256_maskstore_##P((T *)p, _mm256_andnot_si256(v_below_##F(first), v_below_##F(end)), x);          \
    }
NUMBANET_OPERATIONS(f4, float, __m256, ps,
                    _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)))
NUMBANET_OPERATIONS(f8, double, __m256d, pd,
                    _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_setr_epi64x(0, 1, 2, 3)))

#else
#define NUMBANET_VECTOR_BYTES 16
#define NUMBANET_HAS_MASKS 0
#if defined(__aarch64__) || defined(_M_ARM64)
#define NUMBANET_MANY_REGISTERS 1
#else
#define NUMBANET_MANY_REGISTERS 0
#endif

#if NUMBANET_GNU
#if defined(__aarch64__)
#include <arm_neon.h>
#define NUMBANET_FMA_f4(a, b, c) (v_f4) vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b))
#define NUMBANET_FMA_f8(a, b, c) (v_f8) vfmaq_f64((float64x2_t)(c), (float64x2_t)(a), (float64x2_t)(b))
#else
#define NUMBANET_FMA_f4(a, b, c) (a) * (b) + (c)
#define NUMBANET_FMA_f8(a, b, c) (a) * (b) + (c)
#endif
/* Comparing vectors gives integers, all bits of which are set where it holds. */
#define NUMBANET_ARITHMETIC(F, T, I)                                                                         \
    typedef T v_##F __attribute__((vector_size(16)));                                                        \
    typedef I i_##F __attribute__((vector_size(16)));                                                        \
    NUMBANET_ALWAYS v_##F v_number_##F(T x) { return x - (v_##F){0}; }                                       \
    NUMBANET_ALWAYS v_##F v_multiply_add_##F(v_##F a, v_##F b, v_##F c) { return NUMBANET_FMA_##F(a, b, c); } \
    NUMBANET_ALWAYS v_##F v_add_##F(v_##F a, v_##F b) { return a + b; }                                      \
    NUMBANET_ALWAYS v_##F v_at_least_##F(v_##F x, v_##F floor) {                                             \
        i_##F low = (i_##F)(x <= floor);                                                                     \
        return (v_##F)((low & (i_##F)floor) | (~low & (i_##F)x));                                            \
    }
#else
/* Vectors of a compiler without any: as many numbers, one after the other. */
#define NUMBANET_EACH(F, EXPRESSION)                                                                         \
    v_##F r;                                                                                                 \
    for (int i = 0; i < (int)(sizeof r / sizeof r.lane[0]); i++) r.lane[i] = (EXPRESSION);                   \
    return r
#define NUMBANET_ARITHMETIC(F, T, I)                                                                         \
    typedef struct { T lane[16 / sizeof(T)]; } v_##F;                                                        \
    NUMBANET_ALWAYS v_##F v_number_##F(T x) { NUMBANET_EACH(F, x); }                                         \
    NUMBANET_ALWAYS v_##F v_multiply_add_##F(v_##F a, v_##F b, v_##F c) {                                    \
        NUMBANET_EACH(F, a.lane[i] * b.lane[i] + c.lane[i]);                                                 \
    }                                                                                                        \
    NUMBANET_ALWAYS v_##F v_add_##F(v_##F a, v_##F b) { NUMBANET_EACH(F, a.lane[i] + b.lane[i]); }           \
    NUMBANET_ALWAYS v_##F v_at_least_##F(v_##F x, v_##F floor) {                                             \
        NUMBANET_EACH(F, x.lane[i] <= floor.lane[i] ? floor.lane[i] : x.lane[i]);                            \
    }
#endif

/* A mask is a number of lanes. */
#define NUMBANET_OPERATIONS(F, T, I)                                                                         \
    NUMBANET_ARITHMETIC(F, T, I)                                                                             \
    typedef size_t m_##F;                                                                                    \
    NUMBANET_ALWAYS v_##F v_load_##F(uintptr_t p) {                                                          \
        v_##F x;                                                                                             \
        memcpy(&x, (const void *)p, sizeof x);                                                               \
        return x;                                                                                            \
    }                                                                                                        \
    NUMBANET_ALWAYS void v_store_##F(uintptr_t p, v_##F x) { memcpy((void *)p, &x, sizeof x); }              \
    NUMBANET_ALWAYS m_##F v_below_##F(int64_t count) {                                                       \
        return count <= 0 ? 0 : count < (int64_t)(16 / sizeof(T)) ? (size_t)count : 16 / sizeof(T);          \
    }                                                                                                        \
    NUMBANET_ALWAYS v_##F v_load_masked_##F(uintptr_t p, m_##F mask) {                                       \
        v_##F x = v_number_##F(0);                                                                           \
        memcpy(&x, (const void *)p, mask * sizeof(T));                                                       \
        return x;                                                                                            \
    }                                                                                                        \
    NUMBANET_ALWAYS void v_store_masked_##F(uintptr_t p, v_##F x, m_##F mask) {                              \
        memcpy((void *)p, &x, mask * sizeof(T));                                                             \
    }                                                                                                        \
    NUMBANET_ALWAYS void v_store_between_##F(uintptr_t p, v_##F x, int64_t first, int64_t end) {             \
        const size_t from = v_below_##F(first), to = v_below_##F(end);                                       \
        if (from < to) memcpy((char *)p + from * sizeof(T), (char *)&x + from * sizeof(T), (to - from) * sizeof(T)); \
    }
NUMBANET_OPERATIONS(f4, float, int32_t)
NUMBANET_OPERATIONS(f8, double, int64_t)
#endif

/* `Registers.listed_rows`. */
#define NUMBANET_LISTED_ROWS (NUMBANET_MANY_REGISTERS ? 4 : 6)

#endif
