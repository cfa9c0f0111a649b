# Types of numbanet.loops.normalization.
@cython.locals(first=double, a=double, b=double, c=double, d=double, mean=double, spread=double)
cdef void column_moments(const real[:, ::1] x, double[:, ::1] totals, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void column_scales(const real[::1] gamma, const real[:, ::1] moments, real epsilon, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void column_normalization(const real[:, ::1] x, const real[:, ::1] moments, const real[::1] scales, const real[::1] beta, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(mean=double, a=double, b=double, c=double, d=double)
cdef void column_products(const real[:, ::1] g, const real[:, ::1] x, const real[:, ::1] moments, real epsilon, double[:, ::1] totals, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(scale=double)
cdef void column_slopes(const real[:, ::1] products, const real[:, ::1] moments, const real[::1] scales, int64_t rows, real epsilon, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void column_gradient(const real[:, ::1] g, const real[:, ::1] x, const real[:, ::1] moments, const real[::1] scales, const real[:, ::1] slopes, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(mean=double, spread=double, a=double)
cdef void row_moments(const real[:, ::1] x, int64_t centred, real epsilon, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(mean=real, scale=real)
cdef void row_normalization(const real[:, ::1] x, const real[:, ::1] moments, const real[::1] gamma, const real[::1] beta, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(mean=double, scale=double, a=double)
cdef void row_slopes(const real[:, ::1] g, const real[:, ::1] x, const real[::1] gamma, const real[:, ::1] moments, int64_t centred, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(mean=real, scale=real, shift=real, slope=real)
cdef void row_gradient(const real[:, ::1] g, const real[:, ::1] x, const real[::1] gamma, const real[:, ::1] moments, const real[:, ::1] slopes, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(mean=double, scale=double, other_mean=double, other_scale=double, a=double, b=double)
cdef void row_products(const real[:, ::1] g, const real[:, ::1] x, const real[:, ::1] moments, double[:, ::1] totals, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
