"""Connectionist temporal classification: losses by enumeration of all paths, gradients, training, decoding."""

import functools
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.ops.sequences import sequence_losses
from tests.layer_checks import Batches, bytes_of
from tests.simulator import needs_simulator
from tests.thread_work import share_all

L = nn.layers


def labels_of(path, blank):
    """What a path stands for: without repetitions, then without blanks."""
    return [label for label, _ in itertools.groupby(path) if label != blank]


@functools.cache
def paths_of(labels, steps, classes, blank):
    """The paths that stand for labels, (paths, steps)."""
    paths = itertools.product(range(classes), repeat=steps)
    found = [path for path in paths if labels_of(path, blank) == list(labels)]
    return np.array(found, int).reshape(len(found), steps)


def enumerated(labels, scores, blank):
    """Minus the logarithm of the sum of the probabilities of all paths that stand for the labels, in float64."""
    probabilities = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    paths = paths_of(tuple(int(label) for label in labels), *scores.shape, blank)
    with np.errstate(divide="ignore"):
        return -np.log(probabilities[range(len(scores)), paths].prod(axis=1).sum())


@given(data=st.data())
def test_all_paths(data):
    samples, steps, classes = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5)), data.draw(st.integers(2, 3))
    most, blank = data.draw(st.integers(0, 3)), data.draw(st.integers(0, classes - 1))
    scores = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(samples, steps, classes)) * 3
    target = np.array(
        data.draw(st.lists(st.integers(0, classes - 1), min_size=samples * most, max_size=samples * most))
    )
    target = target.astype(np.int64).reshape(samples, most)
    lengths = [data.draw(st.lists(st.integers(0, n), min_size=samples, max_size=samples)) for n in (most, steps)]
    found = nn.ops.ctc_loss(target, scores, *lengths, mask_index=blank)
    wanted = [
        enumerated(row[:length], score[:count], blank)
        for row, score, length, count in zip(target, scores, *lengths, strict=True)
    ]
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-9, atol=1e-12)
    rounded = nn.ops.ctc_loss(target, scores.astype(np.float32), *lengths, mask_index=blank)
    assert rounded.dtype == np.float32
    np.testing.assert_allclose(rounded.numpy(), wanted, rtol=1e-4, atol=1e-4)


TARGETS = np.array([[1, 2, 2, 0], [3, 0, 0, 0], [0, 0, 0, 0], [2, 1, 3, 1]])


def test_the_loss_takes_all_steps_and_the_labels_before_zeros():
    scores = np.random.default_rng(0).normal(size=(4, 5, 4))
    wanted = [enumerated([label for label in row if label], one, 0) for row, one in zip(TARGETS, scores, strict=True)]
    np.testing.assert_allclose(nn.losses.ctc(TARGETS, scores).numpy(), wanted, rtol=1e-10)
    np.testing.assert_allclose(nn.losses.CTC()(TARGETS, scores).item(), np.mean(wanted), rtol=1e-10)
    weights = np.array([0.5, 0.0, 2.0, 1.0])
    np.testing.assert_allclose(nn.losses.CTC("sum")(TARGETS, scores, weights).item(), wanted @ weights, rtol=1e-10)
    floats = nn.losses.ctc(TARGETS.astype(np.float32), scores)
    np.testing.assert_allclose(floats.numpy(), wanted, rtol=1e-10)


def test_the_gradient_is_the_softmax_minus_the_share_of_paths():
    scores = np.random.default_rng(1).normal(size=(1, 4, 3))
    found = nn.grad(lambda x: nn.sum(nn.losses.ctc([[1, 2]], x)))(scores).numpy()[0]
    probabilities = np.exp(scores[0]) / np.exp(scores[0]).sum(axis=1, keepdims=True)
    shares = np.zeros((4, 3))
    for path in itertools.product(range(3), repeat=4):
        if labels_of(path, 0) == [1, 2]:
            weight = np.prod(probabilities[range(4), path])
            shares[range(4), path] += weight
    np.testing.assert_allclose(found, probabilities - shares / shares[0].sum(), rtol=1e-9, atol=1e-12)


def test_second_derivatives():
    scores = np.random.default_rng(1).normal(size=(4, 5, 4))
    nn.testing.check_grad(lambda x: nn.losses.ctc(TARGETS, x), scores, order=2)
    nn.testing.check_grad(lambda x: nn.ops.ctc_loss(TARGETS, x, [1, 1, 0, 3], [4, 1, 0, 5]), scores, order=2)


def test_no_path_is_infinite_and_has_no_gradient():
    scores = np.random.default_rng(1).normal(size=(3, 2, 3))
    arguments = [[1, 1], [1, 2], [1, 0]], [2, 2, 2], [2, 2, 2]
    found = nn.ops.ctc_loss(arguments[0], scores, *arguments[1:])
    assert np.isinf(found.numpy()).tolist() == [True, False, True]
    gradient = nn.grad(lambda x: nn.sum(nn.ops.ctc_loss(arguments[0], x, *arguments[1:])))(scores).numpy()
    assert np.isfinite(gradient).all()
    assert (gradient != 0).any(axis=(1, 2)).tolist() == [False, True, False]


def test_long_sequences_do_not_underflow():
    scores = np.random.default_rng(1).normal(size=(2, 300, 20)).astype(np.float32)
    labels = np.random.default_rng(2).integers(1, 20, (2, 60))
    single = nn.losses.ctc(labels, scores).numpy()
    np.testing.assert_allclose(single, nn.losses.ctc(labels, scores.astype(float)).numpy(), rtol=1e-5)
    gradient = nn.grad(lambda x: nn.sum(nn.losses.ctc(labels, x)))
    np.testing.assert_allclose(gradient(scores).numpy(), gradient(scores.astype(float)).numpy(), atol=2e-4)


def test_the_gradient_is_the_same_where_it_is_differentiated_again():
    """Made of ops then, forwards and backwards in logarithms."""
    scores = np.random.default_rng(1).normal(size=(4, 6, 4))
    for arguments in (([1, 1, 0, 3], [4, 1, 0, 6]), ([4, 0, 0, 4], [3, 6, 6, 6])):
        with nn.GradientTape() as outer:
            outer.watch(x := nn.asarray(scores))
            again = nn.grad(lambda x, a=arguments: nn.sum(nn.ops.ctc_loss(TARGETS, x, *a) * np.arange(1.0, 5)))(x)
        once = nn.grad(lambda x, a=arguments: nn.sum(nn.ops.ctc_loss(TARGETS, x, *a) * np.arange(1.0, 5)))(scores)
        np.testing.assert_allclose(again.numpy(), once.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_scores_that_are_infinite_or_nan(dtype):
    scores = np.random.default_rng(1).normal(size=(4, 5, 4)).astype(dtype)
    scores[0, :, 3] = -np.inf  # a class that the labels of the sample do not have
    scores[1, :, 3] = -np.inf  # one that they have
    scores[2, 4, 0] = np.nan
    losses = nn.losses.ctc(TARGETS, scores).numpy()
    np.testing.assert_allclose(losses[0], enumerated([1, 2, 2], scores[0].astype("f8"), 0), rtol=1e-5)
    assert np.isinf(losses[1])
    assert np.isnan(losses[2])
    gradient = nn.grad(lambda x: nn.sum(nn.losses.ctc(TARGETS, x)[:2]))(scores).numpy()
    assert np.isfinite(gradient[0]).all()
    assert (gradient[1] == 0).all()


@pytest.mark.parametrize("bad", ["label", "negative", "count", "steps"])
def test_what_is_out_of_range_all_the_same_gives_nan(bad):
    """Somebody may have written to labels after they were checked."""
    logarithms = nn.log_softmax(np.random.default_rng(1).normal(size=(3, 5, 4)))
    labels, counts, steps = np.array([[1, 2], [1, 2], [1, 2]]), np.array([2, 2, 2]), np.array([5, 5, 5])
    wanted = sequence_losses(logarithms, *map(nn.asarray, (labels, counts, steps)), 0).numpy()
    if bad in ("label", "negative"):
        labels[1, 1] = 2**40 if bad == "label" else -3
    else:
        (counts if bad == "count" else steps)[1] = 2**40
    with nn.GradientTape() as tape:
        tape.watch(logarithms)
        losses = sequence_losses(logarithms, *map(nn.asarray, (labels, counts, steps)), 0)
    gradient = tape.gradient(losses, logarithms).numpy()
    assert np.isnan(losses.numpy()).tolist() == np.isnan(gradient).all(axis=(1, 2)).tolist() == [False, True, False]
    np.testing.assert_array_equal(losses.numpy()[[0, 2]], wanted[[0, 2]])


def test_any_number_of_threads(monkeypatch):
    scores = np.random.default_rng(1).normal(size=(9, 20, 4)).astype(np.float32)
    gradient = nn.grad(lambda x: nn.sum(nn.losses.ctc(np.full((9, 3), 2), x)))
    expected = gradient(scores).numpy().tobytes()
    share_all(monkeypatch, 3)
    assert gradient(scores).numpy().tobytes() == expected


@needs_simulator
def test_on_a_gpu():
    scores = np.random.default_rng(1).normal(size=(4, 5, 4))
    expected = nn.value_and_grad(lambda x: nn.sum(nn.losses.ctc(TARGETS, x)))(scores)
    with nn.device("cuda"):
        found = nn.value_and_grad(lambda x: nn.sum(nn.losses.ctc(TARGETS, x)))(nn.asarray(scores))
    for one, other in zip(found, expected, strict=True):
        assert one.device == "cuda"
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0, 0)])
@pytest.mark.parametrize("most", [0, 2])
def test_empty_ones(shape, most):
    scores, labels = np.zeros((*shape, 3)), np.ones((shape[0], most), int)
    counts, steps = np.zeros(shape[0], int), np.full(shape[0], shape[1])
    np.testing.assert_array_equal(nn.ops.ctc_loss(labels, scores, counts, steps).numpy(), np.zeros(shape[0]))
    assert nn.grad(lambda x: nn.sum(nn.ops.ctc_loss(labels, x, counts, steps)))(scores).shape == scores.shape


def recognizer():
    model = nn.Sequential([nn.Input((6, 3)), L.SimpleRNN(8, return_sequences=True), L.Dense(4)], rng=0)
    model.compile(nn.optimizers.Adam(0.02), "ctc")
    return model


X = np.random.default_rng(3).normal(size=(12, 6, 3)).astype(np.float32)


def test_training(tmp_path):
    model, plain = recognizer(), recognizer()
    labels = np.random.default_rng(4).integers(1, 4, (12, 2))
    labels[::3, 1] = 0
    history = model.fit(X, labels, batch_size=5, epochs=30, verbose=0, rng=0).history["loss"]
    plain.fit(X, labels, batch_size=5, epochs=30, verbose=0, rng=0, callbacks=[Batches()])
    assert bytes_of(model) == bytes_of(plain)
    assert history[-1] < history[0] / 2
    model.save(tmp_path / "m.numbanet")
    again = nn.load_model(tmp_path / "m.numbanet")
    assert again.evaluate(X, labels, verbose=0) == model.evaluate(X, labels, verbose=0)


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_it_is_replayed(capsys):
    model = recognizer()
    model.fit(X, np.ones((12, 2), int), verbose=0, epochs=2)
    model.explain()
    assert "Training replays a Program" in capsys.readouterr().out


BAD = {
    "a class": ([[1, 4]], r"label 4(\.0)? is none of the 4 classes"),
    "negative": ([[-1, 0]], r"label -1(\.0)? is none of the 4 classes"),
    "a part": ([[1.5, 0]], r"label 1.5 is none of the 4 classes"),
    "a hole": ([[0, 1]], r"0 is the blank"),
    "too many": ([[1, 2, 3, 1, 2, 3, 1]], r"the 7 labels of sample 0 need 7 steps"),
    "equal ones": ([[1, 1, 1, 1, 0]], r"the 4 labels of sample 0 need 7 steps"),
}


@pytest.mark.parametrize("case", BAD)
def test_labels_that_do_not_fit_are_named_before_anything_changes(case):
    labels, message = BAD[case]
    with pytest.raises(ArgumentError, match=message):
        nn.losses.ctc(labels, np.zeros((1, 6, 4)))
    model = recognizer()
    before = bytes_of(model)
    others = np.eye(1, len(labels[0]))
    with pytest.raises(ArgumentError, match=f"fit: ctc: {message}".replace("sample 0", "sample 11")):
        model.fit(X, np.vstack([others] * 11 + [np.array(labels)]), verbose=0)
    assert bytes_of(model) == before


def test_labels_that_change_while_replays_run_are_seen():
    labels = np.ones((40, 2), int)

    class Spoils(nn.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                labels[3] = 7

    model = recognizer()
    with pytest.raises(ArgumentError, match="label 7 is none of the 4 classes"):
        model.fit(np.tile(X, (4, 1, 1))[:40], labels, epochs=4, verbose=0, callbacks=[Spoils()])


def test_shapes_that_do_not_fit_are_named():
    for true, pred in (((2,), (2, 3, 4)), ((2, 3), (2, 4)), ((2, 3), (3, 3, 4)), ((2, 3), (2, 3, 1))):
        with pytest.raises(ShapeError, match="ctc: "):
            nn.losses.ctc(np.zeros(true, int), np.zeros(pred))
    scores, ones = np.zeros((2, 3, 4)), np.ones((2, 1), int)
    calls = [
        ((ones, np.zeros((3, 4)), [1, 1], [3, 3]), ShapeError),
        ((ones[:1], scores, [1, 1], [3, 3]), ShapeError),
        ((ones, scores, [1], [3, 3]), ShapeError),
        ((ones, scores, [1, 1], 3), ShapeError),
        ((ones * 1.0, scores, [1, 1], [3, 3]), DTypeError),
        ((ones, scores, [1.0, 1.0], [3, 3]), DTypeError),
        ((ones * 4, scores, [1, 1], [3, 3]), ArgumentError),
        ((ones, scores, [1, 2], [3, 3]), ArgumentError),
        ((ones, scores, [1, 1], [3, 4]), ArgumentError),
        ((ones, scores, [1, -1], [3, 3]), ArgumentError),
        ((ones, scores, [1, 1], [3, 3], 4), ArgumentError),
        ((ones, scores, [1, 1], [3, 3], -1), ArgumentError),
    ]
    for arguments, kind in calls:
        with pytest.raises(kind, match="ctc_loss"):
            nn.ops.ctc_loss(*arguments)


@given(seed=st.integers(0, 200), merge=st.booleans(), blank=st.integers(0, 2))
def test_the_best_path(seed, merge, blank):
    rng = np.random.default_rng(seed)
    scores, lengths = rng.normal(size=(3, 6, 3)), rng.integers(0, 7, 3)
    found, total = nn.ops.ctc_decode(scores, lengths, merge_repeated=merge, mask_index=blank)
    assert found.shape == (1, 3, 6)
    assert total.shape == (3, 1)
    for row, number, one, length in zip(found.numpy()[0], total.numpy()[:, 0], scores, lengths, strict=True):
        path = one[:length].argmax(axis=1).tolist()
        wanted = labels_of(path, blank) if merge else [label for label in path if label != blank]
        assert row.tolist() == wanted + [-1] * (6 - len(wanted))
        np.testing.assert_allclose(number, -one[:length].max(axis=1, initial=-np.inf).sum(), atol=1e-12)


def test_what_decoding_refuses():
    scores = np.zeros((2, 3, 4))
    with pytest.raises(ArgumentError, match="ctc_decode: strategy"):
        nn.ops.ctc_decode(scores, [3, 3], "beam_search")
    with pytest.raises(ArgumentError, match="sequence_lengths: 4 is outside 0 to 3"):
        nn.ops.ctc_decode(scores, [3, 4])
    with pytest.raises(ShapeError, match=r"ctc_decode: inputs must be \(samples, steps, classes\)"):
        nn.ops.ctc_decode(scores[0], [3, 3])
    with pytest.raises(ArgumentError, match="merge_repeated must be True or False"):
        nn.ops.ctc_decode(scores, [3, 3], merge_repeated="yes")
