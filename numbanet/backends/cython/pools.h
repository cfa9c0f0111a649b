/* What pooling does in a window, or with the windows around an element, for pools.pxd: native/primitives/pools.py in C.

A box of so many steps along three axes is walked for one vector of channels at a time, then channel by channel, with
the result in registers. Each channel goes through the same operations in both. gcc 12 compares vectors of two registers
number by number.
*/
#ifndef NUMBANET_POOLS_H
#define NUMBANET_POOLS_H

#include <math.h>

#include "registers.h"

/* A box: its steps along three axes, and how far apart they are in the array. */
struct numbanet_box {
    int64_t depth, height, width, by_depth, by_height, by_width;
};

#define NUMBANET_EACH_OF(box, offset)                                                            \
    for (int64_t i = 0; i < box->depth; i++)                                                     \
        for (int64_t j = 0; j < box->height; j++)                                                \
            for (int64_t k = 0, offset = i * box->by_depth + j * box->by_height; k < box->width; \
                 k++, offset += box->by_width)

/* The places of a box: the first one, and how much they grow along three axes. */
struct numbanet_places {
    int64_t first, by_depth, by_height, by_width;
};

#define NUMBANET_PLACE(of) (of->first + i * of->by_depth + j * of->by_height + k * of->by_width)

#if NUMBANET_GNU
/* As many numbers of a type as there are in `count` lanes, in memory that need not be aligned. */
#define NUMBANET_LANES(name, T, count) \
    typedef T name __attribute__((vector_size(sizeof(T) * (count)), aligned(sizeof(T)), may_alias));
#define NUMBANET_CHOOSE(V, B, mask, a, b) ((V)(((B)(a) & (mask)) | ((B)(b) & ~(mask))))
#define NUMBANET_TRUTH(condition) (condition)
#define NUMBANET_CONVERTED(kind, x) __builtin_convertvector(x, kind)
#define NUMBANET_SEVERAL(definition) definition
#define NUMBANET_EACH_CHANNEL(T, function, operands)                   \
    const int64_t lanes = NUMBANET_VECTOR_BYTES / sizeof(T);           \
    int64_t c = 0;                                                     \
    for (; c + lanes <= channels; c += lanes) function##_one operands; \
    for (; c < channels; c++) function##_lane operands;
#else
#define NUMBANET_LANES(name, T, count) typedef T name;
#define NUMBANET_CHOOSE(V, B, mask, a, b) ((mask) ? (a) : (b))
#define NUMBANET_TRUTH(condition) (-(condition))
#define NUMBANET_CONVERTED(kind, x) ((kind)(x))
#define NUMBANET_SEVERAL(definition)
#define NUMBANET_EACH_CHANNEL(T, function, operands) \
    for (int64_t c = 0; c < channels; c++) function##_lane operands;
#endif

#define NUMBANET_WIDENED(M, V, places) NUMBANET_CONVERTED(M, *(const V *)(places))
/* gcc 12 converts bytes one by one unless it is told which instruction does it. */
#if NUMBANET_GNU && defined(__AVX512F__)
#define NUMBANET_WIDENED_f4(M, V, places) ((M)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(places))))
#define NUMBANET_WIDENED_f8(M, V, places) ((M)_mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(places))))
#elif NUMBANET_GNU && defined(__AVX2__)
#define NUMBANET_WIDENED_f4(M, V, places) ((M)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(places))))
#define NUMBANET_WIDENED_f8(M, V, places) ((M)_mm256_cvtepu8_epi64(_mm_loadu_si32(places)))
#else
#define NUMBANET_WIDENED_f4 NUMBANET_WIDENED
#define NUMBANET_WIDENED_f8 NUMBANET_WIDENED
#endif

/* F names numbers of type T, and Q places of type P; I are integers of the size of T. */
#define NUMBANET_LARGEST_OF(F, T, I, tag, count)                                                   \
    NUMBANET_LANES(v_##F##tag, T, count)                                                           \
    NUMBANET_LANES(m_##F##tag, I, count)                                                           \
    NUMBANET_ALWAYS void largest_##F##tag(const T *x, const struct numbanet_box *box, T *out) {    \
        v_##F##tag best = (v_##F##tag){0} - (T)INFINITY;                                           \
        NUMBANET_EACH_OF(box, offset) {                                                            \
            const v_##F##tag value = *(const v_##F##tag *)(x + offset);                            \
            const m_##F##tag stays = NUMBANET_TRUTH(best >= value) | NUMBANET_TRUTH(best != best); \
            best = NUMBANET_CHOOSE(v_##F##tag, m_##F##tag, stays, best, value);                    \
        }                                                                                          \
        *(v_##F##tag *)out = best;                                                                 \
    }

#define NUMBANET_PLACES_OF(F, T, I, Q, P, tag, count, WIDENED)                                                     \
    NUMBANET_LANES(p_##F##Q##tag, P, count)                                                                        \
    NUMBANET_ALWAYS void largest_and_places_##F##Q##tag(                                                           \
        const T *x, const struct numbanet_box *box, T *out, P *places, const struct numbanet_places *of            \
    ) {                                                                                                            \
        v_##F##tag best = (v_##F##tag){0} - (T)INFINITY;                                                           \
        m_##F##tag place = (m_##F##tag){0} + (I)of->first;                                                         \
        NUMBANET_EACH_OF(box, offset) {                                                                            \
            const v_##F##tag value = *(const v_##F##tag *)(x + offset);                                            \
            const m_##F##tag here = (m_##F##tag){0} + (I)NUMBANET_PLACE(of);                                       \
            const m_##F##tag stays = NUMBANET_TRUTH(best >= value) | NUMBANET_TRUTH(best != best);                 \
            best = NUMBANET_CHOOSE(v_##F##tag, m_##F##tag, stays, best, value);                                    \
            place = NUMBANET_CHOOSE(m_##F##tag, m_##F##tag, stays, place, here);                                   \
        }                                                                                                          \
        *(v_##F##tag *)out = best;                                                                                 \
        *(p_##F##Q##tag *)places = NUMBANET_CONVERTED(p_##F##Q##tag, place);                                       \
    }                                                                                                              \
    NUMBANET_ALWAYS void where_placed_##F##Q##tag(const T *g, const P *places, int64_t place, v_##F##tag *taken) { \
        const m_##F##tag known = WIDENED(m_##F##tag, p_##F##Q##tag, places);                                       \
        const m_##F##tag same = NUMBANET_TRUTH(known == (m_##F##tag){0} + (I)place);                               \
        const v_##F##tag value = *(const v_##F##tag *)g;                                                           \
        *taken = NUMBANET_CHOOSE(v_##F##tag, m_##F##tag, same, value, (v_##F##tag){0});                            \
    }                                                                                                              \
    NUMBANET_ALWAYS void sum_where_placed_##F##Q##tag(                                                             \
        const T *g, const P *places, const struct numbanet_box *box, const struct numbanet_places *of, T *out      \
    ) {                                                                                                            \
        v_##F##tag total = {0}, taken;                                                                             \
        NUMBANET_EACH_OF(box, offset) {                                                                            \
            where_placed_##F##Q##tag(g + offset, places + offset, NUMBANET_PLACE(of), &taken);                     \
            total += taken;                                                                                        \
        }                                                                                                          \
        *(v_##F##tag *)out = total;                                                                                \
    }

/* Sums over a box, times a double, rounded once. */
#define NUMBANET_MEAN_OF(F, T, tag, count)                                                                       \
    NUMBANET_LANES(w_##F##tag, double, count)                                                                    \
    NUMBANET_ALWAYS void mean_##F##tag(const T *x, const struct numbanet_box *box, const double share, T *out) { \
        v_##F##tag total = {0};                                                                                  \
        NUMBANET_EACH_OF(box, offset) total += *(const v_##F##tag *)(x + offset);                                \
        const w_##F##tag product = NUMBANET_CONVERTED(w_##F##tag, total) * share;                                \
        *(v_##F##tag *)out = NUMBANET_CONVERTED(v_##F##tag, product);                                            \
    }

#define NUMBANET_MEAN(F, T)                                                                                    \
    NUMBANET_SEVERAL(NUMBANET_MEAN_OF(F, T, _one, NUMBANET_VECTOR_BYTES / sizeof(T)))                          \
    NUMBANET_MEAN_OF(F, T, _lane, 1)                                                                           \
    NUMBANET_ALWAYS void mean_of_box_##F(                                                                      \
        const T *x, const struct numbanet_box *box, const double share, T *out, int64_t channels               \
    ) {                                                                                                        \
        NUMBANET_EACH_CHANNEL(T, mean_##F, (x + c, box, share, out + c))                                       \
    }                                                                                                          \
    NUMBANET_ALWAYS void means_of_windows_##F(                                                                 \
        const T *x, const struct numbanet_box *box, const double share, int64_t count, int64_t stride, T *out, \
        int64_t channels                                                                                       \
    ) {                                                                                                        \
        for (; count > 0; count--, x += stride * channels, out += channels)                                    \
            mean_of_box_##F(x, box, share, out, channels);                                                     \
    }                                                                                                          \
    NUMBANET_ALWAYS void spread_evenly_##F(const T *g, const double share, T *out, int64_t n, int64_t channels) { \
        for (int64_t k = 0; k < n; k++, out += channels)                                                       \
            for (int64_t c = 0; c < channels; c++) out[c] = (T)((double)g[c] * share);                         \
    }

#define NUMBANET_LARGEST(F, T, I)                                                           \
    NUMBANET_SEVERAL(NUMBANET_LARGEST_OF(F, T, I, _one, NUMBANET_VECTOR_BYTES / sizeof(T))) \
    NUMBANET_LARGEST_OF(F, T, I, _lane, 1)                                                  \
    NUMBANET_ALWAYS void largest_of_windows_##F(                                            \
        const T *x, const struct numbanet_box *box, int64_t count, int64_t stride, T *out,  \
        int64_t channels                                                                    \
    ) {                                                                                     \
        for (; count > 0; count--, x += stride * channels, out += channels) {               \
            NUMBANET_EACH_CHANNEL(T, largest_##F, (x + c, box, out + c))                    \
        }                                                                                   \
    }

#define NUMBANET_PLACES(F, T, I, Q, P, WIDENED)                                                                \
    NUMBANET_SEVERAL(NUMBANET_PLACES_OF(F, T, I, Q, P, _one, NUMBANET_VECTOR_BYTES / sizeof(T), WIDENED))      \
    NUMBANET_PLACES_OF(F, T, I, Q, P, _lane, 1, NUMBANET_WIDENED)                                              \
    NUMBANET_ALWAYS void largest_and_places_##F##Q(                                                            \
        const T *x, const struct numbanet_box *box, int64_t count, int64_t stride, T *out, P *places,          \
        const struct numbanet_places *of, int64_t channels                                                     \
    ) {                                                                                                        \
        for (; count > 0; count--, x += stride * channels, out += channels, places += channels) {              \
            NUMBANET_EACH_CHANNEL(T, largest_and_places_##F##Q, (x + c, box, out + c, places + c, of))         \
        }                                                                                                      \
    }                                                                                                          \
    NUMBANET_ALWAYS void sum_where_placed_##F##Q(                                                              \
        const T *g, const P *places, const struct numbanet_box *box, const struct numbanet_places *of, T *out, \
        int64_t channels                                                                                       \
    ) {                                                                                                        \
        NUMBANET_EACH_CHANNEL(T, sum_where_placed_##F##Q, (g + c, places + c, box, of, out + c))               \
    }                                                                                                          \
    NUMBANET_ALWAYS void spread_where_placed_##F##Q(                                                           \
        const T *g, const P *places, int64_t place, T *out, int64_t n, int64_t channels                        \
    ) {                                                                                                        \
        for (int64_t k = 0; k < n; k++, out += channels)                                                       \
            for (int64_t c = 0; c < channels; c++) {                                                           \
                const T value = g[c] + (T)0; /* -0 becomes 0, as in sums that begin with it */                 \
                out[c] = places[c] == (P)(place + k) ? value : (T)0;                                           \
            }                                                                                                  \
    }                                                                                                          \
    NUMBANET_ALWAYS void sum_pairs_where_placed_##F##Q(                                                        \
        const T *g, const P *places, const struct numbanet_box *box, const struct numbanet_places *of,         \
        int64_t count, T *out, int64_t channels                                                                \
    ) {                                                                                                        \
        const int64_t size = box->width, odd = size & 1;                                                       \
        const int whole = size == 2 && box->depth == 1 && box->height == 1; /* a row of each window */         \
        for (int64_t k = 0; whole && k < count; k++)                                                           \
            spread_where_placed_##F##Q(                                                                        \
                g + k * channels, places + k * channels, of->first, out + 2 * k * channels, 2, channels        \
            );                                                                                                 \
        for (int64_t k = 0; !whole && k < 2 * count; k++, out += channels) {                                   \
            const int64_t second = k & 1, at = (k / 2 + (second & odd)) * channels;                            \
            struct numbanet_box some = *box;                                                                   \
            struct numbanet_places here = *of;                                                                 \
            some.width = (size + 1 - second) / 2;                                                              \
            here.first += size - 1 - (second ? odd : 1 - odd);                                                 \
            sum_where_placed_##F##Q(g + at, places + at, &some, &here, out, channels);                         \
        }                                                                                                      \
    }

NUMBANET_LARGEST(f4, float, int32_t)
NUMBANET_LARGEST(f8, double, int64_t)
NUMBANET_MEAN(f4, float)
NUMBANET_MEAN(f8, double)
NUMBANET_PLACES(f4, float, int32_t, u1, uint8_t, NUMBANET_WIDENED_f4)
NUMBANET_PLACES(f4, float, int32_t, i4, int32_t, NUMBANET_WIDENED)
NUMBANET_PLACES(f8, double, int64_t, u1, uint8_t, NUMBANET_WIDENED_f8)
NUMBANET_PLACES(f8, double, int64_t, i4, int32_t, NUMBANET_WIDENED)

#endif
