# Types of numbanet.loops.recurrent.
cdef void simple_rnn_step(const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] h_before, real[:, ::1] gates, real[:, ::1] h, size_t start, size_t stop) noexcept nogil
@cython.locals(total=real)
cdef void simple_rnn_step_gradient(const real[:, ::1] g, const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] gates, real[:, ::1] dgates, real[:, ::1] dh, size_t start, size_t stop) noexcept nogil
cdef void lstm_step(const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] c_before, const real[:, ::1] h_before, real[:, ::1] gates, real[:, ::1] c, real[:, ::1] h, size_t start, size_t stop) noexcept nogil
@cython.locals(total=real, into=real, forget=real, candidate=real, out_of=real, squashed=real, by_memory=real)
cdef void lstm_step_gradient(const real[:, ::1] g, const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] gates, const real[:, ::1] c_before, const real[:, ::1] c, real[:, ::1] dgates, real[:, ::1] dc, real[:, ::1] dh, size_t start, size_t stop) noexcept nogil
@cython.locals(update=real, reset=real, candidate=real)
cdef void gru_step(const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] h_before, real[:, ::1] gates, real[:, ::1] inner, real[:, ::1] h, size_t start, size_t stop) noexcept nogil
@cython.locals(total=real, update=real, reset=real, candidate=real, by_candidate=real)
cdef void gru_step_gradient(const real[:, ::1] g, const real[:, ::1] product, const boolean[::1] keep, const real[:, ::1] h_before, const real[:, ::1] gates, const real[:, ::1] inner, real[:, ::1] dgates, real[:, ::1] dcandidate, real[:, ::1] dh, size_t start, size_t stop) noexcept nogil
