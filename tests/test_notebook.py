"""The tool that runs notebooks written for TensorFlow and Keras."""

import json

import pytest

from tests import notebook

CELLS = [
    "!pip install it\nimport tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers",
    "x = tf.ones(shape=(2, 1))\nprint(tf.reduce_sum(x))",
    "model = keras.Sequential([layers.Dense(3, activation='relu'), tf.keras.layers.Dense(1)])\ny = model(x)",
    "from tensorflow.keras.layers import Nothing",
    "assert y.shape == (2, 1)",
]


def test_imports_are_replaced_and_what_fails_is_told(tmp_path, capsys):
    kinds = [{"cell_type": "code", "source": [line + "\n" for line in cell.split("\n")]} for cell in CELLS]
    path = tmp_path / "some.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": ["words"]}, *kinds]}))
    notebook.main([path])
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2
    assert "cell 4: ImportError: cannot import name 'Nothing'" in told[0]
    assert told[1].endswith("4 of 5 cells run")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import tensorflow as tf", "import numbanet as tf"),
        ("from tensorflow import keras", "import numbanet as keras"),
        ("from keras import layers", "from numbanet import layers"),
        ("from tensorflow.keras.datasets import mnist", "from numbanet.datasets import mnist"),
        ("tf.keras.utils.to_categorical(y)", "tf.utils.to_categorical(y)"),
        ("import numpy as np", "import numpy as np"),
        ("%matplotlib inline", ""),
    ],
)
def test_lines(line, expected):
    assert notebook.translated(line) == expected
