"""The tool that runs notebooks written for TensorFlow and Keras."""

import json

import pytest

from tests import notebook, notebook_data

CELLS = [
    "!pip install it\nimport tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers",
    "x = tf.ones(shape=(2, 1))\nprint(tf.reduce_sum(x))",
    "model = keras.Sequential([layers.Dense(3, activation='relu'), tf.keras.layers.Dense(1)])\ny = model(x)",
    "from tensorflow.keras.layers import Nothing",
    "assert y.shape == (2, 1)",
    "import torch\nz = torch.ones(3)",
    "z.grad = None",
    "z = tf.zeros(3)",
    "z.shape",
]


def test_imports_are_replaced_and_what_fails_is_told(tmp_path, capsys):
    kinds = [{"cell_type": "code", "source": [line + "\n" for line in cell.split("\n")]} for cell in CELLS]
    path = tmp_path / "some.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": ["words"]}, *kinds]}))
    notebook.main([path])
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2
    assert "cell 4: ImportError: cannot import name 'Nothing'" in told[0]
    assert told[1].endswith("6 of 7 cells run; 2 are about other frameworks")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import tensorflow as tf", "import numbanet as tf"),
        ("from tensorflow import keras", "import numbanet as keras"),
        ("from keras import layers", "from numbanet import layers"),
        ("from tensorflow.keras.datasets import mnist", "from numbanet.datasets import mnist"),
        ("from keras.datasets import imdb", "from tests.notebook_data import imdb"),
        ("tf.keras.utils.to_categorical(y)", "tf.utils.to_categorical(y)"),
        ("import numpy as np", "import numpy as np"),
        ("%matplotlib inline", ""),
    ],
)
def test_lines(line, expected):
    assert notebook.translated(line) == expected


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_texts_that_stand_in(name):
    """Word numbers below `num_words`, all of them in the index, as the textbook's cells look them up."""
    texts = getattr(notebook_data, name)
    (train, labels), (test, test_labels) = texts.load_data(num_words=100)
    assert (len(train), len(test)) == (len(labels), len(test_labels))
    assert max(max(text) for text in train[:100]) == 99
    assert set(train[0]) <= set(texts.get_word_index().values())


@pytest.mark.parametrize("name", ["boston_housing", "california_housing"])
def test_houses_that_stand_in(name):
    (rows, prices), (test_rows, _) = getattr(notebook_data, name).load_data()
    assert rows.shape == (len(prices), test_rows.shape[1])
