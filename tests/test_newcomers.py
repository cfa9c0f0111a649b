"""What people get wrong with a first network of their own: the error says what to write."""

import copy
import pickle

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DataError, DTypeError, ShapeError

layers = nn.layers
X, Y = np.linspace(0, 1, 24).reshape(6, 4), np.array([0, 1, 0, 1, 0, 1])


def model_of(*stack, loss="binary_crossentropy"):
    model = nn.Sequential([*stack, layers.Dense(2 if loss.startswith("sparse") else 1, activation="sigmoid")])
    model.compile("sgd", loss)
    return model


def refused(error, *words, model=None, x=X, y=Y, **options):
    model = model_of() if model is None else model
    with pytest.raises(error) as caught:
        model.fit(x, y, verbose=0, **options)
    for word in words:
        assert word in str(caught.value)
    assert not model.weights


TABLE = np.array([(1.0, "a"), (2.0, "b")], [("size", float), ("kind", "U1")])
RAGGED = [[1, 2, 3], [4, 5]]


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.array([["a", "b"], ["c", "d"]]), "np.unique(x, return_inverse=True)[1]"),
        (np.array([[1.0, "b"], [2.0, "d"]], dtype=object), "np.unique, and then write x.astype(np.float32)"),
        (TABLE, "np.stack([x[column] for column in (...)], axis=1)"),
        (np.array([np.ones(3), np.ones(2)], dtype=object), "nn.utils.pad_sequences"),
    ],
)
def test_arrays_that_are_no_numbers(x, words):
    refused(DTypeError, "fit: x", words, x=x, y=Y[:2])


def test_sequences_of_several_lengths():
    refused(ShapeError, "fit: x", "nn.utils.pad_sequences", x=RAGGED, y=Y[:2])


def test_names_of_classes():
    words = "for names of classes give np.unique(y, return_inverse=True)[1]"
    refused(DTypeError, words, y=np.array(["a", "b"] * 3))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(layers.LSTM(2), (6, 4)), (layers.Conv1D(2, 3), (6, 4)), (layers.Conv2D(2, 3), (6, 8, 8))],
)
def test_a_missing_axis_of_features(layer, shape):
    refused(ShapeError, "x[..., None]", model=model_of(layer), x=np.ones(shape))


def test_channels_that_are_first():
    layer = layers.MaxPooling2D(2, data_format="channels_first")
    refused(ShapeError, "x[:, None]", model=model_of(layer), x=np.ones((6, 8, 8)))


def test_recurrent_layers_on_each_other():
    stack = layers.LSTM(2, name="first"), layers.LSTM(2, name="second")
    refused(ShapeError, "layer second", "return_sequences=True", model=model_of(*stack), x=np.ones((6, 4, 1)))


@pytest.mark.parametrize("loss", ["binary_crossentropy", "sparse_categorical_crossentropy"])
@pytest.mark.parametrize("shape", [(6,), (6, 1)])
def test_predictions_for_each_place_and_one_target(loss, shape):
    words = "predictions for 6 x 6 places", "Flatten"
    refused(
        ShapeError, *words, model=model_of(layers.Conv2D(2, 3), loss=loss), x=np.ones((6, 8, 8, 1)), y=Y.reshape(shape)
    )


def test_a_second_input_where_the_batch_size_is():
    refused(ArgumentError, "got an array of shape (6, 4)", batch_size=X)


@pytest.mark.parametrize(
    ("method", "option", "words"),
    [
        ("fit", "seed", "fit: unknown argument 'seed'; it is called rng"),
        ("fit", "verbos", "did you mean 'verbose'"),
        ("compile", "learning_rate", "nn.optimizers.Adam(learning_rate)"),
        ("evaluate", "workers", "in this process"),
        ("predict", "colour", "It takes x, batch_size, verbose, callbacks, steps"),
    ],
)
def test_arguments_of_other_libraries(method, option, words):
    with pytest.raises(TypeError) as caught:
        getattr(model_of(), method)(**{option: 1})
    assert words in str(caught.value)


def test_attributes_of_other_libraries():
    model = model_of()
    with pytest.raises(AttributeError, match=r"no attribute 'predict_classes': write model.predict\(x\).argmax"):
        model.predict_classes(X)
    with pytest.raises(AttributeError, match="object has no attribute 'colour'"):
        print(model.colour)
    assert not hasattr(model, "history")
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert again.loss.name == model.loss.name


def test_an_attribute_that_a_property_lacks_is_the_one_that_is_told():
    class Broken(nn.Model):
        @property
        def half(self):
            return self.whole / 2

    with pytest.raises(AttributeError, match="'whole'"):
        print(Broken().half)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Dense", "did you mean numbanet.layers.Dense?"),
        ("Adam", "did you mean numbanet.optimizers.Adam?"),
        ("EarlyStopping", "did you mean numbanet.callbacks.EarlyStopping?"),
        ("tensor", "nn.asarray"),
        ("no_grad", "GradientTape"),
        ("manual_seed", "rng"),
    ],
)
def test_names_of_the_package(name, words):
    with pytest.raises(AttributeError) as caught:
        getattr(nn, name)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [("StringLookup", "np.unique"), ("TextVectorization", "pad_sequences"), ("concatenate", "nn.layers.Concatenate()")],
)
def test_layers_of_keras_that_read_other_things(name, words):
    with pytest.raises(AttributeError) as caught:
        getattr(layers, name)
    assert words in str(caught.value)
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("find", "name", "near"),
    [
        (nn.metrics.get, "rmse", "root_mean_squared_error"),
        (nn.metrics.get, "f1", "f1_score"),
        (nn.metrics.get, "r2", "r2_score"),
        (nn.activations.get, "lrelu", "leaky_relu"),
        (nn.losses.get, "crossentropy", "binary_crossentropy"),
        (nn.optimizers.get, "adm", "adam"),
    ],
)
def test_short_names_are_told_the_long_ones(find, name, near):
    with pytest.raises(ArgumentError, match=f"did you mean '{near}'"):
        find(name)


@pytest.mark.parametrize("name", ["bce", "kld", "mae", "mape", "mse", "msle"])
def test_short_names_of_losses_are_those_of_keras(name):
    for get in (nn.losses.get, nn.metrics.get):
        assert get(name) is not None
        assert get(name.upper()) is not None
    assert type(nn.losses.get(name.upper())) is type(nn.losses.get(name))


def test_a_history_shows_its_last_numbers():
    history = model_of().fit(X, Y, epochs=2, verbose=0, rng=0)
    assert repr(history) == f"History(epochs=2, loss={history.history['loss'][-1]:.4g})"


# Data in files


def test_a_folder_of_pictures(tmp_path):
    (tmp_path / "cats").mkdir()
    with pytest.raises(DataError, match=r"np\.savez\(path, x_train=\.\.\., y_train=\.\.\.\)"):
        nn.datasets.load_folder_or_npz(tmp_path)


def test_names_of_classes_in_a_file(tmp_path):
    np.savez(tmp_path / "named.npz", x=X, y=np.array(["a", "b"] * 3))
    with pytest.raises(DataError, match=r"np\.unique\(names, return_inverse=True\)\[1\]"):
        nn.datasets.load_folder_or_npz(tmp_path / "named.npz")


# nn.utils.pad_sequences, beside the values of its definition


def test_sequences_are_filled_up_and_cut():
    pad = nn.utils.pad_sequences
    assert pad([[1, 2, 3], [4], []]).tolist() == [[1, 2, 3], [0, 0, 4], [0, 0, 0]]
    assert pad([[1, 2, 3], [4]], padding="post").tolist() == [[1, 2, 3], [4, 0, 0]]
    assert pad([[1, 2, 3], [4]], 2).tolist() == [[2, 3], [0, 4]]
    assert pad([[1, 2, 3], [4]], 2, truncating="post", value=-1).tolist() == [[1, 2], [-1, 4]]
    assert pad([[0.1], [0.25, 0.5]], dtype="float64").tolist() == [[0.0, 0.1], [0.25, 0.5]]
    assert pad([np.ones((2, 3)), nn.ones((1, 3))], dtype="float32").sum(axis=2).tolist() == [[3, 3], [0, 3]]
    assert pad([]).shape == (0, 0)
    assert pad([[1]]).dtype == np.int32


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([[0.5]],), DTypeError, "int32 cannot hold 0.5; give dtype='float32'"),
        (([[np.nan]],), DTypeError, "cannot hold nan"),
        (([[300]], None, "int8"), DTypeError, "int8 cannot hold 300"),
        (([[1]], None, "int32", "pre", "pre", 0.5), DTypeError, "cannot hold 0.5"),
        (([[1e300]], None, "float32"), DTypeError, "1e"),
        (([1, 2],), ShapeError, "sequences[0] must be a sequence, got 1"),
        ((3,), ArgumentError, "sequences must be a list or tuple, got int"),
        (([[1], [[2]]],), ShapeError, "one shape, got (), (1,)"),
        (([[1]], 0), ArgumentError, "maxlen"),
        (([[1]], None, "int32", "left"), ArgumentError, "padding must be 'pre' or 'post', got 'left'"),
        (([[1]], None, "int32", "pre", "right"), ArgumentError, "truncating"),
        (([[1], ["a"]],), DTypeError, "pad_sequences: sequences[1]: arrays of dtype <U1"),
    ],
)
def test_sequences_that_are_refused(arguments, error, words):
    with pytest.raises(error) as caught:
        nn.utils.pad_sequences(*arguments)
    assert words in str(caught.value)


def test_a_network_reads_sequences_of_several_lengths():
    model = model_of(layers.Embedding(6, 4, mask_zero=True), layers.LSTM(3))
    x = nn.utils.pad_sequences(RAGGED * 3, padding="post")
    model.fit(x, Y, epochs=1, verbose=0, rng=0)
    alone = model.predict(np.array([[4, 5]]), verbose=0)
    np.testing.assert_allclose(model.predict(x[1:2], verbose=0), alone, rtol=1e-5)


def test_a_table_in_a_text_file(tmp_path):
    (tmp_path / "houses.csv").write_text("size,price")
    with pytest.raises(DataError, match=r"houses.csv is not an npz file \(.*\); np.savez writes one"):
        nn.datasets.load_folder_or_npz(tmp_path / "houses.csv")


@pytest.mark.parametrize("given", [layers.Dense(2), model_of(), 3])
def test_layers_that_are_in_no_list(given):
    with pytest.raises(ArgumentError, match=r"Sequential: needs a list of layers, got .*; write nn.Sequential\(\["):
        nn.Sequential(given, layers.Dense(1))


# Gaps


def test_a_loss_that_is_nan_with_features_that_are():
    x = np.where(X > 0.9, np.nan, X)
    model = model_of()
    with pytest.warns(nn.errors.DataWarning, match="x is NaN or infinite in 1 of 6 samples: fill the gaps") as caught:
        model.fit(x, Y, epochs=2, verbose=0, rng=0)
    assert [one.filename for one in caught] == [__file__]


def test_a_loss_that_is_nan_with_sparse_features_that_are():
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy is in the test extra")
    x = sparse.csr_matrix(np.where(X > 0.9, np.nan, X))
    with pytest.warns(nn.errors.DataWarning, match="x is NaN or infinite in 1 of 5 samples: fill the gaps"):
        model_of().fit(x[1:], Y[1:], epochs=2, verbose=0, rng=0)


def test_gaps_that_a_model_fills_are_none():
    model = model_of(layers.Lambda(lambda x: nn.where(nn.isnan(x), 0.0, x)))
    model.fit(np.where(X > 0.9, np.nan, X), Y, verbose=0, rng=0)


def test_a_loss_that_is_nan_for_other_reasons():
    model = model_of(layers.Lambda(lambda x: nn.log(x - 2.0)))
    assert np.isnan(model.fit(X, Y, verbose=0, rng=0).history["loss"][-1])


@pytest.mark.parametrize(
    ("axis", "where"), [(-1, " at 1: fill"), (None, "not finite: fill"), ((1, 2), r" at \[2, 1\]")]
)
@pytest.mark.parametrize("gap", [np.nan, np.inf])
def test_gaps_in_what_a_scaling_is_adapted_to(axis, where, gap):
    layer = layers.Normalization(axis=axis)
    with pytest.raises(DataError, match=where):
        layer.adapt(np.where(X == 1.0, gap, X).reshape(4, 3, 2))
    assert not layer.built


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        (layers.Conv2D, (8,), "Conv2D: needs kernel_size"),
        (layers.Dense, (), "Dense: needs units"),
        (layers.Embedding, (), "Embedding: needs input_dim, output_dim"),
    ],
)
def test_arguments_that_are_missing(kind, given, words):
    with pytest.raises(TypeError) as caught:
        kind(*given)
    assert str(caught.value) == words
