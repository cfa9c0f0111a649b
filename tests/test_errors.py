"""What wrong arguments of operations and tensors raise, and the words in it that say what was given."""

import re

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, GradientError, ShapeError

ONE, PAIR, SQUARE = nn.asarray(1.0), nn.asarray([1.0, 2.0]), nn.zeros((2, 2))

WRONG = {
    "einsum characters": (lambda: nn.einsum("i1,i->", PAIR, PAIR), ArgumentError, "got 'i1,i->'"),
    "einsum operands": (lambda: nn.einsum("i,i->", PAIR), ArgumentError, "describes 2 operands, got 1"),
    "einsum result": (lambda: nn.einsum("i->k", PAIR), ArgumentError, "the result 'k' must use letters"),
    "einsum result twice": (lambda: nn.einsum("i->ii", PAIR), ArgumentError, "each once"),
    "einsum dimensions": (lambda: nn.einsum("ij->i", PAIR), ShapeError, "'ij' does not fit shape (2,)"),
    "einsum diagonal": (lambda: nn.einsum("ii->i", nn.ones((2, 3))), ShapeError, "'ii->i' wants the diagonal of"),
    "einsum sizes": (lambda: nn.einsum("i,i->", PAIR, nn.zeros(3)), ShapeError, "'i' is 2 in one operand and 3"),
    "permute_dims": (lambda: nn.permute_dims(SQUARE, (0, 0)), ShapeError, "(0, 0) do not name each of the 2"),
    "matrix_transpose": (lambda: nn.matrix_transpose(PAIR), ShapeError, "at least 2 dimensions, got shape (2,)"),
    "broadcast_to": (lambda: nn.broadcast_to(SQUARE, (1, 2)), ShapeError, "(2, 2) does not broadcast to (1, 2)"),
    "squeeze": (lambda: nn.squeeze(SQUARE, 0), ShapeError, "other than 1 along axis 0"),
    "concat": (lambda: nn.concat([SQUARE, nn.zeros((3, 3))]), ShapeError, "(2, 2), (3, 3) must agree in all but"),
    "concat of none": (lambda: nn.concat([]), ArgumentError, "concat: needs a list or tuple of at least one"),
    "stack": (lambda: nn.stack([PAIR, SQUARE]), ShapeError, "shapes must be equal, got (2,), (2, 2)"),
    "split": (lambda: nn.split(nn.zeros(5), 2), ShapeError, "2 equal parts do not fit axis 0 of shape (5,)"),
    "split in none": (lambda: nn.split(PAIR, 0), ShapeError, "0 equal parts"),
    "roll": (lambda: nn.roll(SQUARE, (1, 2), (0, 1, 1)), ArgumentError, "2 shifts for 3 axes"),
    "pad": (lambda: nn.pad(PAIR, (1, 2, 3)), ArgumentError, "is not (before, after), integers, for 1 dimensions"),
    "pad by less": (lambda: nn.pad(PAIR, -1), ArgumentError, "widths cannot be negative, got -1"),
    "matmul of none": (lambda: nn.matmul(ONE, PAIR), ShapeError, "got () and (2,); use multiply"),
    "matmul of vectors": (lambda: nn.matmul(nn.zeros(3), PAIR), ShapeError, "(3,) and (2,) do not fit: 3 != 2"),
    "matmul": (lambda: nn.matmul(SQUARE, nn.zeros((3, 2))), ShapeError, "(2, 2) and (3, 2) do not fit: 2 != 3"),
    "tensordot": (lambda: nn.tensordot(SQUARE, nn.zeros((3, 2)), 1), ShapeError, "have different sizes"),
    "softmax_cross_entropy": (
        lambda: nn.softmax_cross_entropy(SQUARE, [0]), ShapeError, "labels (rows,), got (2, 2) and (1,)",
    ),
    "float labels": (lambda: nn.softmax_cross_entropy(SQUARE, PAIR), DTypeError, "must be integers, got float32"),
    "searchsorted side": (lambda: nn.searchsorted(PAIR, ONE, side="up"), ArgumentError, "or 'right', got 'up'"),
    "searchsorted": (lambda: nn.searchsorted(SQUARE, ONE), ShapeError, "of one dimension, got shape (2, 2)"),
    "searchsorted sorter": (
        lambda: nn.searchsorted(PAIR, ONE, sorter=PAIR), DTypeError, "sorter must be integer, got float32",
    ),
    "topk": (lambda: nn.topk(PAIR, 3), ArgumentError, "last size of shape (2,), got 3"),
    "take": (lambda: nn.take(PAIR, PAIR, 0), DTypeError, "take: indices must be integers, got float32"),
    "take_along_axis": (lambda: nn.take_along_axis(SQUARE, [0], 0), ShapeError, "shape (1,) need the 2 dimensions"),
    "one_hot": (lambda: nn.one_hot(PAIR, 2), DTypeError, "one_hot: indices must be integers, got float32"),
    "one_hot of none": (lambda: nn.one_hot([0], 0), ArgumentError, "must be an integer, at least 1, got 0"),
    "meshgrid indexing": (lambda: nn.meshgrid(PAIR, indexing="yx"), ArgumentError, "'xy' or 'ij', got 'yx'"),
    "meshgrid": (lambda: nn.meshgrid(PAIR, SQUARE), ShapeError, "of one dimension, got (2,), (2, 2)"),
    "tril": (lambda: nn.tril(PAIR), ShapeError, "tril: needs at least 2 dimensions, got shape (2,)"),
    "diff": (lambda: nn.diff(PAIR, n=-1), ArgumentError, "must be an integer, at least 0, got -1"),
    "arange": (lambda: nn.arange(0, 3, 0), ArgumentError, "step cannot be 0"),
    "dtype": (lambda: nn.zeros(2, dtype="float33"), DTypeError, "'float33' is no dtype"),
    "result_type": (lambda: nn.result_type(), ArgumentError, "at least one array, dtype or number"),
    "length": (lambda: len(ONE), DTypeError, "without dimensions; use t.item()"),
    "iteration": (lambda: iter(ONE), DTypeError, "without dimensions; use t.item()"),
    "index": (lambda: [1, 2][ONE], DTypeError, "only an integer tensor can be an index, this one is float32"),
    "stream": (lambda: ONE.to_device("cpu", stream=1), ArgumentError, "stream must be None, got 1"),
    "no copy": (lambda: np.array(ONE, dtype=np.float64, copy=False), ArgumentError, "needs a copy, but copy=False"),
    "asarray without copy": (
        lambda: nn.asarray(ONE, dtype=nn.float64, copy=False), ArgumentError, "float32 to float64 needs a copy",
    ),
    "Tensor": (lambda: nn.Tensor([1.0]), ArgumentError, "make tensors with nn.asarray(...), got list"),
    "source": (lambda: nn.GradientTape().watch("x"), GradientError, "a Tensor or a Variable, got str"),
    "integer source": (lambda: nn.GradientTape().watch(nn.asarray(1)), GradientError, "int64 has no gradient"),
    "integer target": (
        lambda: nn.GradientTape().gradient(nn.asarray(1), nn.Variable(1.0)), GradientError, "target has dtype int64",
    ),
    "output_gradients": (
        lambda: nn.GradientTape().gradient([ONE, ONE], nn.Variable(1.0), [1.0]), ArgumentError,
        "2 targets need as many output_gradients, got 1",
    ),
    "more output_gradients": (
        lambda: nn.GradientTape().gradient([ONE], nn.Variable(1.0), [1.0, 2.0]), ArgumentError,
        "1 targets need as many output_gradients, got 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_are_named(name):
    wrong_call, error, words = WRONG[name]
    with pytest.raises(error, match=re.escape(words)):
        wrong_call()


class Forgetful(nn.metrics.Metric):
    """A metric of which nothing but `reset` is defined."""

    def reset(self):
        pass


@pytest.mark.parametrize(
    ("abstract", "words"),
    [
        (lambda: Forgetful().update(None, None), "Forgetful must define update(y_true, y_pred, sample_weight)"),
        (lambda: Forgetful().result(), "Forgetful must define result()"),
        (lambda: nn.metrics.Metric().reset(), "Metric must define reset()"),
        (lambda: nn.metrics.MeanMetric().values(None, None), "MeanMetric must define values"),
        (lambda: nn.losses.Loss().call(None, None), "Loss must define call"),
        (lambda: nn.optimizers.schedules.LearningRateSchedule()(0), "LearningRateSchedule must define __call__(step)"),
    ],
)
def test_classes_to_derive_from_say_what_a_subclass_must_define(abstract, words):
    with pytest.raises(NotImplementedError, match=re.escape(words)):
        abstract()


def test_numbers_of_tensors_are_pythons():
    whole = nn.asarray(3)
    assert (bool(whole), int(nn.asarray(2.5)), float(whole), complex(whole)) == (True, 2, 3.0, 3 + 0j)
    assert type(float(whole)) is float
    assert type(complex(whole)) is complex
    assert ["a", "b", "c", "d"][whole] == "d"
    assert +whole is whole
    assert [row.tolist() for row in nn.asarray([[1], [2]])] == [[1], [2]]


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "argmax", "argmin"])
@pytest.mark.parametrize(("axis", "keepdims"), [(None, False), (0, False), (1, True)])
def test_reductions_are_methods_too(name, axis, keepdims):
    values = np.array([[1.0, 5.0, 3.0], [4.0, 2.0, 6.0]])
    found = getattr(nn.asarray(values), name)(axis, keepdims).numpy()
    np.testing.assert_array_equal(found, getattr(values, name)(axis=axis, keepdims=keepdims))


def test_clipping_integers_without_one_of_the_limits():
    x = nn.asarray(np.array([-128, 5, 127], np.int8))
    assert nn.clip(x, min=0).tolist() == [0, 5, 127]
    assert nn.clip(x, max=0).tolist() == [-128, 0, 0]


def test_targets_and_their_gradients_may_be_dicts():
    x = nn.Variable(3.0)
    with nn.GradientTape() as tape:
        targets = {"square": x * x, "double": 2.0 * x}
    assert tape.gradient(targets, x, {"square": 10.0, "double": 1.0}).item() == 62.0


def test_norms_and_sizes_that_are_empty():
    assert nn.norm([3.0, -4.0], ord=1).item() == 7.0
    assert nn.norm([3.0, -4.0], ord=np.inf).item() == 4.0
    assert nn.softmax(nn.zeros((0, 3))).shape == (0, 3)
