"""The page that `make parity` writes has a row for all that is public: no layer without a comparison is forgotten."""

import re

from tests.parity.page import BEGIN, ELSEWHERE, END, KINDS, PAGE, public


def rows():
    """Return what has a row in the tables: kind and name."""
    written = PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0]
    found = set()
    for part in written.split("### ")[1:]:
        kind = part.split("\n")[0].lower()
        found |= {f"{kind}.{name}" for name in re.findall(r"^\| `(\w+)` \| \d+ ", part, re.MULTILINE)}
    return found


def test_all_that_is_public_is_compared_with_keras():
    """`make parity ARGS=--write` adds rows; the cases are in tests/parity."""
    assert {*public()} - rows() - {*ELSEWHERE} == set()


def test_no_row_is_about_what_is_gone():
    assert {one for one in rows() if one.split(".")[0] in KINDS} - {*public()} == set()
    assert {*ELSEWHERE} <= {*public()}
