"""Any index that NumPy takes, plain and replayed: the same elements, the same gradient, the same errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import NumbanetError
from numbanet.graph.outcome import Replay

pytestmark = pytest.mark.needs_compiled("Programs need compiled kernels")
SIDES = st.integers(0, 4)


@st.composite
def keys(draw, shape):
    """An index with integers, slices, None, `...` and integer arrays, whose numbers are mostly in range."""
    named = draw(st.integers(0, len(shape)))
    arrays = draw(st.sampled_from([(), (1,), (2,), (3, 1), (3, 2)]))
    parts = []
    for size in shape[:named]:
        kind = draw(st.sampled_from(["int", "slice", "array", "array"]))
        inside = st.integers(-size, size - 1) if size else st.just(0)
        number = draw(st.sampled_from([inside] * 15 + [st.integers(-6, 6)]))
        if kind == "int":
            parts.append(draw(number))
        elif kind == "slice":
            edge = st.none() | st.integers(-5, 5)
            parts.append(slice(draw(edge), draw(edge), draw(st.sampled_from([None, 1, 2, -1, -3]))))
        else:
            own = draw(st.sampled_from([arrays, arrays, arrays[-1:], ()]))
            flat = draw(st.lists(number, min_size=int(np.prod(own)), max_size=int(np.prod(own))))
            dtype = draw(st.sampled_from(["int64", "int32", "int8"]))
            parts.append(np.array(flat, dtype).reshape(own))
    for extra in draw(st.lists(st.sampled_from([None, None, Ellipsis]), max_size=2)):
        if extra is None or Ellipsis not in [part for part in parts if not isinstance(part, np.ndarray)]:
            parts.insert(draw(st.integers(0, len(parts))), extra)
    return tuple(parts)


def outcome(f, *args):
    try:
        return [(x.shape, x.numpy().tobytes()) for x in f(*args)]
    except NumbanetError as error:
        return type(error), str(error)


@settings(max_examples=150)
@given(st.data())
def test_replayed_indexing_is_numpys(data):
    shape = tuple(data.draw(st.lists(SIDES, min_size=1, max_size=4), label="shape"))
    key = data.draw(keys(shape), label="key")
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + 1
    places = [i for i, part in enumerate(key) if isinstance(part, np.ndarray)]
    held = set(data.draw(st.sets(st.sampled_from(places)) if places else st.just(set()), label="constants"))
    changing = [i for i in places if i not in held]

    def picked(x, *arrays):
        own = list(key)
        for i, array in zip(changing, arrays, strict=True):
            own[i] = array
        with nn.GradientTape() as tape:
            tape.watch(x)
            y = x[tuple(own)]
            loss = nn.sum(nn.square(y))
        return [y, tape.gradient(loss, x)]

    arrays = [key[i] for i in changing]
    expected = outcome(picked, nn.asarray(x), *arrays)
    try:
        assert expected[0] == (x[key].shape, x[key].tobytes())
    except IndexError:
        assert issubclass(expected[0], IndexError)
    replayed = nn.function(picked)
    for _ in range(4):
        assert outcome(replayed, nn.asarray(x), *[nn.asarray(array) for array in arrays]) == expected
    if isinstance(expected, list):
        assert isinstance(replayed.calls[0][1], Replay)
