# Types of numbanet.backends.native.drivers.assign.
cdef void copy_run_to(int64_t target, int64_t stride, int64_t source, int64_t itemsize, int64_t count) noexcept nogil
@cython.locals(itemsize=int64_t, ndim=int64_t, last=int64_t, strides=int64_t, stride=int64_t, target=int64_t, rest=int64_t, size=int64_t, run=int64_t, d=int64_t)
cdef void assign(const int64_t[::1] layout, size_t start, size_t stop) noexcept nogil
