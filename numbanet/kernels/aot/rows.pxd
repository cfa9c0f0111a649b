# Types of numbanet.kernels.vectors.rows, and the primitives that its bodies import.
cdef extern from "rows.h" nogil:
    float largest_of_row(const float *x, size_t n) noexcept
    double sum_of_exponentials(const float *x, size_t n, float best, float *out) noexcept
    void scale_row(float *x, size_t n, double factor) noexcept

ctypedef fused rows_of_floats:
    const float[:, ::1]
    const float[:, :, ::1]

cdef inline const float *row_of(rows_of_floats x, size_t i) noexcept nogil:
    if rows_of_floats is const_float_2d:
        return &x[i, 0]
    else:
        return &x[i, 0, 0]
