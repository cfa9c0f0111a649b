"""The C functions around a compiled body: `kernel`, which unpacks an argument block, and `direct`, for Python.

    void kernel(uintptr_t *block, size_t start, size_t stop)
    PyObject *direct(PyObject *self, PyObject *const *arguments, Py_ssize_t count)

The block holds 64-bit words: for an array its address, its shape, and its strides in bytes unless it is contiguous; for
a number its bits as int64 or double. The arguments of `direct` are the operands and then n: it fills a block on the
stack and runs positions 0..n.
"""

from llvmlite import ir
from numba.core import cgutils, types
from numba.np.arrayobj import populate_array

from numbanet.backends.native.direct import DATA, SHAPE, STRIDES
from numbanet.backends.numba.machine_code import DIRECT, ENTRY

WORD = ir.IntType(64)
_OBJECT = ir.IntType(8).as_pointer()


def add_kernel(module, compiled, arguments):
    """Add `kernel` to a module, around a body compiled for `arguments`, operands and range; returns it."""
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [WORD.as_pointer(), WORD, WORD]), ENTRY)
    block, start, stop = function.args
    builder = ir.IRBuilder(function.append_basic_block("entry"))
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
    body = cgutils.get_or_insert_function(module, body_type, compiled.fndesc.llvm_func_name)
    convention.call_function(builder, body, types.void, arguments, [*values, start, stop])
    builder.ret_void()
    return function


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


def add_direct(module, kernel, operands, flat):
    """Add `direct` to a module, which calls `kernel`.

    If `flat`, arrays of any shape are taken for rows of n elements: without dimensions there is no shape to read.
    """
    function = ir.Function(module, ir.FunctionType(_OBJECT, [_OBJECT, _OBJECT.as_pointer(), WORD]), DIRECT)
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    own, arguments, _ = function.args
    given = [builder.load(builder.gep(arguments, [WORD(i)])) for i in range(len(operands) + 1)]
    n = builder.call(_c_api(module, "PyLong_AsLongLong", WORD), [given.pop()])
    words = []
    for operand, found in zip(operands, given, strict=True):
        if isinstance(operand, types.Array):
            words.append(builder.load(_field(builder, found, DATA, WORD)))
            words += [n] if flat else _words_at(builder, found, SHAPE, operand.ndim)
            if operand.layout != "C":
                words += _words_at(builder, found, STRIDES, operand.ndim)
        elif isinstance(operand, types.Float):
            number = builder.call(_c_api(module, "PyFloat_AsDouble", ir.DoubleType()), [found])
            words.append(builder.bitcast(number, WORD))
        else:
            words.append(builder.call(_c_api(module, "PyLong_AsLongLong", WORD), [found]))
    block = builder.alloca(WORD, WORD(len(words)))
    for i, word in enumerate(words):
        builder.store(word, builder.gep(block, [WORD(i)]))
    call = builder.call(kernel, [block, WORD(0), n])
    call.attributes.add("noinline")  # the loops are there once
    builder.call(_c_api(module, "Py_IncRef", ir.VoidType()), [own])
    builder.ret(own)  # any object would do as the result


def _field(builder, found, offset, kind):
    return builder.bitcast(builder.gep(found, [WORD(offset)]), kind.as_pointer())


def _words_at(builder, found, offset, count):
    """`count` words from where a field of an object points to."""
    start = builder.load(_field(builder, found, offset, WORD.as_pointer()))
    return [builder.load(builder.gep(start, [WORD(i)])) for i in range(count)]


def _c_api(module, name, result):
    return cgutils.get_or_insert_function(module, ir.FunctionType(result, [_OBJECT]), name)
