# Types of numbanet.backends.native.drivers.attention_passes.
@cython.locals(first=int64_t, fours=int64_t, i=int64_t, j=int64_t, last=int64_t, largest=real)
cdef void shift_scores(real[:, ::1] scores, real[::1] best, size_t start, size_t stop) noexcept nogil
@cython.locals(i=int64_t, j=int64_t)
cdef void weigh_scores(const real[:, ::1] weights, real[::1] total, size_t start, size_t stop) noexcept nogil
@cython.locals(i=int64_t, j=int64_t)
cdef void multiply_columns(real[:, ::1] x, const real[::1] by, size_t start, size_t stop) noexcept nogil
@cython.locals(i=int64_t, j=int64_t)
cdef void divide_columns(real[:, ::1] x, const real[::1] by, size_t start, size_t stop) noexcept nogil
@cython.locals(i=int64_t, j=int64_t)
cdef void lower_columns(real[:, ::1] x, const real[::1] by, size_t start, size_t stop) noexcept nogil
@cython.locals(i=int64_t, j=int64_t, seen=bint)
cdef void restrict_scores(const real[:, :] bias, const truth[:, :] mask, int64_t diagonal, real[:, ::1] scores, size_t start, size_t stop) noexcept nogil
@cython.locals(i=int64_t, j=int64_t, seen=bint)
cdef void forget_slopes(const truth[:, :] mask, int64_t diagonal, real[:, ::1] slopes, size_t start, size_t stop) noexcept nogil
@cython.locals(d=int64_t, i=int64_t)
cdef void prepare_queries(const real[:, ::1] g, const real[:, ::1] out, real[::1] along, real[::1] total, size_t start, size_t stop) noexcept nogil
@cython.locals(i=int64_t, j=int64_t)
cdef void find_slopes(const real[::1] along, const real[::1] inverse, const real[:, ::1] scales, real[:, ::1] weights, real[:, ::1] slopes, size_t start, size_t stop) noexcept nogil
