"""The built documentation in a browser, narrow and wide, light and dark: axe-core finds nothing, nothing is cut off.

`make docs` builds it. axe-core is found in node_modules (npm install --no-save axe-core), or where AXE says.
"""

import os
import re
from pathlib import Path

import pytest

from tests.chromium import chromium, need_chromium, wait_for

ROOT = Path(__file__).parent.parent
SITE = ROOT / "docs" / "_build" / "html"
AXE = Path(os.environ.get("AXE", ROOT / "node_modules" / "axe-core" / "axe.min.js"))
PAGES = (
    "index", "quickstart", "tutorial", "how_to", "coming_from", "limits", "models", "layers", "textbook", "gradients",
    "gallery/index", "gallery/plot_05_crumpled_paper", "substitutes", "adding_an_op",
)  # fmt: skip

if not (SITE / "index.html").exists():
    pytest.skip("the documentation is not built: make docs", allow_module_level=True)
need_chromium()


@pytest.fixture(scope="module", params=[400, 1400])
def browser(request, tmp_path_factory):
    """Headless Chromium, this many pixels wide."""
    with chromium(tmp_path_factory.mktemp("profile"), request.param) as driver:
        yield driver


def opened(browser, page, scheme="light"):
    """Open a page in a colour scheme."""
    address = (SITE / f"{page}.html").as_uri()
    browser.get(address)
    browser.execute_script("localStorage.setItem('theme', arguments[0])", scheme)
    browser.get(address)


@pytest.mark.skipif(
    not AXE.exists(), reason=f"axe-core is not there: npm install --no-save axe-core, or set AXE ({AXE})"
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_no_violation(browser, page, scheme):
    opened(browser, page, scheme)
    browser.set_script_timeout(120)  # it takes seconds, and longer on a busy machine
    browser.execute_script(AXE.read_text("utf-8"))
    found = browser.execute_async_script("axe.run({resultTypes: ['violations']}).then(arguments[0])")
    told = [
        f"{one['id']} ({one['impact']}): {one['help']}: {[node['html'][:150] for node in one['nodes'][:5]]}"
        for one in found["violations"]
    ]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_sticks_out(browser, page):
    """The page is not wider than the window: wide tables and code scroll by themselves."""
    opened(browser, page)
    wide = browser.execute_script(
        "return [document.documentElement.scrollWidth, innerWidth].map(Math.round)",
    )
    assert wide[0] <= wide[1], wide


def test_an_animation_moves_only_while_a_reader_has_it_open(browser):
    opened(browser, "gallery/plot_05_crumpled_paper")
    script = "return [...document.images].filter(i => i.src.endsWith('.gif')).map(i => i.checkVisibility())"
    assert browser.execute_script(script) == [False]
    summary = browser.find_element("css selector", "details summary")
    summary.send_keys(" ")
    assert browser.execute_script(script) == [True]
    summary.send_keys(" ")
    assert browser.execute_script(script) == [False]


@pytest.mark.parametrize("page", sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")))
def test_pictures_have_a_text(page):
    for tag in re.findall(r"<img\b[^>]*>", (SITE / page).read_text("utf-8")):
        titled = "_thumb.png" in tag  # in the gallery, whose links have the titles as texts
        assert re.search(r'\balt="[^"]*"' if titled else r'\balt="[^"]+"', tag), tag


def test_the_search_finds(browser):
    browser.get(f"{(SITE / 'search.html').as_uri()}?q=softmax")
    script = "return [...document.querySelectorAll('#search-results a')].map(a => a.href)"
    assert any("reference/functions" in link for link in wait_for(browser, "results", script))
