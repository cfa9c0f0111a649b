# Types of numbanet.backends.native.sparse_rows, and the primitives that its bodies import.
cdef extern from "sparse_rows.h" nogil:
    void sum_of_rows_f4(const float *y, size_t n, const int32_t *columns, const float *values, int64_t begin, int64_t end, float *out) noexcept
    void sum_of_rows_f8(const double *y, size_t n, const int32_t *columns, const double *values, int64_t begin, int64_t end, double *out) noexcept
    void add_to_rows_f4(const float *g, size_t n, const int32_t *columns, const float *values, int64_t begin, int64_t end, float *out) noexcept
    void add_to_rows_f8(const double *g, size_t n, const int32_t *columns, const double *values, int64_t begin, int64_t end, double *out) noexcept

cdef inline void sum_of_rows(const real[:, ::1] y, const int32_t[::1] columns, const real[::1] values, int64_t begin, int64_t end, real[:, ::1] out, size_t i) noexcept nogil:
    if real is float:
        sum_of_rows_f4(&y[0, 0], y.shape[1], &columns[0], &values[0], begin, end, &out[i, 0])
    else:
        sum_of_rows_f8(&y[0, 0], y.shape[1], &columns[0], &values[0], begin, end, &out[i, 0])

cdef inline void add_to_rows(const real[:, ::1] g, size_t i, const int32_t[::1] columns, const real[::1] values, int64_t begin, int64_t end, real[:, ::1] out) noexcept nogil:
    if real is float:
        add_to_rows_f4(&g[i, 0], g.shape[1], &columns[0], &values[0], begin, end, &out[0, 0])
    else:
        add_to_rows_f8(&g[i, 0], g.shape[1], &columns[0], &values[0], begin, end, &out[0, 0])

cdef void csr_dot(const int64_t[::1] rows, const int64_t[::1] starts, const int32_t[::1] columns, const real[::1] values, const real[:, ::1] y, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
@cython.locals(first=int64_t, last=int64_t, begin=int64_t, end=int64_t, low=int64_t, high=int64_t, middle=int64_t)
cdef void csr_dot_transposed(const int64_t[::1] rows, const int64_t[::1] starts, const int32_t[::1] columns, const real[::1] values, const int64_t[::1] cuts, const real[:, ::1] g, real[:, ::1] out, size_t start, size_t stop) noexcept nogil
