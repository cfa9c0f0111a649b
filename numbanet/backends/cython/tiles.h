/* The register tiles of `dot` that `Registers.tile_for` and `listed_for` can ask for, those of convolutions, and a table.

    numbanet_tiles[i].key       "tile.tile_12x2 f4A2 f4A2 f4C1 f4A2 i i i"
    numbanet_tiles[i].function  the address of a kernel, with the launch signature

for i < NUMBANET_TILE_COUNT. `tile.h` computes one, `runs.h` one of a convolution.
*/
#ifndef NUMBANET_TILES_H
#define NUMBANET_TILES_H

#include <math.h>

#include "registers.h"
#include "transpose.h"

/* Of `numbanet.kernels.words`. */
#define NUMBANET_PLAIN 0
#define NUMBANET_BIAS_AND_RELU 2
#define NUMBANET_ADDED 3
#define NUMBANET_STEPS_OF_A_FETCH 12

#define NUMBANET_MOST_ROWS 12
#define NUMBANET_MOST_VECTORS 8

/* With one step of k at a time, products took up to 17 % longer on Zen 5; vectors of 32 and 16 bytes gain nothing. */
#if NUMBANET_VECTOR_BYTES == 64
#define NUMBANET_STEPS_OF_K NUMBANET_TWO_AT_A_TIME
#else
#define NUMBANET_STEPS_OF_K
#endif

/* `registers.PARTIAL_BYTES`, and the tiles of lines. */
#define NUMBANET_PARTIAL_BYTES 64
#define NUMBANET_MOST_LINES 4
#define NUMBANET_MOST_OUTPUTS 16
#if NUMBANET_VECTOR_BYTES == 64
#define NUMBANET_EACH_LINE_TILE(X) X(1x16, 1, 16) X(2x8, 2, 8) X(4x4, 4, 4)
#else
#define NUMBANET_EACH_LINE_TILE(X) X(1x4, 1, 4) X(2x2, 2, 2)
#endif

#define VECTOR NUMBANET_VECTOR_BYTES
#define TURNS (NUMBANET_VECTOR_BYTES == 64)
#define REAL float
#define V(name) name##_f4
#include "tile.h"
#include "lines.h"
#include "runs.h"
#undef REAL
#undef V
#define REAL double
#define V(name) name##_f8
#include "tile.h"
#include "lines.h"
#include "runs.h"
#undef REAL
#undef V
#undef VECTOR
#undef TURNS
#if NUMBANET_VECTOR_BYTES == 64
#define VECTOR 32
#define TURNS 0
#define REAL float
#define V(name) name##_f4h
#include "tile.h"
#undef REAL
#undef V
#define REAL double
#define V(name) name##_f8h
#include "tile.h"
#undef REAL
#undef V
#undef VECTOR
#undef TURNS
#endif

/* Each name, rows, vectors, and whether it is masked. */
#define NUMBANET_ROW_TILES(X)                                                                                       \
    X(1x1_masked, 1, 1, 1) X(1x2, 1, 2, 0) X(1x2_masked, 1, 2, 1) X(1x4, 1, 4, 0) X(1x4_masked, 1, 4, 1)               \
    X(1x8, 1, 8, 0) X(1x8_masked, 1, 8, 1)
#define NUMBANET_NARROW_TILES(X)                                                                                    \
    X(2x1_masked, 2, 1, 1) X(3x1_masked, 3, 1, 1) X(4x1_masked, 4, 1, 1) X(5x1_masked, 5, 1, 1)                        \
    X(6x1_masked, 6, 1, 1) X(7x1_masked, 7, 1, 1) X(8x1_masked, 8, 1, 1) X(10x1_masked, 10, 1, 1)                      \
    X(12x1_masked, 12, 1, 1)
#define NUMBANET_LOW_TILES(X)                                                                                       \
    X(2x2, 2, 2, 0) X(2x2_masked, 2, 2, 1) X(3x2, 3, 2, 0) X(3x2_masked, 3, 2, 1) X(4x2, 4, 2, 0)                      \
    X(4x2_masked, 4, 2, 1) X(5x2, 5, 2, 0) X(5x2_masked, 5, 2, 1) X(6x2, 6, 2, 0) X(6x2_masked, 6, 2, 1)
#if NUMBANET_MANY_REGISTERS
#define NUMBANET_WIDE_TILES(X)                                                                                      \
    X(7x2, 7, 2, 0) X(7x2_masked, 7, 2, 1) X(8x2, 8, 2, 0) X(8x2_masked, 8, 2, 1) X(10x2, 10, 2, 0)                    \
    X(10x2_masked, 10, 2, 1) X(12x2, 12, 2, 0) X(12x2_masked, 12, 2, 1) X(2x8, 2, 8, 0) X(2x8_masked, 2, 8, 1)         \
    X(2x4, 2, 4, 0) X(2x4_masked, 2, 4, 1) X(3x4, 3, 4, 0) X(3x4_masked, 3, 4, 1) X(4x4, 4, 4, 0)                      \
    X(4x4_masked, 4, 4, 1) X(5x4, 5, 4, 0) X(5x4_masked, 5, 4, 1) X(6x4, 6, 4, 0) X(6x4_masked, 6, 4, 1)
#define NUMBANET_EACH_LISTED_TILE(X)                                                                                \
    X(4x1_masked_listed, 4, 1, 1) X(4x2_listed, 4, 2, 0) X(4x2_masked_listed, 4, 2, 1)
#define NUMBANET_EACH_PACKED_TILE(X) X(12x2_packed, 12, 2, 0) X(12x1_masked_packed, 12, 1, 1)
#define NUMBANET_EACH_RUN_TILE(X)                                                                                   \
    X(12x2, 12, 2, 0, 0) X(12x2_masked, 12, 2, 1, 0) X(12x1_masked, 12, 1, 1, 0) X(9x2_masked, 9, 2, 1, 0)             \
    X(8x2_masked, 8, 2, 1, 0) X(8x1_masked, 8, 1, 1, 0) X(4x2_masked, 4, 2, 1, 0) NUMBANET_EACH_LANE_TILE(X)
#else
#define NUMBANET_WIDE_TILES(X) X(2x4, 2, 4, 0) X(2x4_masked, 2, 4, 1)
#define NUMBANET_EACH_LISTED_TILE(X)                                                                                \
    X(6x1_masked_listed, 6, 1, 1) X(6x2_listed, 6, 2, 0) X(6x2_masked_listed, 6, 2, 1)
#define NUMBANET_EACH_PACKED_TILE(X) X(6x2_packed, 6, 2, 0)
#define NUMBANET_EACH_RUN_TILE(X)                                                                                   \
    X(6x2, 6, 2, 0, 0) X(6x2_masked, 6, 2, 1, 0) X(6x1_masked, 6, 1, 1, 0) X(4x2_masked, 4, 2, 1, 0)                   \
    NUMBANET_EACH_LANE_TILE(X)
#endif
#define NUMBANET_EACH_LANE_TILE(X)                                                                                  \
    X(4x2_lanes, 4, 2, 0, 1) X(4x2_lanes_masked, 4, 2, 1, 1) X(4x1_lanes_masked, 4, 1, 1, 1)                           \
    X(1x4_lanes_masked, 1, 4, 1, 1)
#define NUMBANET_EACH_TILE(X) NUMBANET_ROW_TILES(X) NUMBANET_NARROW_TILES(X) NUMBANET_LOW_TILES(X) NUMBANET_WIDE_TILES(X)
#if NUMBANET_VECTOR_BYTES == 64
#define NUMBANET_EACH_HALF_TILE(X)                                                                                  \
    X(1x1_half_masked, 1, 1, 1) X(2x1_half_masked, 2, 1, 1) X(3x1_half_masked, 3, 1, 1)                                \
    X(4x1_half_masked, 4, 1, 1) X(5x1_half_masked, 5, 1, 1) X(6x1_half_masked, 6, 1, 1)                                \
    X(7x1_half_masked, 7, 1, 1) X(8x1_half_masked, 8, 1, 1) X(10x1_half_masked, 10, 1, 1)                              \
    X(12x1_half_masked, 12, 1, 1)
#define NUMBANET_EACH_HALF_LISTED_TILE(X) X(4x1_half_masked_listed, 4, 1, 1)
#define NUMBANET_EACH_HALF_PACKED_TILE(X) X(12x1_half_masked_packed, 12, 1, 1)
#define NUMBANET_EACH_TURNED_TILE(X)                                                                                \
    X(2x1_turned, 2, 1, 0) X(3x1_turned, 3, 1, 0) X(4x1_turned, 4, 1, 0) X(5x1_turned, 5, 1, 0)                        \
    X(6x1_turned, 6, 1, 0) X(7x1_turned, 7, 1, 0) X(8x1_turned, 8, 1, 0) X(10x1_turned, 10, 1, 0)                      \
    X(12x1_turned, 12, 1, 0) X(2x2_turned, 2, 2, 0) X(3x2_turned, 3, 2, 0) X(4x2_turned, 4, 2, 0)                      \
    X(5x2_turned, 5, 2, 0) X(6x2_turned, 6, 2, 0) X(7x2_turned, 7, 2, 0) X(8x2_turned, 8, 2, 0)                        \
    X(10x2_turned, 10, 2, 0) X(12x2_turned, 12, 2, 0) X(2x4_turned, 2, 4, 0) X(3x4_turned, 3, 4, 0)                    \
    X(4x4_turned, 4, 4, 0)
#else
#define NUMBANET_EACH_HALF_TILE(X)
#define NUMBANET_EACH_HALF_LISTED_TILE(X)
#define NUMBANET_EACH_HALF_PACKED_TILE(X)
#define NUMBANET_EACH_TURNED_TILE(X)
#endif

#define NUMBANET_ONE_TILE(NAME, ROWS, VECTORS, MASKED, LISTED, TURNED, PACKED, HALF)      \
    static void tile_##NAME##_f4(const uintptr_t *block, size_t start, size_t stop) {     \
        tile_f4##HALF(block, start, stop, ROWS, VECTORS, MASKED, LISTED, TURNED, PACKED);  \
    }                                                                                     \
    static void tile_##NAME##_f8(const uintptr_t *block, size_t start, size_t stop) {     \
        tile_f8##HALF(block, start, stop, ROWS, VECTORS, MASKED, LISTED, TURNED, PACKED);  \
    }
#define NUMBANET_TILE(NAME, ROWS, VECTORS, MASKED) NUMBANET_ONE_TILE(NAME, ROWS, VECTORS, MASKED, 0, 0, 0, )
#define NUMBANET_LISTED_TILE(NAME, ROWS, VECTORS, MASKED) NUMBANET_ONE_TILE(NAME, ROWS, VECTORS, MASKED, 1, 0, 0, )
#define NUMBANET_HALF_TILE(NAME, ROWS, VECTORS, MASKED) NUMBANET_ONE_TILE(NAME, ROWS, VECTORS, MASKED, 0, 0, 0, h)
#define NUMBANET_HALF_LISTED_TILE(NAME, ROWS, VECTORS, MASKED) NUMBANET_ONE_TILE(NAME, ROWS, VECTORS, MASKED, 1, 0, 0, h)
#define NUMBANET_TURNED_TILE(NAME, ROWS, VECTORS, MASKED) NUMBANET_ONE_TILE(NAME, ROWS, VECTORS, MASKED, 0, 1, 0, )
#define NUMBANET_PACKED_TILE(NAME, ROWS, VECTORS, MASKED) NUMBANET_ONE_TILE(NAME, ROWS, VECTORS, MASKED, 0, 0, 1, )
#define NUMBANET_HALF_PACKED_TILE(NAME, ROWS, VECTORS, MASKED) NUMBANET_ONE_TILE(NAME, ROWS, VECTORS, MASKED, 0, 0, 1, h)
NUMBANET_EACH_TILE(NUMBANET_TILE)
NUMBANET_EACH_LISTED_TILE(NUMBANET_LISTED_TILE)
NUMBANET_EACH_HALF_TILE(NUMBANET_HALF_TILE)
NUMBANET_EACH_HALF_LISTED_TILE(NUMBANET_HALF_LISTED_TILE)
NUMBANET_EACH_TURNED_TILE(NUMBANET_TURNED_TILE)
NUMBANET_EACH_PACKED_TILE(NUMBANET_PACKED_TILE)
NUMBANET_EACH_HALF_PACKED_TILE(NUMBANET_HALF_PACKED_TILE)

#define NUMBANET_LINE_TILE(NAME, ROWS, COLUMNS)                                                                        \
    static void lines_##NAME##_f4(const uintptr_t *block, size_t start, size_t stop) {                                 \
        lines_f4(block, start, stop, ROWS, COLUMNS);                                                                   \
    }                                                                                                                  \
    static void lines_##NAME##_f8(const uintptr_t *block, size_t start, size_t stop) {                                 \
        lines_f8(block, start, stop, ROWS, COLUMNS);                                                                   \
    }
NUMBANET_EACH_LINE_TILE(NUMBANET_LINE_TILE)

#define NUMBANET_RUN_TILE(NAME, ROWS, VECTORS, MASKED, LANEWISE)                       \
    static void runs_##NAME##_f4(const uintptr_t *block, size_t start, size_t stop) {  \
        runs_f4(block, start, stop, ROWS, VECTORS, MASKED, LANEWISE);                  \
    }                                                                                  \
    static void runs_##NAME##_f8(const uintptr_t *block, size_t start, size_t stop) {  \
        runs_f8(block, start, stop, ROWS, VECTORS, MASKED, LANEWISE);                  \
    }
NUMBANET_EACH_RUN_TILE(NUMBANET_RUN_TILE)

#define NUMBANET_LINE_TILE_ENTRY(NAME, ROWS, COLUMNS)                      \
    {"lines.lines_" #NAME " f4A2 f4A2 f4A2 f4A2 i", lines_##NAME##_f4},    \
    {"lines.lines_" #NAME " f8A2 f8A2 f8A2 f8A2 i", lines_##NAME##_f8},
#define NUMBANET_TILE_ENTRY(NAME, ROWS, VECTORS, MASKED)                \
    {"tile.tile_" #NAME " f4A2 f4A2 f4C1 f4A2 i i i", tile_##NAME##_f4},    \
    {"tile.tile_" #NAME " f8A2 f8A2 f8C1 f8A2 i i i", tile_##NAME##_f8},
#define NUMBANET_LISTED_TILE_ENTRY(NAME, ROWS, VECTORS, MASKED)               \
    {"tile.tile_" #NAME " f4A2 f4A2 f4C1 f4A2 i i i i i i", tile_##NAME##_f4},    \
    {"tile.tile_" #NAME " f8A2 f8A2 f8C1 f8A2 i i i i i i", tile_##NAME##_f8},
#define NUMBANET_RUN_TILE_ENTRY(NAME, ROWS, VECTORS, MASKED, LANEWISE)         \
    {"runs.runs_" #NAME " f4C1 i i i i i i i i i i i i", runs_##NAME##_f4},    \
    {"runs.runs_" #NAME " f8C1 i i i i i i i i i i i i", runs_##NAME##_f8},

static const struct {
    const char *key;
    void (*function)(const uintptr_t *, size_t, size_t);
} numbanet_tiles[] = {NUMBANET_EACH_TILE(NUMBANET_TILE_ENTRY) NUMBANET_EACH_LISTED_TILE(NUMBANET_LISTED_TILE_ENTRY)
                    NUMBANET_EACH_HALF_TILE(NUMBANET_TILE_ENTRY)
                    NUMBANET_EACH_HALF_LISTED_TILE(NUMBANET_LISTED_TILE_ENTRY)
                    NUMBANET_EACH_TURNED_TILE(NUMBANET_TILE_ENTRY)
                    NUMBANET_EACH_PACKED_TILE(NUMBANET_TILE_ENTRY)
                    NUMBANET_EACH_HALF_PACKED_TILE(NUMBANET_TILE_ENTRY)
                    NUMBANET_EACH_LINE_TILE(NUMBANET_LINE_TILE_ENTRY)
                    NUMBANET_EACH_RUN_TILE(NUMBANET_RUN_TILE_ENTRY)};

#define NUMBANET_TILE_COUNT ((int)(sizeof numbanet_tiles / sizeof numbanet_tiles[0]))

#endif
