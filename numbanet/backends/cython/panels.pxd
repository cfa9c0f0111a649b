# Types of numbanet.backends.native.drivers.panels.
@cython.locals(k=int64_t, width=int64_t, pitch=int64_t, itemsize=int64_t, row=int64_t, i=int64_t, j=int64_t)
cdef void pack_panel(const real[:, :] b, real[:, ::1] panel, size_t start, size_t stop) noexcept nogil
