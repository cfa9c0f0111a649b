# Types of numbanet.backends.native.drivers.convolutions.
@cython.locals(deep=int64_t, high=int64_t, wide=int64_t, source_step=int64_t, target_step=int64_t, w=int64_t, h=int64_t, d=int64_t, i=int64_t, left=int64_t, at=int64_t, run=int64_t, source=int64_t, target=int64_t, j=int64_t)
cdef void place_rows(const int64_t[:, ::1] regions, int64_t g, int64_t first, int64_t count, words sources, words targets) noexcept nogil
@cython.locals(last=int64_t, g=int64_t, tiles=int64_t, t=int64_t, end=int64_t, group=int64_t, at=int64_t, first=int64_t, count=int64_t, s=int64_t)
cdef void conv_tiles(const int64_t[:, ::1] regions, const int64_t[:, ::1] strips, int64_t x, int64_t b, int64_t bias, int64_t out, int64_t a_step, int64_t b_step, int64_t epilogue, int64_t tile, int64_t rows, int64_t together, size_t start, size_t stop) noexcept nogil
cdef void pack_panels(const int64_t[:, ::1] jobs, int64_t source, int64_t target, int64_t pack, int64_t pitch, size_t start, size_t stop) noexcept nogil
