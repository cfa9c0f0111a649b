# Types of numbanet.backends.native.drivers.windows.
cdef void copy_run(int64_t source, int64_t stride, int64_t target, int64_t itemsize, int64_t count) noexcept nogil
@cython.locals(last=int64_t, source=int64_t, stride=int64_t, itemsize=int64_t, done=int64_t, run=int64_t, d=int64_t, size=int64_t)
cdef int64_t gather(const int64_t[::1] layout, int64_t at, int64_t position, int64_t count, int64_t scratch, int64_t *index) noexcept nogil
@cython.locals(count=int64_t, p=int64_t, at=int64_t, first=bint)
cdef void windows(const int64_t[::1] layout, size_t start, size_t stop) noexcept nogil
