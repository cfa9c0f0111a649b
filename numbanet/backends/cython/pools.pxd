# Types of numbanet.backends.native.pools, and the primitives that its bodies import.
cdef extern from "pools.h" nogil:
    struct numbanet_box:
        int64_t depth
        int64_t height
        int64_t width
        int64_t by_depth
        int64_t by_height
        int64_t by_width
    struct numbanet_places:
        int64_t first
        int64_t by_depth
        int64_t by_height
        int64_t by_width
    void largest_of_windows_f4(const float *x, const numbanet_box *box, int64_t count, int64_t stride, float *out, int64_t channels) noexcept
    void largest_of_windows_f8(const double *x, const numbanet_box *box, int64_t count, int64_t stride, double *out, int64_t channels) noexcept
    void largest_and_places_f4u1(const float *x, const numbanet_box *box, int64_t count, int64_t stride, float *out, uint8_t *places, const numbanet_places *of, int64_t channels) noexcept
    void largest_and_places_f4i4(const float *x, const numbanet_box *box, int64_t count, int64_t stride, float *out, int32_t *places, const numbanet_places *of, int64_t channels) noexcept
    void largest_and_places_f8u1(const double *x, const numbanet_box *box, int64_t count, int64_t stride, double *out, uint8_t *places, const numbanet_places *of, int64_t channels) noexcept
    void largest_and_places_f8i4(const double *x, const numbanet_box *box, int64_t count, int64_t stride, double *out, int32_t *places, const numbanet_places *of, int64_t channels) noexcept
    void sum_where_placed_f4u1(const float *g, const uint8_t *places, const numbanet_box *box, const numbanet_places *of, float *out, int64_t channels) noexcept
    void sum_where_placed_f4i4(const float *g, const int32_t *places, const numbanet_box *box, const numbanet_places *of, float *out, int64_t channels) noexcept
    void sum_where_placed_f8u1(const double *g, const uint8_t *places, const numbanet_box *box, const numbanet_places *of, double *out, int64_t channels) noexcept
    void sum_where_placed_f8i4(const double *g, const int32_t *places, const numbanet_box *box, const numbanet_places *of, double *out, int64_t channels) noexcept
    void sum_pairs_where_placed_f4u1(const float *g, const uint8_t *places, const numbanet_box *box, const numbanet_places *of, int64_t count, float *out, int64_t channels) noexcept
    void sum_pairs_where_placed_f4i4(const float *g, const int32_t *places, const numbanet_box *box, const numbanet_places *of, int64_t count, float *out, int64_t channels) noexcept
    void sum_pairs_where_placed_f8u1(const double *g, const uint8_t *places, const numbanet_box *box, const numbanet_places *of, int64_t count, double *out, int64_t channels) noexcept
    void sum_pairs_where_placed_f8i4(const double *g, const int32_t *places, const numbanet_box *box, const numbanet_places *of, int64_t count, double *out, int64_t channels) noexcept
    void spread_where_placed_f4u1(const float *g, const uint8_t *places, int64_t place, float *out, int64_t n, int64_t channels) noexcept
    void spread_where_placed_f4i4(const float *g, const int32_t *places, int64_t place, float *out, int64_t n, int64_t channels) noexcept
    void spread_where_placed_f8u1(const double *g, const uint8_t *places, int64_t place, double *out, int64_t n, int64_t channels) noexcept
    void spread_where_placed_f8i4(const double *g, const int32_t *places, int64_t place, double *out, int64_t n, int64_t channels) noexcept
    void mean_of_box_f4(const float *x, const numbanet_box *box, double share, float *out, int64_t channels) noexcept
    void mean_of_box_f8(const double *x, const numbanet_box *box, double share, double *out, int64_t channels) noexcept
    void means_of_windows_f4(const float *x, const numbanet_box *box, double share, int64_t count, int64_t stride, float *out, int64_t channels) noexcept
    void means_of_windows_f8(const double *x, const numbanet_box *box, double share, int64_t count, int64_t stride, double *out, int64_t channels) noexcept
    void spread_evenly_f4(const float *g, double share, float *out, int64_t n, int64_t channels) noexcept
    void spread_evenly_f8(const double *g, double share, double *out, int64_t n, int64_t channels) noexcept

cdef inline numbanet_box box_of(const real[:, :, :, :, ::1] x, int64_t depth, int64_t height, int64_t width) noexcept nogil:
    cdef numbanet_box box
    box.depth = depth
    box.height = height
    box.width = width
    box.by_width = x.shape[4]
    box.by_height = x.shape[3] * box.by_width
    box.by_depth = x.shape[2] * box.by_height
    return box

cdef inline void largest_of_windows(const real[:, :, :, :, ::1] x, int64_t at, int64_t depth, int64_t height, int64_t width, int64_t count, int64_t stride, real[:, :, :, :, ::1] out, int64_t to) noexcept nogil:
    cdef numbanet_box box = box_of(x, depth, height, width)
    if real is float:
        largest_of_windows_f4(&x[0, 0, 0, 0, 0] + at, &box, count, stride, &out[0, 0, 0, 0, 0] + to, x.shape[4])
    else:
        largest_of_windows_f8(&x[0, 0, 0, 0, 0] + at, &box, count, stride, &out[0, 0, 0, 0, 0] + to, x.shape[4])

cdef inline void largest_and_places(const real[:, :, :, :, ::1] x, int64_t at, int64_t depth, int64_t height, int64_t width, int64_t count, int64_t stride, real[:, :, :, :, ::1] out, counted[:, :, :, :, ::1] places, int64_t to, int64_t first, int64_t by_depth, int64_t by_height) noexcept nogil:
    cdef numbanet_box box = box_of(x, depth, height, width)
    cdef numbanet_places of
    of.first = first
    of.by_depth = by_depth
    of.by_height = by_height
    of.by_width = 1
    if real is float and counted is uint8_t:
        largest_and_places_f4u1(&x[0, 0, 0, 0, 0] + at, &box, count, stride, &out[0, 0, 0, 0, 0] + to, &places[0, 0, 0, 0, 0] + to, &of, x.shape[4])
    elif real is float:
        largest_and_places_f4i4(&x[0, 0, 0, 0, 0] + at, &box, count, stride, &out[0, 0, 0, 0, 0] + to, &places[0, 0, 0, 0, 0] + to, &of, x.shape[4])
    elif counted is uint8_t:
        largest_and_places_f8u1(&x[0, 0, 0, 0, 0] + at, &box, count, stride, &out[0, 0, 0, 0, 0] + to, &places[0, 0, 0, 0, 0] + to, &of, x.shape[4])
    else:
        largest_and_places_f8i4(&x[0, 0, 0, 0, 0] + at, &box, count, stride, &out[0, 0, 0, 0, 0] + to, &places[0, 0, 0, 0, 0] + to, &of, x.shape[4])

cdef inline void sum_where_placed(const real[:, :, :, :, ::1] g, const counted[:, :, :, :, ::1] places, int64_t at, int64_t depth, int64_t height, int64_t width, int64_t place, int64_t by_depth, int64_t by_height, int64_t by_width, real[:, :, :, :, ::1] out, int64_t to) noexcept nogil:
    cdef numbanet_box box = box_of(g, depth, height, width)
    cdef numbanet_places of
    of.first = place
    of.by_depth = -by_depth
    of.by_height = -by_height
    of.by_width = -by_width
    if real is float and counted is uint8_t:
        sum_where_placed_f4u1(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, &box, &of, &out[0, 0, 0, 0, 0] + to, g.shape[4])
    elif real is float:
        sum_where_placed_f4i4(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, &box, &of, &out[0, 0, 0, 0, 0] + to, g.shape[4])
    elif counted is uint8_t:
        sum_where_placed_f8u1(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, &box, &of, &out[0, 0, 0, 0, 0] + to, g.shape[4])
    else:
        sum_where_placed_f8i4(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, &box, &of, &out[0, 0, 0, 0, 0] + to, g.shape[4])

cdef inline void sum_few_where_placed(const real[:, :, :, :, ::1] g, const counted[:, :, :, :, ::1] places, int64_t at, int64_t depth, int64_t height, int64_t width, int64_t place, int64_t by_depth, int64_t by_height, int64_t by_width, real[:, :, :, :, ::1] out, int64_t to) noexcept nogil:
    sum_where_placed(g, places, at, depth, height, width, place, by_depth, by_height, by_width, out, to)

cdef inline void sum_pairs_where_placed(const real[:, :, :, :, ::1] g, const counted[:, :, :, :, ::1] places, int64_t at, int64_t depth, int64_t height, int64_t size, int64_t place, int64_t by_depth, int64_t by_height, int64_t count, real[:, :, :, :, ::1] out, int64_t to) noexcept nogil:
    cdef numbanet_box box = box_of(g, depth, height, size)
    cdef numbanet_places of
    of.first = place
    of.by_depth = -by_depth
    of.by_height = -by_height
    of.by_width = -2
    if real is float and counted is uint8_t:
        sum_pairs_where_placed_f4u1(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, &box, &of, count, &out[0, 0, 0, 0, 0] + to, g.shape[4])
    elif real is float:
        sum_pairs_where_placed_f4i4(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, &box, &of, count, &out[0, 0, 0, 0, 0] + to, g.shape[4])
    elif counted is uint8_t:
        sum_pairs_where_placed_f8u1(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, &box, &of, count, &out[0, 0, 0, 0, 0] + to, g.shape[4])
    else:
        sum_pairs_where_placed_f8i4(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, &box, &of, count, &out[0, 0, 0, 0, 0] + to, g.shape[4])

cdef inline void spread_where_placed(const real[:, :, :, :, ::1] g, const counted[:, :, :, :, ::1] places, int64_t at, int64_t place, real[:, :, :, :, ::1] out, int64_t to, int64_t n) noexcept nogil:
    if real is float and counted is uint8_t:
        spread_where_placed_f4u1(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, place, &out[0, 0, 0, 0, 0] + to, n, g.shape[4])
    elif real is float:
        spread_where_placed_f4i4(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, place, &out[0, 0, 0, 0, 0] + to, n, g.shape[4])
    elif counted is uint8_t:
        spread_where_placed_f8u1(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, place, &out[0, 0, 0, 0, 0] + to, n, g.shape[4])
    else:
        spread_where_placed_f8i4(&g[0, 0, 0, 0, 0] + at, &places[0, 0, 0, 0, 0] + at, place, &out[0, 0, 0, 0, 0] + to, n, g.shape[4])

cdef inline void mean_of_box(const real[:, :, :, :, ::1] x, int64_t at, int64_t depth, int64_t height, int64_t width, double share, real[:, :, :, :, ::1] out, int64_t to) noexcept nogil:
    cdef numbanet_box box = box_of(x, depth, height, width)
    if real is float:
        mean_of_box_f4(&x[0, 0, 0, 0, 0] + at, &box, share, &out[0, 0, 0, 0, 0] + to, x.shape[4])
    else:
        mean_of_box_f8(&x[0, 0, 0, 0, 0] + at, &box, share, &out[0, 0, 0, 0, 0] + to, x.shape[4])

cdef inline void means_of_windows(const real[:, :, :, :, ::1] x, int64_t at, int64_t depth, int64_t height, int64_t width, double share, int64_t count, int64_t stride, real[:, :, :, :, ::1] out, int64_t to) noexcept nogil:
    cdef numbanet_box box = box_of(x, depth, height, width)
    if real is float:
        means_of_windows_f4(&x[0, 0, 0, 0, 0] + at, &box, share, count, stride, &out[0, 0, 0, 0, 0] + to, x.shape[4])
    else:
        means_of_windows_f8(&x[0, 0, 0, 0, 0] + at, &box, share, count, stride, &out[0, 0, 0, 0, 0] + to, x.shape[4])

cdef inline void spread_evenly(const real[:, :, :, :, ::1] g, int64_t at, double share, real[:, :, :, :, ::1] out, int64_t to, int64_t n) noexcept nogil:
    if real is float:
        spread_evenly_f4(&g[0, 0, 0, 0, 0] + at, share, &out[0, 0, 0, 0, 0] + to, n, g.shape[4])
    else:
        spread_evenly_f8(&g[0, 0, 0, 0, 0] + at, share, &out[0, 0, 0, 0, 0] + to, n, g.shape[4])

@cython.locals(depth=int64_t, height=int64_t, width=int64_t, r=int64_t, n=int64_t, d=int64_t, h=int64_t, z=int64_t, y=int64_t, deep=int64_t, high=int64_t, row=int64_t, w=int64_t, v=int64_t, wide=int64_t, count=int64_t, at=int64_t)
cdef void max_pool(const real[:, :, :, :, ::1] x, real[:, :, :, :, ::1] out, int64_t size_d, int64_t size_h, int64_t size_w, int64_t stride_d, int64_t stride_h, int64_t stride_w, int64_t before_d, int64_t before_h, int64_t before_w, size_t start, size_t stop) noexcept nogil
@cython.locals(depth=int64_t, height=int64_t, width=int64_t, r=int64_t, n=int64_t, d=int64_t, h=int64_t, z=int64_t, y=int64_t, deep=int64_t, high=int64_t, row=int64_t, place=int64_t, w=int64_t, v=int64_t, wide=int64_t, count=int64_t, first=int64_t, at=int64_t, to=int64_t)
cdef void max_pool_with_places(const real[:, :, :, :, ::1] x, real[:, :, :, :, ::1] out, counted[:, :, :, :, ::1] places, int64_t size_d, int64_t size_h, int64_t size_w, int64_t stride_d, int64_t stride_h, int64_t stride_w, int64_t before_d, int64_t before_h, int64_t before_w, size_t start, size_t stop) noexcept nogil
@cython.locals(depth=int64_t, height=int64_t, width=int64_t, by_d=int64_t, by_h=int64_t, q=int64_t, paired=int64_t, few=bint, pairs=int64_t, r=int64_t, side=int64_t, n=int64_t, d=int64_t, h=int64_t, a=int64_t, b=int64_t, deep=int64_t, high=int64_t, row=int64_t, place=int64_t, e=int64_t, end=int64_t, w=int64_t, at=int64_t, to=int64_t, first=int64_t, wide=int64_t)
cdef void max_pool_gradient(const real[:, :, :, :, ::1] g, const counted[:, :, :, :, ::1] places, real[:, :, :, :, ::1] out, int64_t size_d, int64_t size_h, int64_t size_w, int64_t stride_d, int64_t stride_h, int64_t stride_w, int64_t before_d, int64_t before_h, int64_t before_w, size_t start, size_t stop) noexcept nogil
@cython.locals(depth=int64_t, height=int64_t, width=int64_t, r=int64_t, n=int64_t, d=int64_t, h=int64_t, z=int64_t, y=int64_t, deep=int64_t, high=int64_t, row=int64_t, w=int64_t, v=int64_t, wide=int64_t, count=int64_t, at=int64_t, to=int64_t)
cdef void average_pool(const real[:, :, :, :, ::1] x, real[:, :, :, :, ::1] out, int64_t size_d, int64_t size_h, int64_t size_w, int64_t stride_d, int64_t stride_h, int64_t stride_w, int64_t before_d, int64_t before_h, int64_t before_w, size_t start, size_t stop) noexcept nogil
@cython.locals(depth=int64_t, height=int64_t, width=int64_t, channels=int64_t, r=int64_t, n=int64_t, d=int64_t, h=int64_t, a=int64_t, b=int64_t, deep=int64_t, high=int64_t, z=int64_t, y=int64_t, inside=bint, rows=int64_t, row=int64_t, e=int64_t, end=int64_t, w=int64_t, at=int64_t, to=int64_t, v=int64_t, wide=int64_t, c=int64_t, total=double, i=int64_t, j=int64_t, k=int64_t)
cdef void average_pool_gradient(const real[:, :, :, :, ::1] g, real[:, :, :, :, ::1] out, int64_t size_d, int64_t size_h, int64_t size_w, int64_t stride_d, int64_t stride_h, int64_t stride_w, int64_t before_d, int64_t before_h, int64_t before_w, size_t start, size_t stop) noexcept nogil
