"""Processes that take turns at measuring: what the table and the comparison of commits are made of."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


def threads_of(benchmark, params):
    """Return the number of threads that a benchmark asks for, 1 where it does not say."""
    module, _, kind = benchmark.partition(".")
    threads = getattr(getattr(import_module(f"benchmarks.{module}"), kind)(), "threads", None)
    return threads(*params[1:]) if threads else 1


class Turns:
    """One worker process per name and number of threads, started when it is first asked.

    Parameters
    ----------
    trees : dict, optional
        From a name to the folder whose numbanet its worker imports; the installed one for names that are not in it.
    """

    def __init__(self, trees=None):
        self.trees = trees or {}
        self.workers = {}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.restart()

    def restart(self):
        """End all workers; new ones are started when they are asked."""
        for worker in self.workers.values():
            worker.stdin.close()
            worker.wait()
        self.workers = {}

    def ask(self, name, benchmark, params, seconds=None):
        """Return a worker's answer to one request; see `benchmarks.worker`."""
        key = name, threads_of(benchmark, params)  # JAX cannot change their number later
        worker = self.workers.get(key) or self._start(key)
        request = {"benchmark": benchmark, "params": list(params)} | ({"seconds": seconds} if seconds else {})
        try:
            worker.stdin.write(json.dumps(request) + "\n")
            worker.stdin.flush()
            line = worker.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise SystemExit(f"{name}: the process that measured {benchmark} {params} has ended: see above")
        return json.loads(line)

    def _start(self, key):
        name, environment = key[0], dict(os.environ)
        if name in self.trees:
            environment["PYTHONPATH"] = str(self.trees[name])
        command = [sys.executable, "-m", "benchmarks.worker"]
        pipe = subprocess.PIPE
        worker = subprocess.Popen(command, cwd=HERE, env=environment, stdin=pipe, stdout=pipe, text=True)
        self.workers[key] = worker
        return worker

    def rounds(self, requests, seconds, rounds):
        """Let workers take turns; those that are asked first change from round to round.

        Parameters
        ----------
        requests : dict
            From a name to (benchmark, params).
        seconds : float
            Of a turn.
        rounds : int

        Returns
        -------
        dict
            From a name to its answers, one per round; names whose benchmark is absent are left out.
        """
        found = {name: [] for name in requests}
        for number in range(rounds):
            for name in list(found) if number % 2 == 0 else list(found)[::-1]:
                answer = self.ask(name, *requests[name], seconds)
                if "absent" in answer:
                    del found[name]
                else:
                    found[name].append(answer)
        return found
