# Types of numbanet.backends.native.drivers.blocks.
@cython.locals(s=int64_t, place=int64_t, width=int64_t)
cdef void pack_block(words packing, int64_t pack, words tiles, int64_t strips, int64_t n, int64_t itemsize, int64_t first, int64_t count, int64_t source, int64_t panel, int64_t size) noexcept nogil
cdef void bring_rows(words block, int64_t source, int64_t row_stride, int64_t k_stride, int64_t panel) noexcept nogil
@cython.locals(found=bint)
cdef bint find_lists(real like, words block, words ahead) noexcept nogil
cdef void multiply_strip(real like, words block, words tiles, bint listed, words finite, int64_t s) noexcept nogil
cdef void look_ahead(words ahead, int64_t at, int64_t source, int64_t stride, int64_t size) noexcept nogil
@cython.locals(some=int64_t)
cdef void fetch_share(words ahead) noexcept nogil
@cython.locals(column=int64_t, sums=int64_t)
cdef void place_strip(words block, words tiles, words at, int64_t n, int64_t row, int64_t number, int64_t s) noexcept nogil
@cython.locals(s=int64_t, t=int64_t, row=int64_t, listed=bint)
cdef void meet_rows(real like, words block, words tiles, words at, words ahead, words finite, int64_t strips, int64_t m, int64_t n, int64_t group, int64_t count, int64_t first, int64_t upto) noexcept nogil
@cython.locals(m=int64_t, k=int64_t, n=int64_t, itemsize=int64_t, high=int64_t, wide=int64_t, pitch=int64_t, groups=int64_t, of_b=int64_t, of_a=int64_t, memory=int64_t, i=int64_t, group=int64_t, first=int64_t, upto=int64_t, count=int64_t, step=int64_t, wide_of_a=int64_t, beside=int64_t)
cdef void dot_blocks(const real[:, :, :] a, const real[:, :, :] b, const real[::1] bias, real[:, :, ::1] out, int64_t epilogue, int64_t pack, int64_t tile, int64_t listed, int64_t columns, int64_t rest, int64_t rest_listed, int64_t rest_columns, int64_t last, int64_t last_listed, int64_t last_columns, int64_t rows, int64_t strips, int64_t deep, int64_t across, int64_t down, size_t start, size_t stop) noexcept nogil
