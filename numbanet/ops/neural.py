"""Softmax, and its cross-entropy fused."""

from __future__ import annotations

from functools import partial

import numpy as np

from numbanet.core.dtypes import INT64, promote
from numbanet.core.shapes import normalize_axis
from numbanet.core.table import Case
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.kernels.memory import empty
from numbanet.launching.copies import contiguous, converted
from numbanet.launching.launch import Kernel
from numbanet.loops import softmax as loops
from numbanet.ops.declare import REAL, as_floating, primitive
from numbanet.ops.documentation import document
from numbanet.ops.functions import exp
from numbanet.ops.indexing import one_hot
from numbanet.ops.reduce import sum
from numbanet.tensor.listeners import check_values
from numbanet.tensor.planned import planned
from numbanet.tensor.tensor import Tensor, apply, asarray
from numbanet.typing import ArrayLike, Integer

_BOOK = "Goodfellow, Bengio, Courville: Deep Learning, section 6.2.2.3."


def _along_rows(kernel):
    """A forward that runs `kernel` on rows of the wanted axis."""

    def forward(x, axis):
        x = as_floating(x)
        if not x.size:
            return x
        rows = contiguous(np.moveaxis(x, axis, -1))
        out = empty(rows.shape, x.dtype)
        width = rows.shape[-1]
        kernel(rows.size // width, rows.reshape(-1, width), out.reshape(-1, width), cost=width * 6.0)
        return np.moveaxis(out, -1, axis)

    return forward


@planned
def softmax(x: ArrayLike, axis: Integer = -1) -> Tensor:
    x = asarray(x)
    return apply(_softmax, x, axis=normalize_axis("softmax", axis, x.ndim))


def _softmax_reference(x, axis):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


_CASES = (Case((REAL,), shapes=((3, 5),), params={"axis": -1}), Case((REAL,), shapes=((2, 3, 2),), params={"axis": 1}))
_softmax = primitive(
    "softmax", softmax, _along_rows(Kernel(loops.softmax)), family="neural", reference=_softmax_reference, cases=_CASES,
    vjp=(lambda g, y, x, axis: y * (g - sum(g * y, axis=axis, keepdims=True)),),
)  # fmt: skip
document(
    softmax, "Divide exponentials by their sum, which makes probabilities of scores.",
    {"axis": "int\n    Which sums to 1."},
    "Of the shape of `x`.", "[1.0, 1.0]", "Tensor([0.5, 0.5], shape=(2,), dtype=float32)", source=_BOOK,
)  # fmt: skip


@planned
def log_softmax(x: ArrayLike, axis: Integer = -1) -> Tensor:
    x = asarray(x)
    return apply(_log_softmax, x, axis=normalize_axis("log_softmax", axis, x.ndim))


_log_softmax = primitive(
    "log_softmax", log_softmax, _along_rows(Kernel(loops.log_softmax)), family="neural", cases=_CASES,
    reference=lambda x, axis: np.log(_softmax_reference(x, axis)),
    vjp=(lambda g, y, x, axis: g - exp(y) * sum(g, axis=axis, keepdims=True),),
)  # fmt: skip
document(
    log_softmax, "Return the logarithm of softmax, accurate where probabilities are tiny.",
    {"axis": "int\n    The dimension along which the probabilities add up to 1."},
    "Of the shape of `x`.",
    "[1.0, 1.0]", "Tensor([-0.6931472, -0.6931472], shape=(2,), dtype=float32)", source=_BOOK,
)  # fmt: skip

_cross_entropy = Kernel(loops.softmax_cross_entropy)
_cross_entropy_gradient = Kernel(loops.softmax_cross_entropy_gradient)
_cross_entropy_and_gradient = Kernel(loops.softmax_cross_entropy_and_gradient)


def _cross_entropy_forward(logits, labels):
    logits = contiguous(as_floating(logits))
    out = empty((len(logits),), logits.dtype)
    _cross_entropy(len(logits), logits, labels, out, cost=logits.shape[1] * 6.0)
    return out


def _cross_entropy_gradient_forward(g, logits, labels):
    common = promote("softmax_cross_entropy_gradient", g.dtype, logits.dtype)
    g, logits = contiguous(converted(g, common)), contiguous(converted(logits, common))
    out = empty(logits.shape, common)
    _cross_entropy_gradient(len(logits), g, logits, labels, out, cost=logits.shape[1] * 6.0)
    return out


def cross_entropy_and_gradient(g, logits, labels):
    """Both results at once, on arrays of one floating dtype: what a pass puts in place of the two ops."""
    g, logits = contiguous(g), contiguous(logits)
    losses, out = empty(logits.shape[:1], logits.dtype), empty(logits.shape, logits.dtype)
    _cross_entropy_and_gradient(len(logits), g, logits, labels, losses, out, cost=logits.shape[1] * 6.0)
    return losses, out


@planned
def softmax_cross_entropy(logits: ArrayLike, labels: ArrayLike) -> Tensor:
    logits, labels = asarray(logits), asarray(labels)
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or not logits.shape[1]:
        raise ShapeError(
            "softmax_cross_entropy: needs logits (rows, classes) and labels (rows,), "
            f"got {logits.shape} and {labels.shape}"
        )
    if labels.dtype.kind not in "iu":
        raise DTypeError(f"softmax_cross_entropy: labels must be integers, got {labels.dtype}")
    check_values(labels, partial(_check_labels, logits.shape[1]), below=logits.shape[1])
    return cross_entropy_of_checked(logits, labels)


def cross_entropy_of_checked(logits, labels):
    """`softmax_cross_entropy` of operands that were checked already."""
    return apply(_softmax_cross_entropy, logits, labels.astype(INT64))


def _check_labels(classes, labels):
    if labels.size and not (labels.min() >= 0 and labels.max() < classes):
        bad = int(labels.min()) if labels.min() < 0 else int(labels.max())
        raise ArgumentError(f"softmax_cross_entropy: label {bad} is outside the {classes} classes 0 to {classes - 1}")


@planned
def softmax_cross_entropy_gradient(g, logits, labels):
    return apply(_softmax_cross_entropy_gradient, g, logits, labels)


def _softmax_minus_label(logits, labels):
    return softmax(logits) - one_hot(labels, logits.shape[1], logits.dtype)


def _gradient_by_logits(h, y, g, logits, labels):
    """The derivative of g * (softmax - label) by the logits: softmax's own rule, rows weighted by g."""
    p = softmax(logits)
    weighted = h * g.reshape((-1, 1))
    return p * (weighted - sum(weighted * p, axis=1, keepdims=True))


_LABELS = np.array([1, 0, 4])
_softmax_cross_entropy = primitive(
    "softmax_cross_entropy", softmax_cross_entropy, _cross_entropy_forward, family="neural",
    vjp=(lambda g, y, logits, labels: softmax_cross_entropy_gradient(g, logits, labels), None),
    reference=lambda logits, labels: -np.log(_softmax_reference(logits, -1))[np.arange(len(labels)), labels],
    cases=(Case((REAL,), shapes=((3, 5),), params={"labels": _LABELS}),),
)  # fmt: skip
_softmax_cross_entropy_gradient = primitive(
    "softmax_cross_entropy_gradient", softmax_cross_entropy_gradient, _cross_entropy_gradient_forward, family="neural",
    vjp=(lambda h, y, g, z, labels: sum(h * _softmax_minus_label(z, labels), axis=1), _gradient_by_logits, None),
    reference=lambda g, z, labels: g[:, None] * (_softmax_reference(z, -1) - np.eye(z.shape[1])[labels]),
    cases=(Case((REAL, REAL), shapes=((3,), (3, 5)), params={"labels": _LABELS}),),
)  # fmt: skip
document(
    softmax_cross_entropy,
    "Return minus the logarithm of the probability that softmax gives to the label, per row, in one pass.",
    {"labels": "integer array-like, (rows,)\n    In 0..classes."}, "Of shape (rows,).", "[[0.0, 0.0]], [1]",
    "Tensor([0.6931472], shape=(1,), dtype=float32)", source=_BOOK,
    first=("logits", "array-like, (rows, classes)\n    Scores before softmax; floating."),
)  # fmt: skip
document(
    softmax_cross_entropy_gradient,
    "Return the gradient of softmax_cross_entropy with respect to its logits, in one pass.",
    {"logits": "array-like, (rows, classes)", "labels": "integer array-like, (rows,)"}, "Of shape (rows, classes).",
    "[1.0], [[0.0, 0.0]], [1]", "Tensor([[ 0.5, -0.5]], shape=(1, 2), dtype=float32)", source=_BOOK,
    first=("g", "array-like, (rows,)\n    The gradient of the losses."),
)  # fmt: skip
