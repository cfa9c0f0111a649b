# Types of numbanet.loops.functions, written by `make generated` from the declarations of its ops.
cdef void exp(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void expm1(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void log(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void log1p(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void log2(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void log10(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void logaddexp(const real[::1] x, const real[::1] y, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void sin(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void cos(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void tan(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void asin(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void acos(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void atan(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void atan2(const real[::1] y, const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void hypot(const real[::1] x, const real[::1] y, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void copysign(const real[::1] x, const real[::1] y, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void sinh(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void cosh(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void tanh(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void asinh(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void acosh(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void atanh(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void erf(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void relu(const number[::1] x, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void relu_gradient(const number[::1] g, const number[::1] x, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void sigmoid(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void leaky_relu(const real[::1] x, const real[::1] negative_slope, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void elu(const real[::1] x, const real[::1] alpha, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void silu(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void softplus(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void gelu(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void gelu_tanh(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void selu(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void sigmoid_gradient(const real[::1] g, const real[::1] y, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void tanh_gradient(const real[::1] g, const real[::1] y, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void softplus_gradient(const real[::1] g, const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void leaky_relu_gradient(const real[::1] g, const real[::1] x, const real[::1] negative_slope, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void elu_gradient(const real[::1] g, const real[::1] x, const real[::1] alpha, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void selu_gradient(const real[::1] g, const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void silu_gradient(const real[::1] g, const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void gelu_gradient(const real[::1] g, const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void gelu_tanh_gradient(const real[::1] g, const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
