"""Pictures, drawn with matplotlib: of training, of what a network has learnt, and of how it is computed.

Every function draws on the matplotlib Axes that it is given, `ax`, and returns it. Without one it makes a new Figure
of its own, which pyplot does not know: nothing is shown, nothing has to be closed, and `ax.figure.savefig("out.png")`
writes it. Matplotlib is imported when the first picture is drawn; `python -m pip install matplotlib` installs it.
"""

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.plotting.classes import confusion_matrix, decision_boundary
from numbanet.plotting.curves import history, schedule
from numbanet.plotting.flows import activations, gradients
from numbanet.plotting.graph import tape
from numbanet.plotting.models import model
from numbanet.plotting.mosaics import images, mistakes, weights
from numbanet.plotting.page import overview, report
from numbanet.plotting.timeline import program

__all__ = [
    "activations", "confusion_matrix", "decision_boundary", "gradients", "history", "images", "mistakes", "model",
    "overview", "program", "report", "schedule", "tape", "weights",
]  # fmt: skip


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.plotting", __all__, {})
