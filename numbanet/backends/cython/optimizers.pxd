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
@cython.locals(size=real, faded=real)
cdef void adamax(real[::1] w, const real[::1] g, real[::1] m, real[::1] u, real rate, real rest, real beta, real epsilon, size_t start, size_t stop) noexcept nogil
@cython.locals(step=real)
cdef void adadelta(real[::1] w, const real[::1] g, real[::1] s, real[::1] d, real rate, real rho, real rest, real epsilon, size_t start, size_t stop) noexcept nogil
@cython.locals(mixed=real)
cdef void lion(real[::1] w, const real[::1] g, real[::1] m, real rate, real beta1, real rest1, real beta2, real rest2, size_t start, size_t stop) noexcept nogil
@cython.locals(before=real, after=real, divisor=real, clipped=real)
cdef void ftrl(real[::1] w, const real[::1] g, real[::1] s, real[::1] z, real rate, real l1, real l2, real shrinkage, size_t start, size_t stop) noexcept nogil
@cython.locals(before=real, after=real, divisor=real, clipped=real)
cdef void ftrl_with_power(real[::1] w, const real[::1] g, real[::1] s, real[::1] z, real rate, real power, real l1, real l2, real shrinkage, size_t start, size_t stop) noexcept nogil
cdef void moving_average(real[::1] w, real[::1] a, real memory, real rest, real overwrite, size_t start, size_t stop) noexcept nogil
@cython.locals(new=real)
cdef void accumulate(const real[::1] g, real[::1] total, real count, real last, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void set_flags(uint8_t[::1] flags, double value, size_t start, size_t stop) noexcept nogil
