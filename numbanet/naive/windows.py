"""Windows that move over sequences, images or volumes: convolution, the transposed one, and pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.windows import along_axes, as_padding, befores, counts, span, three
from numbanet.launching.launch import Kernel
from numbanet.loops import conv, pool
from numbanet.naive.calls import floats, naive, need
from numbanet.ops.conv import check_kernel, deep, rank_of
from numbanet.ops.conv_kinds import transposed_sizes
from numbanet.typing import Array

_conv, _conv_transpose = Kernel(conv.conv), Kernel(conv.conv_input_gradient)
_max_pool, _average_pool = Kernel(pool.max_pool), Kernel(pool.average_pool)


def _deep_kernel(kernel):
    return kernel.reshape(*three(kernel.shape[:-2], 1), *kernel.shape[-2:])


def _over_rows(run, kernel, operands, out, first, second, before):
    """Run a kernel over the rows of `out`, with three settings, each of them along depth, height and width."""
    rows = out.size // (out.shape[-2] * out.shape[-1]) if out.size else 0
    run(kernel, rows, *operands, deep(out), *three(first, 1), *three(second, 1), *three(before, 0))
    return out


@naive
def naive_conv(
    run: Any, x: Array, kernel: Array, strides: Any = 1, padding: str = "valid", dilation_rate: Any = 1
) -> Array:
    """Return the sum of products of a kernel and what is under it, for every place of the kernel.

    Parameters
    ----------
    x : numpy.ndarray, (samples, ..., channels)
        With one, two or three axes for `...`: sequences, images or volumes. Integers become float64.
    kernel : numpy.ndarray, (..., channels, filters)
        The sizes of the window come first, one for each of these axes. With fewer channels, a number that divides those
        of `x`, these and the filters fall into groups of neighbours.
    strides : int or tuple of int
        How far apart windows are along each axis.
    padding : {"valid", "same", "causal"}
        Whether windows stay inside, or zeros around `x` make room for one window per stride; of sequences, these may
        all stand in front of it.
    dilation_rate : int or tuple of int
        How far apart the elements of a window are along each axis.

    Returns
    -------
    numpy.ndarray
        (samples, ..., filters).

    Raises
    ------
    ShapeError
        When the shapes do not fit, or no window fits into `x`.
    ArgumentError
        When a setting is not one of those above.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 9.1; Chollet: Deep Learning with Python, section 8.1.1.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> sequence = np.array([1.0, 2.0, 4.0]).reshape(1, 3, 1)
    >>> nn.naive.naive_conv(sequence, np.array([-1.0, 1.0]).reshape(2, 1, 1))[0, :, 0]
    array([1., 2.])
    """
    x, kernel = floats("naive_conv", x, kernel)
    rank = rank_of("naive_conv", x)
    padding = as_padding("naive_conv", padding, ("valid", "same", "causal") if rank == 1 else ("valid", "same"))
    strides = along_axes("naive_conv: strides", strides, rank)
    dilation = along_axes("naive_conv: dilation_rate", dilation_rate, rank)
    check_kernel("naive_conv", x, kernel)
    windows, spatial = span(kernel.shape[:-2], dilation), x.shape[1:-1]
    sizes = counts("naive_conv", spatial, windows, strides, padding)
    out = np.empty((len(x), *sizes, kernel.shape[-1]), x.dtype)
    before = befores(spatial, windows, strides, padding)
    return _over_rows(run, _conv, (deep(x), _deep_kernel(kernel)), out, strides, dilation, before)


@naive
def naive_conv_transpose(run: Any, x: Array, kernel: Array, strides: Any = 1, padding: str = "valid") -> Array:
    """Return the convolution that leads from the result of `naive_conv` back to the shape of its input.

    Parameters
    ----------
    x : numpy.ndarray, (samples, ..., channels)
        With one, two or three axes for `...`. Integers become float64.
    kernel : numpy.ndarray, (..., filters, channels)
        As in `naive_conv`, with the roles of the two exchanged.
    strides : int or tuple of int
        How far apart windows are along each axis of the result.
    padding : {"valid", "same"}
        That of the convolution that leads the other way.

    Returns
    -------
    numpy.ndarray
        (samples, ..., filters).

    Raises
    ------
    ShapeError
        When the shapes do not fit.
    ArgumentError
        When a setting is not one of those above.

    References
    ----------
    Dumoulin, Visin: A guide to convolution arithmetic for deep learning, arXiv:1603.07285, 2016.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> sequence = np.array([1.0, 2.0]).reshape(1, 2, 1)
    >>> nn.naive.naive_conv_transpose(sequence, np.array([1.0, 10.0]).reshape(2, 1, 1), strides=2)[0, :, 0]
    array([ 1., 10.,  2., 20.])
    """
    x, kernel = floats("naive_conv_transpose", x, kernel)
    rank, padding = rank_of("naive_conv_transpose", x), as_padding("naive_conv_transpose", padding)
    strides = along_axes("naive_conv_transpose: strides", strides, rank)
    fits = kernel.ndim == x.ndim and kernel.shape[-1:] == x.shape[-1:] and kernel.size > 0
    need("naive_conv_transpose", fits, x, kernel)
    windows = kernel.shape[:-2]
    sizes = transposed_sizes(x.shape[1:-1], windows, strides, padding, None)
    out = np.empty((len(x), *sizes, kernel.shape[-2]), x.dtype)
    before = befores(sizes, windows, strides, padding)
    return _over_rows(run, _conv_transpose, (deep(x), _deep_kernel(kernel)), out, strides, (1,) * rank, before)


def _pooled(what, run, kernel, x, pool_size, strides, padding):
    (x,) = floats(what, x)
    rank, padding = rank_of(what, x), as_padding(what, padding)
    size = along_axes(f"{what}: pool_size", pool_size, rank)
    strides = size if strides is None else along_axes(f"{what}: strides", strides, rank)
    sizes = counts(what, x.shape[1:-1], size, strides, padding)
    out = np.empty((len(x), *sizes, x.shape[-1]), x.dtype)
    return _over_rows(run, kernel, (deep(x),), out, size, strides, befores(x.shape[1:-1], size, strides, padding))


@naive
def naive_max_pool(run: Any, x: Array, pool_size: Any, strides: Any = None, padding: str = "valid") -> Array:
    """Return the largest element of each window, channel by channel.

    Parameters
    ----------
    x : numpy.ndarray, (samples, ..., channels)
        With one, two or three axes for `...`. Integers become float64.
    pool_size : int or tuple of int
        How many elements a window has along each axis.
    strides : int or tuple of int, optional
        How far apart windows are; as far as they are wide if not given.
    padding : {"valid", "same"}
        Whether windows stay inside, or may reach out so that there is one per stride; what is outside takes no part.

    Returns
    -------
    numpy.ndarray
        (samples, ..., channels).

    Raises
    ------
    ShapeError
        When the shapes do not fit, or no window fits into `x`.
    ArgumentError
        When a setting is not one of those above.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 9.3; Chollet: Deep Learning with Python, section 8.1.2.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_max_pool(np.array([1.0, 3.0, 2.0, 0.0]).reshape(1, 4, 1), 2)[0, :, 0]
    array([3., 2.])
    """
    return _pooled("naive_max_pool", run, _max_pool, x, pool_size, strides, padding)


@naive
def naive_average_pool(run: Any, x: Array, pool_size: Any, strides: Any = None, padding: str = "valid") -> Array:
    """Return the mean of each window, channel by channel.

    Parameters
    ----------
    x : numpy.ndarray, (samples, ..., channels)
        With one, two or three axes for `...`. Integers become float64.
    pool_size : int or tuple of int
        How many elements a window has along each axis.
    strides : int or tuple of int, optional
        How far apart windows are; as far as they are wide if not given.
    padding : {"valid", "same"}
        Whether windows stay inside, or may reach out so that there is one per stride; what is outside takes no part.

    Returns
    -------
    numpy.ndarray
        (samples, ..., channels).

    Raises
    ------
    ShapeError
        When the shapes do not fit, or no window fits into `x`.
    ArgumentError
        When a setting is not one of those above.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 9.3.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_average_pool(np.array([1.0, 3.0, 2.0, 0.0]).reshape(1, 4, 1), 2)[0, :, 0]
    array([2., 1.])
    """
    return _pooled("naive_average_pool", run, _average_pool, x, pool_size, strides, padding)
