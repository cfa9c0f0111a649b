"""Hypothesis profiles, and the markers that say what a test needs of the backend.

Profiles: dev while writing, ci for every change, deep before a release. No deadline: kernels compile.
"""

import gc
import os
import sys
from functools import cache
from importlib import import_module

import pytest
from hypothesis import HealthCheck, Phase, settings

from numbanet.backends import select as backends
from numbanet.core.settings import config
from tests.cuda_stub import stub  # noqa: F401  (a fixture)

_SLOW = [HealthCheck.too_slow]  # on a machine that is busy with other workers, drawing is
settings.register_profile("dev", max_examples=20, deadline=None, suppress_health_check=_SLOW)
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("deep", max_examples=3000, deadline=None, suppress_health_check=_SLOW)
settings.register_profile(
    "mutation", settings.get_profile("ci"), max_examples=20, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@cache
def why_no_numba():
    """The reason if Numba cannot be used here, else nothing."""
    try:
        backends._numba()
        import_module("numba")  # which the build imports when it compiles
    except Exception as error:
        return backends._why_not("numba", error)
    return ""


@cache
def why_no_extension():
    """The reason if the compiled extension cannot be used here, else nothing."""
    try:
        backends._cython()
    except Exception as error:
        return backends._why_not("cython", error)
    return ""


@pytest.fixture(params=["numba", "cython", "python"])
def each_backend(request, monkeypatch):
    """Sets every backend in turn, those that cannot be used here left out."""
    reason = {"numba": why_no_numba, "cython": why_no_extension}.get(request.param, str)()
    if reason:
        pytest.skip(reason)
    monkeypatch.setattr(config, "backend", request.param)
    return request.param


def _close_figures():
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture
def no_figures():
    """Close the figures that pyplot has open, before a test those of others, and afterwards its own."""
    _close_figures()
    yield
    _close_figures()


def pytest_collection_finish():
    """Have collections of garbage pass over what was imported and collected: 1.5 million objects, 1 to 2 s each."""
    gc.freeze()


def pytest_runtest_setup(item):
    """Skip what needs something of the backend that is not there, with the reason."""
    for marker in item.iter_markers("needs_numba"):
        if why_no_numba():
            pytest.skip(f"{marker.args[0]}, and {why_no_numba()}")
    for marker in item.iter_markers("needs_compiled"):
        if backends.backend().name == "python":
            pytest.skip(f"{marker.args[0]}, and the loops run in the interpreter")
