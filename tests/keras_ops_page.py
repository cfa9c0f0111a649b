"""docs/keras_ops.md: which names of Keras 3's `keras.ops` numbanet has. `make generated` writes it."""

from pathlib import Path

import numbanet as nn
from numbanet.aliases import ALIASES
from numbanet.compat import keras
from numbanet.compat.keras.instead import INSTEAD

PATH = Path(__file__).parent.parent / "docs" / "keras_ops.md"
SECTIONS = {
    "Core": (
        "associative_scan cast cond convert_to_numpy convert_to_tensor custom_gradient dtype fori_loop "
        "is_tensor map saturate_cast scan scatter scatter_update shape slice slice_update stop_gradient "
        "switch unstack vectorized_map while_loop rearrange"
    ),
    "Linear algebra": (
        "cholesky cholesky_inverse det eig eigh inv jvp lstsq lu_factor norm qr solve solve_triangular svd"
    ),
    "Mathematics": (
        "erf erfinv extract_sequences fft fft2 ifft2 in_top_k irfft istft logdet logsumexp rfft rsqrt "
        "segment_max segment_sum stft top_k view_as_complex view_as_real"
    ),
    "Neural networks": (
        "adaptive_average_pool adaptive_max_pool average_pool batch_normalization binary_crossentropy "
        "categorical_crossentropy celu conv conv_transpose ctc_decode ctc_loss depth_to_space depthwise_conv "
        "dot_product_attention elu gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh "
        "layer_normalization leaky_relu log_sigmoid log_softmax max_pool moments multi_hot normalize one_hot "
        "polar psnr relu relu6 rms_normalization selu separable_conv sigmoid silu swish soft_shrink softmax "
        "softplus softsign space_to_depth sparse_categorical_crossentropy sparse_plus sparse_sigmoid "
        "sparsemax squareplus tanh_shrink threshold unfold"
    ),
    "NumPy": (
        "abs absolute add all amax amin angle any append arange arccos arccosh arcsin arcsinh arctan arctan2 "
        "arctanh argmax argmin argpartition argsort array array_split average bartlett bincount bitwise_and "
        "bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor blackman "
        "broadcast_to cbrt ceil clip concatenate conj conjugate copy corrcoef correlate cos cosh "
        "count_nonzero cross cumprod cumsum deg2rad diag diagflat diagonal diff digitize divide divide_no_nan"
        " dot dstack einsum empty empty_like equal exp exp2 expand_dims expm1 eye flip floor floor_divide "
        "full full_like gcd get_item greater greater_equal hamming hanning heaviside histogram hstack hypot "
        "identity imag inner isclose isfinite isin isinf isnan isneginf isposinf isreal kaiser kron lcm ldexp"
        " left_shift less less_equal linspace log log10 log1p log2 logaddexp logaddexp2 logical_and "
        "logical_not logical_or logical_xor logspace matmul max maximum mean median meshgrid min minimum mod "
        "moveaxis multiply nan_to_num nanmax nanmean nanmin nanprod nansum ndim negative nextafter nonzero "
        "not_equal ones ones_like outer pad power prod ptp quantile ravel real reciprocal repeat reshape "
        "right_shift roll rot90 round searchsorted select sign signbit sin sinh size slogdet sort split sqrt "
        "square squeeze stack std subtract sum swapaxes take take_along_axis tan tanh tensordot tile trace "
        "transpose trapezoid tri tril triu true_divide trunc unravel_index vander var vdot vectorize view "
        "vsplit vstack where zeros zeros_like"
    ),
}
"""The names of `keras.ops` in Keras 3, but those of images."""
HEAD = """# keras.ops

<!-- Written by make generated from numbanet/compat/keras/. -->

`nn.ops` has the names of `keras.ops`. A numbanet function with the same meaning and parameters is available there
unchanged; where only Keras names a parameter, such as `x1` in `add`, pass it by position. A name that numbanet does not
have raises an AttributeError that says what to write instead.

"""


def text():
    """The page, as it should be."""
    names = [name for section in SECTIONS.values() for name in section.split()]
    there = [name for name in names if name in keras.__all__]
    lines = [f"{HEAD}{len(there)} of {len(names)} names are available.", ""]
    for title, section in SECTIONS.items():
        lines += [f"## {title}", "", "| `keras.ops` | in numbanet |", "|---|---|"]
        lines += [f"| `{name}` | {place(name)} |" for name in section.split()]
        lines.append("")
    return "\n".join(lines)


def place(name):
    """What a row says of a name."""
    if name in INSTEAD:
        return f"not available: {INSTEAD[name]}"
    function, known = getattr(keras, name), ALIASES.get(name, name)
    for module, home in ((nn, "nn"), (nn.linalg, "nn.linalg"), (nn.math, "nn.math"), (nn.nn, "nn.nn")):
        if getattr(module, known, None) is function:
            return f"`{home}.{known}`"
    return f"`nn.ops.{name}`"
