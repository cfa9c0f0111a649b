# What drivers are written in, as C has it: the names of numbanet.backends.native.primitives.
ctypedef int64_t *words

ctypedef fused row:
    const int64_t[::1]
    const float[::1]
    const double[::1]

ctypedef fused matrix:
    const float[:, :]
    const double[:, :]
    const float[:, ::1]
    const double[:, ::1]

ctypedef fused matrices:
    const float[:, :, :]
    const double[:, :, :]
    const float[:, :, ::1]
    const double[:, :, ::1]

ctypedef fused vectors:
    const float[:, :, :, :]
    const double[:, :, :, :]
    const truth[:, :, :, :]

ctypedef fused addressable:
    words
    row
    matrix
    matrices
    vectors

cdef extern from "primitives.h" nogil:
    const int64_t VECTOR_BYTES "NUMBANET_VECTOR_BYTES"
    const int64_t HAS_MASKS "NUMBANET_HAS_MASKS"
    const int64_t LISTED_ROWS "NUMBANET_LISTED_ROWS"
    const int64_t MANY_REGISTERS "NUMBANET_MANY_REGISTERS"
    int64_t *stack_words "numbanet_stack_words"(int64_t count) noexcept
    int64_t allocate "numbanet_allocate"(int64_t size) noexcept
    void release "numbanet_release"(int64_t address) noexcept
    void call_kernel "numbanet_call_kernel"(int64_t function, int64_t block, int64_t start, int64_t stop) noexcept
    int64_t read_word "numbanet_read_word"(int64_t address) noexcept
    void write_word "numbanet_write_word"(int64_t address, int64_t value) noexcept
    void write_double "numbanet_write_double"(int64_t address, double value) noexcept
    void copy_bytes "numbanet_copy_bytes"(int64_t target, int64_t source, int64_t count) noexcept
    void copy_rows "numbanet_copy_rows"(int64_t target, int64_t target_stride, int64_t source, int64_t source_stride, int64_t rows, int64_t size) noexcept
    void fetch_ahead "numbanet_fetch_ahead"(int64_t source, int64_t stride, int64_t rows, int64_t size) noexcept
    void copy_spread "numbanet_copy_spread"(int64_t target, int64_t source, int64_t stride, int64_t itemsize, int64_t count) noexcept
    void spread_copy "numbanet_spread_copy"(int64_t target, int64_t stride, int64_t source, int64_t itemsize, int64_t count) noexcept
    int64_t add_to "numbanet_add_to"(int64_t address, int64_t value) noexcept
    int64_t look_at "numbanet_look_at"(int64_t address) noexcept
    void put_at "numbanet_put_at"(int64_t address, int64_t value) noexcept
    bint exchange "numbanet_exchange"(int64_t address, int64_t old, int64_t new) noexcept
    int64_t nanoseconds "numbanet_nanoseconds"() noexcept
    void let_others_run "numbanet_let_others_run"() noexcept
    void transpose_square_f4(int64_t source, int64_t source_stride, int64_t last_row, int64_t width, int64_t target, int64_t target_stride) noexcept
    void transpose_square_f8(int64_t source, int64_t source_stride, int64_t last_row, int64_t width, int64_t target, int64_t target_stride) noexcept
    int64_t list_lanes_f8(int64_t source, int64_t row_stride, int64_t first, int64_t passed, int64_t target) noexcept
    int64_t list_column_f8(int64_t source, int64_t step, int64_t target) noexcept
    int64_t all_finite_f8(int64_t source, int64_t row_stride, int64_t rows, int64_t width) noexcept
    int64_t list_lanes_f4(int64_t source, int64_t row_stride, int64_t first, int64_t passed, int64_t target) noexcept
    int64_t list_column_f4(int64_t source, int64_t step, int64_t target) noexcept
    int64_t all_finite_f4(int64_t source, int64_t row_stride, int64_t rows, int64_t width) noexcept
    ctypedef struct numbanet_tile:
        const char *key
        void (*function)(const uintptr_t *, size_t, size_t) noexcept
    const numbanet_tile numbanet_tiles[1]
    const int NUMBANET_TILE_COUNT

cdef inline int64_t as_int64(size_t x) noexcept nogil:
    return <int64_t> x

cdef inline int64_t address(addressable x) noexcept nogil:
    if addressable is words:
        return <int64_t> <uintptr_t> x
    elif addressable in row:
        return <int64_t> <uintptr_t> &x[0]
    elif addressable in matrix:
        return <int64_t> <uintptr_t> &x[0, 0]
    elif addressable in matrices:
        return <int64_t> <uintptr_t> &x[0, 0, 0]
    else:
        return <int64_t> <uintptr_t> &x[0, 0, 0, 0]

cdef inline void transpose_square(real like, int64_t source, int64_t source_stride, int64_t last_row, int64_t width, int64_t target, int64_t target_stride) noexcept nogil:
    if real is float:
        transpose_square_f4(source, source_stride, last_row, width, target, target_stride)
    else:
        transpose_square_f8(source, source_stride, last_row, width, target, target_stride)

cdef inline int64_t list_lanes(real like, int64_t source, int64_t row_stride, int64_t first, int64_t passed, int64_t target) noexcept nogil:
    if real is float:
        return list_lanes_f4(source, row_stride, first, passed, target)
    else:
        return list_lanes_f8(source, row_stride, first, passed, target)

cdef inline int64_t list_column(real like, int64_t source, int64_t step, int64_t target) noexcept nogil:
    if real is float:
        return list_column_f4(source, step, target)
    else:
        return list_column_f8(source, step, target)

cdef inline int64_t all_finite(real like, int64_t source, int64_t row_stride, int64_t rows, int64_t width) noexcept nogil:
    if real is float:
        return all_finite_f4(source, row_stride, rows, width)
    else:
        return all_finite_f8(source, row_stride, rows, width)

cdef inline dict tiles():
    found = {}
    for i in range(NUMBANET_TILE_COUNT):
        found[numbanet_tiles[i].key.decode()] = <uintptr_t> numbanet_tiles[i].function
    return found
