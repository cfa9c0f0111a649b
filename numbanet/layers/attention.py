"""Attention: each query takes a mean of values, weighted by how well their keys fit."""

from __future__ import annotations

from typing import Any, ClassVar

from numbanet.core.random import as_generator
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.affine import floating
from numbanet.layers.dot_product_attention import attend, causal_mask
from numbanet.layers.inputs import check_as_many
from numbanet.layers.layer import Layer
from numbanet.layers.masks import checked_mask, several_masks
from numbanet.ops.dropout import dropout
from numbanet.ops.elementwise import logical_and, where
from numbanet.ops.functions import tanh
from numbanet.ops.linalg import matmul
from numbanet.ops.neural import softmax
from numbanet.ops.reduce import sum
from numbanet.ops.shaping import expand_dims, matrix_transpose, reshape
from numbanet.tensor.listeners import draw_seed
from numbanet.tensor.tensor import Tensor, in_common_dtype
from numbanet.typing import Config, DType, Real


def weighted(scores: Tensor, value: Tensor, rate: float, training: bool, rng: Any) -> tuple[Tensor, Tensor]:
    """Return the means of values with the softmax of scores as weights, and the weights.

    Parameters
    ----------
    scores : Tensor, (..., queries, keys)
    value : Tensor, (..., keys, size)
    rate : float
        The part of the weights that is dropped in training.
    training : bool
    rng : numpy.random.Generator or None

    Returns
    -------
    (Tensor, Tensor)
        (..., queries, size) and (..., queries, keys).
    """
    weights = softmax(scores, axis=-1)
    if training and rate:
        weights = dropout(weights, rate, draw_seed(as_generator(rng)))
    return matmul(weights, value), weights


class Attention(Layer):
    """Attention of Luong: scores are products of queries and keys.

    It is called with a list: queries (samples, queries, size), values (samples, keys, size) and, if they are others,
    keys (samples, keys, size). A mask is a list as well, [query mask, value mask] of booleans.

    Parameters
    ----------
    use_scale : bool
        Whether to multiply the scores by a number that is learned.
    score_mode : {"dot", "concat"}
        Products, or `sum(tanh(query + key))` times a number that is learned.
    dropout : float
        The part of the weights that is dropped in training.
    name, dtype
        As in Layer.

    Raises
    ------
    ArgumentError
        When it is not called with two or three tensors.
    ShapeError
        When the shapes do not fit.

    References
    ----------
    Keras 3, keras.layers.Attention; Luong, Pham, Manning: Effective Approaches to Attention-based Neural Machine
    Translation, 2015, arXiv:1508.04025.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Attention()([nn.ones((1, 2, 4)), nn.ones((1, 3, 4))]).shape
    (1, 2, 4)
    """

    several_inputs = True
    supports_masking = True

    _settings: ClassVar[dict] = {
        "use_scale": settings.flag,
        "score_mode": settings.choice("dot", "concat"),
        "dropout": settings.rate,
    }
    _fixed = ("dtype", "use_scale", "score_mode")
    use_scale: bool
    score_mode: str
    dropout: float
    scale: Any
    concat_score_weight: Any

    def __init__(
        self, use_scale: bool = False, score_mode: str = "dot", dropout: Real = 0.0, *, name: str | None = None,
        dtype: DType = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype)
        self._set(use_scale=use_scale, score_mode=score_mode, dropout=dropout, scale=None, concat_score_weight=None)

    def build(self, input_shape: Any) -> None:
        """Make the numbers that scores are multiplied by."""
        self._checked(input_shape, list(input_shape))
        if self.use_scale:
            self.scale = self.add_weight((), "ones", "scale")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", "concat_score_weight")

    def check_input(self, input_shape: Any) -> None:
        """Raise an error unless queries, values and keys of these shapes fit."""
        self._checked(input_shape, list(input_shape))

    def _checked(self, given, shapes):
        if not shapes or not isinstance(shapes[0], (list, tuple)) or len(shapes) not in (2, 3):
            raise ArgumentError(f"layer {self.name}: needs a list [query, value] or [query, value, key], got {given}")
        query, value, key = shapes[0], shapes[1], shapes[-1]
        if any(len(one) != 3 for one in shapes) or query[2] != key[2] or value[1] != key[1]:
            raise ShapeError(
                f"layer {self.name}: query, value and key (samples, steps, size) do not fit: {query}, {value}, {key}"
            )

    def call(
        self, x: Any, mask: Any = None, training: bool = False, rng: Any = None, return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:  # fmt: skip
        """Return the means of values (samples, queries, size), and their weights if they are asked for."""
        return_attention_scores = settings.flag(self, "return_attention_scores", return_attention_scores)
        use_causal_mask = settings.flag(self, "use_causal_mask", use_causal_mask)
        check_as_many(self, x)
        query, value, key = (floating(self, one) for one in (x[0], x[1], x[-1]))
        masks = [None] * 2 if mask is None else several_masks(self, mask, least=2)
        seen = checked_mask(self, masks[1], value.shape[:2])
        of_query = checked_mask(self, masks[0], query.shape[:2])
        allowed: Any = None if seen is None else expand_dims(seen, 1)
        composed = return_attention_scores or (training and self.dropout) or not self._takes_products()
        causal = use_causal_mask and not composed and allowed is None  # which one op does by itself
        if use_causal_mask and not causal:
            earlier = causal_mask(query.shape[1], key.shape[1])
            allowed = earlier if allowed is None else logical_and(allowed, earlier)
        weights = None
        if composed:
            scores = self._scores(query, key)
            if allowed is not None:
                scores = where(allowed, scores, scores - 1e9)
            output, weights = weighted(scores, value, self.dropout, training, rng)
        else:
            output = self._attended(query, key, value, allowed, causal)
        if of_query is not None:
            output = where(expand_dims(of_query, -1), output, 0.0)
        return (output, weights) if return_attention_scores else output

    def _takes_products(self):
        """Return whether scores are products of queries and keys."""
        return self.score_mode == "dot"

    def _attended(self, query, key, value, allowed, causal):
        """Return the means of values, without all scores in memory: a mask is a bias of -1e9."""
        query = query if self.scale is None else query * self.scale
        tensors = [expand_dims(x, 2) for x in (query, key, value)]
        if allowed is not None:
            bias = where(allowed, 0.0, -1e9)
            samples = len(bias) if bias.ndim == 3 else 1  # none of the sizes need be known from the others: it may be 0
            tensors.append(reshape(bias, (samples, 1, *bias.shape[-2:])))
        tensors = in_common_dtype(f"layer {self.name}", tensors)
        return attend(*tensors, has_bias=allowed is not None, scale=1.0, is_causal=causal)[:, :, 0]

    def _scores(self, query, key):
        """Return how well keys fit queries, (samples, queries, keys)."""
        if self.score_mode == "dot":
            scores = matmul(query, matrix_transpose(key))
            return scores if self.scale is None else scores * self.scale
        both = expand_dims(query, 2) + expand_dims(key, 1)
        return self.concat_score_weight * sum(tanh(both if self.scale is None else self.scale * both), axis=-1)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the queries."""
        return None if previous_mask is None else previous_mask[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the queries with the size of the values."""
        self._checked(input_shape, list(input_shape))
        return (*input_shape[0][:-1], input_shape[1][-1])

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        names = ("use_scale", "score_mode", "dropout")
        return super().get_config() | {name: getattr(self, name) for name in names}


class AdditiveAttention(Attention):
    """Attention of Bahdanau: scores are `sum(scale * tanh(query + key))`.

    It is called like Attention.

    Parameters
    ----------
    use_scale : bool
        Whether there is a `scale` (size,) that is learned.
    dropout : float
        The part of the weights that is dropped in training.
    name, dtype
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.AdditiveAttention; Bahdanau, Cho, Bengio: Neural Machine Translation by Jointly Learning to
    Align and Translate, 2014, arXiv:1409.0473.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.AdditiveAttention()([nn.ones((1, 2, 4)), nn.ones((1, 3, 4))]).shape
    (1, 2, 4)
    """

    def __init__(
        self, use_scale: bool = True, dropout: Real = 0.0, *, name: str | None = None, dtype: DType = None
    ) -> None:
        super().__init__(use_scale, "dot", dropout, name=name, dtype=dtype)

    def build(self, input_shape: Any) -> None:
        """Make the scale."""
        self._checked(input_shape, list(input_shape))
        if self.use_scale:
            self.scale = self.add_weight((input_shape[0][-1],), "glorot_uniform", "scale")

    def _takes_products(self):
        return False

    def _scores(self, query, key):
        """Return how well keys fit queries, (samples, queries, keys)."""
        terms = tanh(expand_dims(query, 2) + expand_dims(key, 1))
        return sum(terms if self.scale is None else self.scale * terms, axis=-1)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        config = super().get_config()
        del config["score_mode"]
        return config
