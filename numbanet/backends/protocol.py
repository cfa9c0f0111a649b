"""What a backend does: the one page to read before writing another.

A backend runs range bodies (`kernels.body.Body`) over arrays that lie where it can reach them: `numpy.ndarray`s on the
host, `kernels.arrays.DeviceArray`s on a device. Two methods are its own, `run` and `map`. All others have a fallback
here, made of these two or of NumPy, which a backend replaces where it has something better; one that has nothing better
says so by leaving the fallback as it is. `tests/counting_backend.py` is the smallest whole one.

Three rules hold for every method:

- It returns when the result can be read in the order of calls: at once on the host, on the stream of a device.
- While this thread records (`context.launches` is a list), what would run is appended there instead. A backend whose
  launches cannot be kept (`compiled` is False) raises `CannotRecord`.
- A kernel that cannot be made, although nothing is wrong with its body, is a `BackendFailed`. Only `backends.select`
  catches it: it calls the same method of the next backend. So a method of several launches writes its whole result,
  and never adds to what is there: what has run before is written once more.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from numbanet.backends import fallbacks
from numbanet.core.context import context
from numbanet.core.windows import Geometry
from numbanet.kernels.body import Body
from numbanet.kernels.recording import CannotRecord
from numbanet.loops import arithmetic, attention, conv, dot, functions, move

_matrix_dot = Body(dot.matrix_dot, strided=True)
_conv = Body(conv.conv)
_conv_input_gradient, _conv_kernel_gradient = Body(conv.conv_input_gradient), Body(conv.conv_kernel_gradient)
_attention = Body(attention.dot_product_attention, strided=True)
_attention_gradient = Body(attention.dot_product_attention_gradient, strided=True)
_copy, _add, _relu = Body(move.astype, 0.2), Body(arithmetic.add), Body(functions.relu)


class BackendFailed(Exception):
    """A backend cannot make a kernel, and the body is not at fault; its cause says why.

    Parameters
    ----------
    backend : Backend
    kernel : str, optional
        The full name of the body, where others can be compiled: then the fault may be in it.
    """

    def __init__(self, backend: Backend, kernel: str | None = None) -> None:
        super().__init__(f"{backend.name} cannot make a kernel")
        self.backend, self.kernel = backend, kernel


class Backend(ABC):
    """Runs range bodies.

    Attributes
    ----------
    name : str
        As in `config.backend`.
    compiled : bool
        Whether bodies become compiled kernels: these can be recorded and replayed, and run by several threads at once.
    cache : object or None
        Where compiled kernels are kept from process to process, with the numbers `hits` and `misses`.
    """

    name: ClassVar[str] = ""
    compiled: ClassVar[bool] = True
    cache: Any = None

    @abstractmethod
    def run(self, body: Body, n: int, operands: tuple[Any, ...], cost: float) -> None:
        """Run positions 0..n of a body, n at least 1.

        Parameters
        ----------
        body : Body
        n : int
        operands : tuple
            Arrays of any strides (the last one is written to), integers and floats; floats become numbers of the dtype
            of the last array.
        cost : float
            Nanoseconds of one position, roughly.
        """

    @abstractmethod
    def map(self, body: Body, out: Any, inputs: tuple[Any, ...]) -> None:
        """Run an elementwise body on inputs of any strides that broadcast to the shape of `out`, which is not empty.

        `out` is contiguous; it may be one of the inputs.
        """

    def direct(self, body: Body, dtypes: tuple[np.dtype, ...]) -> Callable[..., None] | None:
        """Return `f(*inputs, out, n)`, the shortest way into an elementwise kernel, or None if there is none.

        It is called with contiguous arrays of one shape on the host; `dtypes` has that of `out` first.
        """
        return None

    def matmul(self, a: Any, b: Any, out: Any, bias: Any = None, with_relu: bool = False) -> None:
        """Compute out = a @ b, plus `bias` if it is given, and the relu of that if it is asked for.

        Parameters
        ----------
        a, b : array, (..., m, k) and (..., k, n)
            Of one dtype and any strides, with the same dimensions before the last two.
        out : array, (..., m, n)
            Contiguous, of that dtype.
        bias : array, (n,)
        with_relu : bool
        """
        if not out.size:
            return
        fused = bias is None or out.shape[-1] > 1  # a product with one column is another loop, which has no epilogue
        if a.shape[-1] and out.dtype.kind == "f":
            self.matmul_floats(a, b, out, bias if fused else None, with_relu)
            if fused:
                return
        elif a.shape[-1]:
            self._matmul_naive(a, b, out)
        else:
            self.map(_copy, out, (self.number(0, out.dtype),))
        self._finish(out, bias, with_relu)

    def matmul_floats(self, a: Any, b: Any, out: Any, bias: Any, with_relu: bool) -> None:
        """Compute `matmul` for a floating dtype where no size is 0."""
        self._matmul_naive(a, b, out)
        self._finish(out, bias, with_relu)

    def _matmul_naive(self, a, b, out):
        for index in np.ndindex(*out.shape[:-2]):
            cost = float(out.shape[-1] * a.shape[-1])
            self.run(_matrix_dot, out.shape[-2], (a[index], b[index], out[index]), cost)

    def _finish(self, out, bias, with_relu):
        if bias is not None:
            self.map(_add, out, (out, bias))
            if with_relu:
                self.map(_relu, out, (out,))

    def conv(
        self, x: Any, kernel: Any, out: Any, geometry: Geometry, bias: Any = None, with_relu: bool = False
    ) -> None:
        """Convolve x with kernel into `out`, plus `bias` if it is given, and the relu of that if it is asked for.

        Parameters
        ----------
        x : array, (samples, depth, height, width, channels)
            Contiguous, as all others; of one floating dtype. No size is 0.
        kernel : array, (depth, height, width, channels of a group, filters)
        out : array, (samples, depth, height, width, filters)
        geometry : Geometry
        bias : array, (filters,)
        with_relu : bool
        """
        cost = float(out.size // out.shape[0] // out.shape[1] // out.shape[2] * kernel.size // kernel.shape[4])
        self.run(_conv, out.size // (out.shape[3] * out.shape[4]), (x, kernel, out, *sum(geometry, ())), cost)
        self._finish(out, bias, with_relu)

    def conv_input_gradient(self, g: Any, kernel: Any, out: Any, geometry: Geometry) -> None:
        """Compute the gradient of `conv` with respect to x, whose shape `out` has, from that of its result."""
        cost = float(out.shape[3] * out.shape[4] * kernel.size // kernel.shape[3])
        rows = out.size // (out.shape[3] * out.shape[4])
        self.run(_conv_input_gradient, rows, (g, kernel, out, *sum(geometry, ())), cost)

    def conv_kernel_gradient(self, x: Any, g: Any, out: Any, geometry: Geometry) -> None:
        """Compute the gradient of `conv` with respect to the kernel, whose shape `out` has."""
        rows = out.size // out.shape[4]
        self.run(_conv_kernel_gradient, rows, (x, g, out, *sum(geometry, ())), float(g.size))

    def attention(
        self, query: Any, key: Any, value: Any, bias: Any, mask: Any, scale: float, is_causal: bool, out: Any,
        statistics: Any,
    ) -> None:  # fmt: skip
        """Compute scaled dot-product attention, and the largest score and the sum of exponentials of each query.

        Parameters
        ----------
        query, key, value : array, (samples, queries, heads, size), (samples, keys, heads, size) and (..., other size)
            Of one floating dtype, vectors in one piece; no size is 0. Heads of keys divide those of queries.
        bias, mask : array or None, (samples or 1, heads or 1, queries or 1, keys or 1)
            Of that dtype, and of booleans.
        scale : float
        is_causal : bool
        out : array, (samples, queries, heads, other size)
            Contiguous, as is the other one.
        statistics : array, (samples, heads, 2, queries)
        """
        bias, mask = self._neutral(bias, 0.0, query.dtype), self._neutral(mask, True, np.bool_)
        operands = query, key, value, bias, mask, float(scale), int(is_causal), out, statistics
        cost = 2.0 * key.shape[1] * (query.shape[3] + value.shape[3])
        self.run(_attention, query.shape[0] * query.shape[1] * query.shape[2], operands, cost)

    def attention_gradient(
        self, g: Any, query: Any, key: Any, value: Any, bias: Any, mask: Any, scale: float, is_causal: bool, out: Any,
        statistics: Any, dquery: Any, dkey: Any, dvalue: Any,
    ) -> None:  # fmt: skip
        """Compute the gradients of `attention` by query, key and value, of their shapes and contiguous.

        `g` is the gradient by `out`, with vectors in one piece.
        """
        bias, mask = self._neutral(bias, 0.0, query.dtype), self._neutral(mask, True, np.bool_)
        operands = g, query, key, value, bias, mask, out, statistics, float(scale), int(is_causal)
        heads = key.shape[0] * key.shape[2]
        cost = 6.0 * query.size // heads * key.shape[1]
        self.run(_attention_gradient, heads, (*operands, dquery, dkey, dvalue), cost)

    def _neutral(self, x, value, dtype):
        """An operand that is there, or one that changes nothing."""
        return self.number(value, dtype).reshape((1, 1, 1, 1)) if x is None else x

    def assign(self, target: Any, x: Any) -> None:
        """Copy an array into another of the same shape and dtype, which is a view of any strides and not empty.

        Raises
        ------
        CannotRecord
            While this thread records, unless a backend has a launch for it.
        """
        if context.launches is not None:
            raise CannotRecord(f"{self.name} assigns in NumPy")
        target[...] = x

    def reduce(self, body: Body, columns: Body, lanes: Any, out: Any) -> None:
        """Reduce the middle of lanes (outer, n, inner), n at least 1, to `out`, which has outer * inner elements.

        Parameters
        ----------
        body, columns : Body
            The same reduction twice: lane by lane, `body(lanes, out, ...)` with one position per result; and row by
            row, `columns(lanes, out, ...)` with `out` as (outer, inner) and one position per matrix, which compares
            the elements of a row side by side.
        lanes : array, (outer, n, inner)
            Contiguous.
        out : array
            Contiguous, not empty.
        """
        fallbacks.reduce(self, body, columns, lanes, out)

    def argsort(self, x: Any, axis: int, descending: bool) -> Any:
        """Return the positions that sort an axis, int64: equals keep their order, and NaN is the largest."""
        return fallbacks.argsort(self, x, axis, descending)

    def concat(self, arrays: tuple[Any, ...], axis: int) -> Any:
        """Return arrays of one dtype one after the other along an axis; they agree in all other sizes."""
        return np.concatenate(arrays, axis=axis) if context.launches is None else fallbacks.concat(self, arrays, axis)

    def scatter_add(self, g: Any, key: Any, shape: tuple[int, ...]) -> Any:
        """Return zeros of a shape with `g` added where an index picks, in its order where it picks twice."""
        return fallbacks.scatter_add(self, g, key, shape)

    def mark_columns(self, rows: Any, starts: Any, columns: Any, cuts: Any) -> Any:
        """Launch the marking of columns that occur in rows of a sparse matrix, and return a flag for each, uint8.

        Raises
        ------
        CannotRecord
            Unless a backend has launches over some rows.
        """
        raise CannotRecord(f"{self.name} has no launches over some rows")

    def launch_touched(self, launch: Any, flags: Any) -> None:
        """Record a launch that was kept, over those rows of its range alone that have a flag.

        Raises
        ------
        CannotRecord
            Unless a backend has launches over some rows.
        """
        raise CannotRecord(f"{self.name} has no launches over some rows")

    def mark_first(self, index: Any, count: int) -> Any:
        """Launch the marking of places at which a number, from 0 to `count - 1`, occurs for the first time, uint8.

        Raises
        ------
        CannotRecord
            Unless a backend has launches over some rows.
        """
        raise CannotRecord(f"{self.name} has no launches over some rows")

    def launch_picked(self, launch: Any, count: int, index: Any, first: Any) -> None:
        """Record a launch that was kept, over those of `count` rows alone that `index` has at places with a flag.

        Raises
        ------
        CannotRecord
            Unless a backend has launches over some rows.
        """
        raise CannotRecord(f"{self.name} has no launches over some rows")

    def repeat(self, count: int, rows: int, step: Callable[[int, slice], None], operands: tuple[Any, ...]) -> None:
        """Run `step(t, slice(0, rows))` for t = 0, 1, ..., count - 1.

        Parameters
        ----------
        count, rows : int
        step : callable
            Launches step t of some of the rows, which depend on no other rows. Its arrays are views of the operands,
            further by the same bytes from step to step.
        operands : tuple of array
            The last one is written to.
        """
        for t in range(count):
            step(t, slice(0, rows))

    def from_host(self, values: np.ndarray) -> Any:
        """Return values of the host where kernels of this backend can read them."""
        return values

    def number(self, value: Any, dtype: Any) -> Any:
        """Return a number as an array without dimensions, where kernels of this backend can read it."""
        return np.asarray(value, dtype)

    def prepare(self, body: Body, operands: tuple[Any, ...]) -> tuple[Any, Any]:
        """Return (kernel, argument block) of a body of the drivers, for callers that choose the range themselves.

        `kernel.call(address of the block, start, stop)` runs it. This is how recorded launches are walked on the host,
        by `drivers.replay`, which is all that a backend is asked for whose bodies are not compiled.
        """
        if body.name != "replay":
            raise NotImplementedError(f"the {self.name} backend has no kernel of {body.name}")
        return fallbacks.replay(operands)

    def vectors(self) -> str:
        """Return how wide the vectors are that kernels compute with, in words."""
        return "none"

    def description(self) -> str:
        """Return the name, and what it was made for, if that is not this very machine."""
        return self.name
