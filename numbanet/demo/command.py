"""What `numbanet draw` does: find a network, or train one, and serve the page."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

import numbanet as nn
from numbanet.demo.app import check_installed
from numbanet.demo.reader import Reader
from numbanet.demo.serving import serve

SAVED = "digits.numbanet"
"""What the README has `numbanet train mnist` write."""


def draw_digits(file: str | None, tell: Callable[[str], object], browser: bool = True) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    file : str, optional
        A model. Without one, `digits.numbanet` in the current folder if it is there, and otherwise the textbook's
        network, which is trained first and not kept.
    tell : callable
        Gets lines of text: what is done, and the address of the page.
    browser : bool
        Whether to open the page.

    Raises
    ------
    DependencyError
        When starlette or uvicorn is missing.
    DataError
        When the file is no model, or its outputs are not probabilities.
    ShapeError, NotBuiltError
        When it is not a model from 28 x 28 pixels to ten digits.
    """
    check_installed()
    if file is None and os.path.exists(SAVED):
        file = SAVED
    if file is None:
        tell(f"There is no {SAVED} here: training the textbook's network on MNIST.")
        reader = Reader(textbook_network(), "the textbook's network")
    else:
        reader = Reader(nn.load_model(file), os.path.basename(file))
    tell(f"{reader.name} reads {reader.accuracy:.1%} of MNIST's test digits.")
    serve(reader, lambda address: tell(f"Draw at {address} (Ctrl-C ends)"), browser)


def textbook_network() -> Any:
    """Return a network with 512 hidden units that has read MNIST's training digits five times.

    Returns
    -------
    Sequential

    References
    ----------
    Chollet: Deep Learning with Python, section 2.1.
    """
    (images, labels), _ = nn.datasets.mnist.load_data()
    model = nn.Sequential([nn.layers.Dense(512, activation="relu"), nn.layers.Dense(10, activation="softmax")])
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images.reshape(-1, 784).astype(np.float32) / 255, labels, batch_size=128, epochs=5, rng=0)
    return model
