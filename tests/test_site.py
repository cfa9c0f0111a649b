"""Links inside the built documentation: every page and every anchor that a page names exists."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

SITE = Path(__file__).parents[1] / "docs" / "_build" / "html"


class Page(HTMLParser):
    """The anchors of a page, and the addresses that it links to or shows."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.anchors |= {attrs[key] for key in ("id", "name") if attrs.get(key)}
        self.links |= {attrs[key] for key in ("href", "src") if attrs.get(key)}


def broken_links(site):
    """The links of a folder of pages that lead nowhere inside it, as "page: link"; other sites are not asked."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.resolve().rglob("*.html"))}
    broken = []
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(urldefrag(link).fragment)
            # "#" alone is the top of a page, and so needs no anchor.
            if not target.is_file() or (anchor and target in pages and anchor not in pages[target].anchors):
                broken.append(f"{path.relative_to(site.resolve())}: {link}")
    return broken


def test_broken_links_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">b</a> <a href="#top">top</a> <a href="https://else.where/">'
    )
    (tmp_path / "b.html").write_text('<p id="there"><img src="none.png"><a href="a.html?x=1">a</a><a href="#there">')
    assert broken_links(tmp_path) == ["a.html: #top", "a.html: b.html#here", "b.html: none.png"]


@pytest.mark.skipif(not (SITE / "index.html").exists(), reason="the documentation is not built: make docs")
def test_no_link_inside_the_site_is_broken():
    assert not broken_links(SITE)
