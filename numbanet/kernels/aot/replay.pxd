# Types of numbanet.kernels.drivers.replay.
@cython.locals(spins=int64_t)
cdef bint meet(int64_t meeting, int64_t goal) noexcept nogil
@cython.locals(goal=int64_t, n=int64_t, shares=int64_t)
cdef void replay(const int64_t[:, ::1] launches, const int64_t[:, ::1] slots, const double[:, ::1] numbers, int64_t[::1] counter, int64_t steps, size_t start, size_t stop) noexcept nogil
