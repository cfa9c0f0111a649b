/* What drivers are written in: the names of numbanet.backends.native.primitives, in C. Addresses are int64_t, as there. */
#ifndef NUMBANET_PRIMITIVES_H
#define NUMBANET_PRIMITIVES_H

#include <stdlib.h>

#include "registers.h"
#include "tiles.h"
#include "transpose.h"

#define REAL float
#define WORD uint32_t
#define V(name) name##_f4
#include "zeros.h"
#undef REAL
#undef WORD
#undef V
#define REAL double
#define WORD uint64_t
#define V(name) name##_f8
#include "zeros.h"
#undef REAL
#undef WORD
#undef V

/* An array of so many words at a multiple of 64 bytes, until the function that has this returns. */
#if defined(__GNUC__)
#define numbanet_stack_words(count) ((int64_t *)__builtin_alloca_with_align((size_t)(count) * 8, 512))
#else
#if defined(_MSC_VER)
#include <malloc.h>
#define NUMBANET_ALLOCA _alloca
#else
#include <alloca.h>
#define NUMBANET_ALLOCA alloca
#endif
#define numbanet_stack_words(count) \
    ((int64_t *)(((uintptr_t)NUMBANET_ALLOCA((size_t)(count) * 8 + 63) + 63) & ~(uintptr_t)63))
#endif

NUMBANET_ALWAYS int64_t numbanet_allocate(int64_t size) { return (int64_t)(uintptr_t)malloc((size_t)size); }
NUMBANET_ALWAYS void numbanet_release(int64_t address) { free((void *)(uintptr_t)address); }

NUMBANET_ALWAYS void numbanet_call_kernel(int64_t function, int64_t block, int64_t start, int64_t stop) {
    typedef void kernel(const uintptr_t *, size_t, size_t);
    ((kernel *)(uintptr_t)function)((const uintptr_t *)(uintptr_t)block, (size_t)start, (size_t)stop);
}

NUMBANET_ALWAYS int64_t numbanet_read_word(int64_t address) { return *(const int64_t *)(uintptr_t)address; }

NUMBANET_ALWAYS void numbanet_write_word(int64_t address, int64_t value) { *(int64_t *)(uintptr_t)address = value; }

NUMBANET_ALWAYS void numbanet_write_double(int64_t address, double value) {
    memcpy((void *)(uintptr_t)address, &value, sizeof value);
}

NUMBANET_ALWAYS void numbanet_copy_bytes(int64_t target, int64_t source, int64_t count) {
    memcpy((void *)(uintptr_t)target, (const void *)(uintptr_t)source, (size_t)count);
}

/* Copy rows of 4 to 128 bytes, a multiple of 4: each in two pieces, which may overlap. */
NUMBANET_ALWAYS void numbanet_copy_rows(int64_t target, int64_t target_stride, int64_t source, int64_t source_stride,
                                        int64_t rows, int64_t size) {
    char *to = (char *)(uintptr_t)target;
    const char *from = (const char *)(uintptr_t)source;
#define NUMBANET_COPY_ROWS(PIECE)                                                  \
    for (; rows > 0; rows--, to += target_stride, from += source_stride) {         \
        char first[PIECE], last[PIECE];                                            \
        memcpy(first, from, PIECE);                                                \
        memcpy(last, from + size - PIECE, PIECE);                                  \
        memcpy(to, first, PIECE);                                                  \
        memcpy(to + size - PIECE, last, PIECE);                                    \
    }
    if (size > 64) {
        NUMBANET_COPY_ROWS(64)
    } else if (size > 32) {
        NUMBANET_COPY_ROWS(32)
    } else if (size > 16) {
        NUMBANET_COPY_ROWS(16)
    } else if (size > 8) {
        NUMBANET_COPY_ROWS(8)
    } else {
        NUMBANET_COPY_ROWS(4)
    }
#undef NUMBANET_COPY_ROWS
}

/* Have the processor fetch rows of so many bytes into the second-level cache, while it does other things. */
NUMBANET_ALWAYS void numbanet_fetch_ahead(int64_t source, int64_t stride, int64_t rows, int64_t size) {
#if NUMBANET_GNU
    for (int64_t i = 0; i < rows; i++)
        for (int64_t far = 0; far < size; far += 64)
            __builtin_prefetch((const void *)(uintptr_t)(source + i * stride + far), 0, 2);
#else
    (void)source, (void)stride, (void)rows, (void)size;
#endif
}

/* Eight at a time, each at its own distance from the first: adding the stride eight times over takes twice as long. */
#define NUMBANET_COPY_EACH(SIZE)                                                        \
    do {                                                                                \
        for (; count >= 8; count -= 8, from += 8 * stride, to += 8 * SIZE) {            \
            NUMBANET_UNROLL                                                             \
            for (int64_t i = 0; i < 8; i++) memcpy(to + i * SIZE, from + i * stride, SIZE); \
        }                                                                               \
        for (; count > 0; count--, from += stride, to += SIZE) memcpy(to, from, SIZE);  \
    } while (0)

/* Copy elements of 1, 2, 4 or 8 bytes that lie `stride` bytes apart to a contiguous place. */
NUMBANET_ALWAYS void numbanet_copy_spread(int64_t target, int64_t source, int64_t stride, int64_t itemsize,
                                          int64_t count) {
    char *restrict to = (char *)(uintptr_t)target;
    const char *restrict from = (const char *)(uintptr_t)source;
    if (itemsize == 1)
        NUMBANET_COPY_EACH(1);
    else if (itemsize == 2)
        NUMBANET_COPY_EACH(2);
    else if (itemsize == 4)
        NUMBANET_COPY_EACH(4);
    else
        NUMBANET_COPY_EACH(8);
}

/* Copy elements of 1, 2, 4 or 8 bytes that lie side by side to places that lie `stride` bytes apart. */
#define NUMBANET_SPREAD_EACH(SIZE)                                                           \
    for (; count > 0; count--, from += SIZE, to += stride) memcpy(to, from, SIZE)

NUMBANET_ALWAYS void numbanet_spread_copy(int64_t target, int64_t stride, int64_t source, int64_t itemsize,
                                          int64_t count) {
    char *restrict to = (char *)(uintptr_t)target;
    const char *restrict from = (const char *)(uintptr_t)source;
    if (itemsize == 1)
        NUMBANET_SPREAD_EACH(1);
    else if (itemsize == 2)
        NUMBANET_SPREAD_EACH(2);
    else if (itemsize == 4)
        NUMBANET_SPREAD_EACH(4);
    else
        NUMBANET_SPREAD_EACH(8);
}

/* Counters in memory that several threads add to and look at. */
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
NUMBANET_ALWAYS int64_t numbanet_add_to(int64_t address, int64_t value) {
    return _InterlockedExchangeAdd64((volatile __int64 *)(uintptr_t)address, value);
}
NUMBANET_ALWAYS int64_t numbanet_look_at(int64_t address) {
#if defined(_M_ARM64)
    return (int64_t)__ldar64((unsigned __int64 volatile *)(uintptr_t)address);
#else
    const int64_t value = *(const volatile int64_t *)(uintptr_t)address;
    _ReadWriteBarrier();
    return value;
#endif
}
NUMBANET_ALWAYS void numbanet_put_at(int64_t address, int64_t value) {
    (void)_InterlockedExchange64((volatile __int64 *)(uintptr_t)address, value);
}
NUMBANET_ALWAYS int numbanet_exchange(int64_t address, int64_t old, int64_t value) {
    return _InterlockedCompareExchange64((volatile __int64 *)(uintptr_t)address, value, old) == old;
}
#else
NUMBANET_ALWAYS int64_t numbanet_add_to(int64_t address, int64_t value) {
    return __atomic_fetch_add((int64_t *)(uintptr_t)address, value, __ATOMIC_SEQ_CST);
}
NUMBANET_ALWAYS int64_t numbanet_look_at(int64_t address) {
    return __atomic_load_n((const int64_t *)(uintptr_t)address, __ATOMIC_ACQUIRE);
}
NUMBANET_ALWAYS void numbanet_put_at(int64_t address, int64_t value) {
    __atomic_store_n((int64_t *)(uintptr_t)address, value, __ATOMIC_RELEASE);
}
NUMBANET_ALWAYS int numbanet_exchange(int64_t address, int64_t old, int64_t value) {
    return __atomic_compare_exchange_n((int64_t *)(uintptr_t)address, &old, value, 0, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}
#endif

/* Leave the processor to others for a moment; a clock that never goes back. */
#if defined(_WIN32)
__declspec(dllimport) int __stdcall SwitchToThread(void);
__declspec(dllimport) unsigned long long __stdcall GetTickCount64(void);
#define numbanet_let_others_run() ((void)SwitchToThread())
NUMBANET_ALWAYS int64_t numbanet_nanoseconds(void) { return (int64_t)GetTickCount64() * 1000000; }
#else
#include <time.h>
#include <unistd.h>
#define numbanet_let_others_run() ((void)usleep(50))
NUMBANET_ALWAYS int64_t numbanet_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
#endif

#endif
