"""Compiling a body: one kernel per combination of operand types, behind one C signature, cached on disk.

Every compiled kernel is `void kernel(uintptr_t *block, size_t start, size_t stop)`. The block holds 64-bit words: for
an array its address, its shape, and its strides in bytes unless it is contiguous; for a number its bits as int64 or
double. `CompiledKernel` compiles the untouched body and adds the few instructions that unpack the block, in one
library, so that what is cached is a leaf: loading it from disk takes 1.3 ms, compiling it 50 to 200.
"""

from functools import partial

from llvmlite import ir
from numba.core import ccallback, cgutils, types
from numba.core.compiler import Compiler
from numba.core.dispatcher import _FunctionCompiler
from numba.np import numpy_support
from numba.np.arrayobj import populate_array

from numbanet.kernels import direct

WORD = ir.IntType(64)
LAUNCH = ir.FunctionType(ir.VoidType(), [WORD.as_pointer(), WORD, WORD])


def direct_name(launch_name):
    """The name of the function for Python, from that of the launch."""
    return "direct." + launch_name


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

    def __init__(self, body, reassociate, operand_types, flat, cache):
        options = {"nogil": True, "error_model": "numpy", "boundscheck": False}
        if reassociate:
            options["fastmath"] = {"reassoc", "contract", "nsz"}  # never nnan or ninf: NaN must stay NaN
        signature = (*operand_types, types.uintp, types.uintp)
        super().__init__(body, (signature, types.void), {}, options)
        self._compiler = _BodyCompiler(body, self._targetdescr, options, {}, Compiler)
        self._cache = cache
        self._flat = flat
        self.compile()

    @property
    def direct(self):
        """The same kernel as a function for Python: `direct(*operands, n)`."""
        name = direct_name(self._wrapper_name)
        return direct.built_in(self.__name__, self._library.get_pointer_to_function(name))

    def _compile_uncached(self):
        compiled = self._compiler.compile(self._sig.args, self._sig.return_type)
        library, description = compiled.library, compiled.fndesc
        context, body = compiled.target_context, description.llvm_func_name
        module = library.create_ir_module(description.unique_name)
        launch = ir.Function(module, LAUNCH, description.llvm_cfunc_wrapper_name)
        block, start, stop = launch.args
        builder = ir.IRBuilder(launch.append_basic_block("entry"))
        self._call_body(context, body, builder, _Block(builder, block), start, stop)
        builder.ret_void()
        count = len(self._sig.args) - 2
        direct.emit(module, direct_name(launch.name), count, self._flat, partial(self._call_body, context, body))
        library.add_ir_module(module)
        library.finalize()
        return compiled

    def _call_body(self, context, name, builder, source, start, stop):
        """Unpack the operands from `source` and call the body."""
        values = []
        for operand in self._sig.args[:-2]:
            if isinstance(operand, types.Array):
                values.append(_as_array(builder, context, operand, source))
            elif isinstance(operand, types.Float):
                number = source.real()
                values.append(builder.fptrunc(number, ir.FloatType()) if operand.bitwidth == 32 else number)
            else:
                values.append(source.integer())
        convention = context.call_conv
        body_type = convention.get_function_type(self._sig.return_type, self._sig.args)
        body = cgutils.get_or_insert_function(builder.module, body_type, name)
        convention.call_function(builder, body, self._sig.return_type, self._sig.args, [*values, start, stop])


class _Block:
    """Reads operands from an argument block."""

    def __init__(self, builder, block):
        self.builder, self.block = builder, block
        self.position = 0

    def integer(self):
        """The next word."""
        word = self.builder.load(self.builder.gep(self.block, [WORD(self.position)]))
        self.position += 1
        return word

    def real(self):
        """The next word, as a double."""
        return self.builder.bitcast(self.integer(), ir.DoubleType())

    def array(self, ndim, contiguous):
        """Address, shape, and strides in bytes, or None for those of a contiguous array."""
        data, *shape = (self.integer() for _ in range(1 + ndim))
        return data, shape, None if contiguous else [self.integer() for _ in range(ndim)]


def _as_array(builder, context, array_type, source):
    result = cgutils.create_struct_proxy(array_type)(context, builder)
    itemsize = WORD(context.get_abi_sizeof(context.get_data_type(array_type.dtype)))
    data, shape, strides = source.array(array_type.ndim, array_type.layout == "C")
    if strides is None:
        strides = [itemsize]
        for size in reversed(shape[1:]):
            strides.insert(0, builder.mul(strides[0], size))
    data = builder.inttoptr(data, result.data.type)
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
