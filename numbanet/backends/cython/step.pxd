# Types of numbanet.loops.step.
cdef void fetch_rows(const number[:, ::1] x, const int64_t[::1] order, const int64_t[::1] cursor, number[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void store_rows(const number[:, ::1] x, const int64_t[::1] cursor, number[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void store_number(const real[::1] x, const int64_t[::1] cursor, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void advance(int64_t[::1] cursor, int64_t samples, size_t start, size_t stop) noexcept nogil
