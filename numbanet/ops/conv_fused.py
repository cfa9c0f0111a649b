"""A convolution with its bias and its relu in one launch: what a pass over recorded steps puts in their place."""

from numbanet.core.windows import Geometry, three
from numbanet.kernels.memory import empty
from numbanet.launching import launch
from numbanet.launching.copies import contiguous
from numbanet.ops.conv import deep


def conv_with_bias(x, kernel, bias, strides, dilation, before, sizes, with_relu):
    """Return the forward of `conv` plus one number per filter, and the relu of that if it is asked for.

    All are of one floating dtype, and no size is 0.
    """
    out = empty((x.shape[0], *sizes, kernel.shape[-1]), x.dtype)
    window = contiguous(kernel).reshape(*three(kernel.shape[:-2], 1), *kernel.shape[-2:])
    geometry = Geometry(three(strides, 1), three(dilation, 1), three(before, 0))
    launch.conv(deep(x), window, deep(out), geometry, contiguous(bias), with_relu)
    return out
