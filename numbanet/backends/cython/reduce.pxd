# Types of numbanet.loops.reduce.
cdef void sum(const real[:, :, ::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(total=int64_t)
cdef void sum_integers(const integer[:, :, ::1] x, wide[::1] out, size_t start, size_t stop) noexcept nogil
cdef void sum_rows(const real[:, ::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void sum_columns(const real[:, ::1] x, double[::1] totals, real[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(one=double, two=double)
cdef void sum_of_squares_columns(const real[:, ::1] x, double[::1] totals, size_t start, size_t stop) noexcept nogil
cdef void prod(const real[:, :, ::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(total=int64_t)
cdef void prod_integers(const integer[:, :, ::1] x, wide[::1] out, size_t start, size_t stop) noexcept nogil
cdef void max(const number[:, :, ::1] x, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void max_columns(const number[:, :, ::1] x, number[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void min(const number[:, :, ::1] x, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void min_columns(const number[:, :, ::1] x, number[:, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(at=int64_t)
cdef void argmax(const number[:, :, ::1] x, int64_t[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(at=int64_t)
cdef void argmin(const number[:, :, ::1] x, int64_t[::1] out, size_t start, size_t stop) noexcept nogil
cdef void any(const number[:, :, ::1] x, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void all(const number[:, :, ::1] x, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void logsumexp(const real[:, :, ::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void cumulative_sum(const real[:, :, ::1] x, real[:, :, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(total=int64_t)
cdef void cumulative_sum_integers(const integer[:, :, ::1] x, wide[:, :, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void cumulative_prod(const real[:, :, ::1] x, real[:, :, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(product=int64_t)
cdef void cumulative_prod_integers(const integer[:, :, ::1] x, wide[:, :, ::1] out, size_t start, size_t stop) noexcept nogil
