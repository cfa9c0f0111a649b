"""NumPy's functions on tensors: importing this package fills the table of what `np.f(t)` calls.

Ufuncs are ops of the table. All others have an adapter here, with NumPy's own parameters and defaults, so that
`np.take(t, i)` flattens as it does for arrays, while `nn.take` follows the array API standard.
"""

from numbanet.numpy_functions import (
    algebra,
    decompositions,
    elementwise,
    joining,
    missing,
    picking,
    reductions,
    shapes,
    transforms,
    values,
)
from numbanet.numpy_functions.adapters import GRADIENT, KINDS, REFUSED, VALUES

__all__ = ["GRADIENT", "KINDS", "REFUSED", "VALUES", "algebra", "decompositions", "elementwise", "joining"]
__all__ += ["missing", "picking", "reductions", "shapes", "transforms", "values"]
