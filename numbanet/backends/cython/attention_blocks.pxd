# Types of numbanet.backends.native.drivers.attention_blocks.
cdef void call_rows(int64_t function, words block, int64_t x, int64_t rows, int64_t lanes, int64_t by, int64_t start) noexcept nogil
cdef void call_exp(int64_t function, words block, int64_t x, int64_t count) noexcept nogil
cdef void pack_rows(int64_t function, words block, int64_t source, int64_t rows, int64_t columns, int64_t down, int64_t across, int64_t target, int64_t pitch) noexcept nogil
@cython.locals(i=int64_t)
cdef void list_rows(int64_t at, int64_t count, int64_t high, int64_t step) noexcept nogil
cdef void tile_product(int64_t tile, int64_t high, words block, int64_t rows, int64_t columns, int64_t a, int64_t a_step, int64_t length, int64_t b, int64_t b_step, int64_t out, int64_t epilogue) noexcept nogil
@cython.locals(strip=int64_t, far=int64_t, kernel=int64_t, lanes=int64_t, left=int64_t, width=int64_t)
cdef void add_product(const int64_t[:] kernels, words tile, int64_t rows, int64_t columns, int64_t item, int64_t a, int64_t length, int64_t b, int64_t b_step, int64_t out) noexcept nogil
cdef int64_t vector_of(const real[:, :, :, :] x, int64_t b, int64_t t, int64_t h) noexcept nogil
@cython.locals(t=int64_t)
cdef void copy_vectors(int64_t target, int64_t target_step, int64_t source, int64_t source_step, int64_t count, int64_t size) noexcept nogil
cdef void place_vectors(words room, int64_t place, const real[:, :, :, :] x, int64_t memory, int64_t gathers) noexcept nogil
@cython.locals(b=int64_t, h=int64_t, t=int64_t)
cdef void limit_scores(const int64_t[:] kernels, words block, words room, const real[:, :, :, :] bias, const truth[:, :, :, :] mask, int64_t causal, int64_t s, int64_t met, int64_t lanes) noexcept nogil
@cython.locals(b=int64_t, h=int64_t, t=int64_t)
cdef void forget_rest(const int64_t[:] kernels, words block, words room, const truth[:, :, :, :] mask, int64_t causal, int64_t s, int64_t met, int64_t lanes) noexcept nogil
@cython.locals(high=int64_t, of_key=int64_t, panel=int64_t, scores=int64_t, wide=int64_t)
cdef void find_scores(const int64_t[:] kernels, words block, words tile, words room, int64_t size, int64_t item, const real[:, :, :, :] bias, const truth[:, :, :, :] mask, int64_t limited, int64_t causal, int64_t s, int64_t met, int64_t lanes) noexcept nogil
@cython.locals(epilogue=int64_t, step=int64_t, wide=int64_t, x=int64_t)
cdef void add_values(words tile, words room, int64_t place, int64_t s, int64_t met, int64_t size, int64_t weights, int64_t kernel, int64_t high, int64_t lanes, int64_t item) noexcept nogil
@cython.locals(i=int64_t, item=int64_t, pitch=int64_t, rows=int64_t, size=int64_t, target=int64_t, wide=int64_t)
cdef void store_outputs(const int64_t[:] kernels, words block, words room, real[:, :, :, :] out, int64_t lanes) noexcept nogil
@cython.locals(i=int64_t)
cdef void fill_zeros(int64_t start, int64_t end) noexcept nogil
@cython.locals(rows=int64_t, listed=int64_t, memory=int64_t, most=int64_t, pieces=int64_t, wide=int64_t)
cdef int64_t make_room(words room, int64_t size, int64_t other, words tables) noexcept nogil
@cython.locals(b=int64_t, blocks=int64_t, count=int64_t, end=int64_t, h=int64_t, heads=int64_t, high=int64_t, item=int64_t, keys=int64_t, known=int64_t, lanes=int64_t, memory=int64_t, met=int64_t, part=int64_t, other=int64_t, queries=int64_t, r=int64_t, s=int64_t, size=int64_t, source=int64_t, t=int64_t, together=int64_t, wide=int64_t)
cdef void attention_tiles(const real[:, :, :, :] query, const real[:, :, :, :] key, const real[:, :, :, :] value, const real[:, :, :, :] bias, const truth[:, :, :, :] mask, const real[:, :] scales, const int64_t[:] kernels, int64_t limited, int64_t causal, int64_t masked, real[:, :, :, :] out, real[:, :, :, :] statistics, size_t start, size_t stop) noexcept nogil
@cython.locals(b=int64_t, count=int64_t, h=int64_t, item=int64_t, known=int64_t, other=int64_t, size=int64_t, source=int64_t, t=int64_t)
cdef void begin_gradient(const int64_t[:] kernels, words block, words room, const real[:, :, :, :] g, const real[:, :, :, :] query, const real[:, :, :, :] out, const real[:, :] scales, const real[:, :, :, :] statistics, int64_t lanes) noexcept nogil
@cython.locals(high=int64_t, of_value=int64_t, panel=int64_t, slopes=int64_t, wide=int64_t)
cdef void find_slopes_of(const int64_t[:] kernels, words block, words tile, words room, int64_t other, int64_t item, const real[:, :] scales, int64_t s, int64_t met, int64_t lanes) noexcept nogil
@cython.locals(high=int64_t, into=int64_t, item=int64_t, size=int64_t, source=int64_t)
cdef void add_to_keys(const int64_t[:] kernels, words tile, words room, const real[:, :, :, :] of, int64_t weights, int64_t s, int64_t met, int64_t place) noexcept nogil
@cython.locals(at=int64_t, b=int64_t, h=int64_t, keys=int64_t, other=int64_t, part=int64_t, size=int64_t)
cdef void begin_head(words room, const real[:, :, :, :] key, const real[:, :, :, :] value, const real[:, :, :, :] dkey, const real[:, :, :, :] dvalue, int64_t memory, int64_t gathers) noexcept nogil
@cython.locals(step=int64_t, target=int64_t)
cdef void store_head(words room, int64_t place, const real[:, :, :, :] x) noexcept nogil
@cython.locals(number=int64_t, blocks=int64_t, end=int64_t, gathers=int64_t, high=int64_t, item=int64_t, keys=int64_t, lanes=int64_t, memory=int64_t, met=int64_t, of_head=int64_t, other=int64_t, part=int64_t, queries=int64_t, r=int64_t, s=int64_t, shared=int64_t, size=int64_t, t=int64_t, together=int64_t, wide=int64_t)
cdef void attention_gradient_tiles(const real[:, :, :, :] g, const real[:, :, :, :] query, const real[:, :, :, :] key, const real[:, :, :, :] value, const real[:, :, :, :] bias, const truth[:, :, :, :] mask, const real[:, :] scales, const int64_t[:] kernels, int64_t limited, int64_t causal, int64_t masked, const real[:, :, :, :] out, const real[:, :, :, :] statistics, real[:, :, :, :] dquery, real[:, :, :, :] dkey, real[:, :, :, :] dvalue, size_t start, size_t stop) noexcept nogil
