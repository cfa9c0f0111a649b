"""Calls of NumPy's functions, by their names behind `np.`: what tensors give is compared with what arrays give."""

import numpy as np

_RNG = np.random.default_rng(0)


def _distinct(*shape):
    """Numbers that are apart from each other, from zero and from halves: every function has a derivative there."""
    n = int(np.prod(shape))
    return _RNG.permutation(n).reshape(shape) * 0.37 + 0.21 - 0.18 * n


M, N, V, W, C = _distinct(3, 4), _distinct(3, 4), _distinct(5), _distinct(5), _distinct(2, 3, 4)
S, T, P = _distinct(4, 4), _distinct(4, 2), np.abs(_distinct(3, 4)) + 0.1
R = np.array([[2.0, 0.3, -0.4], [0.1, -3.0, 0.6], [0.5, 0.2, 4.5]])
D = R @ R.T + np.eye(3)
R2 = np.stack([R, R + 0.2 * np.arange(9).reshape(3, 3)])
Q = N[0] * (np.arange(3)[:, None] + 0.4)
U = np.linspace(-0.9, 0.85, 5)
HOLES = np.where(np.arange(12).reshape(3, 4) % 5 == 0, np.nan, M)
WHOLE = np.array([[3, 0, 2], [5, 0, 1]])
MASK = np.array([True, False, True])


class Call:
    """One call: the arguments of `np.name`; those that are arrays become tensors."""

    def __init__(self, *args, **options):
        self.args, self.options = args, options

    def names_float32(self):
        """Whether the result is too coarse for differences."""
        return any(isinstance(x, str) and x == "float32" for x in (*self.args, *self.options.values()))


class Flat(Call):
    """A call whose result does not depend on its floats: nothing can be differentiated."""


def _unary(*names, x=V):
    return {name: [Call(x)] for name in names}


def _pairs(*names, x=M, y=N[0]):
    return {name: [Call(x, y)] for name in names}


_AXES = [Call(M), Call(M, axis=0), Call(C, axis=(0, 2)), Call(M, axis=1, keepdims=True), Call(C, -1), Call(WHOLE)]
_POSITIVE = ("sqrt", "log", "log2", "log10", "log1p")
_UNIT = ("arcsin", "arccos", "arctanh", "asin", "acos", "atanh")
_PLAIN = (
    "absolute", "abs", "fabs", "arctan", "arcsinh", "atan", "asinh", "ceil", "conj", "conjugate", "cos", "cosh", "exp",
    "expm1", "floor", "negative", "positive", "reciprocal", "rint", "sign", "sin", "sinh", "square", "tan", "tanh",
    "trunc", "deg2rad", "radians", "rad2deg", "degrees", "exp2", "cbrt", "fix", "real", "imag", "copy", "real_if_close",
    "sinc", "modf", "isnan", "isinf", "isfinite", "signbit", "logical_not", "spacing", "iscomplex", "isreal",
    "isneginf", "isposinf", "argwhere", "flatnonzero", "nonzero", "frexp", "array_repr", "array_str", "array2string",
    "iscomplexobj", "isrealobj", "common_type", "shape", "ndim", "zeros_like", "ones_like", "unique_all",
    "unique_counts", "unique_inverse", "unique_values", "atleast_1d", "atleast_2d", "atleast_3d", "nan_to_num",
    "diagflat", "linspace",
)  # fmt: skip
_TWO = (
    "add", "subtract", "multiply", "divide", "true_divide", "maximum", "minimum",
    "arctan2", "atan2", "hypot", "logaddexp", "logaddexp2", "copysign", "nextafter", "equal", "not_equal", "less",
    "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_xor", "fmax", "fmin",
    "heaviside", "isclose", "allclose", "array_equal", "array_equiv", "isin", "intersect1d", "setdiff1d", "setxor1d",
    "union1d", "append", "cov", "corrcoef", "broadcast_arrays", "may_share_memory", "shares_memory",
)  # fmt: skip
_BITS = (
    "bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift", "bitwise_left_shift",
    "bitwise_right_shift", "gcd", "lcm",
)  # fmt: skip
CALLS = {
    **_unary(*_PLAIN), **_unary(*_POSITIVE, x=P), **_unary(*_UNIT, x=U), **_unary("arccosh", "acosh", x=P + 1.5),
    **_pairs(*_TWO), **_pairs(*_BITS, x=WHOLE, y=np.array([1, 0, 3])),
    **_pairs("floor_divide", "remainder", "mod", "fmod", "divmod", x=Q, y=N[0]),
    "polyval": [Call(V, M), Call(V[:1], 2.0)],
    **_pairs("power", "pow", "float_power", x=P, y=N[0]),
    **_unary("bitwise_count", "invert", "bitwise_not", "bitwise_invert", x=WHOLE), "isnat": [],
    **dict.fromkeys(("sum", "prod", "mean", "max", "min", "amax", "amin", "std", "var", "any", "all"), _AXES),
    **dict.fromkeys(("ptp", "median"), _AXES[:5]),
    **{name: [Call(M), Call(M, axis=0), Call(C, axis=1, keepdims=True)] for name in ("argmax", "argmin")},
    "count_nonzero": [Call(WHOLE), Call(WHOLE, axis=1, keepdims=True)],
    "average": [Call(M), Call(M, axis=1, weights=P[0]), Call(M, weights=P, returned=True), Call(M, 0, returned=True)],
    **{name: [Call(HOLES), Call(HOLES, axis=0), Call(HOLES, axis=1, keepdims=True)]
       for name in ("nansum", "nanprod", "nanmax", "nanmin", "nanmean", "nanvar", "nanstd")},
    **{name: [Call(HOLES), Call(HOLES, axis=1)] for name in ("nanargmax", "nanargmin", "nancumsum", "nancumprod")},
    **{name: [Call(M), Call(M, axis=1), Call(C, 0)] for name in ("cumsum", "cumprod")},
    **{name: [Call(V), Call(M, axis=0), Call(M, axis=1, include_initial=True)]
       for name in ("cumulative_sum", "cumulative_prod")},
    **{name: [Call(M), Call(M, axis=0), Call(M, axis=None)] for name in ("sort", "argsort")},
    "partition": [Call(V, 2)], "argpartition": [Call(np.sort(V), 2)],
    "quantile": [Call(M, 0.3), Call(M, 0.3, axis=1), Call(C, [0.0, 0.25, 1.0], axis=(0, 1), keepdims=True)],
    "percentile": [Call(M, 30), Call(M, [0, 25, 100], axis=0)],
    "trapezoid": [Call(M), Call(M, dx=0.5, axis=0), Call(V, np.sort(W)), Call(M, np.sort(N, 0), axis=0)],
    "reshape": [Call(M, (2, -1)), Call(M, (4, 3), order="F"), Call(C, -1, order="F")],
    "ravel": [Call(C), Call(C, order="F")],
    "transpose": [Call(C), Call(C, (1, 0, 2))], "permute_dims": [Call(C), Call(C, axes=(1, 0, 2))],
    "matrix_transpose": [Call(C)], "linalg.matrix_transpose": [Call(C)],
    "swapaxes": [Call(C, 0, 2), Call(C, -1, 1)], "moveaxis": [Call(C, 0, -1), Call(C, [0, 1], [2, 0])],
    "rollaxis": [Call(C, a, s) for a in (0, 1, 2, -1) for s in (0, 1, 2, 3, -1)] + [Call(C, 2)],
    "expand_dims": [Call(M, 1), Call(M, (0, -1))], "squeeze": [Call(M[None]), Call(M[None, :, None], axis=0)],
    "broadcast_to": [Call(V, (2, 5))], "meshgrid": [Call(V, W), Call(V, W, indexing="ij")],
    "flip": [Call(C), Call(C, 1), Call(C, axis=(0, 2))], "fliplr": [Call(M)], "flipud": [Call(M)],
    "rot90": [Call(M, k) for k in (-1, 0, 1, 2, 3, 4)] + [Call(C, 1, (2, 0))],
    "roll": [Call(M, 3), Call(M, 1, 0), Call(M, (1, -1), axis=(0, 1))],
    "tile": [Call(M, 2), Call(V, (2, 2))], "repeat": [Call(M, 2), Call(M, 2, axis=1), Call(V, [0, 1, 2, 0, 1])],
    "resize": [Call(M, (2, 10)), Call(V, 3)],
    "pad": [Call(M, 1), Call(M, ((1, 0), (2, 1)), constant_values=7.0), Call(V, 2, "edge"), Call(M, (1, 2), "reflect"),
            Call(M, 1, mode="wrap"), Call(M, 2, mode="symmetric"), Call(M, {0: 1, -1: (0, 2)})],
    **{name: [Call((M, N)), Call([M, N], axis=1), Call([M, V], axis=None), Call((M, N), dtype="float32")]
       for name in ("concatenate", "concat")},
    "stack": [Call([M, N]), Call((M, N), -1)],
    "vstack": [Call([V, W]), Call((M, N))], "hstack": [Call([V, W]), Call((M, N)), Call([1.0, V])],
    "dstack": [Call([M, N]), Call([V, W])], "column_stack": [Call([V, W]), Call([V, S[:1].repeat(5, 0)])],
    "block": [Call([[M, N], [N, M]]), Call([V, W]), Call(M), Call([[1.0, V], [V, 2.0]])],
    "split": [Call(M, 2, axis=1), Call(V, [1, 3]), Call(M, [1])],
    "array_split": [Call(V, 3), Call(V, [2]), Call(M, 3, axis=1)],
    "hsplit": [Call(M, 2), Call(V, [2])], "vsplit": [Call(S, 2)], "dsplit": [Call(C, 2)],
    "unstack": [Call(M), Call(M, axis=1)], "tril": [Call(M), Call(M, 1)], "triu": [Call(C), Call(M, k=-1)],
    "diag": [Call(V), Call(M), Call(V, 2), Call(V, -1), Call(M, 1), Call(M, -1), Call(WHOLE)],
    "diagonal": [Call(M), Call(M, 1), Call(C, -1, 2, 0), Call(C, offset=1, axis1=1, axis2=2)],
    "trace": [Call(M), Call(C, 1, 2, 0), Call(S, offset=-1, dtype="float32"), Call(WHOLE)],
    "linalg.diagonal": [Call(C), Call(C, offset=1)], "linalg.trace": [Call(C), Call(C, offset=-1)],
    "take": [Call(M, [1, 5]), Call(M, [[0, -1]], axis=1), Call(M, 2), Call(V, [7, -9], mode="wrap"),
             Call(V, [7, -9], mode="clip")],
    "take_along_axis": [Call(M, np.argsort(M)), Call(M, np.argsort(M, 0), 0), Call(M, np.array([1, 7]), None)],
    "compress": [Call(MASK, M, 0), Call(MASK, M)], "extract": [Call(M > 0, M)],
    "delete": [Call(V, 1), Call(M, [0, 2], axis=1), Call(M, slice(0, 2), 0), Call(M, 3)],
    "diff": [Call(V), Call(M, 2), Call(M, 1, 0), Call(V, prepend=0.5), Call(M, axis=0, append=N[:1])],
    "ediff1d": [Call(M), Call(V, 9.0, [1.0, 2.0])],
    "select": [Call([M > 1, M > 0], [M, N], 0.5)],
    "where": [Call(M > 0, M, N), Call(WHOLE, 1.5, 2.5), Call(M > 0)],
    "clip": [Call(M, -1, 1), Call(M, None, 0.5), Call(M, min=-0.5), Call(M, N - 1, N + 1)],
    "round": [Call(M), Call(M * 1.237, 1), Call(M * 123.7, -1)], "around": [Call(M * 1.237, 1)],
    "astype": [Call(M, "float32")],
    "interp": [Call(V * 1.1 + 0.05, np.sort(W), W), Call(V * 1.1, np.sort(W), W, -1.0, 9.0),
               Call(WHOLE, np.array([-0.5, 2.5]), V[:2]), Call(V, np.array([0.5]), np.array([3.0]))],
    "dot": [Call(M, T), Call(V, W), Call(2.0, M)], "vdot": [Call(M, N)],
    "inner": [Call(M, N), Call(V, W), Call(M, 2.0)],
    "outer": [Call(V, W), Call(M, V)], "linalg.outer": [Call(V, W)],
    "matmul": [Call(M, T), Call(C, T)], "linalg.matmul": [Call(M, T)],
    "matvec": [Call(C, T[:, 0])], "vecmat": [Call(M[0, :3], C)],
    "tensordot": [Call(C, N.reshape(3, 4)), Call(M, N, ([0, 1], [0, 1])), Call(M, N, axes=0)],
    "linalg.tensordot": [Call(C, N)], "vecdot": [Call(M, N)], "linalg.vecdot": [Call(M, N), Call(M, N, axis=0)],
    "einsum": [Call("ij,jk->ik", M, T), Call("ij->j", M, optimize=True)],
    "einsum_path": [Call("ij,jk,k->i", M, T, T[0])],
    "kron": [Call(M, N[:2, :2]), Call(V, W), Call(M, V)],
    "cross": [Call(M[:, :3], N[:, 1:]), Call(M, N, axis=0), Call(M[0, :3], N[:, :3])],
    "linalg.cross": [Call(M[:, :3], N[:, :3])], "linalg.multi_dot": [Call([M, S, T])],
    "linalg.matrix_power": [Flat(S, 0), Call(S, 1), Call(S, 2), Call(S, 5), Call(R2, -3)],
    **{f"linalg.{name}": [Call(R), Call(R2)] for name in ("inv", "det", "slogdet", "svdvals")},
    "linalg.solve": [Call(R, V[:3]), Call(R2, T[:3]), Call(R, R2)],
    "linalg.cholesky": [Call(D), Call(D + np.triu(R, 1)), Call(D, upper=True)],
    "linalg.eigh": [Call(D), Call(D + np.triu(R, 1)), Call(D, "U")],
    "linalg.eigvalsh": [Call(D), Call(D + np.triu(R, 1)), Call(D, UPLO="u")],
    "linalg.svd": [Call(R), Call(M, False), Call(M, compute_uv=False), Call(D, hermitian=True),
                   Call(R2 + np.swapaxes(R2, 1, 2), True, False, True)],
    "linalg.qr": [Call(R), Call(T), Call(T.T, "complete"), Call(M, mode="r")],
    "linalg.pinv": [Call(R2), Call(T), Call(T, 1e-9), Call(D, hermitian=True), Call(T, rtol=None)],
    "linalg.lstsq": [Call(R, V[:3]), Call(T, S[:, 1:]), Call(T, M[0], -1), Call(M, V[:3], 1e-9)],
    "linalg.cond": [Call(R2), Call(T), Call(R, 1), Call(R, "nuc"), Call(R, -2), Call(R, np.inf)],
    "linalg.tensorsolve": [Call(S.reshape(2, 2, 2, 2) + 30 * np.eye(4).reshape(2, 2, 2, 2), T[:2]),
                           Call(np.moveaxis(R.reshape(3, 3, 1), 1, 0), V[:3], (0,))],
    "linalg.tensorinv": [Call((S + 30 * np.eye(4)).reshape(2, 2, 4), 2), Call(R, ind=1)],
    "linalg.norm": [Call(V), Call(M), Call(M, keepdims=True), Call(V, 1), Call(V, 3), Call(V, np.inf), Call(V, -np.inf),
                    Flat(V, 0), Call(M, axis=1), Call(M, "fro"), Call(M, 1), Call(M, -1), Call(M, np.inf),
                    Call(M, -np.inf), Call(C, 1, axis=(0, 2)), Call(C, np.inf, (2, 0), True), Call(M, 1, 0),
                    Call(M, 2), Call(M, "nuc"), Call(C, -2, (0, 2), True)],
    "linalg.vector_norm": [Call(C), Call(C, axis=(0, 2), ord=1), Call(M, axis=-1, keepdims=True, ord=np.inf)],
    "linalg.matrix_norm": [Call(C), Call(C, ord=1, keepdims=True), Call(C, ord="nuc")],
    **{f"fft.{name}": [Call(V), Call(C), Call(C, (0, 2)), Call(M, axes=1)] for name in ("fftshift", "ifftshift")},
    "vander": [Call(V), Call(V, 3, increasing=True)],
    "size": [Call(M), Call(M, 1)], "digitize": [Call(V, np.array([-1.0, 0.0, 1.0]))],
    "searchsorted": [Call(np.sort(V), W), Call(np.sort(V), W, "right")],
    "lexsort": [Call((V, W))], "ravel_multi_index": [Call((np.array([0, 1]), np.array([2, 2])), (3, 4))],
    "unravel_index": [Call(np.array([1, 7]), (3, 4))],
    **_unary("diag_indices_from", "tril_indices_from", "triu_indices_from", x=S),
    "ix_": [Call(np.array([0, 1]), np.array([2, 3]))], "bincount": [Call(WHOLE.ravel())],
    "histogram": [Call(M), Call(M, 3, (-1, 1))], "histogram2d": [Call(V, W)], "histogramdd": [Call(T)],
    "histogram_bin_edges": [Call(V)], "linalg.matrix_rank": [Call(M), Call(V), Call(C, 0.5), Call(C, rtol=0.3)],
    "packbits": [Call(np.array([1, 0, 1], np.uint8))], "unpackbits": [Call(np.array([7], np.uint8))],
    "min_scalar_type": [Call(WHOLE)], "unique": [Call(WHOLE), Call(WHOLE, return_counts=True)],
    "empty_like": [], "full_like": [Call(M, 3.0), Call(M, 3, dtype="int8", shape=(2,))],
    "result_type": [Call(M, "float32")], "can_cast": [Call(np.dtype("int8"), "int16")],
    "save": [], "savetxt": [], "savez": [], "savez_compressed": [],
    "linspace": [Call(V, W, 4), Call(0.0, V, 3, axis=-1), Call(V, W, 4, endpoint=False), Call(V, W, 3, retstep=True)],
}  # fmt: skip
