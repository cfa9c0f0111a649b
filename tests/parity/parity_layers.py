"""Layers against Keras 3: weights copied, outputs and gradients equal to 1e-5, arguments and defaults the same.

    KERAS_BACKEND=jax PYTHONPATH=. python -m tests.parity.parity_layers [NAME ...]

It needs an environment with Keras 3 and JAX beside what numbanet needs; pytest does not collect it. `CASES` is the
table: each case makes the layer with either library, since names and arguments are the same.
"""

import sys
from typing import NamedTuple

import numpy as np

import numbanet as nn
from tests.parity.common import arguments, assert_close, outcome, report, with_same_weights


class Case(NamedTuple):
    """A layer by its name, how it is made, and the inputs that it gets."""

    name: str
    options: dict = {}  # noqa: RUF012  (never changed)
    shape: tuple = (4, 6)
    low: int | None = None
    """Integers below this number in place of floats."""
    training: bool = False
    arguments: tuple = ()


IMAGES, VOLUMES, STEPS = (2, 6, 5, 4), (2, 4, 5, 6, 3), (3, 5, 4)
FIRST = {"data_format": "channels_first"}
CASES = [
    Case("Permute", {"dims": (2, 1)}, STEPS),
    Case("RepeatVector", {"n": 3}),
    Case("ZeroPadding1D", {"padding": (1, 2)}, STEPS),
    Case("ZeroPadding1D", {"padding": 2} | FIRST, STEPS),
    Case("ZeroPadding2D", {"padding": ((1, 0), (2, 3))}, IMAGES),
    Case("ZeroPadding2D", {"padding": (1, 2)} | FIRST, IMAGES),
    Case("ZeroPadding3D", {"padding": (1, 2, 0)}, VOLUMES),
    Case("ZeroPadding3D", FIRST, VOLUMES),
    Case("Cropping1D", {"cropping": (0, 2)}, STEPS),
    Case("Cropping2D", {"cropping": ((1, 2), (0, 1))}, IMAGES),
    Case("Cropping2D", {"cropping": 1} | FIRST, IMAGES),
    Case("Cropping3D", {"cropping": (1, 0, 2)}, VOLUMES),
    Case("UpSampling1D", {"size": 3}, STEPS),
    Case("UpSampling2D", {"size": (2, 3)}, IMAGES),
    Case("UpSampling2D", {"size": (3, 2), "interpolation": "bilinear"}, IMAGES),
    Case("UpSampling2D", {"size": 2, "interpolation": "bilinear"} | FIRST, IMAGES),
    Case("UpSampling3D", {"size": (1, 2, 3)}, VOLUMES),
    Case("UpSampling3D", FIRST, VOLUMES),
    Case("Rescaling", {"scale": 0.5, "offset": [1.0, 2.0, 3.0, 4.0]}, IMAGES),
    Case("Identity"),
    Case("ReLU"),
    Case("ReLU", {"max_value": 1.0, "negative_slope": 0.2, "threshold": 0.5}),
    Case("LeakyReLU"),
    Case("ELU", {"alpha": 0.7}),
    Case("PReLU", {"alpha_initializer": "glorot_uniform"}),
    Case("PReLU", {"alpha_initializer": "he_normal", "shared_axes": (1, 2)}, IMAGES),
    Case("BatchNormalization"),
    Case("BatchNormalization", {"momentum": 0.8}, IMAGES, training=True),
    Case("BatchNormalization", {"axis": 1, "scale": False, "epsilon": 0.01}, IMAGES, training=True),
    Case("LayerNormalization", {}, STEPS),
    Case("LayerNormalization", {"axis": (1, 3), "center": False}, IMAGES),
    Case("GroupNormalization", {"groups": 2}, IMAGES),
    Case("GroupNormalization", {"groups": -1, "axis": 1}, IMAGES),
    Case("RMSNormalization", {}, STEPS),
    Case("RMSNormalization", {"axis": (1, 2)}, STEPS),
    Case("UnitNormalization", {"axis": 1}, STEPS),
    Case("Normalization", {"axis": -1, "mean": [1.0, 2.0, 3.0, 4.0], "variance": [1.0, 0.5, 2.0, 3.0]}, STEPS),
    Case("Normalization", {"axis": (1, 2), "mean": 1.5, "variance": 0.5, "invert": True}, STEPS),
    Case("Conv1D", {"filters": 3, "kernel_size": 2, "padding": "causal", "dilation_rate": 2}, STEPS),
    Case("Conv2D", {"filters": 4, "kernel_size": (3, 2), "strides": (2, 1), "padding": "same", "groups": 2}, IMAGES),
    Case("Conv2D", {"filters": 3, "kernel_size": 2, "dilation_rate": (1, 2), "activation": "tanh"}, IMAGES),
    Case("Conv3D", {"filters": 2, "kernel_size": 2, "strides": 2, "padding": "same"}, VOLUMES),
    Case("Conv1DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2}, STEPS),
    Case("Conv2DTranspose", {"filters": 3, "kernel_size": (4, 3), "strides": 2, "padding": "same"}, IMAGES),
    Case("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2, "output_padding": 1}, IMAGES),
    Case(
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 4, "strides": 3, "padding": "same", "output_padding": 2},
        IMAGES,
    ),
    Case("Conv3DTranspose", {"filters": 2, "kernel_size": 2, "strides": 3, "padding": "same"}, VOLUMES),
    Case("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2, "padding": "same"}, STEPS),
    Case("DepthwiseConv2D", {"kernel_size": (2, 3), "strides": 2, "padding": "same"}, IMAGES),
    Case("SeparableConv1D", {"filters": 3, "kernel_size": 2, "strides": 2}, STEPS),
    Case("SeparableConv2D", {"filters": 3, "kernel_size": 3, "depth_multiplier": 2, "padding": "same"}, IMAGES),
    Case("MaxPooling1D", {"pool_size": 2, "strides": 1}, STEPS),
    Case("MaxPooling2D", {"pool_size": (3, 2), "strides": 2, "padding": "same"}, IMAGES),
    Case("MaxPooling3D", {}, VOLUMES),
    Case("AveragePooling1D", {"pool_size": 3, "strides": 2, "padding": "same"}, STEPS),
    Case("AveragePooling2D", {"pool_size": (2, 3), "padding": "same"}, IMAGES),
    Case("AveragePooling3D", {"pool_size": 2, "strides": 1}, VOLUMES),
    Case("GlobalMaxPooling1D", {"keepdims": True}, STEPS),
    Case("GlobalMaxPooling2D", FIRST, IMAGES),
    Case("GlobalAveragePooling2D", {}, IMAGES),
    Case("GlobalAveragePooling3D", {"keepdims": True}, VOLUMES),
    Case("Embedding", {"input_dim": 9, "output_dim": 4}, (3, 5), low=9),
]
OWN_ORDER = ("Conv3DTranspose",)
"""Layers whose arguments Keras has in another order than those of their kin in one and two dimensions."""
NOT_TAKEN: dict[str, tuple] = {
    "BatchNormalization": ("renorm", "renorm_clipping", "renorm_momentum"),
    "Embedding": ("lora_rank", "lora_alpha", "quantization_config"),
}
"""Arguments of Keras's layers that numbanet refuses."""


def weighted(case, layer, x, weights):
    """Return the output of a layer of Keras, and the gradients of its weighted sum by the input and the weights."""
    import jax

    def loss(x, trainable):
        fixed = [v.value for v in layer.non_trainable_variables]
        y, _ = layer.stateless_call(trainable, fixed, x, **({"training": True} if case.training else {}))
        return jax.numpy.sum(y * weights), y

    trainable = [v.value for v in layer.trainable_variables]
    (_, y), gradients = jax.value_and_grad(loss, (0, 1) if case.low is None else (1,), has_aux=True)(x, trainable)
    return y, [*gradients[:-1], *gradients[-1]]


def compare(case, keras):
    """Raise AssertionError unless both libraries give the same for a case."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=case.shape).astype(np.float32) if case.low is None else rng.integers(0, case.low, case.shape)
    theirs = getattr(keras.layers, case.name)(**case.options)
    ours = getattr(nn.layers, case.name)(**case.options)
    values = with_same_weights(ours, theirs, x.shape, lambda shape: np.abs(rng.normal(size=shape)) + 0.1)
    shape = ours(x, training=case.training).shape
    ours.set_weights(values)  # a call in training moves averages
    weights = rng.normal(size=shape).astype(np.float32)
    y, expected = weighted(case, theirs, x, weights)
    v = nn.Variable(x) if case.low is None else nn.asarray(x)
    with nn.GradientTape() as tape:
        found = ours(v, training=case.training)
        total = nn.sum(found * weights)
    sources = [*([v] if case.low is None else []), *ours.trainable_weights]
    assert_close([found, *tape.gradient(total, sources)], [y, *expected])
    if case.training:  # the moving averages
        theirs(x, training=True)
        assert_close(ours.weights, theirs.weights, atol=1e-6)


def main(names):
    """Compare all cases, or those of the layers that are named; exit with 1 if one differs."""
    import keras

    wrong = 0
    for case in CASES:
        if names and case.name not in names:
            continue
        options = ", ".join(f"{k}={v!r}" for k, v in case.options.items())
        told = arguments(keras, case.name, NOT_TAKEN.get(case.name, ()), case.name not in OWN_ORDER)
        told += outcome(compare, case, keras)
        wrong += report(f"{case.name}({options}) on {case.shape}{' in training' if case.training else ''}", told)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
