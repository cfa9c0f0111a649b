"""Train the small network of docs/draw.md, and write it for JavaScript: `python docs/draw/train.py` makes weights.js.

Weights are kept in one signed byte each, with a scale per unit, so that the page is small; the accuracy beside them is
that of the weights so rounded.
"""

import base64
import json
from pathlib import Path

import numpy as np

import numbanet as nn

UNITS, EPOCHS = 64, 10
FILE = Path(__file__).parent / "weights.js"


def trained(x, y, units=UNITS, epochs=EPOCHS):
    """Return a network with one hidden layer that has read the digits `x`, bytes (samples, 28, 28), labelled `y`."""
    hidden = nn.layers.Dense(units, "relu", kernel_regularizer=nn.regularizers.L2(1e-4))
    model = nn.Sequential([nn.layers.Input((784,)), hidden, nn.layers.Dense(10, "softmax")], rng=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x.reshape(-1, 784).astype(np.float32) / 255, y, batch_size=128, epochs=epochs, rng=0)
    return model


def packed(kernel, bias):
    """Return a layer for JSON: signed bytes in base64, (inputs, units) row by row; a scale and a bias for each unit."""
    scale = np.abs(kernel).max(axis=0) / 127
    signed = np.rint(kernel / scale).astype(np.int8)
    numbers = ([float(f"{one:.6g}") for one in values] for values in (scale, bias))
    return dict(zip(("weights", "scale", "bias"), (base64.b64encode(signed.tobytes()).decode(), *numbers), strict=True))


def unpacked(layer):
    """Return the kernel and the bias of a packed layer, in float32."""
    scale, bias = np.float32(layer["scale"]), np.float32(layer["bias"])
    signed = np.frombuffer(base64.b64decode(layer["weights"]), np.int8).reshape(-1, len(bias))
    return signed * scale, bias


def network_of(layers):
    """Return the model whose weights are those of packed layers."""
    (kernel, bias), last = unpacked(layers[0]), unpacked(layers[1])
    hidden = nn.layers.Dense(len(bias), "relu")
    model = nn.Sequential([nn.layers.Input((len(kernel),)), hidden, nn.layers.Dense(len(last[1]), "softmax")])
    model.set_weights([kernel, bias, *last])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def read(file=FILE):
    """Return what was written into a file: `layers`, `accuracy` and the number of `digits` that it is about."""
    return json.loads(file.read_text(encoding="utf-8").split("=", 1)[1].rstrip(";\n"))


def main(file=FILE):
    """Train, measure and write."""
    (x, y), (x_test, y_test) = nn.datasets.mnist.load_data()
    weights = [weight.numpy() for weight in trained(x, y).weights]
    layers = [packed(*weights[:2]), packed(*weights[2:])]
    _, accuracy = network_of(layers).evaluate(x_test.reshape(-1, 784).astype(np.float32) / 255, y_test, verbose=0)
    found = {"accuracy": round(float(accuracy), 4), "digits": len(y_test), "layers": layers}
    file.write_text(f"const WEIGHTS = {json.dumps(found, indent=1)};\n", encoding="utf-8")
    print(f"{accuracy:.4f} of {len(y_test)} test digits, {file.stat().st_size / 1000:.0f} kB in {file.name}")


if __name__ == "__main__":
    main()
