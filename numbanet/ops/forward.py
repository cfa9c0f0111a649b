"""The forward functions of elementwise ops: which dtypes the kernel gets, and the short way to it for small arrays."""

import numpy as np

from numbanet.backends.select import on_backend
from numbanet.core.context import context
from numbanet.core.dtypes import BOOL, promote, promote_to_compare, promote_to_float
from numbanet.core.settings import config
from numbanet.core.shapes import broadcast_shapes
from numbanet.errors import DTypeError
from numbanet.kernels.memory import device_of, empty, placed
from numbanet.kernels.threads import DIRECT_NS
from numbanet.launching.copies import converted

ARITHMETIC, FLOATING, COMPARISON, LOGICAL, SELECTION = "arithmetic", "floating", "comparison", "logical", "selection"
INTEGRAL = "integral"


class Forward:
    """The forward function of an elementwise op on NumPy arrays."""

    def __init__(self, name, kernel, rule, integers, integer_kernel=None):
        self.name, self.kernel, self.rule, self.integers = name, kernel, rule, integers
        self.integer_kernel = integer_kernel or kernel
        self._quick = {}

    def __call__(self, *arrays):
        """The op's result, by the short way where there is one: 0.9 us for two arrays of 1,000, 3.2 by the other."""
        first = arrays[0]
        shape, key = first.shape, [config.backend]
        for x in arrays:
            if type(x) is not np.ndarray:
                with placed(device_of(self.name, arrays)):
                    return self._run(arrays)
            key.append(x.dtype)
            if x.shape != shape or not x.flags.c_contiguous:
                return self._run(arrays)
        found = self._quick.get(tuple(key))
        if found is None or context.launches is not None:
            return self._run(arrays, key)
        n, (out_dtype, direct) = first.size, found
        if n * self.kernel.cost > DIRECT_NS:
            return self._run(arrays)
        out = np.empty(shape, out_dtype)
        direct(*arrays, out, n)
        return out

    def in_snapshots(self):
        """What a snapshot compares besides its identity: nothing, it only remembers where its kernels are."""
        return ()

    def _run(self, arrays, key=None):
        dtypes = tuple([x.dtype for x in arrays])
        wanted, out_dtype = self._resolve(dtypes)
        if out_dtype.kind != "f" and self.integers:
            if self.integers == "identity":
                return arrays[0]
            if callable(self.integers) and context.launches is None:  # else a trace has it checked of every step
                self.integers(*arrays)
        elif key and wanted == dtypes:
            direct = on_backend(lambda build: build.direct(self.kernel, (out_dtype, *wanted)))
            if direct is not None:
                self._quick[tuple(key)] = out_dtype, direct
        arrays = [converted(x, dtype) for x, dtype in zip(arrays, wanted, strict=True)]
        out = empty(broadcast_shapes(self.name, *[x.shape for x in arrays]), out_dtype)
        (self.kernel if out_dtype.kind == "f" else self.integer_kernel).map(out, *arrays)
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
