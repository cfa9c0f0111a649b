# Types of numbanet.backends.native.drivers.teams.
@cython.locals(seen=int64_t)
cdef bint take(int64_t line, int64_t item) noexcept nogil
@cython.locals(late=bint)
cdef void begin_step(const int64_t[:, ::1] slots, const double[:, ::1] numbers, int64_t words, int64_t step, int64_t steps, int64_t every, int64_t turn) noexcept nogil
@cython.locals(p=int64_t)
cdef void do_share(const int64_t[:, ::1] pieces, const int64_t[:, ::1] items, const int64_t[:, ::1] slots, const double[:, ::1] numbers, int64_t words, int64_t step, int64_t i, int64_t share, int64_t steps, int64_t every, int64_t turn) noexcept nogil
@cython.locals(now=int64_t, lost=int64_t, line=int64_t)
cdef void send_home(int64_t words, int64_t team, int64_t item, int64_t since) noexcept nogil
cdef void leave(int64_t words, int64_t me) noexcept nogil
@cython.locals(taken=int64_t)
cdef int64_t take_others(const int64_t[:, ::1] pieces, const int64_t[:, ::1] items, const int64_t[:, ::1] slots, const double[:, ::1] numbers, int64_t words, int64_t step, int64_t i, int64_t item, int64_t shares, int64_t steps, int64_t every, int64_t turn) noexcept nogil
@cython.locals(own=int64_t, item=int64_t, goal=int64_t, absent=int64_t, shares=int64_t, spins=int64_t, now=int64_t, began=int64_t, since=int64_t, looked=bint, taken=int64_t)
cdef void replay_together(const int64_t[:, ::1] pieces, const int64_t[:, ::1] items, const int64_t[:, ::1] slots, const double[:, ::1] numbers, int64_t words, int64_t steps, int64_t every, int64_t turn, size_t start, size_t stop) noexcept nogil
