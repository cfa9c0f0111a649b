# Types of numbanet.loops.softmax.
cdef void softmax(const real[:, ::1] x, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void log_softmax(const real[:, ::1] x, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void softmax_cross_entropy(const real[:, ::1] logits, const int64_t[::1] labels, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void softmax_cross_entropy_gradient(const real[::1] g, const real[:, ::1] logits, const int64_t[::1] labels, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void softmax_cross_entropy_and_gradient(const real[::1] g, const real[:, ::1] logits, const int64_t[::1] labels, real[::1] losses, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
