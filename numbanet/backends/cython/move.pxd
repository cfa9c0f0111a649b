# Types of numbanet.loops.move.
@cython.locals(at=int64_t, inner=int64_t)
cdef void copy_strided(const number[::1] x, const int64_t[::1] shape, const int64_t[::1] strides, number[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(at=int64_t, inner=int64_t)
cdef void assign_strided(const number[::1] x, const int64_t[::1] shape, const int64_t[::1] strides, number[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(o=size_t, i=size_t, row=int64_t)
cdef void take(const number[:, :, ::1] x, const int64_t[::1] index, number[:, :, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(first=size_t, last=size_t, row=int64_t)
cdef void take_back(const real[:, :, ::1] g, const int64_t[::1] index, real[:, :, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(row=int64_t)
cdef void clear_rows(const int64_t[::1] index, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void astype(const source[::1] x, number[::1] out, size_t start, size_t stop) noexcept nogil
