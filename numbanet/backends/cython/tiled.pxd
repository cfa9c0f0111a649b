# Types of numbanet.backends.native.drivers.tiled.
cdef void pack_strip(words packing, int64_t pack, words strip) noexcept nogil
cdef void walk_rows(real like, words block, int64_t tile, int64_t listed, int64_t rows, int64_t first, int64_t last) noexcept nogil
@cython.locals(kind=int64_t, column=int64_t)
cdef void find_strip(words tiles, int64_t strip, int64_t strips, int64_t n) noexcept nogil
cdef void list_tiles(words tiles, int64_t tile, int64_t listed, int64_t columns, int64_t rest, int64_t rest_listed, int64_t rest_columns, int64_t last, int64_t last_listed, int64_t last_columns) noexcept nogil
@cython.locals(m=int64_t, k=int64_t, n=int64_t, itemsize=int64_t, high=int64_t, wide=int64_t, memory=int64_t, pitch=int64_t, lists=int64_t, of=int64_t, i=int64_t, strip=int64_t, first=int64_t, upto=int64_t)
cdef void dot_tiles(const real[:, :, :] a, const real[:, :, :] b, const real[::1] bias, real[:, :, ::1] out, int64_t epilogue, int64_t pack, int64_t tile, int64_t listed, int64_t columns, int64_t rest, int64_t rest_listed, int64_t rest_columns, int64_t last, int64_t last_listed, int64_t last_columns, int64_t rows, int64_t strips, int64_t turned, int64_t by_rows, int64_t ahead, size_t start, size_t stop) noexcept nogil
@cython.locals(k=int64_t, itemsize=int64_t, count=int64_t, i=int64_t, j=int64_t)
cdef void dot_rows(const real[:, :] a, const real[::1] y, real[::1] out, int64_t row_dot, int64_t pack, size_t start, size_t stop) noexcept nogil
