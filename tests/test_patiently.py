""".ci/patiently.py: a command that takes long is commented on, and its exit status is passed on."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[1] / ".ci" / "patiently.py"
if not PATH.exists():
    pytest.skip("the package is tested without its sources", allow_module_level=True)

STAGE = "import os, pathlib, time; pathlib.Path(os.environ['NUMBANET_PROGRESS']).write_text('halfway'); time.sleep(0.5)"


@pytest.fixture
def patiently(monkeypatch):
    spec = importlib.util.spec_from_file_location("patiently", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "EVERY", 0.02)
    return module


def test_it_says_what_goes_on(patiently, capsys):
    assert patiently.main("building", sys.executable, "-c", STAGE) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert first == "building"
    assert others[-1].endswith(" s: halfway")


def test_a_failure_is_passed_on(patiently):
    assert patiently.main("failing", sys.executable, "-c", "raise SystemExit(3)") == 3
