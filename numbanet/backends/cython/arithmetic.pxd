# Types of numbanet.loops.arithmetic, written by `make generated` from the declarations of its ops.
cdef void add(const number[::1] x, const number[::1] y, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void subtract(const numeric[::1] x, const numeric[::1] y, numeric[::1] out, size_t start, size_t stop) noexcept nogil
cdef void multiply(const number[::1] x, const number[::1] y, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void divide(const real[::1] x, const real[::1] y, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void floor_divide(const numeric[::1] x, const numeric[::1] y, numeric[::1] out, size_t start, size_t stop) noexcept nogil
cdef void remainder(const numeric[::1] x, const numeric[::1] y, numeric[::1] out, size_t start, size_t stop) noexcept nogil
cdef void pow(const real[::1] x, const real[::1] y, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void pow_integers(const integer[::1] x, const integer[::1] y, integer[::1] out, size_t start, size_t stop) noexcept nogil
cdef void maximum(const number[::1] x, const number[::1] y, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void minimum(const number[::1] x, const number[::1] y, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void negative(const numeric[::1] x, numeric[::1] out, size_t start, size_t stop) noexcept nogil
cdef void abs(const number[::1] x, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void sign(const numeric[::1] x, numeric[::1] out, size_t start, size_t stop) noexcept nogil
cdef void square(const number[::1] x, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void sqrt(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void rsqrt(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void reciprocal(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void floor(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void ceil(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void trunc(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void round(const real[::1] x, real[::1] out, size_t start, size_t stop) noexcept nogil
cdef void isnan(const number[::1] x, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void isinf(const real[::1] x, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void isinf_integers(const integer[::1] x, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void isfinite(const real[::1] x, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void isfinite_integers(const integer[::1] x, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void equal(const number[::1] x, const number[::1] y, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void not_equal(const number[::1] x, const number[::1] y, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void less(const number[::1] x, const number[::1] y, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void less_equal(const number[::1] x, const number[::1] y, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void greater(const number[::1] x, const number[::1] y, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void greater_equal(const number[::1] x, const number[::1] y, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void logical_and(const source[::1] x, const source[::1] y, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void logical_or(const source[::1] x, const source[::1] y, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void logical_xor(const source[::1] x, const source[::1] y, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void logical_not(const source[::1] x, boolean[::1] out, size_t start, size_t stop) noexcept nogil
cdef void bitwise_and(const integer[::1] x, const integer[::1] y, integer[::1] out, size_t start, size_t stop) noexcept nogil
cdef void bitwise_or(const integer[::1] x, const integer[::1] y, integer[::1] out, size_t start, size_t stop) noexcept nogil
cdef void bitwise_xor(const integer[::1] x, const integer[::1] y, integer[::1] out, size_t start, size_t stop) noexcept nogil
cdef void bitwise_left_shift(const whole[::1] x, const whole[::1] y, whole[::1] out, size_t start, size_t stop) noexcept nogil
cdef void bitwise_right_shift(const whole[::1] x, const whole[::1] y, whole[::1] out, size_t start, size_t stop) noexcept nogil
cdef void where(const truth[::1] condition, const number[::1] x, const number[::1] y, number[::1] out, size_t start, size_t stop) noexcept nogil
cdef void clip(const numeric[::1] x, const numeric[::1] low, const numeric[::1] high, numeric[::1] out, size_t start, size_t stop) noexcept nogil
