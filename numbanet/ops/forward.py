"""The forward functions of elementwise ops: which dtypes the kernel gets."""

from numbanet.core.context import context
from numbanet.core.dtypes import BOOL, promote, promote_to_compare, promote_to_float
from numbanet.core.shapes import broadcast_shapes
from numbanet.errors import DTypeError
from numbanet.kernels.memory import empty
from numbanet.launching.copies import converted
from numbanet.launching.elementwise import Elementwise

ARITHMETIC, FLOATING, COMPARISON, LOGICAL, SELECTION = "arithmetic", "floating", "comparison", "logical", "selection"
INTEGRAL = "integral"


class Forward(Elementwise):
    """The forward function of an elementwise op on arrays."""

    def __init__(self, name, kernel, rule, integers, integer_kernel=None):
        super().__init__(name, kernel)
        self.rule, self.integers = rule, integers
        self.integer_kernel = integer_kernel or kernel

    def launch(self, arrays, key=None):
        dtypes = tuple([x.dtype for x in arrays])
        wanted, out_dtype = self._resolve(dtypes)
        kernel = self.kernel if wanted[-1].kind == "f" else self.integer_kernel  # a comparison of floats is a bool
        if out_dtype.kind != "f" and self.integers:
            if self.integers == "identity":
                return arrays[0]
            if callable(self.integers) and context.launches is None:  # otherwise a trace has it checked of every step
                self.integers(*arrays)
        elif key and wanted == dtypes and kernel is self.kernel:
            self.remember(key, (out_dtype, *wanted))
        arrays = [converted(x, dtype) for x, dtype in zip(arrays, wanted, strict=True)]
        out = empty(broadcast_shapes(self.name, *[x.shape for x in arrays]), out_dtype)
        kernel.map(out, *arrays)
        return out

    def _resolve(self, dtypes):
        """(the dtypes that the kernel gets, the dtype of the result)."""
        name, rule, count = self.name, self.rule, len(dtypes)
        if rule == LOGICAL:  # true or false is the same after a conversion, and there are eleven kernels, not 121
            return dtypes if dtypes.count(dtypes[0]) == count else (BOOL,) * count, BOOL
        if rule == SELECTION:
            if dtypes[0] != BOOL:
                raise DTypeError(f"{name}: the condition must be bool, got {dtypes[0]}; compare first")
            common = promote(name, *dtypes[1:])
            return (BOOL, *[common] * (count - 1)), common
        if rule == COMPARISON:
            common = promote_to_compare(name, *dtypes)
        else:
            common = promote_to_float(name, *dtypes) if rule == FLOATING else promote(name, *dtypes)
        if rule == INTEGRAL and common.kind == "f":
            raise DTypeError(f"{name}: defined for integers alone, got {' and '.join(map(str, dtypes))}")
        if common == BOOL and self.integers == "not bool":
            raise DTypeError(f"{name}: not defined for booleans; use logical ops or astype first")
        return (common,) * count, BOOL if rule == COMPARISON else common
