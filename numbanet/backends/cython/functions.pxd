# Types of numbanet.loops.functions.
cdef void exponential(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void exponential_minus_one(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void logarithm(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void logarithm_one_plus(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void logarithm_2(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void logarithm_10(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void logarithm_of_sum(const real[::1] x, const real[::1] y, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void sine(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void cosine(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void tangent(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void arc_sine(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void arc_cosine(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void arc_tangent(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void arc_tangent_2(const real[::1] y, const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(a=double, b=double)
cdef void hypotenuse(const real[::1] x, const real[::1] y, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void with_sign_of(const real[::1] x, const real[::1] y, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void hyperbolic_sine(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void hyperbolic_cosine(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void hyperbolic_tangent(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void area_sine(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void area_cosine(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void area_tangent(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void error_function(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void relu(const number[::1] x, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void relu_gradient(const number[::1] g, const number[::1] x, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void sigmoid(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void leaky_relu(const real[::1] x, const real[::1] negative_slope, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void elu(const real[::1] x, const real[::1] alpha, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void silu(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void softplus(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void gelu(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
