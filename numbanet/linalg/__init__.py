"""Linear algebra: systems, inverses, determinants, factors, eigenvalues, singular values, norms.

The names are those of the `linalg` extension of the Python array API standard, of `numpy.linalg` and of Keras 3's
`keras.ops.linalg`. LAPACK computes, through NumPy, on the host: where operands are on a GPU, they are copied there and
the results back, and a step with one of these functions in it is run operation by operation, not replayed. All have
gradients of any order where mathematics has them, and take batches: the matrices are in the last two dimensions.

Results are float32 or float64, as the operands are; integers become float32.

Examples
--------
>>> import numbanet as nn
>>> a = nn.asarray([[2.0, 1.0], [1.0, 3.0]])
>>> nn.linalg.solve(a, [3.0, 4.0])
Tensor([1., 1.], shape=(2,), dtype=float32)
>>> nn.grad(lambda a: nn.linalg.slogdet(a).logabsdet)(a)
Tensor([[ 0.6, -0.2],
        [-0.2,  0.4]], shape=(2, 2), dtype=float32)
"""

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.errors import LinAlgError
from numbanet.linalg.determinants import SlogdetResult as SlogdetResult
from numbanet.linalg.determinants import det, slogdet
from numbanet.linalg.factors import QRResult as QRResult
from numbanet.linalg.factors import cholesky, qr
from numbanet.linalg.norms import cond, matrix_norm, norm, vector_norm
from numbanet.linalg.products import cross, diagonal, multi_dot, outer, trace
from numbanet.linalg.solving import (
    cholesky_inverse,
    inv,
    lstsq,
    matrix_power,
    pinv,
    solve,
    solve_triangular,
)
from numbanet.linalg.spectral import EighResult as EighResult
from numbanet.linalg.spectral import SVDResult as SVDResult
from numbanet.linalg.spectral import eigh, eigvalsh, matrix_rank, svd, svdvals
from numbanet.ops.linalg import matmul, tensordot, vecdot
from numbanet.ops.shaping import matrix_transpose

__all__ = [
    "LinAlgError", "cholesky", "cholesky_inverse", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv",
    "lstsq", "matmul", "matrix_norm", "matrix_power", "matrix_rank", "matrix_transpose", "multi_dot", "norm", "outer",
    "pinv", "qr", "slogdet", "solve", "solve_triangular", "svd", "svdvals", "tensordot", "trace", "vecdot",
    "vector_norm",
]  # fmt: skip

_MISSING = {
    "eig": "eigenvalues may be complex, which no dtype here holds; nn.linalg.eigh is for symmetric matrices",
    "eigvals": "eigenvalues may be complex, which no dtype here holds; nn.linalg.eigvalsh is for symmetric matrices",
    "lu_factor": "NumPy gives no LU factors; nn.linalg.solve, det and slogdet use them",
}


if not TYPE_CHECKING:  # type checkers know the names, and would take any other for one
    __getattr__, __dir__ = only("nn.linalg", __all__, _MISSING)
