# Types of numbanet.backends.native.rows, and the primitives that its bodies import.
cdef extern from "rows.h" nogil:
    float largest_of_row(const float *x, size_t n) noexcept
    double sum_of_exponentials(const float *x, size_t n, float best, float *out) noexcept
    void scale_row(float *x, size_t n, double factor) noexcept

ctypedef const float[:, ::1] rows_of_two
ctypedef const float[:, :, ::1] rows_of_three

ctypedef fused rows_of_float:
    rows_of_two
    rows_of_three

cdef inline const float *row_of(rows_of_float x, size_t i) noexcept nogil:
    if rows_of_float is rows_of_two:
        return &x[i, 0]
    else:
        return &x[i, 0, 0]

cdef inline float row_maximum(rows_of_float x, size_t i) noexcept nogil:
    return largest_of_row(row_of(x, i), x.shape[1])

cdef inline double row_exponential_sum(rows_of_float x, size_t i, float best) noexcept nogil:
    return sum_of_exponentials(row_of(x, i), x.shape[1], best, NULL)

cdef inline double row_exponentials(const float[:, ::1] x, size_t i, float best, float[:, ::1] out) noexcept nogil:
    return sum_of_exponentials(&x[i, 0], x.shape[1], best, &out[i, 0])

cdef inline void row_scaled(float[:, ::1] out, size_t i, double factor) noexcept nogil:
    scale_row(&out[i, 0], out.shape[1], factor)

cdef void softmax(const float[:, ::1] x, float[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void log_softmax(const float[:, ::1] x, float[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void softmax_cross_entropy(const float[:, ::1] logits, const int64_t[::1] labels, float[::1] out, size_t start, size_t stop) noexcept nogil
cdef void softmax_cross_entropy_gradient(const float[::1] g, const float[:, ::1] logits, const int64_t[::1] labels, float[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void softmax_cross_entropy_and_gradient(const float[::1] g, const float[:, ::1] logits, const int64_t[::1] labels, float[::1] losses, float[:, ::1] out, size_t start, size_t stop) noexcept nogil
cdef void logsumexp(const float[:, :, ::1] x, float[::1] out, size_t start, size_t stop) noexcept nogil
