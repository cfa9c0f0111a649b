"""What becomes of a step: it runs eagerly, for a reason, or a Program of it is replayed; or that is not yet known."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Pending:
    """It is not yet known whether the step can be replayed.

    Parameters
    ----------
    reason : str
        What is missing, in words.
    seen : Signature, optional
        What the step did when it was watched; the next time it must do the same.
    """

    reason: str
    seen: Any = None

    def __str__(self):
        return self.reason


@dataclass(frozen=True)
class Eager:
    """The step runs as it is, op by op.

    Parameters
    ----------
    reason : str
        Why it cannot be replayed.
    """

    reason: str

    def __str__(self):
        return self.reason


class Replay:
    """A Program of the step is replayed.

    Attributes
    ----------
    recorded : RecordedStep
        What it was made of.
    program : Program
    """

    recorded: Any
    program: Any
