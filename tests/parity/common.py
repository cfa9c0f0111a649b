"""What the comparisons of layers with Keras 3 share."""

import inspect
import re

import numpy as np

import numbanet as nn

LEFT_OUT = {"self", "kwargs", "seed", "use_cudnn", "weights"}
"""Arguments of Keras that numbanet has in another form: one generator draws all numbers of a run, for example."""


def with_same_weights(ours, theirs, shape, draw):
    """Build a layer of either library; give both weights that `draw(shape)` returns. AssertionError unless they fit."""
    theirs.build(shape)
    ours.build((None, *shape[1:]))
    paths = [re.sub(r"_\d+/", "/", w.path) for w in theirs.weights]  # Keras numbers layers over the whole process
    assert [w.name for w in ours.weights] == paths, ([w.name for w in ours.weights], paths)
    for get in (lambda w: tuple(w.shape), lambda w: w.trainable):
        one, other = ([get(w) for w in layer.weights] for layer in (ours, theirs))
        assert one == other, (one, other)
    values = [draw(w.shape).astype(np.float32) for w in ours.weights]
    ours.set_weights(values)
    theirs.set_weights(values)
    return values


def assert_close(found, expected, atol=1e-5):
    """Raise AssertionError unless each array of one list is near that of the other."""
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.numpy(), np.asarray(other), rtol=1e-5, atol=atol)


def arguments(keras, name, not_taken=(), in_order=True):
    """Return what differs between the arguments of a layer, their order and their defaults, a list of lines."""
    ours, theirs = (inspect.signature(getattr(one.layers, name).__init__).parameters for one in (nn, keras))
    wanted = [one for one in theirs if one not in LEFT_OUT]
    found = [one for one in ours if one in wanted]
    wanted = [one for one in wanted if one not in not_taken]
    same = found == wanted if in_order else sorted(found) == sorted(wanted)
    told = [] if same else [f"arguments {found}, Keras has {wanted}"]
    for one in found:
        mine, other = ours[one].default, theirs[one].default
        if isinstance(other, tuple) and {*other} == {mine}:  # one number stands for all axes
            other = mine
        if mine == "zeros" and other == "Zeros":  # two names that Keras has for one initializer
            other = mine
        if other is not inspect.Parameter.empty and mine != other:
            told.append(f"{one}={mine!r}, Keras has {other!r}")
    return told


def outcome(compare, *args):
    """Return what a comparison raises, a list of one line or none."""
    try:
        compare(*args)
    except Exception as error:
        return [f"{type(error).__name__}: {str(error).strip()[:400]}"]
    return []


def report(label, told):
    """Print what differs; return whether anything does."""
    print(f"{'differs' if told else 'equal':8}{label}")
    print("".join(f"    {line}\n" for line in told), end="")
    return bool(told)
