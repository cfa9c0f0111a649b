# Types of numbanet.loops.sort.
@cython.locals(n=int64_t, j=int64_t, k=int64_t, width=int64_t, begin=int64_t, middle=int64_t, end=int64_t, left=int64_t, right=int64_t, takes_right=bint)
cdef void argsort(const number[:, ::1] x, int64_t descending, int64_t[:, ::1] scratch, int64_t[:, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(low=int64_t, high=int64_t, middle=int64_t, before=bint)
cdef void searchsorted(const number[::1] x, const number[::1] v, int64_t right, int64_t[::1] out, size_t start, size_t stop) noexcept nogil
