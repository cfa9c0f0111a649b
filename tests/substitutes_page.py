"""docs/substitutes.md, from the table: what really runs where a naive body is launched. `make generated` writes it."""

from pathlib import Path

from numbanet.kernels.substitutes import SUBSTITUTES

PATH = Path(__file__).parent.parent / "docs" / "substitutes.md"
HEAD = """# What really runs

<!-- Written by make generated from numbanet/kernels/substitutes.py. -->

The loops in `numbanet/loops/` define what numbanet computes. Where a compiler cannot make a fast kernel from such a
loop by itself, something else runs in its place. The tables list all such cases; a body that is not listed, or not
listed for a dtype, is compiled as written. Processors that compute a * b + c in one instruction are those with AVX2 or
AVX-512, and 64-bit ARM. `tests/test_substitutes.py` compares every row with its body on random operands, and
{doc}`numerics` gives the largest errors.

The Python backend uses no substitutes. `numbanet info` says which backend runs your loops.
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
