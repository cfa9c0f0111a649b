# Types of numbanet.loops.dropout.
@cython.locals(first=uint64_t, z=uint64_t)
cdef void dropout(const real[::1] x, real high, real low, real rate, real[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(first=uint64_t, z=uint64_t, length=double, normal=double)
cdef void gaussian_noise(const real[::1] x, real high, real low, real stddev, real[::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(first=uint64_t, z=uint64_t, length=double, normal=double)
cdef void gaussian_dropout(const real[::1] x, real high, real low, real stddev, real[::1] out, size_t start, size_t stop) noexcept nogil
