/* What pooling does in a window, or with the windows around an element, for pools.pxd: native/primitives/pools.py in C.

A box of so many steps along three axes is walked for two vectors of channels at a time, then for one, then channel by
channel, with the result in registers. Each channel goes through the same operations in all of them.
*/
#ifndef NUMBANET_POOLS_H
#define NUMBANET_POOLS_H

#include <math.h>

#include "registers.h"

/* A box: its steps along three axes, and how far apart they are in the array. */
struct numbanet_box {
    int64_t depth, height, width, by_depth, by_height, by_width;
};

#define NUMBANET_EACH_OF(box, offset)                                                                 \
    for (int64_t i = 0; i < box->depth; i++)                                                          \
        for (int64_t j = 0; j < box->height; j++)                                                     \
            for (int64_t k = 0, offset = i * box->by_depth + j * box->by_height; k < box->width;      \
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
#define NUMBANET_EACH_CHANNEL(T, function, operands)                                              \
    const int64_t lanes = NUMBANET_VECTOR_BYTES / sizeof(T);                                      \
    int64_t c = 0;                                                                                \
    for (; c + 2 * lanes <= channels; c += 2 * lanes) function##_two operands;                    \
    for (; c + lanes <= channels; c += lanes) function##_one operands;                            \
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

/* F names numbers of type T, and Q places of type P; I are integers of the size of T. */
#define NUMBANET_LARGEST_OF(F, T, I, tag, count)                                                    \
    NUMBANET_LANES(v_##F##tag, T, count)                                                            \
    NUMBANET_LANES(m_##F##tag, I, count)                                                            \
    NUMBANET_ALWAYS void largest_##F##tag(const T *x, const struct numbanet_box *box, T *out) {     \
        v_##F##tag best = (v_##F##tag){0} - (T)INFINITY;                                            \
        NUMBANET_EACH_OF(box, offset) {                                                             \
            const v_##F##tag value = *(const v_##F##tag *)(x + offset);                             \
            const m_##F##tag stays = NUMBANET_TRUTH(best >= value) | NUMBANET_TRUTH(best != best);  \
            best = NUMBANET_CHOOSE(v_##F##tag, m_##F##tag, stays, best, value);                     \
        }                                                                                           \
        *(v_##F##tag *)out = best;                                                                  \
    }

#define NUMBANET_PLACES_OF(F, T, I, Q, P, tag, count)                                                              \
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
        const m_##F##tag known = NUMBANET_CONVERTED(m_##F##tag, *(const p_##F##Q##tag *)places);                   \
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
    }                                                                                                              \
    NUMBANET_ALWAYS void spread_where_placed_##F##Q##tag(                                                          \
        const T *g, const P *places, int64_t place, T *out, int64_t channels, int64_t n                            \
    ) {                                                                                                            \
        for (int64_t k = 0; k < n; k++) {                                                                          \
            v_##F##tag taken;                                                                                      \
            where_placed_##F##Q##tag(g, places, place + k, &taken);                                                \
            *(v_##F##tag *)(out + k * channels) = taken + (T)0; /* as sums begin with 0, -0 becomes 0 */           \
        }                                                                                                          \
    }

#define NUMBANET_LARGEST(F, T, I)                                                                   \
    NUMBANET_SEVERAL(NUMBANET_LARGEST_OF(F, T, I, _two, 2 * NUMBANET_VECTOR_BYTES / sizeof(T)))     \
    NUMBANET_SEVERAL(NUMBANET_LARGEST_OF(F, T, I, _one, NUMBANET_VECTOR_BYTES / sizeof(T)))         \
    NUMBANET_LARGEST_OF(F, T, I, _lane, 1)                                                          \
    NUMBANET_ALWAYS void largest_of_window_##F(                                                     \
        const T *x, const struct numbanet_box *box, T *out, int64_t channels                        \
    ) {                                                                                             \
        NUMBANET_EACH_CHANNEL(T, largest_##F, (x + c, box, out + c))                                \
    }

#define NUMBANET_PLACES(F, T, I, Q, P)                                                                         \
    NUMBANET_SEVERAL(NUMBANET_PLACES_OF(F, T, I, Q, P, _two, 2 * NUMBANET_VECTOR_BYTES / sizeof(T)))           \
    NUMBANET_SEVERAL(NUMBANET_PLACES_OF(F, T, I, Q, P, _one, NUMBANET_VECTOR_BYTES / sizeof(T)))               \
    NUMBANET_PLACES_OF(F, T, I, Q, P, _lane, 1)                                                                \
    NUMBANET_ALWAYS void largest_and_places_##F##Q(                                                            \
        const T *x, const struct numbanet_box *box, T *out, P *places, const struct numbanet_places *of,       \
        int64_t channels                                                                                       \
    ) {                                                                                                        \
        NUMBANET_EACH_CHANNEL(T, largest_and_places_##F##Q, (x + c, box, out + c, places + c, of))             \
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
        NUMBANET_EACH_CHANNEL(T, spread_where_placed_##F##Q, (g + c, places + c, place, out + c, channels, n)) \
    }

NUMBANET_LARGEST(f4, float, int32_t)
NUMBANET_LARGEST(f8, double, int64_t)
NUMBANET_PLACES(f4, float, int32_t, u1, uint8_t)
NUMBANET_PLACES(f4, float, int32_t, i4, int32_t)
NUMBANET_PLACES(f8, double, int64_t, u1, uint8_t)
NUMBANET_PLACES(f8, double, int64_t, i4, int32_t)

#endif
