"""docs/substitutes.md, from the table: what really runs where a naive body is launched.

python -m tests.substitutes_page           # tell whether the page is up to date
python -m tests.substitutes_page --write   # write it
"""

import sys
from pathlib import Path

from numbanet.kernels.substitutes import SUBSTITUTES

PATH = Path(__file__).parent.parent / "docs" / "substitutes.md"
HEAD = """# What really runs

<!-- Written by python -m tests.substitutes_page --write from numbanet/kernels/substitutes.py. -->

What numbanet computes is defined by the loops in `numbanet/loops/`. Where a compiler cannot make a fast kernel of such
a loop by itself, something else runs in its place. These are all such places; a body that is not in the table is
compiled as it is. `tests/test_substitutes.py` holds every row to its body with random operands, and {doc}`numerics` has
the largest errors.

The Python backend runs no substitutes. On which backend your loops run, `numbanet info` says.
"""


def text():
    """The page, as it should be."""
    lines = [HEAD]
    for backend, title in (("numba", "Numba"), ("cython", "The compiled extension"), ("cuda", "CUDA")):
        lines += [f"## {title}", "", "| body in `loops` | dtype | what runs | when |", "|---|---|---|---|"]
        rows = sorted(one for one in SUBSTITUTES if one.backend == backend)
        lines += [f"| `{one.body}` | {one.dtype} | {one.implementation} | {one.where} |" for one in rows]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PATH.write_text(text(), encoding="utf-8")
    elif PATH.read_text(encoding="utf-8") != text():
        sys.exit(f"{PATH.name} is out of date: python -m tests.substitutes_page --write")
