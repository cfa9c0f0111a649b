# Types of numbanet.backends.native.drivers.zeros.
cdef void allocate_lists(words block, int64_t count, int64_t lanes) noexcept nogil
cdef int64_t forget_lists(words block, int64_t count, int64_t i) noexcept nogil
@cython.locals(m=int64_t, k=int64_t, row_stride=int64_t, k_stride=int64_t, itemsize=int64_t, source=int64_t, found=int64_t, step=int64_t, lanes=int64_t, first=int64_t)
cdef int64_t list_steps(real like, words block, int64_t row, int64_t every, int64_t target) noexcept nogil
@cython.locals(m=int64_t, k=int64_t, whole=int64_t, parts=int64_t, every=int64_t, pays=bint, found=int64_t, part=int64_t, count=int64_t, row=int64_t)
cdef void make_lists(real like, words block, int64_t rows, int64_t t) noexcept nogil
@cython.locals(whole=int64_t, finite=int64_t, t=int64_t, end=int64_t, begin=int64_t)
cdef void walk_listed(real like, words block, int64_t tile, int64_t listed, int64_t rows, int64_t first, int64_t last) noexcept nogil
