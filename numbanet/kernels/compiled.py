"""Compiling a body: one kernel per combination of operand types, behind one C signature, cached on disk.

Every compiled kernel is `void kernel(uintptr_t *block, size_t start, size_t stop)`. The block holds 64-bit words: for
an array its address, its shape, and its strides in bytes unless it is contiguous; for a number its bits as int64 or
double. `CompiledKernel` compiles the untouched body and adds the few instructions that unpack the block, in one
library, so that what is cached is a leaf: loading it from disk takes 1.3 ms, compiling it 50 to 200.
"""

import os

from llvmlite import ir
from numba.core import ccallback, cgutils, types
from numba.core.compiler import Compiler
from numba.core.compiler_lock import global_compiler_lock
from numba.core.dispatcher import _FunctionCompiler
from numba.np import numpy_support
from numba.np.arrayobj import populate_array

WORD = ir.IntType(64)

if hasattr(os, "register_at_fork"):  # a child forked while another thread compiles would wait for it for ever
    os.register_at_fork(
        before=global_compiler_lock.acquire,
        after_in_parent=global_compiler_lock.release,
        after_in_child=global_compiler_lock.release,
    )


class _BodyCompiler(_FunctionCompiler):
    """Compiles a body without wrappers, and leaves its library open for the one that `CompiledKernel` adds."""

    def _customize_flags(self, flags):
        flags.no_cpython_wrapper = True
        flags.no_cfunc_wrapper = True
        flags.no_compile = True
        flags.enable_pyobject = False
        return flags


class CompiledKernel(ccallback.CFunc):
    """A body compiled for one tuple of operand types, callable as `address(block, start, stop)`."""

    def __init__(self, body, reassociate, operand_types, cache):
        options = {"nogil": True, "error_model": "numpy", "boundscheck": False}
        if reassociate:
            options["fastmath"] = {"reassoc", "contract", "nsz"}  # never nnan or ninf: NaN must stay NaN
        signature = (*operand_types, types.uintp, types.uintp)
        super().__init__(body, (signature, types.void), {}, options)
        self._compiler = _BodyCompiler(body, self._targetdescr, options, {}, Compiler)
        self._cache = cache
        self.compile()

    def _compile_uncached(self):
        compiled = self._compiler.compile(self._sig.args, self._sig.return_type)
        library, description = compiled.library, compiled.fndesc
        module = library.create_ir_module(description.unique_name)
        launch_type = ir.FunctionType(ir.VoidType(), [WORD.as_pointer(), WORD, WORD])
        function = ir.Function(module, launch_type, description.llvm_cfunc_wrapper_name)
        builder = ir.IRBuilder(function.append_basic_block("entry"))
        self._unpack_and_call(builder, compiled.target_context, description.llvm_func_name, *function.args)
        library.add_ir_module(module)
        library.finalize()
        return compiled

    def _unpack_and_call(self, builder, context, body_name, block, start, stop):
        position = 0

        def next_word():
            nonlocal position
            word = builder.load(builder.gep(block, [WORD(position)]))
            position += 1
            return word

        values = []
        for operand in self._sig.args[:-2]:
            if isinstance(operand, types.Array):
                values.append(_unpack_array(builder, context, operand, next_word))
            elif isinstance(operand, types.Float):
                number = builder.bitcast(next_word(), ir.DoubleType())
                values.append(builder.fptrunc(number, ir.FloatType()) if operand.bitwidth == 32 else number)
            else:
                values.append(next_word())
        convention = context.call_conv
        body_type = convention.get_function_type(self._sig.return_type, self._sig.args)
        body = cgutils.get_or_insert_function(builder.module, body_type, body_name)
        convention.call_function(builder, body, self._sig.return_type, self._sig.args, [*values, start, stop])
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


_array_types: dict = {}


def array_type(dtype, ndim, contiguous):
    key = dtype, ndim, contiguous
    found = _array_types.get(key)
    if found is None:
        element = numpy_support.from_dtype(dtype)
        found = _array_types[key] = types.Array(element, ndim, "C" if contiguous else "A")
    return found
