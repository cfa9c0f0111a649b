"""The Cython backend: kernels that were compiled ahead of time, when numbanet was built; nothing is compiled here."""

import ctypes
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from numbanet.backends.cython.sources import digest
from numbanet.backends.native.backend import Built, NativeBackend, one_compiles
from numbanet.backends.native.registers import Registers
from numbanet.backends.python.backend import PythonBackend
from numbanet.kernels.recording import LAUNCH

VARIANTS = ("baseline", "avx2", "avx512")
"""From the least to the most that they ask of a processor; each runs where a later one does."""


class CythonBackend(NativeBackend):
    """Runs range bodies through `numbanet.backends.cython`.

    A body that is not part of numbanet has no compiled twin. It is compiled by `compile(body, key, operands, flat)`, or
    runs in the interpreter, even inside a Program, where that is None or returns None.

    Parameters
    ----------
    variant : str, optional
        One of `VARIANTS`; the fastest that this processor can run, of those that were built.

    Raises
    ------
    ImportError
        When numbanet was built without the extension, for another Python, or before its sources were changed.
    """

    name = "cython"
    compile = None

    def __init__(self, variant=None):
        best = _module("_host").best()
        self.variant = variant or _fastest(best)
        if VARIANTS.index(self.variant) > VARIANTS.index(best):
            raise ImportError(f"this processor cannot run the variant {self.variant}, only {best}")
        self._compiled = _module(f"_{self.variant}")
        if digest() != getattr(self._compiled, "SOURCES", None):
            raise ImportError("the compiled extension was built from other sources than numbanet's: build it again")
        self._addresses = self._compiled.kernels()
        vector_bytes, many, has_masks = self._compiled.registers()
        self.registers = Registers(vector_bytes, bool(many), bool(has_masks))
        super().__init__()

    def _build(self, body, key, operands, flat):
        address = self._addresses.get(" ".join([_own_name(body), *map(_word, operands)]))
        if address is None:
            built = self._compiled_now(body, key, operands, flat) or _interpreted(body, operands, flat)
        else:
            letters = "".join(_letter(operand, flat) for operand in operands)
            function = self._compiled.direct(body.name.encode(), address, letters.encode()) if self.has_direct else None
            built = Built(LAUNCH(address), address, function)
        self.built[body, key] = built
        return built

    def _compiled_now(self, body, key, operands, flat):
        with one_compiles:
            return None if self.compile is None else self.compile(body, key, operands, flat)

    def description(self):
        return f"{self.name} {self.variant}"


def _fastest(best):
    """The best variant that was built: a compiler that does not know new processors leaves some out."""
    possible = VARIANTS[: VARIANTS.index(best) + 1]
    built = [name for name in possible if find_spec(f"numbanet.backends.cython._{name}")]
    return built[-1] if built else best


def _module(name):
    try:
        return import_module(f"numbanet.backends.cython.{name}")
    except ModuleNotFoundError:
        raise ImportError("numbanet was built without its compiled extension") from None


def _own_name(body):
    """`arithmetic.add` for `numbanet.loops.arithmetic.add`; what is not numbanet's has no entry."""
    package, _, name = body.qualified_name.rpartition(".")
    inside = package.startswith("numbanet.")
    return f"{package.rpartition('.')[2]}.{name}" if inside else body.qualified_name


def _word(operand):
    """The word of an operand in the name of an entry; see `aot.generate`."""
    if isinstance(operand, str):
        return "i" if operand == "int64" else "d"
    dtype, ndim, contiguous = operand
    return f"{dtype[1:]}{'C' if contiguous else 'A'}{ndim}"


def _letter(operand, flat):
    """The letter of an operand for `direct.h`."""
    word = _word(operand)
    if len(word) == 1:
        return word
    if flat:
        return "f"
    ndim = int(word[-1])
    return str(ndim) if word[-2] == "C" else chr(ord("A") + ndim - 1)


def _count(operand):
    """How many words of a block an operand takes."""
    if isinstance(operand, str):
        return 1
    _, ndim, contiguous = operand
    return 1 + ndim * (1 if contiguous else 2)


def _interpreted(body, operands, flat):
    """A kernel that calls back into Python, to run a body without a compiled twin."""
    python, count = PythonBackend(), sum(map(_count, operands))

    def run(block, start, stop):
        words = (ctypes.c_int64 * count).from_address(block)
        with np.errstate(all="ignore"):
            body.function(*_operands(words, operands), start or 0, stop)

    def call(*given):
        *values, n = given
        python.run(body, n, [x.reshape(-1) if flat else x for x in values], 0.0)

    callback = LAUNCH(run)
    return Built(callback, ctypes.cast(callback, ctypes.c_void_p).value, call, interpreted=True)


class _Memory:
    """An array at an address, for NumPy."""

    def __init__(self, address, dtype, shape, strides):
        self.__array_interface__ = {
            "version": 3, "data": (address, False), "typestr": dtype, "shape": shape, "strides": strides,
        }  # fmt: skip


def _operands(words, operands):
    """What the words of an argument block stand for."""
    position, values = 0, []
    for operand in operands:
        if isinstance(operand, str):
            word = ctypes.c_int64(words[position])
            number = word.value if operand == "int64" else ctypes.c_double.from_buffer(word).value
            values.append(number if operand == "int64" else getattr(np, operand)(number))
            position += 1
        else:
            dtype, ndim, contiguous = operand
            address, shape = words[position], tuple(words[position + 1 : position + 1 + ndim])
            position += 1 + ndim
            strides = None if contiguous else tuple(words[position : position + ndim])
            position += 0 if contiguous else ndim
            values.append(np.asarray(_Memory(address, dtype, shape, strides)))
    return values
