# Types of numbanet.backends.native.drivers.touched.
@cython.locals(first=int64_t, last=int64_t, k=int64_t, i=int64_t, end=int64_t, low=int64_t, high=int64_t, middle=int64_t)
cdef void mark_columns(const int64_t[::1] rows, const int64_t[::1] starts, const int32_t[::1] columns, const int64_t[::1] cuts, uint8_t[::1] flags, size_t start, size_t stop) noexcept nogil
@cython.locals(row=int64_t, last=int64_t, end=int64_t)
cdef void over_touched(int64_t function, int64_t block, const uint8_t[::1] flags, int64_t width, size_t start, size_t stop) noexcept nogil
cdef void mark_first(const int64_t[::1] index, uint8_t[::1] seen, uint8_t[::1] first, size_t start, size_t stop) noexcept nogil
cdef void over_picked(int64_t function, int64_t block, const int64_t[::1] index, const uint8_t[::1] first, int64_t width, size_t start, size_t stop) noexcept nogil
