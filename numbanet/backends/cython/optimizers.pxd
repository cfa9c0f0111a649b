# Types of numbanet.loops.optimizers.
cdef void sum_of_squares(const real[:, ::1] x, double[::1] out, size_t start, size_t stop) noexcept nogil
cdef void clip_values(const real[::1] g, real limit, real[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(norm=double, factor=double)
cdef void scale_to_norm(const real[::1] g, const double[::1] squares, real limit, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void decay(real[::1] w, real rate, size_t start, size_t stop) noexcept nogil
cdef void sgd(real[::1] w, const real[::1] g, real rate, size_t start, size_t stop) noexcept nogil
cdef void momentum(real[::1] w, const real[::1] g, real[::1] m, real rate, real beta, int64_t nesterov, size_t start, size_t stop) noexcept nogil
cdef void rmsprop(real[::1] w, const real[::1] g, real[::1] s, real rate, real rho, real rest, real epsilon, size_t start, size_t stop) noexcept nogil
cdef void rmsprop_momentum(real[::1] w, const real[::1] g, real[::1] s, real[::1] m, real rate, real rho, real rest, real epsilon, real beta, size_t start, size_t stop) noexcept nogil
cdef void rmsprop_centered(real[::1] w, const real[::1] g, real[::1] s, real[::1] a, real rate, real rho, real rest, real epsilon, size_t start, size_t stop) noexcept nogil
cdef void rmsprop_centered_momentum(real[::1] w, const real[::1] g, real[::1] s, real[::1] a, real[::1] m, real rate, real rho, real rest, real epsilon, real beta, size_t start, size_t stop) noexcept nogil
cdef void adam(real[::1] w, const real[::1] g, real[::1] m, real[::1] v, real rate, real rest1, real rest2, real epsilon, size_t start, size_t stop) noexcept nogil
cdef void amsgrad(real[::1] w, const real[::1] g, real[::1] m, real[::1] v, real[::1] largest, real rate, real rest1, real rest2, real epsilon, size_t start, size_t stop) noexcept nogil
cdef void nadam(real[::1] w, const real[::1] g, real[::1] m, real[::1] v, real rate, real rest1, real rest2, real epsilon, real of_gradient, real of_momentum, real of_square, size_t start, size_t stop) noexcept nogil
cdef void adagrad(real[::1] w, const real[::1] g, real[::1] s, real rate, real epsilon, size_t start, size_t stop) noexcept nogil
