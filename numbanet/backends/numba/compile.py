"""Compiling a body with Numba: from plain Python and operand types to object code with the functions of `entries`.

The untouched body is compiled and private to them, so that it is optimised and written once, inlined into `kernel`.

This module imports Numba, so it is itself imported when a kernel is missing from the cache, and not before.
"""

import contextlib
import functools
import gc

import numpy as np
from llvmlite import binding
from numba.core import types
from numba.core.codegen import AOTCodeLibrary, JITCPUCodegen
from numba.core.compiler import Compiler, Flags, compile_extra
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.np import numpy_support

from numbanet.backends.numba.bodies import FLOAT32, FLOAT64, INTEGERS
from numbanet.backends.numba.entries import add_direct, add_kernel
from numbanet.backends.numba.machine_code import DIRECT, ENTRY

_TUNED = {np.dtype(np.float32).str: FLOAT32, np.dtype(np.float64).str: FLOAT64}


class _Library(AOTCodeLibrary):
    """A module on its way to object code."""

    def _optimize_functions(self, ll_module):
        """Nothing yet: one function is left in the end, which is optimised once."""
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self):
        for value in [*self._final_module.functions, *self._final_module.global_variables]:
            if not value.is_declaration and value.name not in (ENTRY, DIRECT):
                value.linkage = binding.Linkage.internal
        super()._optimize_final_module()


class _Codegen(JITCPUCodegen):
    """Generates code for this processor, and keeps it in libraries: Numba's engine never sees it."""

    _library_class = _Library  # type: ignore[assignment]  # Numba's own class is named there

    def _add_module(self, module):
        pass


@functools.cache
def _contexts():
    """Numba's typing context, and its target context with our code generator."""
    typing, target = cpu_target.typing_context, cpu_target.target_context
    typing.refresh()
    target.refresh()
    return typing, target.subtarget(_internal_codegen=_Codegen("numbanet"))


def _flags():
    options = {"error_model": "numpy", "boundscheck": False}
    flags = Flags()
    cpu_target.options.parse_as_flags(flags, options)
    flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
    flags.enable_pyobject = False
    flags.nrt = False  # no reference counts, nothing of Numba's runtime
    return flags


@contextlib.contextmanager
def _no_collection():
    """Put off Python's garbage collector: it walks Numba's many objects again and again, 85 ms each time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@global_compiler_lock
@_no_collection()
def compile_kernel(body, operands, flat):
    """The object code of a kernel for one tuple of operands.

    Parameters
    ----------
    body : Body
    operands : tuple
        `(dtype, ndim, contiguous)` for an array, `"int64"`, `"float32"` or `"float64"` for a number.
    flat : bool
        Whether `direct` is given arrays of any shape, all of n elements.

    Returns
    -------
    bytes
    """
    reals = [operand[0] for operand in operands if not isinstance(operand, str) and operand[0][1] == "f"]
    tuned = _TUNED[reals[0]] if reals else INTEGERS
    function = tuned.get(body.function, body.function)
    arguments = (*map(_operand_type, operands), types.uintp, types.uintp)
    typing, target = _contexts()
    compiled = compile_extra(typing, target, function, arguments, types.void, _flags(), {}, pipeline_class=Compiler)
    library = compiled.library
    module = library.create_ir_module(ENTRY)
    add_direct(module, add_kernel(module, compiled, arguments), arguments[:-2], flat)
    library.add_ir_module(module)
    return library.emit_native_object()


def _operand_type(operand):
    if isinstance(operand, str):
        return getattr(types, operand)
    dtype, ndim, contiguous = operand
    return types.Array(numpy_support.from_dtype(np.dtype(dtype)), ndim, "C" if contiguous else "A")
