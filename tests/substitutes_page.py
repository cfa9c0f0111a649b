"""docs/substitutes.md, from the table: what really runs where a naive body is launched. `make generated` writes it."""

from pathlib import Path

from numbanet.kernels.substitutes import SUBSTITUTES

PATH = Path(__file__).parent.parent / "docs" / "substitutes.md"
HEAD = """# What really runs

<!-- Written by make generated from numbanet/kernels/substitutes.py. -->

What numbanet computes is defined by the loops in `numbanet/loops/`. Where a compiler cannot make a fast kernel of such
a loop by itself, something else runs in its place. These are all such places; a body that is not in the table, or not
with a dtype, is compiled as it is. Processors that compute a * b + c in one instruction are those with AVX2 or AVX-512,
and 64-bit ARM. `tests/test_substitutes.py` holds every row to its body with random operands, and {doc}`numerics` has
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
