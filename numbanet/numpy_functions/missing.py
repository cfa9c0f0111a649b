"""NumPy's reductions that leave NaN out."""

from numbanet.core.checks import as_flag
from numbanet.numpy_functions import reductions
from numbanet.numpy_functions.adapters import adapts, no
from numbanet.ops import reduce
from numbanet.ops.elementwise import divide, isnan, logical_not, sqrt, square, where
from numbanet.tensor.tensor import asarray


def _without(a, other):
    """(`a` with `other` in place of NaN, where there was none)."""
    x = asarray(a)
    missing = isnan(x)
    return where(missing, asarray(other, x.dtype), x), logical_not(missing)


@adapts("nansum")
def nansum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True):
    """The sum of what is not NaN."""
    return reductions.sum(_without(a, 0)[0], axis, dtype, out, keepdims, initial, where)


@adapts("nanprod")
def nanprod(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True):
    """The product of what is not NaN."""
    return reductions.prod(_without(a, 1)[0], axis, dtype, out, keepdims, initial, where)


@adapts("nancumsum")
def nancumsum(a, axis=None, dtype=None, out=None):
    """Running totals of what is not NaN."""
    return reductions.cumsum(_without(a, 0)[0], axis, dtype, out)


@adapts("nancumprod")
def nancumprod(a, axis=None, dtype=None, out=None):
    """Running products of what is not NaN."""
    return reductions.cumprod(_without(a, 1)[0], axis, dtype, out)


def _extreme(name, compute, worst):
    def extreme(a, axis=None, out=None, keepdims=False, initial=None, where=True):
        no(name, out=out, initial=initial, where=where)
        x = asarray(a)
        if x.dtype.kind != "f":
            return compute(x, axis, keepdims=keepdims)
        filled, known = _without(x, worst)
        found = compute(filled, axis, keepdims=keepdims)
        return _where_known(reduce.any(known, axis=axis, keepdims=as_flag("keepdims", keepdims)), found)

    return adapts(name)(extreme)


def _where_known(known, found):
    return where(known, found, asarray(float("nan"), found.dtype, found.device))


nanmax = _extreme("nanmax", reductions.max, -float("inf"))
nanmin = _extreme("nanmin", reductions.min, float("inf"))


@adapts("nanmean")
def nanmean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    """The mean of what is not NaN."""
    no("nanmean", out=out, where=where)
    filled, known = _without(asarray(a) if dtype is None else asarray(a).astype(dtype), 0)
    kept = reductions.keeps(keepdims)
    return divide(reduce.sum(filled, axis=axis, keepdims=kept), reduce.sum(known, axis=axis, keepdims=kept))


@adapts("nanvar")
def nanvar(
    a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=None
):  # fmt: skip
    """The variance of what is not NaN."""
    no("nanvar", out=out, where=where, mean=mean)
    x = asarray(a) if dtype is None else asarray(a).astype(dtype)
    kept = reductions.keeps(keepdims)
    centred, known = _without(x - nanmean(x, axis, keepdims=True), 0)
    lost = correction if reductions.given(correction) else ddof
    count = reduce.sum(known, axis=axis, keepdims=kept) - lost
    found = divide(reduce.sum(square(centred), axis=axis, keepdims=kept), count)
    return _where_known(count > 0, found)


@adapts("nanstd")
def nanstd(
    a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=None
):  # fmt: skip
    """The standard deviation of what is not NaN."""
    return sqrt(nanvar(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction))
