"""Hypothesis strategies for arrays: every dtype, shape and memory layout that an op must bear."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan]
DTYPES = {
    "f": [np.float32, np.float64],
    "i": [np.int8, np.int16, np.int32, np.int64],
    "u": [np.uint8, np.uint16, np.uint32, np.uint64],
    "b": [np.bool_],
}
LAYOUTS = ["contiguous", "transposed", "Fortran", "reversed", "step 2", "read-only"]
FOREIGN = ["unaligned", "big-endian"]
"""Layouts that functions take and kernels do not."""


def dtypes(kinds, without=()):
    """One dtype of the given kinds."""
    return st.sampled_from([np.dtype(t) for kind in kinds for t in DTYPES[kind] if t not in without])


def mixtures():
    """Dtypes to leave out: uint64 and signed integers have no common dtype, so one of them."""
    return st.sampled_from([[np.uint64], DTYPES["i"]])


def shapes(max_dims=5, max_side=4):
    """0-d, empty and size-one shapes among the others."""
    return hnp.array_shapes(min_dims=0, max_dims=max_dims, min_side=0, max_side=max_side)


def partners(count, max_dims=5, max_side=4):
    """`count` shapes that broadcast together."""
    if count == 1:
        return shapes(max_dims, max_side).map(lambda shape: (shape,))
    drawn = hnp.mutually_broadcastable_shapes(
        num_shapes=count, min_dims=0, max_dims=max_dims, min_side=0, max_side=max_side
    )
    return drawn.map(lambda result: result.input_shapes)


def elements(dtype, domain, ends=True):
    """Values of the domain; with NaN, infinities, signed zeros and the ends of the dtype if it has special ones."""
    if dtype.kind == "b":
        return st.booleans()
    if dtype.kind in "iu":
        low = max(int(np.ceil(domain.low)), 0 if dtype.kind == "u" else -100)
        return st.integers(low, max(low, int(domain.high)))
    ordinary = st.floats(domain.low, domain.high, width=dtype.itemsize * 8, allow_subnormal=False)
    if not domain.special:
        return ordinary
    return st.one_of(ordinary, st.sampled_from(SPECIAL), st.sampled_from(ends_of(dtype)) if ends else st.nothing())


def ends_of(dtype):
    """The smallest numbers of a floating dtype, denormal ones among them, and the largest, of both signs."""
    info = np.finfo(dtype)
    positive = [float(x) for x in (info.smallest_subnormal, info.tiny / 2, info.tiny, info.max)]
    return positive + [-x for x in positive]


@st.composite
def arrays(draw, shape, domain, kinds=None, layouts=LAYOUTS, without=(), ends=False):
    """An array of the shape, with values of the domain, in one of the layouts."""
    dtype = draw(dtypes(kinds or domain.kinds, without))
    low = np.float32(domain.low) if dtype.kind == "f" else domain.low
    domain = type(domain)(float(low), float(np.float32(domain.high)), domain.special, domain.kinds)
    values = draw(hnp.arrays(dtype, shape, elements=elements(dtype, domain, ends)))
    return laid_out(values, draw(st.sampled_from(layouts)))


def laid_out(values, layout):
    """The same values in another memory layout."""
    if layout == "transposed":
        return np.ascontiguousarray(values.T).T if values.ndim else values
    if layout == "Fortran":
        return np.array(values, order="F")
    if layout == "unaligned":
        held = np.zeros(values.nbytes + 1, np.uint8)
        shifted = held[1:].view(values.dtype).reshape(values.shape)
        shifted[...] = values
        return shifted
    if layout == "big-endian":
        return values.astype(values.dtype.newbyteorder(">"))
    if layout == "reversed" and values.ndim:
        return values[::-1].copy()[::-1]
    if layout == "step 2" and values.ndim:
        wide = np.zeros((*values.shape[:-1], values.shape[-1] * 2), values.dtype)
        wide[..., ::2] = values
        return wide[..., ::2]
    if layout == "read-only":
        values = values.copy()
        values.flags.writeable = False
    return values
