"""How far it is from `fit` to a Program: few modules hand a step on, and each of them is named in docs/design.md."""

from pathlib import Path

import pytest

from tests import paths

PAGE = Path(__file__).parent.parent / "docs" / "design.md"


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_fit_passes_through_few_modules_on_its_way_to_a_program():
    way = paths.of_fit()
    # The first refuses arguments with unknown names, before the signature of `fit` does.
    assert way.modules[:2] == ["numbanet.core.arguments", "numbanet.training.model"]
    assert way.modules[-1] == "numbanet.launching.program"
    between = way.modules[2:-1]
    assert len(between) <= 8, between
    section = PAGE.read_text(encoding="utf-8").split("## From a call to its loop")[1].split("\n## ")[0]
    assert [name for name in between if f"{name.rpartition('.')[2]}.py" not in section] == []
