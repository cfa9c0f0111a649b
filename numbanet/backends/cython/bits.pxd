# Types of numbanet.loops.bits.
@cython.locals(a=int64_t, b=int64_t, size=int64_t, other=int64_t, position=int64_t, goal=int64_t)
cdef void nextafter(const binary[::1] x, const binary[::1] y, int64_t infinity, int64_t largest, binary[::1] out, size_t start, size_t stop) noexcept nogil
