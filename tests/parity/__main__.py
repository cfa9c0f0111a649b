"""Compares with Keras 3 and PyTorch, and writes the table in docs/parity.md.

    KERAS_BACKEND=jax python -m tests.parity [--write] [WORD ...]

Names of the modules beside this one choose parts; other words the comparisons in whose peer, name and case all of them
are. It needs an environment with Keras 3, JAX and PyTorch beside what numbanet needs, which `make parity` makes; pytest
does not collect it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module

from tests.parity import page
from tests.parity.common import Result

PARTS = (
    "keras_layers", "keras_several", "keras_recurrent", "keras_optimizers", "keras_losses", "keras_metrics",
    "torch_layers", "torch_convolution", "torch_recurrent", "torch_attention", "torch_losses", "torch_optimizers",
    "training",
)  # fmt: skip


def results(words: list[str]) -> Iterator[Result]:
    """Yield what each comparison found, and print it."""
    parts = [one for one in words if one in PARTS]
    words = [one for one in words if one not in PARTS]
    for part in parts or PARTS:
        for result in import_module(f"tests.parity.{part}").results():
            line = f"{result.peer} {result.name}: {result.case}"
            if all(word in line for word in words):
                print(f"{'' if result.equal else 'DIFFERS '}{line}: {result.difference:.1e}", flush=True)
                if result.told:
                    print(f"    {result.told}")
                yield result


def main(args: list[str]) -> int:
    """Compare, and write the page if all is compared; return 1 if something differs or is not compared."""
    words = [one for one in args if not one.startswith("--")]
    found = list(results(words))
    wrong = sum(not one.equal for one in found)
    missing = [] if words else page.missing(found)
    print(f"{len(found)} comparisons, {wrong} differ")
    if missing:
        print(f"not compared: {', '.join(missing)}")
    if "--write" in args and not words:
        page.write(found)
    return int(bool(wrong or missing))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
