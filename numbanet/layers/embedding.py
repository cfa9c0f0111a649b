"""Embeddings: a vector for each of so many integers, which is trained."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Unpack

import numpy as np

from numbanet.core.dtypes import INT64, is_float
from numbanet.errors import ArgumentError, DTypeError
from numbanet.layers import settings
from numbanet.layers.layer import Layer
from numbanet.ops.elementwise import not_equal
from numbanet.ops.indexing import take
from numbanet.ops.positions import OutOfRange
from numbanet.tensor.listeners import check_values
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import Config, ConstraintLike, InitializerLike, Integer, LayerOptions, RegularizerLike

_WEIGHTS = settings.weights("embeddings")


class Embedding(Layer):
    """A vector for each integer: rows of a table, by their numbers.

    An optimizer with `sparse_update="lazy"` updates only the rows that a batch has looked up; see `nn.optimizers`.

    Parameters
    ----------
    input_dim : int
        How many integers there are: from 0 to `input_dim - 1`.
    output_dim : int
        The length of the vectors.
    embeddings_initializer : str or callable
        A name of `nn.initializers`, or `f(shape, dtype, rng)`.
    embeddings_regularizer : str or callable, optional
        A name of `nn.regularizers`, or `f(weight)`: a penalty that training adds to the loss.
    embeddings_constraint : str or callable, optional
        A name of `nn.constraints`, or `f(weight)`: what is put in place of the table after each update.
    mask_zero : bool
        Whether 0 stands for steps that do not count: the output then has a mask, which recurrent layers follow.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Attributes
    ----------
    embeddings : Variable, (input_dim, output_dim)

    Raises
    ------
    ArgumentError
        When a setting is not what it must be, or a floating input is not a whole number.
    ShapeError
        Also an IndexError: when an integer of the input is negative, or `input_dim` or more.
    DTypeError
        When inputs are booleans.

    References
    ----------
    Bengio, Ducharme, Vincent, Jauvin: A Neural Probabilistic Language Model, Journal of Machine Learning Research 3,
    2003; Keras 3, keras.layers.Embedding.

    Examples
    --------
    >>> import numbanet as nn
    >>> layer = nn.layers.Embedding(1000, 64)
    >>> layer([[4, 10, 999], [0, 0, 7]]).shape
    (2, 3, 64)
    """

    input_dim: int
    output_dim: int
    mask_zero: bool
    embeddings_initializer: Callable[..., Any]
    embeddings_regularizer: Callable[..., Any] | None
    embeddings_constraint: Callable[..., Any] | None
    embeddings: Variable
    _settings: ClassVar[dict] = {
        "input_dim": settings.positive_integer,
        "output_dim": settings.positive_integer,
        "mask_zero": settings.flag,
        **_WEIGHTS,
    }
    _fixed = ("dtype", "input_dim", "output_dim", *_WEIGHTS)

    def __init__(
        self, input_dim: Integer, output_dim: Integer, embeddings_initializer: InitializerLike = "uniform",
        embeddings_regularizer: RegularizerLike = None, embeddings_constraint: ConstraintLike = None,
        mask_zero: bool = False, **options: Unpack[LayerOptions],
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self._set(input_dim=input_dim, output_dim=output_dim, embeddings_initializer=embeddings_initializer)
        self._set(embeddings_regularizer=embeddings_regularizer, embeddings_constraint=embeddings_constraint)
        self._set(mask_zero=mask_zero, embeddings=None)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the table."""
        shape = (self.input_dim, self.output_dim)
        self.embeddings = self.add_weight(shape, name="embeddings", **settings.of_weight(self, "embeddings"))

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Do nothing: integers may come in any shape."""

    def call(self, x: Tensor) -> Tensor:
        """Map integers (samples, ...) to vectors (samples, ..., output_dim)."""
        if x.dtype.kind == "b":
            raise DTypeError(f"layer {self.name}: needs integers, got {x.dtype}")
        check_values(x, partial(_check, self.name, self.input_dim), below=self.input_dim)
        return take(self.embeddings, x.astype(INT64) if is_float(x.dtype) else x, axis=0)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Tensor | None:
        """Return which integers are not 0, if those do not count; otherwise None."""
        return not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the shape with `output_dim` behind it."""
        return (*input_shape, self.output_dim)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        own = {"input_dim": self.input_dim, "output_dim": self.output_dim, "mask_zero": self.mask_zero}
        return super().get_config() | own | settings.described(self, *_WEIGHTS)


def _check(name, count, values):
    """Raise an error unless all values are whole numbers from 0 to `count - 1`."""
    if values.dtype.kind == "f" and not np.array_equal(values, np.trunc(values)):
        raise ArgumentError(
            f"layer {name}: needs integers, or whole numbers, got {values[values != np.trunc(values)][0]}"
        )
    if values.size and not (values.min() >= 0 and values.max() < count):
        bad = values[(values < 0) | (values >= count)][0]
        raise OutOfRange(f"layer {name}: {bad} is none of the integers from 0 to {count - 1} that it has vectors for")
