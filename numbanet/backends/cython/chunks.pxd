# Types of numbanet.backends.native.drivers.chunks.
@cython.locals(spins=int64_t, now=int64_t, began=int64_t, since=int64_t)
cdef void take_chunks(int64_t task, int64_t function, int64_t block, int64_t count, size_t start, size_t stop) noexcept nogil
