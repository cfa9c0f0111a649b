"""Multi-head attention: several attentions side by side, each with projections of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from numbanet.core.checks import is_integer
from numbanet.core.shapes import as_shape
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.attention import weighted
from numbanet.layers.dot_product_attention import NEVER, attend, causal_mask
from numbanet.layers.inputs import check_as_many
from numbanet.layers.layer import Layer
from numbanet.layers.masks import checked_mask, several_masks
from numbanet.ops.activations import sigmoid
from numbanet.ops.elementwise import logical_and, not_equal, where
from numbanet.ops.linalg import dot, matmul
from numbanet.ops.masks import mask_of
from numbanet.ops.shaping import expand_dims, matrix_transpose, permute_dims, reshape
from numbanet.tensor.tensor import in_common_dtype
from numbanet.typing import Config, ConstraintLike, DType, InitializerLike, Integer, Real, RegularizerLike, Seed, Shape

WEIGHTS = settings.weights("kernel", "bias")
PARTS = ("query", "key", "gate", "value", "attention_output")


def _sizes(layer, name, value):
    return as_shape(value, f"layer {layer.name}: {name}")


def _axes(layer, name, value):
    given = (value,) if is_integer(value) else value
    if given is not None and tuple(given) != (1,):
        raise ArgumentError(
            f"layer {layer.name}: {name} must be None or 1, the steps of (samples, steps, size), got {value!r}"
        )
    return value


class MultiHeadAttention(Layer):
    """Attention of Transformers: queries, keys and values are projected for each head, and so are the results.

    Of each head, the weights are `softmax(q @ k.T / sqrt(key_dim))`. With a gate, the results of a head are multiplied
    by the sigmoid of a projection of the queries.

    Parameters
    ----------
    num_heads : int
    key_dim : int
        The size of queries and keys of a head.
    value_dim : int, optional
        The size of the values of a head; `key_dim` if not given.
    dropout : float
        The part of the weights that is dropped in training.
    use_bias : bool
    output_shape : int or tuple of int, optional
        Of the result of a step; that of a query if not given.
    attention_axes : int, optional
        1, the steps: no others are supported.
    sliding_window : int, optional
        Queries look only at keys that are less than this many steps away from them, on either side.
    flash_attention : bool, optional
        Has no meaning here: scores are never kept, unless weights are dropped or asked for.
    kernel_initializer, bias_initializer : str or callable
        Names of `nn.initializers`, or `f(shape, dtype, rng)`.
    kernel_regularizer, bias_regularizer : str or callable, optional
        Names of `nn.regularizers`, or `f(weight)`: penalties that training adds to the loss.
    activity_regularizer
        As in Layer.
    kernel_constraint, bias_constraint : str or callable, optional
        Names of `nn.constraints`, or `f(weight)`: what is put in place of a weight after each update.
    use_gate : bool
        Whether there is a gate.
    name, dtype
        As in Layer.

    Raises
    ------
    ArgumentError
        When a setting is not what it must be.
    ShapeError
        When the shapes do not fit.

    References
    ----------
    Keras 3, keras.layers.MultiHeadAttention; Vaswani et al.: Attention Is All You Need, 2017, arXiv:1706.03762. The
    gate: Qiu et al.: Gated Attention for Large Language Models, 2025, arXiv:2505.06708.

    Examples
    --------
    >>> import numbanet as nn
    >>> layer = nn.layers.MultiHeadAttention(num_heads=2, key_dim=3)
    >>> x = nn.ones((1, 5, 4))
    >>> layer(x, x, use_causal_mask=True).shape
    (1, 5, 4)
    """

    takes_structures = True
    supports_masking = True
    _settings: ClassVar[dict] = {
        "num_heads": settings.positive_integer,
        "key_dim": settings.positive_integer,
        "value_dim": settings.optional(settings.positive_integer),
        "dropout": settings.rate,
        "use_bias": settings.flag,
        "output_shape": settings.optional(_sizes),
        "attention_axes": _axes,
        "sliding_window": settings.optional(settings.positive_integer),
        "flash_attention": settings.optional(settings.flag),
        "use_gate": settings.flag,
        **WEIGHTS,
    }
    _fixed = ("dtype", "num_heads", "key_dim", "value_dim", "use_bias", "output_shape", "use_gate", *WEIGHTS)
    num_heads: int
    key_dim: int
    value_dim: int | None
    dropout: float
    use_bias: bool
    output_shape: tuple[int, ...] | None
    attention_axes: Any
    sliding_window: int | None = None
    flash_attention: bool | None = None
    use_gate: bool = False
    kernel_initializer: Callable[..., Any]
    bias_initializer: Callable[..., Any]
    kernel_regularizer: Callable[..., Any] | None
    bias_regularizer: Callable[..., Any] | None
    kernel_constraint: Callable[..., Any] | None
    bias_constraint: Callable[..., Any] | None
    _kernels: Any
    _biases: Any

    def __init__(
        self, num_heads: Integer, key_dim: Integer, value_dim: Integer | None = None, dropout: Real = 0.0,
        use_bias: bool = True, output_shape: Shape | None = None, attention_axes: Any = None,
        sliding_window: Integer | None = None, flash_attention: bool | None = None, *,
        kernel_initializer: InitializerLike = "glorot_uniform", bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None, bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None, kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None, use_gate: bool = False, name: str | None = None, dtype: DType = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype, activity_regularizer=activity_regularizer)
        self._set(num_heads=num_heads, key_dim=key_dim, value_dim=value_dim, dropout=dropout, use_bias=use_bias)
        self._set(output_shape=output_shape, attention_axes=attention_axes, kernel_initializer=kernel_initializer)
        self._set(bias_initializer=bias_initializer, kernel_regularizer=kernel_regularizer)
        self._set(bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint)
        self._set(bias_constraint=bias_constraint, sliding_window=sliding_window, flash_attention=flash_attention)
        self._set(use_gate=use_gate)
        self._kernels, self._biases = {}, {}

    def _shapes(self, given):
        """Return the shapes of query, value and key; ShapeError unless they fit."""
        if not given or not isinstance(given[0], (list, tuple)) or len(given) not in (3, 4):
            raise ArgumentError(f"layer {self.name}: needs query, value and maybe key, got {given}")
        query, value, key = given[:3]
        if any(len(one) != 3 for one in (query, value, key)) or value[1] != key[1]:
            raise ShapeError(
                f"layer {self.name}: query, value and key (samples, steps, size) do not fit: {query}, {value}, {key}"
            )
        return query, value, key

    def build(self, input_shape: Any) -> None:
        """Make the projections for query, value and key (samples, steps, size)."""
        query, value, key = self._shapes(input_shape)
        heads, size = self.num_heads, self.value_dim or self.key_dim
        out = self.output_shape or (query[2],)
        shapes = [(query[2], heads, self.key_dim), (key[2], heads, self.key_dim)]
        shapes += [(query[2], heads, size), (value[2], heads, size)]
        kernels = dict(zip(PARTS, (*shapes, (heads, size, *out)), strict=True))
        biases = dict(zip(PARTS, (*[shape[1:] for shape in shapes], out), strict=True))
        of_kernel, of_bias = settings.of_weight(self, "kernel"), settings.of_weight(self, "bias")
        for part in PARTS if self.use_gate else [one for one in PARTS if one != "gate"]:
            self._kernels[part] = self.add_weight(kernels[part], name=f"{part}/kernel", **of_kernel)
            if self.use_bias:
                self._biases[part] = self.add_weight(biases[part], name=f"{part}/bias", **of_bias)

    def check_input(self, input_shape: Any) -> None:
        """Raise ShapeError unless query, value and key have the sizes that the layer was built for."""
        shapes = self._shapes(input_shape)
        known = [self._kernels[part].shape[0] for part in ("query", "value", "key")]
        if [shape[2] for shape in shapes] != known:
            raise ShapeError(
                f"layer {self.name}: built for query, value and key of sizes {known}, called with {shapes}"
            )

    def __call__(  # type: ignore[override]  # it takes several tensors
        self, query: Any, value: Any = None, key: Any = None, query_mask: Any = None, value_mask: Any = None,
        key_mask: Any = None, attention_mask: Any = None, return_attention_scores: bool = False,
        training: bool | None = None, use_causal_mask: bool = False, rng: Seed = None, mask: Any = None,
        logits: bool = False,
    ) -> Any:  # fmt: skip
        """Compute what each query takes from the values.

        Parameters
        ----------
        query : array-like, (samples, queries, size)
            Or a list of query, value, key and, if there is one, attention_mask.
        value : array-like, (samples, keys, size)
        key : array-like, (samples, keys, size), optional
            The values, if not given.
        query_mask, value_mask, key_mask : array-like of bool, (samples, steps), optional
            False for steps that do not count; those of the layers before, if not given.
        attention_mask : array-like of bool, (samples, queries, keys), optional
            False where a query must not look at a key.
        return_attention_scores : bool
            Whether to return the weights as well, (samples, heads, queries, keys).
        training : bool, optional
            Whether to drop out.
        use_causal_mask : bool
            Whether queries look only at keys that do not come after them.
        rng : int or numpy.random.Generator, optional
        mask : list of array-like, optional
            The masks as one list.
        logits : bool
            Has no meaning here.

        Returns
        -------
        Tensor, or a tuple of it and the weights
            (samples, queries, size).
        """
        if value is None and isinstance(query, (list, tuple)):
            several = [*query]
        else:
            several = [query, value, value if key is None else key]
            several += [] if attention_mask is None else [attention_mask]
        if len(several) == 2:
            several.append(several[1])
        given = (query_mask, value_mask, key_mask)
        noted = [own if own is not None else mask_of(x) for own, x in zip(given, several, strict=False)]
        masks = noted if mask is None else several_masks(self, mask)
        named = {"return_attention_scores": return_attention_scores, "use_causal_mask": use_causal_mask}
        options = {name: True for name, value in named.items() if settings.flag(self, name, value)}
        none = all(one is None for one in masks)
        return super().__call__(several, training, rng, False, None if none else masks, **options)

    def call(
        self, x: Any, mask: Any = None, training: bool = False, rng: Seed = None, return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:  # fmt: skip
        """Return the projected results of all heads, and the weights if they are asked for."""
        query, value, key = x[:3]
        check_as_many(self, x[:3])
        size = self.value_dim or self.key_dim
        q, k = self._projected(query, "query", self.key_dim), self._projected(key, "key", self.key_dim)
        v, weights = self._projected(value, "value", size), None
        if return_attention_scores or (training and self.dropout):
            heads, weights = self._with_weights(q, k, v, self._allowed(x, mask, use_causal_mask), training, rng)
        else:
            allowed = self._allowed(x, mask, causal=False)
            masks = [] if allowed is None else [reshape(allowed, (*(1,) * (4 - allowed.ndim), *allowed.shape))]
            tensors = in_common_dtype(f"layer {self.name}", [q, k, v])
            scale = 1 / math.sqrt(self.key_dim)
            heads = attend(*tensors, *masks, has_bias=False, scale=scale, is_causal=use_causal_mask)
        if self.use_gate:
            heads = heads * sigmoid(self._projected(query, "gate", size))
        samples, queries = query.shape[:2]
        joined = reshape(heads, (samples, queries, self.num_heads * size))
        kernel = self._kernels["attention_output"]
        out = kernel.shape[2:]
        output = dot(joined, reshape(kernel, (self.num_heads * size, math.prod(out))))
        output = reshape(output, (samples, queries, *out))
        output = output + self._biases["attention_output"] if self.use_bias else output
        return (output, weights) if return_attention_scores else output

    def _with_weights(self, q, k, v, allowed, training, rng):
        """Return the results of the heads and the weights, of which some may be dropped."""
        q, k, v = (permute_dims(one, (0, 2, 1, 3)) for one in (q, k, v))
        scores = matmul(q * (1 / math.sqrt(self.key_dim)), matrix_transpose(k))
        if allowed is not None:
            scores = where(allowed, scores, NEVER)
        heads, weights = weighted(scores, v, self.dropout, training, rng)
        return permute_dims(heads, (0, 2, 1, 3)), weights

    def _projected(self, x, part, size):
        """Return what the heads see of `x`, (samples, steps, heads, size)."""
        wide = self.num_heads * size
        y = dot(x, reshape(self._kernels[part], (x.shape[2], wide)))
        if self.use_bias:
            y = y + reshape(self._biases[part], (wide,))
        return reshape(y, (*x.shape[:2], self.num_heads, size))

    def _allowed(self, x, mask, causal):
        """Return which keys queries may look at, booleans that broadcast to the scores; None for all."""
        query, value = x[:2]
        queries, keys = query.shape[1], value.shape[1]
        found: list[Any] = []
        of_query, of_value, of_key = [*(mask or ()), None, None, None][:3]
        if of_query is not None:
            found.append(reshape(self._steps_mask(of_query, query), (query.shape[0], 1, queries, 1)))
        for one in (of_value, of_key):
            if one is not None:
                found.append(reshape(self._steps_mask(one, value), (value.shape[0], 1, 1, keys)))
        if causal:
            found.append(causal_mask(queries, keys))
        if self.sliding_window is not None:
            found.append(np.abs(np.subtract.outer(np.arange(queries), np.arange(keys))) < self.sliding_window)
        if len(x) == 4:
            found.append(self._attention_mask(x[3], (query.shape[0], queries, keys)))
        allowed = None
        for one in found:
            allowed = one if allowed is None else logical_and(allowed, one)
        return allowed

    def _steps_mask(self, mask: Any, x: Any) -> Any:
        return checked_mask(self, mask, x.shape[:2])

    def _attention_mask(self, mask, shape):
        mask = mask if mask.dtype.kind == "b" else not_equal(mask, 0)
        wanted = (shape[1:], shape, (1, *shape[1:]), (shape[0], 1, shape[2]))
        if mask.ndim == 4 and mask.shape[-3] in (1, self.num_heads) and (mask.shape[0], *mask.shape[2:]) in wanted:
            return mask
        if mask.shape not in wanted:
            raise ShapeError(f"layer {self.name}: needs an attention_mask of shape {shape}, got {mask.shape}")
        return mask if mask.ndim == 2 else expand_dims(mask, 1)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the queries."""
        return None if previous_mask is None else previous_mask[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the result."""
        query = self._shapes(input_shape)[0]
        return (*query[:-1], *(self.output_shape or query[-1:]))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        names = ("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "output_shape", "attention_axes")
        later = ("sliding_window", "flash_attention", "use_gate")
        described = settings.described(self, *WEIGHTS)
        return super().get_config() | {name: getattr(self, name) for name in (*names, *later)} | described
