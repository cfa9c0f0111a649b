"""The pages that asv publishes, opened in a browser: graphs are drawn, and nothing complains.

`make bench-site` publishes them and runs this; without pages or a browser there is nothing to open.
"""

import functools
import http.server
import threading
from pathlib import Path

import pytest

from tests.chromium import chromium, need_chromium, severe, wait_for

SITE = Path(__file__).parent.parent / "asv_benchmarks" / ".asv" / "html"

if not (SITE / "index.html").exists():
    pytest.skip("no pages of asv are there: make bench-site publishes them", allow_module_level=True)
need_chromium()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(scope="module")
def address():
    """The pages on a port of this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=SITE))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=[400, 1400])
def browser(request, tmp_path):
    """Headless Chromium, this many pixels wide."""
    with chromium(tmp_path, request.param) as driver:
        yield driver


PAINTED = """
    return [...document.querySelectorAll("canvas")].filter(canvas => canvas.width && canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height).data.some(value => value)).length;
"""


def test_the_grid_has_a_graph_of_each_benchmark(address, browser):
    browser.get(address)
    wait_for(browser, "links to benchmarks", "return document.querySelectorAll('a[href^=\"#\"]').length > 5")
    assert not severe(browser)


def test_a_graph_is_drawn(address, browser):
    browser.get(address + "#counts.Step.track_launches")
    assert wait_for(browser, "a painted canvas", PAINTED) >= 1
    assert not severe(browser)


def test_the_list_has_rows(address, browser):
    browser.get(address + "#/summarylist")
    wait_for(browser, "rows", "return document.querySelectorAll('table tr').length > 3")
    assert not severe(browser)
