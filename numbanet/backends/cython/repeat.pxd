# Types of numbanet.backends.native.drivers.repeat.
@cython.locals(begin=int64_t, block=int64_t, width=size_t)
cdef void repeat(const int64_t[:, :, ::1] launches, const int64_t[:, ::1] first, const int64_t[:, ::1] advances, int64_t[::1] words, int64_t count, size_t start, size_t stop) noexcept nogil
