"""Layers of one input against Keras 3: weights copied, outputs, gradients, moving averages, arguments and defaults.

`CASES` is the table: each case makes the layer with either library, since names and arguments are the same.
"""

from collections.abc import Iterator
from typing import NamedTuple

import keras
import numpy as np

import numbanet as nn
from tests.parity.common import Result, compared, gradients_of_ours, settings
from tests.parity.keras_common import arguments, gradients_of_keras, with_same_weights


class Case(NamedTuple):
    """A layer by its name, how it is made, and the inputs that it gets."""

    name: str
    options: dict = {}  # noqa: RUF012  (never changed)
    shape: tuple = (4, 6)
    low: int | None = None
    """Integers below this number in place of floats."""
    training: bool | None = None
    mask: tuple | None = None
    """The shape of a mask of which some elements are False."""


IMAGES, VOLUMES, STEPS = (2, 6, 5, 4), (2, 4, 5, 6, 3), (3, 5, 4)
FIRST = {"data_format": "channels_first"}
NOISE = {
    "Dropout": (6,), "AlphaDropout": (6,), "SpatialDropout1D": (5, 6), "SpatialDropout2D": (3, 4, 6),
    "SpatialDropout3D": (2, 3, 2, 6),
}  # fmt: skip
"""Layers of noise that takes two values, and the shapes of the samples that they are given."""
ACTIVATIONS = [name for name in nn.activations.ACTIVATIONS if name != "swish"]
CASES = [
    Case("Dense", {"units": 3}),
    Case("Dense", {"units": 3, "activation": "gelu", "use_bias": False}, STEPS),
    *[Case("Activation", {"activation": one}) for one in ACTIVATIONS],
    Case("Softmax"),
    Case("Softmax", {"axis": 1}, STEPS),
    Case("Softmax", {"axis": (1, 2)}, STEPS),
    Case("Softmax", {}, STEPS, mask=STEPS),
    Case("Softmax", {}, STEPS, mask=(3, 5, 1)),
    Case("Softmax", {}, STEPS, mask=(5, 4)),
    Case("Softmax", {"axis": 1}, STEPS, mask=(3, 5, 1)),
    Case("Softmax", {"axis": (1, 2)}, STEPS, mask=(4,)),
    Case("Flatten", {}, IMAGES),
    Case("Flatten", FIRST, IMAGES),
    Case("Reshape", {"target_shape": (4, -1)}, STEPS),
    Case("Masking", {}, STEPS),
    *[Case(name, {"rate": 0.4}, (2, *shape)) for name, shape in (NOISE | {"GaussianDropout": (6,)}).items()],
    Case("GaussianNoise", {"stddev": 0.4}),
    Case("RandomFlip", {}, IMAGES, training=False),  # Keras's layers of augmentation train unless they are told
    Case("RandomContrast", {"factor": 0.3}, IMAGES, training=False),
    Case("RandomRotation", {"factor": 0.2}, IMAGES, training=False),
    Case("RandomTranslation", {"height_factor": 0.1, "width_factor": 0.2}, IMAGES, training=False),
    Case("RandomZoom", {"height_factor": 0.2}, IMAGES, training=False),
    Case("GlobalMaxPooling3D", {}, VOLUMES),
    Case("GlobalAveragePooling1D", FIRST, STEPS),
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
    "Dense": ("lora_rank", "lora_alpha", "quantization_config"),
}
"""Arguments of Keras's layers that numbanet refuses."""


def compare(case):
    """Return outputs, gradients and moving averages of both libraries."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=case.shape).astype(np.float32) if case.low is None else rng.integers(0, case.low, case.shape)
    ours, theirs = (getattr(one.layers, case.name)(**case.options) for one in (nn, keras))
    values = with_same_weights(ours, theirs, [x], lambda shape: np.abs(rng.normal(size=shape)) + 0.1)
    options = {} if case.training is None else {"training": case.training}
    if case.mask:
        options["mask"] = rng.random(case.mask) < 0.6
    shape = ours(x, **options).shape
    ours.set_weights(values)  # a call in training moves averages
    factors = [rng.normal(size=shape).astype(np.float32)]
    expected = gradients_of_keras(theirs, [x], factors, **options)
    found = gradients_of_ours(ours, [x], factors, **options)
    if case.training:
        theirs(x, training=True)
        expected, found = [*expected, *theirs.non_trainable_weights], [*found, *ours.non_trainable_weights]
    return found, expected


def compare_noise(name, shape):
    """Return the values that ones become in training, and whether they are the same for all steps of a sample."""
    x = np.ones((40, *shape), np.float32)
    outcomes = []
    for one in (nn, keras):
        layer = getattr(one.layers, name)(0.25)
        y = np.asarray(layer(x, training=True, rng=0) if one is nn else layer(x, training=True))
        steps = y.reshape(len(y), -1, y.shape[-1])
        outcomes.append([np.unique(y), np.ptp(steps, axis=1).max() == 0])
    return outcomes


def compare_noise_shape(noise_shape):
    """Return the values of dropout in training, and along which axes all elements of a sample share them."""
    x = np.ones((40, 5, 6), np.float32)
    outcomes = []
    for one in (nn, keras):
        layer = one.layers.Dropout(0.25, noise_shape=noise_shape)
        y = np.asarray(layer(x, training=True, rng=0) if one is nn else layer(x, training=True))
        outcomes.append([np.unique(y), [np.ptp(y, axis=axis).max() == 0 for axis in range(3)]])
    return outcomes


def compare_lambda():
    """Return what a layer around a function of either library computes."""
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    return [nn.layers.Lambda(nn.tanh)(x)], [keras.layers.Lambda(keras.ops.tanh)(x)]


def compare_spectral():
    """Return outputs before and after training, and the vector that training moves, of a wrapped dense layer."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(4, 6)).astype(np.float32)
    ours, theirs = (one.layers.SpectralNormalization(one.layers.Dense(3)) for one in (nn, keras))
    ours(x), theirs(x)
    weights = [rng.normal(size=w.shape).astype(np.float32) for w in theirs.weights]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    found = [ours(x, training=False), ours(x, training=True)]
    expected = [theirs(x, training=False), theirs(x, training=True), *theirs.weights]
    return [*found, *ours.weights], expected


def results() -> Iterator[Result]:
    """Compare all cases."""
    for case in CASES:
        label = f"{settings(case.options)} on {case.shape}{', in training' if case.training else ''}"
        label += f", with a mask of shape {case.mask}" if case.mask else ""
        yield compared("Keras", case.name, label, lambda case=case: compare(case))
    for name, shape in NOISE.items():
        yield compared("Keras", name, "rate=0.25: the values in training", lambda n=name, s=shape: compare_noise(n, s))
    for shape in ((None, 1, None), (None, 5, 1), (1, None, None)):
        label = f"rate=0.25, noise_shape={shape}: the values in training"
        yield compared("Keras", "Dropout", label, lambda shape=shape: compare_noise_shape(shape))
    yield compared("Keras", "Lambda", "tanh", compare_lambda)
    yield compared("Keras", "SpectralNormalization", "of a Dense, evaluated and in training", compare_spectral)
    for name in dict.fromkeys(case.name for case in CASES):
        yield arguments(name, NOT_TAKEN.get(name, ()), name not in OWN_ORDER)
