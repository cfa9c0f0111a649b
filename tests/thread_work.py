"""Work for `test_threads.py`, in a module of its own, so that processes of every kind can import it."""

import hashlib
import os
import sys

import numpy as np

import numbanet as nn
from numbanet.backends.native import backend as compiled_build
from numbanet.core import settings
from numbanet.kernels import attendance, threads
from numbanet.launching import elementwise, pace, program

THRESHOLDS = {
    **{(threads, name): 0.001 for name in ("SPLIT_NS", "CHUNK_NS")},
    **{(program, name): 0.001 for name in ("SPLIT_NS", "SHARE_NS")},
    (attendance, "REST"): 0, (pace, "TRIALS"): 0, (settings, "usable_processors"): lambda: 1024,
    (elementwise, "DIRECT_NS"): 0, (compiled_build, "DIRECT_NS"): 0,
}  # fmt: skip
"""With these, every launch is worth sharing, a team walks in any case and is complete, and it may have more members
than there are processors."""

if "pytest" not in sys.modules:  # a process that a test has started; the test's own process goes back to what it had
    for (module, name), value in THRESHOLDS.items():
        setattr(module, name, value)
    nn.config.num_threads = os.environ.get("NUMBANET_NUM_THREADS") or nn.config.num_threads


def share_all(monkeypatch, threads=None):
    """Have every launch shared until a test ends, among so many threads if a number is given."""
    for (module, name), value in THRESHOLDS.items():
        monkeypatch.setattr(module, name, value)
    if threads is not None:
        monkeypatch.setattr(nn.config, "num_threads", threads)


RNG = np.random.default_rng(0)
X = RNG.normal(size=(130, 70)).astype(np.float32)
W = RNG.normal(size=(70, 90)).astype(np.float32)
LABELS = (X[:, 0] + X[:, 1] > 0).astype(np.int64) + (X[:, 2] > 1)


def eager():
    """Results of operations of every kind: tiles, windows, functions, reductions."""
    return [nn.dot(X, W), nn.dot(X, W[:, ::-1]), nn.exp(X), nn.sum(X), nn.sum(X, axis=0), nn.softmax(X), X + W[0, :1]]


def fitted(**options):
    """The weights of a small network after two replayed epochs."""
    model = nn.Sequential([nn.layers.Dense(33, activation="relu"), nn.layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(X, LABELS, batch_size=32, verbose=0, rng=0, **{"epochs": 2, **options})
    return model.get_weights()


def work(_=None):
    """A digest of the bytes of both."""
    digest = hashlib.sha256()
    for x in [*eager(), *fitted()]:
        digest.update(np.asarray(x).tobytes())
    return digest.hexdigest()


def in_fork(function):
    """What a forked child prints of `function()`, which is text."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        text = "failed"
        try:
            text = function()
        finally:
            os.write(writing, text.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return text
