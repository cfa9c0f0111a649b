# Types of numbanet.loops.sparse.
@cython.locals(p=int64_t, k=int64_t, j=int64_t, v=number)
cdef void csr_dot(const int64_t[::1] rows, const int64_t[::1] starts, const int32_t[::1] columns, const number[::1] values, const number[:, ::1] y, number[:, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(first=int64_t, last=int64_t, begin=int64_t, end=int64_t, low=int64_t, high=int64_t, middle=int64_t, p=int64_t, k=int64_t, j=int64_t, v=real)
cdef void csr_dot_transposed(const int64_t[::1] rows, const int64_t[::1] starts, const int32_t[::1] columns, const real[::1] values, const int64_t[::1] cuts, const real[:, ::1] g, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
