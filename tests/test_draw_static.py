"""The page of docs/draw.md, which has no server: its JavaScript computes what numbanet does with the same weights."""

import base64
import shutil

import numpy as np
import pytest

import numbanet as nn
from numbanet.demo.reader import Reader
from tests.chromium import chromium, need_chromium, severe, wait_for
from tests.drawing import DOCS, PAGE, THREE, picture_of, train_module, with_the_mouse

pytestmark = pytest.mark.needs_compiled("a network reads ten thousand digits")

train = train_module()


@pytest.fixture(scope="module")
def digits():
    _, (images, labels) = nn.datasets.mnist.load_data()
    return images, labels


@pytest.fixture(scope="module")
def reader():
    return Reader(train.network_of(train.read()["layers"]), "a small network")


def test_the_accuracy_is_that_of_the_weights(digits):
    found = train.read()
    network = train.network_of(found["layers"])
    _, accuracy = network.evaluate(digits[0].reshape(-1, 784).astype(np.float32) / 255, digits[1], verbose=0)
    assert found["accuracy"] == pytest.approx(accuracy, abs=1.5e-4)  # rounded, and a digit may be a draw
    assert found["digits"] == len(digits[1])
    assert accuracy > 0.96
    assert (DOCS / "weights.js").stat().st_size < 150_000


def test_it_can_be_made_again(digits, tmp_path, monkeypatch, capsys):
    few = digits[0][:600], digits[1][:600]
    monkeypatch.setattr(nn.datasets.mnist, "load_data", lambda: (few, few))
    train.main(tmp_path / "weights.js")
    found = train.read(tmp_path / "weights.js")
    assert found["digits"] == 600
    assert found["accuracy"] > 0.9
    assert "of 600 test digits" in capsys.readouterr().out
    assert [len(layer["bias"]) for layer in found["layers"]] == [64, 10]


def test_packing_rounds_to_the_nearest_of_255_steps():
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(30, 7)).astype(np.float32), rng.normal(size=7).astype(np.float32)
    back, same = train.unpacked(train.packed(kernel, bias))
    np.testing.assert_allclose(same, bias, rtol=1e-5)
    assert (np.abs(back - kernel) <= np.abs(kernel).max(axis=0) / 127 * 0.501).all()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page in a browser, from files."""
    need_chromium()
    folder = tmp_path_factory.mktemp("page")
    for path in (*PAGE.iterdir(), DOCS / "network.js", DOCS / "weights.js"):
        shutil.copy(path, folder)
    with chromium(tmp_path_factory.mktemp("profile"), 1000) as driver:
        driver.get((folder / "page.html").as_uri())
        wait_for(driver, "tiles", "return document.querySelectorAll('#variants li').length === 6")
        yield driver
        assert not severe(driver)


def answer(driver, picture):
    """What the JavaScript says of a picture of bytes."""
    script = "const done = arguments[1]; network.answer(Uint8Array.from(arguments[0])).then(done)"
    return driver.execute_async_script(script, picture.ravel().tolist())


def bytes_of(text, dtype=np.uint8):
    return np.frombuffer(base64.b64decode(text), dtype).astype(int)


def check(found, expected, network):
    """Images are the same but for rounding; probabilities are those that numbanet computes for the very same images."""
    assert found.keys() == expected.keys()
    assert found["drawn"] == expected["drawn"]
    pairs = zip([found, *found["variants"]], [expected, *expected["variants"]], strict=True)
    for one, other in pairs:
        assert one.get("name") == other.get("name")
        image = bytes_of(one["image"])
        assert np.abs(image - bytes_of(other["image"])).max() <= 1
        computed = network.predict(image[None].astype(np.float32) / np.float32(255), verbose=0)[0]
        np.testing.assert_allclose(one["probabilities"], computed, rtol=2e-4, atol=1e-7)
    activations = [unit["activation"] for unit in expected["units"]]
    np.testing.assert_allclose([unit["activation"] for unit in found["units"]], activations, atol=0.05)
    others = {unit["unit"]: unit for unit in expected["units"]}
    for unit in found["units"]:
        if unit["unit"] in others:  # else it is as strong as another one
            image = bytes_of(others[unit["unit"]]["image"], np.int8)
            assert np.abs(bytes_of(unit["image"], np.int8) - image).max() <= 1


def pictures(digits):
    """Digits of MNIST, larger and elsewhere, and pictures that are none."""
    rng = np.random.default_rng(0)
    for at in range(12):
        times = (1, 2, 4)[at % 3]
        enlarged = np.kron(digits[0][at], np.ones((times, times), np.uint8))
        picture = np.zeros((112, 112), np.uint8)
        top, left = rng.integers(0, 113 - len(enlarged), 2)
        picture[top : top + len(enlarged), left : left + len(enlarged)] = enlarged
        yield picture
    for size in [(1, 1), (1, 90), (77, 3), (112, 112), (41, 41)]:
        picture = np.zeros((112, 112), np.uint8)
        picture[: size[0], -size[1] :] = rng.integers(1, 256, size)
        yield picture
    yield np.zeros((112, 112), np.uint8)


def test_the_browser_computes_what_numbanet_computes(page, reader, digits):
    network = train.network_of(train.read()["layers"])
    for picture in pictures(digits):
        check(answer(page, picture), reader.answer(picture), network)


def test_the_browser_reads_mnist_as_numbanet_does(page, digits):
    network = train.network_of(train.read()["layers"])
    expected = network.predict(digits[0][:1000].reshape(-1, 784).astype(np.float32) / 255, verbose=0)
    text = base64.b64encode(digits[0][:1000].tobytes()).decode()
    found = page.execute_async_script(
        """
        const done = arguments[1];
        layers.then(parts => {
            const bytes = bytesOf(arguments[0]);
            const digits = Array.from({ length: 1000 }, (_, at) => bytes.slice(784 * at, 784 * (at + 1)));
            done(digits.map(one => read(parts, one).probabilities));
        });""",
        text,
    )
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-7)


def test_a_3_is_drawn_and_read(page, reader):
    facts = page.find_element("id", "facts").text
    accuracy = train.read()["accuracy"]
    assert f"a small network with 64 hidden units reads. It gets {100 * accuracy:.1f}% of MNIST's 10,000" in facts
    with_the_mouse(page, THREE)
    wait_for(page, "an answer", "return !asking && !changed && document.getElementById('digit').textContent === '3'")
    assert np.argmax(reader.answer(picture_of(page))["probabilities"]) == 3
