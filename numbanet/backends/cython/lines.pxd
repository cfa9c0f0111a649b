# Types of numbanet.backends.native.drivers.lines.
@cython.locals(p=int64_t, k=int64_t, itemsize=int64_t, lanes=int64_t, memory=int64_t, pitch=int64_t)
cdef void dot_tiles_of_lines(const real[:, :] x, const real[:, :] y, const real[:, :] bias, real[:, :] out, int64_t epilogue, int64_t pack, int64_t tile, size_t start, size_t stop) noexcept nogil
