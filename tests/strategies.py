"""Hypothesis strategies for arrays: every dtype, shape and memory layout that an op must bear."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan]
DTYPES = {
    "f": [np.float32, np.float64],
    "i": [np.int8, np.int32, np.int64],
    "u": [np.uint8, np.uint32],
    "b": [np.bool_],
}
LAYOUTS = ["contiguous", "transposed", "reversed", "step 2", "read-only"]


def dtypes(kinds):
    """One dtype of the given kinds."""
    return st.sampled_from([np.dtype(t) for kind in kinds for t in DTYPES[kind]])


def shapes(max_dims=3, max_side=4):
    """0-d, empty and size-one shapes among the others."""
    return hnp.array_shapes(min_dims=0, max_dims=max_dims, min_side=0, max_side=max_side)


def partners(count, max_dims=3, max_side=4):
    """`count` shapes that broadcast together."""
    if count == 1:
        return shapes(max_dims, max_side).map(lambda shape: (shape,))
    drawn = hnp.mutually_broadcastable_shapes(
        num_shapes=count, min_dims=0, max_dims=max_dims, min_side=0, max_side=max_side
    )
    return drawn.map(lambda result: result.input_shapes)


def elements(dtype, domain):
    """Values of the domain, with NaN, infinities and signed zeros if it has them."""
    if dtype.kind == "b":
        return st.booleans()
    if dtype.kind in "iu":
        low = max(int(np.ceil(domain.low)), 0 if dtype.kind == "u" else -100)
        return st.integers(low, max(low, int(domain.high)))
    ordinary = st.floats(domain.low, domain.high, width=dtype.itemsize * 8, allow_subnormal=False)
    return st.one_of(ordinary, st.sampled_from(SPECIAL)) if domain.special else ordinary


@st.composite
def arrays(draw, shape, domain, kinds=None, layouts=LAYOUTS):
    """An array of the shape, with values of the domain, in one of the layouts."""
    dtype = draw(dtypes(kinds or domain.kinds))
    low = np.float32(domain.low) if dtype.kind == "f" else domain.low
    domain = type(domain)(float(low), float(np.float32(domain.high)), domain.special, domain.kinds)
    values = draw(hnp.arrays(dtype, shape, elements=elements(dtype, domain)))
    return laid_out(values, draw(st.sampled_from(layouts)))


def laid_out(values, layout):
    """The same values in another memory layout."""
    if layout == "transposed":
        return np.ascontiguousarray(values.T).T if values.ndim else values
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
