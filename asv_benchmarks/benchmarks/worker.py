"""A process that measures benchmarks when it is asked to: a request per line comes in, an answer per line goes out.

It stays alive between requests, so that several of them (libraries, or two commits) can take turns: a slow second of
the machine then hits all of them.
"""

import json
import statistics
import sys
from importlib import import_module

from .common import CONTROLS, repeats_of, seconds_of

PARTS = 8
"""In how many parts a turn is cut; the control runs between them."""


class Worker:
    """Keeps the benchmark that was measured last ready for its next turn."""

    def __init__(self):
        self.key = self.benchmark = None

    def answer(self, request):
        """Return what a request asks for, as a dict for JSON.

        Parameters
        ----------
        request : dict
            `benchmark` ("dot.Dot"), `params`, and `seconds` of a turn; without seconds, everything that it tracks.
        """
        try:
            self._prepare(request["benchmark"], request["params"])
        except NotImplementedError as reason:
            return {"absent": str(reason)}
        return self._turn(request["seconds"]) if "seconds" in request else self._counts(request["params"])

    def _prepare(self, name, params):
        if self.key != (name, params):
            module, _, kind = name.partition(".")
            self.key, self.benchmark = None, getattr(import_module(f"benchmarks.{module}"), kind)()
            self.benchmark.setup(*params)
            self.key, self.repeats = (name, params), None

    def _turn(self, seconds):
        calls = self.benchmark.call, CONTROLS[self.benchmark.control]
        if self.repeats is None:
            self.repeats = [repeats_of(call, seconds / PARTS / 2) for call in calls]
        parts = 1 if self.repeats[0] == 1 else PARTS
        taken = [[seconds_of(*pair) for pair in zip(calls, self.repeats, strict=True)] for _ in range(parts)]
        own, control = ([pair[i] for pair in taken] for i in range(2))
        return {
            "seconds": statistics.median(own) / self.benchmark.units,
            "ratio": statistics.median(a / b for a, b in taken),
            "least": [min(own), min(control)],
            "figures": getattr(self.benchmark, "figures", None),
        }

    def _counts(self, params):
        names = [name for name in dir(self.benchmark) if name.startswith("track_")]
        return {name.removeprefix("track_"): getattr(self.benchmark, name)(*params) for name in names}


def main():
    """Answer until there are no more requests."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    worker = Worker()
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
