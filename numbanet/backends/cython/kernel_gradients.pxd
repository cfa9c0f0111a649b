# Types of numbanet.backends.native.drivers.kernel_gradients.
@cython.locals(deep=int64_t, high=int64_t, wide=int64_t, count=int64_t, row=int64_t, h=int64_t, d=int64_t, i=int64_t, within=bint)
cdef int64_t list_runs(const int64_t[::1] walk, const int64_t[:, ::1] classes, int64_t c, int64_t first, int64_t last, int64_t begin, words runs) noexcept nogil
@cython.locals(last=int64_t, rows=int64_t, tiles=int64_t, t=int64_t, end=int64_t, part=int64_t, at=int64_t, until=int64_t, chunk=int64_t, first=int64_t, begin=int64_t, c=int64_t, one=int64_t, other=int64_t, low=int64_t, high=int64_t, s=int64_t)
cdef void kernel_gradient_tiles(const int64_t[::1] walk, const int64_t[:, ::1] classes, const int64_t[:, ::1] strips, int64_t sources, int64_t targets, int64_t x, int64_t g, int64_t out, int64_t size, int64_t tile, int64_t chunks, int64_t parts, size_t start, size_t stop) noexcept nogil
cdef void add_parts(const real[:, ::1] parts, real[::1] out, size_t start, size_t stop) noexcept nogil
