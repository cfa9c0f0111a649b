# Types of numbanet.backends.native.drivers.replay.
@cython.locals(step=size_t)
cdef void replay(const int64_t[:, ::1] launches, const int64_t[:, ::1] slots, const double[:, ::1] numbers, int64_t[::1] words, int64_t every, int64_t turn, size_t start, size_t stop) noexcept nogil
