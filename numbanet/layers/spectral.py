"""Spectral normalization: a layer whose kernel is kept at a largest singular value of 1."""

from __future__ import annotations

from typing import Any, ClassVar

from numbanet.autodiff.gradients import stop_gradient
from numbanet.errors import ArgumentError
from numbanet.initializers import TruncatedNormal
from numbanet.layers import settings
from numbanet.layers.layer import Layer, output_shape_of
from numbanet.ops.elementwise import equal, maximum, sqrt, square, where
from numbanet.ops.linalg import dot
from numbanet.ops.reduce import all, sum
from numbanet.ops.shaping import permute_dims, reshape
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import Config, DType, Integer, OpenShape, Seed


class SpectralNormalization(Layer):
    """Divides the kernel of a layer by its largest singular value, before every call in training.

    The singular value is estimated by power iteration, which goes on from call to call: a vector is multiplied by the
    kernel and by its transpose. The kernel, a matrix of its last size, is replaced by what it is divided to; so the
    weights that training changes, and files have, are normalized ones. A kernel of zeros stays.

    Parameters
    ----------
    layer : Layer
        One with a `kernel` or with `embeddings`.
    power_iterations : int
        How often the vector is multiplied in each call.
    name, dtype, input_shape
        As in Layer; the dtype is that of `layer` if not given.

    Attributes
    ----------
    vector_u : Variable, (1, the last size of the kernel)
        The vector, which is not trained.

    Raises
    ------
    ArgumentError
        When it is not given a layer, the layer has neither kernel nor embeddings, or `power_iterations` is not a
        positive integer.

    References
    ----------
    Miyato, Kataoka, Koyama, Yoshida: Spectral Normalization for Generative Adversarial Networks, 2018,
    arXiv:1802.05957; Keras 3, keras.layers.SpectralNormalization.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> layer = nn.layers.SpectralNormalization(nn.layers.Dense(3), power_iterations=50)
    >>> layer(nn.ones((2, 4)), training=True, rng=0).shape
    (2, 3)
    >>> bool(np.isclose(np.linalg.norm(layer.layer.kernel.numpy(), 2), 1.0))
    True
    """

    supports_masking = True
    _named = ("layer",)
    layer: Any = None
    power_iterations: int
    vector_u: Variable
    _settings: ClassVar[dict] = {"power_iterations": settings.positive_integer}

    def __init__(
        self, layer: Any, power_iterations: Integer = 1, *, name: str | None = None, dtype: DType = None,
        input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype or getattr(layer, "dtype", None), input_shape=input_shape)
        if not isinstance(layer, Layer):
            raise ArgumentError(f"layer {self.name}: SpectralNormalization needs a layer, got {layer!r}")
        self._set(layer=layer, power_iterations=power_iterations, vector_u=None)

    def _kernel(self):
        """Return the weight that is normalized."""
        for name in ("kernel", "embeddings"):
            if isinstance(getattr(self.layer, name, None), Variable):
                return getattr(self.layer, name)
        raise ArgumentError(
            f"layer {self.name}: {type(self.layer).__name__} has neither a kernel nor embeddings to normalize"
        )

    def build(self, input_shape: Any) -> None:
        """Make the weights of the layer, and the vector."""
        self.layer.ensure_built(input_shape, dtype=self.dtype)
        self._weights.append(self._kernel())  # the first of the weights, as in Keras
        shape = (1, self._kernel().shape[-1])
        self.vector_u = self.add_weight(shape, TruncatedNormal(stddev=0.02), "vector_u", trainable=False)

    def check_input(self, input_shape: Any) -> None:
        """Raise ShapeError unless the layer takes inputs of this shape."""
        self.layer.check_input(input_shape)

    def call(self, x: Any, training: bool = False, rng: Seed = None) -> Tensor:
        """Return the output of the layer; in training, its kernel is normalized first."""
        if training:
            self._normalize()
        return self.layer(x, training=training, rng=rng)

    def _normalize(self):
        kernel, before = self._kernel(), stop_gradient(self.vector_u)
        matrix = reshape(stop_gradient(kernel), (-1, kernel.shape[-1]))
        u = before
        for _ in range(self.power_iterations):
            v = _unit(dot(u, permute_dims(matrix, (1, 0))))
            u = _unit(dot(v, matrix))
        sigma = sum(dot(v, matrix) * u)
        nothing = all(equal(matrix, 0.0))
        self.vector_u.assign(where(nothing, before, u))
        kernel.assign(reshape(matrix / where(nothing, 1.0, sigma), kernel.shape))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return that of the layer."""
        return output_shape_of(self.layer, input_shape)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"layer": self.layer, "power_iterations": self.power_iterations}


def _unit(vector):
    """Return a vector divided by its length, unless that is nearly 0."""
    return vector / maximum(sqrt(sum(square(vector))), 1e-18)
