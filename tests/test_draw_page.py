"""The page of `numbanet draw` in a browser: drawn on with a mouse, a finger and keys, on narrow and wide screens."""

import contextlib
import re
import threading

import numpy as np
import pytest

from numbanet.demo.app import make_app
from numbanet.demo.reader import Reader
from tests.chromium import chromium, need_chromium, resize, severe, wait_for
from tests.drawing import ONE, THREE, picture_of, train_module, with_a_finger, with_the_mouse

need_chromium()
pytest.importorskip("starlette", reason="the extra demo, which has the web server, is not installed")
uvicorn = pytest.importorskip("uvicorn", reason="the extra demo, which has the web server, is not installed")

pytestmark = pytest.mark.needs_compiled("a network reads ten thousand digits")

DIGIT = "return document.getElementById('digit').textContent"
NUMBERS = "return [...document.querySelectorAll('.number')].map(one => one.textContent)"
BARS = "return [...document.querySelectorAll('.bar')].map(bar => parseFloat(bar.style.width))"
SPOKEN = "return document.getElementById('spoken').textContent"
SETTLED = "return !asking && !changed"


@pytest.fixture(scope="module")
def reader():
    train = train_module()
    return Reader(train.network_of(train.read()["layers"]), "a small network")


@contextlib.contextmanager
def serving(reader):
    """Serve the page in a thread; gives its address."""
    config = uvicorn.Config(make_app(reader, "token"), port=0, http="h11", ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/token/"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def address(reader):
    with serving(reader) as address:
        yield address


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile"), 1400) as driver:
        yield driver


@pytest.fixture
def page(driver, address):
    """The page with an empty pad; it must not have complained in the end."""
    resize(driver, 1400)
    driver.get(address)
    severe(driver)  # of the page before
    wait_for(driver, "tiles", "return document.querySelectorAll('#variants li').length === 6")
    yield driver
    assert not severe(driver)


def read(driver):
    """The digit that the page shows once it has caught up with what was drawn."""
    wait_for(driver, "an answer", SETTLED)
    return driver.execute_script(DIGIT)


def erased(driver):
    assert read(driver) == "?"
    assert not picture_of(driver).any()
    assert set(driver.execute_script(NUMBERS)) == {"\N{EN DASH}"}


def test_a_3_is_drawn_and_read(page, reader):
    assert page.find_element("id", "facts").text == (
        f"You draw, and a small network with 64 hidden units reads. It gets {100 * reader.accuracy:.1f}% of MNIST's "
        "10,000 test digits right."
    )
    with_the_mouse(page, THREE)
    assert read(page) == "3"
    answer = reader.answer(picture_of(page))
    expected = [f"{100 * one:.1f}%" for one in answer["probabilities"]]
    shown = page.execute_script(NUMBERS)
    assert [abs(float(a[:-1]) - float(b[:-1])) <= 0.1 for a, b in zip(shown, expected, strict=True)] == [True] * 10
    widths = page.execute_script(BARS)
    np.testing.assert_allclose(widths, 100 * np.array(answer["probabilities"]), atol=1e-3)
    assert page.execute_script("return document.querySelector('.best span').textContent") == "3"
    said = page.execute_script("return [...document.querySelectorAll('#variants li')].map(one => one.textContent)")
    for text, variant in zip(said, answer["variants"], strict=True):
        best = int(np.argmax(variant["probabilities"]))
        assert re.fullmatch(rf"{best}, \d+\.\d%{variant['name']}", text)
    units = page.execute_script("return [...document.querySelectorAll('#units li')].map(one => one.textContent)")
    assert units == [f"{one['activation']:.2f}unit {one['unit']}" for one in answer["units"]]


def test_pictures_are_painted(page):
    with_the_mouse(page, THREE)
    assert read(page) == "3"
    painted = page.execute_script("""
        return [...document.querySelectorAll("#seen, .tiles canvas")].map(canvas => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, 28, 28);
            return new Set(Array.from({ length: 784 }, (_, at) => data.slice(4 * at, 4 * at + 4).join())).size;
        });""")
    assert len(painted) == 1 + 6 + 8
    assert min(painted) > 10


def test_the_result_is_spoken(page):
    with_the_mouse(page, THREE)
    spoken = wait_for(page, "words", f"const text = ({SPOKEN[7:]}); return text.startsWith('The network') && text")
    assert re.fullmatch(r"The network reads 3, [\d.]+%; then \d, [\d.]+%\.", spoken)
    assert page.execute_script("return document.getElementById('spoken').getAttribute('aria-live')") == "polite"
    page.find_element("id", "erase").click()
    wait_for(page, "words", f"return ({SPOKEN[7:]}) === 'The pad is empty.'")


def test_erasing_and_undoing(page):
    with_the_mouse(page, THREE)
    before = picture_of(page)
    with_the_mouse(page, [(0.1, 0.1), (0.9, 0.1)])
    assert (picture_of(page) > before).any()
    page.find_element("id", "undo").click()
    assert read(page) == "3"
    np.testing.assert_array_equal(picture_of(page), before)
    page.find_element("id", "erase").click()
    erased(page)
    page.find_element("id", "undo").click()  # nothing is left to take back
    erased(page)
    with_the_mouse(page, ONE)
    assert read(page) == "1"


def test_a_click_leaves_a_dot(page):
    with_the_mouse(page, [(0.5, 0.5)])
    assert read(page) != "?"
    rows = np.flatnonzero(picture_of(page).any(axis=1))
    assert 8 <= np.ptp(rows) <= 12
    assert abs(rows.mean() - 55.5) <= 1


def test_drawing_with_a_finger(page):
    page.execute_script("document.getElementById('pad').scrollIntoView()")
    before = page.execute_script("return scrollY")
    with_a_finger(page, THREE)
    assert read(page) == "3"
    assert page.execute_script("return scrollY") == before
    page.find_element("id", "erase").click()
    with_a_finger(page, ONE)
    assert read(page) == "1"


def test_drawing_with_keys(page):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    def press(*keys):
        ActionChains(page, duration=0).send_keys(*keys).perform()

    press(Keys.TAB)
    assert page.execute_script("return document.activeElement.id") == "pad"
    press(*[Keys.ARROW_UP] * 9)
    assert not picture_of(page).any()  # the pen is up
    press(Keys.SPACE, *[Keys.ARROW_DOWN] * 18)
    assert read(page) == "1"
    place = page.execute_script("return [pen.x, pen.y]")
    np.testing.assert_allclose(place, [0.5, 0.5 + 9 / 28])
    drawn = picture_of(page)
    rows, columns = drawn.any(axis=1).nonzero()[0], drawn.any(axis=0).nonzero()[0]
    assert abs(rows.mean() - 55.5) <= 1
    assert abs(columns.mean() - 55.5) <= 1
    press(Keys.SPACE, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    np.testing.assert_array_equal(picture_of(page), drawn)
    held = ActionChains(page, duration=0).key_down(Keys.ARROW_LEFT).key_down(Keys.ARROW_UP)
    held.key_up(Keys.ARROW_UP).key_up(Keys.ARROW_LEFT).perform()
    np.testing.assert_allclose(page.execute_script("return [pen.x, pen.y]"), [0.5 - 4 / 28, 0.5 + 8 / 28])
    press(*[Keys.ARROW_LEFT] * 40)
    assert page.execute_script("return pen.x") == 0
    press(Keys.SPACE, Keys.ARROW_RIGHT)
    ActionChains(page, duration=0).key_down(Keys.CONTROL).send_keys("z").key_up(Keys.CONTROL).perform()
    np.testing.assert_array_equal(picture_of(page), drawn)
    for key in (Keys.ESCAPE, Keys.DELETE):
        press(Keys.SPACE, Keys.ARROW_UP)
        assert picture_of(page).any()
        press(key)
        erased(page)
    press(Keys.TAB)
    assert page.execute_script("return document.activeElement.id") == "undo"


def test_examples_draw_themselves(page):
    for digit in "352843":
        page.find_element("id", "example").click()
        wait_for(page, "a whole example", "return !showing && !asking && !changed")
        assert page.execute_script(DIGIT) == digit
    page.find_element("id", "example").click()
    with_the_mouse(page, ONE)  # stops it
    before = picture_of(page)
    page.execute_async_script("setTimeout(arguments[0], 200)")
    np.testing.assert_array_equal(picture_of(page), before)
    page.find_element("id", "example").click()
    page.find_element("id", "erase").click()
    page.execute_async_script("setTimeout(arguments[0], 200)")
    erased(page)


WIDTHS = [360, 400, 640, 760, 1400]


def test_the_page_fits_and_keeps_what_was_drawn(page):
    with_the_mouse(page, THREE)
    assert read(page) == "3"
    before = picture_of(page)
    for width in WIDTHS:
        resize(page, width)
        wide, seen = page.execute_script(
            "const { scrollWidth, clientWidth } = document.documentElement; return [scrollWidth, clientWidth]"
        )
        assert wide == seen >= width - 20  # but for a scroll bar
        sizes = "const pad = document.getElementById('pad'); return [pad.width, pad.clientWidth, pad.clientHeight]"
        wait_for(page, "a pad of its size", f"const [a, b, c] = (() => {{ {sizes} }})(); return a === b && b === c")
        np.testing.assert_array_equal(picture_of(page), before)
        inked = page.execute_script("""
            const pad = document.getElementById("pad"), side = pad.width;
            const { data } = pad.getContext("2d").getImageData(0, 0, side, side);
            return data.filter((value, at) => at % 4 === 3 && value > 127).length / side ** 2;""")
        assert inked == pytest.approx(np.mean(before > 127), abs=0.01)
        cut = page.execute_script("""
            return [...document.querySelectorAll("h1, h2, p, li, button, span")].filter(one =>
                one.className !== "hidden" && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1
            ).map(one => one.outerHTML);""")
        assert not cut


def test_tabs_do_not_share_drawings(page, address):
    first = page.current_window_handle
    with_the_mouse(page, THREE)
    assert read(page) == "3"
    page.switch_to.new_window("tab")
    try:
        page.get(address)
        erased(page)
        with_the_mouse(page, ONE)
        assert read(page) == "1"
        page.switch_to.window(first)
        assert page.execute_script(DIGIT) == "3"
        page.switch_to.window(page.window_handles[1])
    finally:
        page.close()
        page.switch_to.window(first)
    page.find_element("id", "undo").click()
    erased(page)


def test_the_newest_drawing_is_the_one_that_is_read(page, reader, monkeypatch):
    """However slow answers are: what changed meanwhile is asked afterwards, and once."""
    asked, slow = [], threading.Event()
    answer = type(reader).answer

    def slowly(self, picture):
        asked.append(picture)
        slow.wait(0.3)
        return answer(self, picture)

    monkeypatch.setattr(type(reader), "answer", slowly)
    with_the_mouse(page, THREE)
    assert read(page) == "3"
    assert len(asked) < len(THREE)
    np.testing.assert_array_equal(asked[-1], picture_of(page))


def test_it_says_when_nobody_answers(driver, reader):
    with serving(reader) as address:
        driver.get(address)
        with_the_mouse(driver, THREE)
        assert read(driver) == "3"
        assert not driver.find_element("id", "trouble").is_displayed()
    with_the_mouse(driver, ONE)
    wait_for(driver, "trouble", "return !document.getElementById('trouble').hidden")
    assert "Is numbanet draw still running?" in driver.find_element("id", "trouble").text
    wait_for(driver, "the end of all requests", SETTLED)
    assert severe(driver)  # the requests that failed


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [400, 1400])
def test_everybody_can_use_it(page, width, dark):
    """axe-core finds nothing: neither in contrast nor in names, roles and structure."""
    axe = pytest.importorskip("axe_core_python.selenium", reason="axe-core-python is not installed")
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    resize(page, width)
    for drawn in (False, True):
        if drawn:
            with_the_mouse(page, THREE)
            assert read(page) == "3"
        found = axe.Axe().run(page)
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
        assert "color-contrast" in {one["id"] for one in found["passes"]}
    ground = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground))) < 300) == dark
