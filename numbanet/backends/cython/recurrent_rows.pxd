# Types of numbanet.backends.native.recurrent_rows, and the primitives that its bodies import.
cdef extern from "functions.h" nogil:
    void simple_rnn_step_float32(const float *product, float *gates, float *h, size_t n) noexcept
    void simple_rnn_step_float64(const double *product, double *gates, double *h, size_t n) noexcept
    void simple_rnn_step_gradient_float32(const float *g, const float *product, const float *gates, float *dgates, float *dh, size_t n) noexcept
    void simple_rnn_step_gradient_float64(const double *g, const double *product, const double *gates, double *dgates, double *dh, size_t n) noexcept
    void lstm_step_float32(const float *product, const float *c_before, float *gates, float *c, float *h, size_t n) noexcept
    void lstm_step_float64(const double *product, const double *c_before, double *gates, double *c, double *h, size_t n) noexcept
    void lstm_step_gradient_float32(const float *g, const float *product, const float *gates, const float *c_before, const float *c, float *dgates, float *dc, float *dh, size_t n) noexcept
    void lstm_step_gradient_float64(const double *g, const double *product, const double *gates, const double *c_before, const double *c, double *dgates, double *dc, double *dh, size_t n) noexcept
    void gru_step_float32(const float *product, const float *h_before, float *gates, float *inner, float *h, size_t n) noexcept
    void gru_step_float64(const double *product, const double *h_before, double *gates, double *inner, double *h, size_t n) noexcept
    void gru_step_gradient_float32(const float *g, const float *product, const float *h_before, const float *gates, const float *inner, float *dgates, float *dcandidate, float *dh, size_t n) noexcept
    void gru_step_gradient_float64(const double *g, const double *product, const double *h_before, const double *gates, const double *inner, double *dgates, double *dcandidate, double *dh, size_t n) noexcept

cdef inline void simple_rnn_row(const real[:, ::1] product, real[:, ::1] gates, real[:, ::1] h, size_t i) noexcept nogil:
    if real is float:
        simple_rnn_step_float32(&product[i, 0], &gates[i, 0], &h[i, 0], h.shape[1])
    else:
        simple_rnn_step_float64(&product[i, 0], &gates[i, 0], &h[i, 0], h.shape[1])

cdef inline void simple_rnn_row_gradient(const real[:, ::1] g, const real[:, ::1] product, const real[:, ::1] gates, real[:, ::1] dgates, real[:, ::1] dh, size_t i) noexcept nogil:
    if real is float:
        simple_rnn_step_gradient_float32(&g[i, 0], &product[i, 0], &gates[i, 0], &dgates[i, 0], &dh[i, 0], dh.shape[1])
    else:
        simple_rnn_step_gradient_float64(&g[i, 0], &product[i, 0], &gates[i, 0], &dgates[i, 0], &dh[i, 0], dh.shape[1])

cdef inline void lstm_row(const real[:, ::1] product, const real[:, ::1] c_before, real[:, ::1] gates, real[:, ::1] c, real[:, ::1] h, size_t i) noexcept nogil:
    if real is float:
        lstm_step_float32(&product[i, 0], &c_before[i, 0], &gates[i, 0], &c[i, 0], &h[i, 0], h.shape[1])
    else:
        lstm_step_float64(&product[i, 0], &c_before[i, 0], &gates[i, 0], &c[i, 0], &h[i, 0], h.shape[1])

cdef inline void lstm_row_gradient(const real[:, ::1] g, const real[:, ::1] product, const real[:, ::1] gates, const real[:, ::1] c_before, const real[:, ::1] c, real[:, ::1] dgates, real[:, ::1] dc, real[:, ::1] dh, size_t i) noexcept nogil:
    if real is float:
        lstm_step_gradient_float32(&g[i, 0], &product[i, 0], &gates[i, 0], &c_before[i, 0], &c[i, 0], &dgates[i, 0], &dc[i, 0], &dh[i, 0], dh.shape[1])
    else:
        lstm_step_gradient_float64(&g[i, 0], &product[i, 0], &gates[i, 0], &c_before[i, 0], &c[i, 0], &dgates[i, 0], &dc[i, 0], &dh[i, 0], dh.shape[1])

cdef inline void gru_row(const real[:, ::1] product, const real[:, ::1] h_before, real[:, ::1] gates, real[:, ::1] inner, real[:, ::1] h, size_t i) noexcept nogil:
    if real is float:
        gru_step_float32(&product[i, 0], &h_before[i, 0], &gates[i, 0], &inner[i, 0], &h[i, 0], h.shape[1])
    else:
        gru_step_float64(&product[i, 0], &h_before[i, 0], &gates[i, 0], &inner[i, 0], &h[i, 0], h.shape[1])

cdef inline void gru_row_gradient(const real[:, ::1] g, const real[:, ::1] product, const real[:, ::1] h_before, const real[:, ::1] gates, const real[:, ::1] inner, real[:, ::1] dgates, real[:, ::1] dcandidate, real[:, ::1] dh, size_t i) noexcept nogil:
    if real is float:
        gru_step_gradient_float32(&g[i, 0], &product[i, 0], &h_before[i, 0], &gates[i, 0], &inner[i, 0], &dgates[i, 0], &dcandidate[i, 0], &dh[i, 0], dh.shape[1])
    else:
        gru_step_gradient_float64(&g[i, 0], &product[i, 0], &h_before[i, 0], &gates[i, 0], &inner[i, 0], &dgates[i, 0], &dcandidate[i, 0], &dh[i, 0], dh.shape[1])

cdef void simple_rnn_step(const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] h_before, real[:, ::1] gates, real[:, ::1] h, size_t start, size_t stop) noexcept nogil
cdef void simple_rnn_step_gradient(const real[:, ::1] g, const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] gates, real[:, ::1] dgates, real[:, ::1] dh, size_t start, size_t stop) noexcept nogil
cdef void lstm_step(const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] c_before, const real[:, ::1] h_before, real[:, ::1] gates, real[:, ::1] c, real[:, ::1] h, size_t start, size_t stop) noexcept nogil
cdef void lstm_step_gradient(const real[:, ::1] g, const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] gates, const real[:, ::1] c_before, const real[:, ::1] c, real[:, ::1] dgates, real[:, ::1] dc, real[:, ::1] dh, size_t start, size_t stop) noexcept nogil
cdef void gru_step(const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] h_before, real[:, ::1] gates, real[:, ::1] inner, real[:, ::1] h, size_t start, size_t stop) noexcept nogil
cdef void gru_step_gradient(const real[:, ::1] g, const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] h_before, const real[:, ::1] gates, const real[:, ::1] inner, real[:, ::1] dgates, real[:, ::1] dcandidate, real[:, ::1] dh, size_t start, size_t stop) noexcept nogil
