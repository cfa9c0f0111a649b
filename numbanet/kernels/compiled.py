"""Compiling a body with Numba: from plain Python and operand types to object code with one C function, `kernel`.

Every compiled kernel is `void kernel(uintptr_t *block, size_t start, size_t stop)`. The block holds 64-bit words: for
an array its address, its shape, and its strides in bytes unless it is contiguous; for a number its bits as int64 or
double. `compile_body` compiles the untouched body and adds the few instructions that unpack the block. The body is
private to that function, so that it is optimised and written once, inlined.

This module imports Numba, so it is itself imported when a kernel is missing from the cache, and not before.
"""

import contextlib
import functools
import gc

import numpy as np
from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.core.codegen import AOTCodeLibrary, JITCPUCodegen
from numba.core.compiler import Compiler, Flags, compile_extra
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.np import numpy_support
from numba.np.arrayobj import populate_array

from numbanet.kernels.machine_code import ENTRY
from numbanet.kernels.vectors import FLOAT32

WORD = ir.IntType(64)


class _Library(AOTCodeLibrary):
    """A module on its way to object code."""

    def _optimize_functions(self, ll_module):
        """Nothing yet: one function is left in the end, which is optimised once."""
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self):
        for value in [*self._final_module.functions, *self._final_module.global_variables]:
            if not value.is_declaration and value.name != ENTRY:
                value.linkage = binding.Linkage.internal
        super()._optimize_final_module()


class _Codegen(JITCPUCodegen):
    """Generates code for this processor, and keeps it in libraries: Numba's engine never sees it."""

    _library_class = _Library  # type: ignore[assignment]

    def _add_module(self, module):
        pass


@functools.cache
def _contexts():
    """Numba's typing context, and its target context with our code generator."""
    typing, target = cpu_target.typing_context, cpu_target.target_context
    typing.refresh()
    target.refresh()
    return typing, target.subtarget(_internal_codegen=_Codegen("numbanet"))


def _flags(reassociate):
    options = {"error_model": "numpy", "boundscheck": False}
    if reassociate:
        options["fastmath"] = {"reassoc", "contract", "nsz"}  # never nnan or ninf: NaN must stay NaN
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
def compile_kernel(kernel, operands):
    """The object code of a kernel for one tuple of operands.

    Parameters
    ----------
    kernel : Kernel
    operands : tuple
        `(dtype, ndim, contiguous)` for an array, `"int64"`, `"float32"` or `"float64"` for a number.

    Returns
    -------
    bytes
    """
    reals = {operand[0] for operand in operands if not isinstance(operand, str) and operand[0][1] == "f"}
    body = FLOAT32.get(kernel.body, kernel.body) if reals == {np.dtype(np.float32).str} else kernel.body
    arguments = (*map(_operand_type, operands), types.uintp, types.uintp)
    typing, target = _contexts()
    compiled = compile_extra(
        typing, target, body, arguments, types.void, _flags(kernel.reassociate), {}, pipeline_class=Compiler
    )
    library = compiled.library
    module = library.create_ir_module(ENTRY)
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [WORD.as_pointer(), WORD, WORD]), ENTRY)
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    _unpack_and_call(builder, compiled, arguments, *function.args)
    library.add_ir_module(module)
    return library.emit_native_object()


def _operand_type(operand):
    if isinstance(operand, str):
        return getattr(types, operand)
    dtype, ndim, contiguous = operand
    return types.Array(numpy_support.from_dtype(np.dtype(dtype)), ndim, "C" if contiguous else "A")


def _unpack_and_call(builder, compiled, arguments, block, start, stop):
    context, position = compiled.target_context, 0

    def next_word():
        nonlocal position
        word = builder.load(builder.gep(block, [WORD(position)]))
        position += 1
        return word

    values = []
    for operand in arguments[:-2]:
        if isinstance(operand, types.Array):
            values.append(_unpack_array(builder, context, operand, next_word))
        elif isinstance(operand, types.Float):
            number = builder.bitcast(next_word(), ir.DoubleType())
            values.append(builder.fptrunc(number, ir.FloatType()) if operand.bitwidth == 32 else number)
        else:
            values.append(next_word())
    convention = context.call_conv
    body_type = convention.get_function_type(types.void, arguments)
    body = cgutils.get_or_insert_function(builder.module, body_type, compiled.fndesc.llvm_func_name)
    convention.call_function(builder, body, types.void, arguments, [*values, start, stop])
    builder.ret_void()


def _unpack_array(builder, context, array_type, next_word):
    result = cgutils.create_struct_proxy(array_type)(context, builder)
    itemsize = WORD(context.get_abi_sizeof(context.get_data_type(array_type.dtype)))
    data = builder.inttoptr(next_word(), result.data.type)
    shape = [next_word() for _ in range(array_type.ndim)]
    if array_type.layout == "C":
        strides = [itemsize]
        for size in reversed(shape[1:]):
            strides.insert(0, builder.mul(strides[0], size))
    else:
        strides = [next_word() for _ in range(array_type.ndim)]
    populate_array(result, data=data, shape=shape, strides=strides, itemsize=itemsize, meminfo=None)
    return result._getvalue()
