# Types of numbanet.loops.dot.
@cython.locals(total=number)
cdef void vector_dot(const number[::1] x, const number[::1] y, number[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(total=number)
cdef void matrix_vector_dot(const number[:, ::1] x, const number[::1] y, number[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(total=number)
cdef void matrix_dot(const number[:, :] x, const number[:, :] y, number[:, :] out, size_t start, size_t stop) noexcept nogil
