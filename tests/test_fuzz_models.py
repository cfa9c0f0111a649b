"""Model and weight files from strangers: a whole model or a DataError in one line, and never half of one."""

import copy
import json
import struct
import sys
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import DataError
from tests.hostile import in_little_memory, mutated, no_files, peak_of, write_anew

X = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int64)
DEEP = []
for _ in range(200):
    DEEP = [DEEP]
VALUES = [
    None, True, 0, -1, 3, 10**9, 2**63, 10**30, -(10**400), 1.5, float("nan"), float("inf"), "", "x\0\n\x1b", "relu",
    "\ud800", "../../x", [], [[]], [1], {}, DEEP, {"class_name": "Dense", "config": {}},
    {"class_name": [], "config": []}, {"class_name": "Adam", "config": {"learning_rate": {}}},
]  # fmt: skip
"""What stands in the place of every value of a description, one after the other."""


@cache
def content(kind):
    """The bytes of a valid file: of a model that was trained, or of its weights."""
    import tempfile
    from pathlib import Path

    model = network()
    model.compile(nn.optimizers.Adam(0.01), "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(X, Y, verbose=0, rng=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        (model.save if kind == "model" else model.save_weights)(path)
        return path.read_bytes()


def network():
    model = nn.Sequential([nn.layers.Dense(3, "relu"), nn.layers.Dropout(0.1), nn.layers.Dense(2, "softmax")])
    model.build((4,), rng=1)
    return model


def parts(kind):
    """Header, as a dict, and data of a valid file."""
    size = struct.unpack("<Q", content(kind)[:8])[0]
    return json.loads(content(kind)[8 : 8 + size]), content(kind)[8 + size :]


def packed(header, data):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def weight_bytes(model):
    return [weight.tobytes() for weight in model.get_weights()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


def result_or_refusal(read):
    """What `read` returns and None, or None and the message of its DataError."""
    try:
        return read(), None
    except DataError as error:
        return None, str(error)


def load(folder, hostile):
    """The model in the file, which works, or None after a DataError of one line that names the file."""
    path = folder / "hostile.numbanet"
    write_anew(path, hostile)
    model, refusal = result_or_refusal(lambda: nn.load_model(path))
    if refusal is not None:
        assert "hostile.numbanet" in refusal
        assert "\n" not in refusal
        return None
    assert model.built
    assert isinstance(model.name, str)
    assert all(isinstance(layer.name, str) for layer in model.layers)
    assert model.predict(X, verbose=0).shape[0] == len(X)
    model.save(path)
    assert weight_bytes(nn.load_model(path)) == weight_bytes(model)
    return model


def load_weights(folder, hostile):
    """Load into a model; one that was refused has left it as it was."""
    path = folder / "hostile.safetensors"
    write_anew(path, hostile)
    model = network()
    before = weight_bytes(model)
    _, refusal = result_or_refusal(lambda: model.load_weights(path))
    if refusal is not None:
        assert "hostile.safetensors" in refusal
        assert "\n" not in refusal
        assert weight_bytes(model) == before
        return None
    return model


LOADERS = {"model": load, "weights": load_weights}


@pytest.mark.parametrize("kind", LOADERS)
def test_the_valid_file(kind, folder):
    assert LOADERS[kind](folder, content(kind)) is not None


@pytest.mark.parametrize("kind", LOADERS)
def test_cut_off_at_every_length(kind, folder):
    for length in range(len(content(kind))):
        assert LOADERS[kind](folder, content(kind)[:length]) is None


@pytest.mark.parametrize("kind", LOADERS)
@given(data=st.data())
def test_mutations(kind, folder, data):
    LOADERS[kind](folder, data.draw(mutated(content(kind))))


@pytest.mark.parametrize("kind", LOADERS)
@given(data=st.data())
def test_mutated_headers_of_the_right_length(kind, folder, data):
    header, payload = parts(kind)
    LOADERS[kind](folder, packed(data.draw(mutated(json.dumps(header).encode())), payload))


def places(value, place=()):
    """The keys and indices that lead to every value in nested dicts and lists."""
    yield place
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*place, key))


def with_value(tree, place, value):
    """A copy of a tree in which `value` stands at a place."""
    tree = copy.deepcopy(tree)
    if not place:
        return value
    parent = tree
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = value
    return tree


def test_every_value_of_the_description_replaced(folder):
    """All values, and not some: this is what found integers that no float holds, and names that are no text."""
    header, payload = parts("model")
    description = json.loads(header["__metadata__"]["numbanet"])
    for place in places(description):
        for value in VALUES:
            text = json.dumps(with_value(description, place, value))
            load(folder, packed({**header, "__metadata__": {"numbanet": text}}, payload))


@pytest.mark.parametrize("kind", LOADERS)
def test_every_value_of_the_header_replaced(kind, folder):
    header, payload = parts(kind)
    for place in places(header):
        for value in [*VALUES, "F64", "BF16", "BOOL", "I64", [0, 2**64 - 1], [2**60, 2**60 + 4]]:
            LOADERS[kind](folder, packed(with_value(header, place, value), payload))


def depth(levels, text="[", end="]"):
    return text * levels + end * levels


@pytest.mark.parametrize("text", [depth(100_000), depth(100_000, '{"layers":', "}").replace(":}", ":1}"), "9" * 10_000])
def test_descriptions_that_parsers_stumble_over(folder, text):
    header, payload = parts("model")
    assert load(folder, packed({**header, "__metadata__": {"numbanet": text}}, payload)) is None
    assert load(folder, packed(text.encode(), payload)) is None


@pytest.mark.parametrize("field", [{"name": 5}, {"name": None}, {"name": ["m"]}])
def test_names_are_text(folder, field):
    header, payload = parts("model")
    description = json.loads(header["__metadata__"]["numbanet"])
    changed = copy.deepcopy(description)
    changed["layers"][0]["config"].update(field)
    for one in (changed, description | field):
        assert load(folder, packed({**header, "__metadata__": {"numbanet": json.dumps(one)}}, payload)) is None


def test_sizes_that_lie_take_no_memory(folder):
    header, payload = parts("model")
    hostile = [struct.pack("<Q", size) + content("model")[8:] for size in (2**20, 2**27, 2**40, 2**63, 2**64 - 1)]
    for count in (2**20, 2**40, 2**60):
        lies = {name: dict(entry, shape=[count, 3]) for name, entry in header.items() if name != "__metadata__"}
        hostile.append(packed({**header, **lies}, payload))
        lies = {name: dict(entry, data_offsets=[0, 12 * count]) for name, entry in lies.items()}
        hostile.append(packed({**header, **lies}, payload))
    for one in hostile:
        assert peak_of(load, folder, one) < 8 << 20
        assert load(folder, one) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc, and needs limits that bind")
def test_lies_in_a_process_with_little_memory(folder):
    """tracemalloc does not see what the safetensors library takes; the limit of a process does."""
    for i, size in enumerate((2**27, 2**34, 2**63)):
        (folder / f"{i}.numbanet").write_bytes(struct.pack("<Q", size) + content("model")[8:])
    (folder / "sparse.numbanet").write_bytes(struct.pack("<Q", 2**33))
    with open(folder / "sparse.numbanet", "r+b") as stream:
        stream.truncate(2**34)
    in_little_memory(
        """
        nn.load_model  # imported before the limit is set
        limit()
        for path in sys.argv[1:]:
            try:
                nn.load_model(path)
            except nn.errors.DataError as error:
                continue
            sys.exit(path)
        """,
        *(folder / f"{i}.numbanet" for i in range(3)),
    )


def test_paths_that_are_no_files(tmp_path):
    model = network()
    before = weight_bytes(model)
    for path in no_files(tmp_path):
        with pytest.raises(DataError):
            nn.load_model(path)
        with pytest.raises(DataError):
            model.load_weights(path)
    assert weight_bytes(model) == before


HOSTILE_STATES = [
    {"iterations": np.array(-1)}, {"iterations": np.array(1.5)}, {"iterations": np.array(["3"])},
    {"0/momentum": np.full((4, 3), "x")}, {"0/momentum": np.full((4, 3), None)}, {"0/momentum": np.full((4, 3), 1j)},
    {"1/momentum": np.zeros(4)}, {"9/momentum": np.zeros(3)},
]  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE_STATES)
def test_optimizers_keep_their_state_when_another_does_not_fit(change):
    model = network()
    optimizer = nn.optimizers.SGD(0.1, momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    model.fit(X, Y, verbose=0, rng=0)
    before = [(name, array.tobytes()) for name, array in optimizer.state()]
    doubled = {name: array * 2 for name, array in optimizer.state()}
    with pytest.raises(nn.errors.NumbanetError):
        optimizer.load_state(doubled | change)
    assert [(name, array.tobytes()) for name, array in optimizer.state()] == before
