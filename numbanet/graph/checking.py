"""`nn.config.check_replay`: every replay is compared with the call that it stands for, which runs as well."""

from dataclasses import replace
from typing import Any

import numpy as np

from numbanet.core.snapshots import snapshot
from numbanet.errors import NumbanetError, ReplayError
from numbanet.graph.recorded import RecordedStep
from numbanet.kernels.arrays import to_host
from numbanet.kernels.memory import copy_as_laid_out
from numbanet.kernels.recording import CannotRecord
from numbanet.launching.program import program_of
from numbanet.tensor.operators import Operators, values_of


class State:
    """What a step changes, as it is now: variables, the state of optimizers, and generators.

    Parameters
    ----------
    recorded : RecordedStep
    """

    def __init__(self, recorded):
        self._variables = [(variable, variable.home().copy()) for variable in recorded.changed]
        self._optimizers = [(optimizer, optimizer.replica()) for optimizer, _ in recorded.updates]
        self._generators = [(generator, generator.bit_generator.state) for generator in recorded.generators]

    def put_back(self):
        """Make everything what it was."""
        for variable, values in self._variables:
            variable.home()[...] = values
            variable.changed_at_home()
        for optimizer, replica in self._optimizers:
            optimizer.restore(replica)
        for generator, state in self._generators:
            generator.bit_generator.state = state

    def difference(self, other):
        """The first thing that is not the same in another state of the same step, in words; None if all is."""
        for (variable, mine), (_, its) in zip(self._variables, other._variables, strict=True):
            if not same_values(mine, its):
                return f"the variable {variable.name or ''} of shape {variable.shape}"
        for (optimizer, mine), (_, its) in zip(self._optimizers, other._optimizers, strict=True):
            for one, two in zip(_arrays_of(mine), _arrays_of(its), strict=True):
                if not same_values(one, two):
                    return f"the state of {type(optimizer).__name__}"
        for (_, mine), (_, its) in zip(self._generators, other._generators, strict=True):
            if snapshot({"state": mine}) != snapshot({"state": its}):
                return "the state of a random generator"
        return None


def _arrays_of(replica):
    iterations, arrays = replica[:2]
    return [np.asarray(iterations), *[array for one in arrays.values() for array in one]]


def same_values(a, b):
    """Whether two arrays are the same to the byte, any NaN being as good as another."""
    a, b = to_host(a), to_host(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype.kind != "f":
        return a.tobytes() == b.tobytes()
    nan = np.isnan(a)
    return np.array_equal(nan, np.isnan(b)) and np.where(nan, 0, a).tobytes() == np.where(nan, 0, b).tobytes()


def result_difference(found, expected, place="the result"):
    """Where two results are not the same, in words; None if they are."""
    if type(found) is not type(expected):
        return f"{place}, once of type {type(found).__name__}, once {type(expected).__name__}"
    if isinstance(found, Operators):
        tensors: Any = found, expected
        return None if same_values(*[tensor._array for tensor in tensors]) else place
    if isinstance(found, np.ndarray):
        return None if same_values(found, expected) else place
    if isinstance(found, (list, tuple, dict)) and len(found) == len(expected):
        keys = list(found) if isinstance(found, dict) else range(len(found))
        if isinstance(found, dict) and list(expected) != keys:
            return place
        parts = (result_difference(found[key], expected[key], f"{place}[{key!r}]") for key in keys)
        return next(filter(None, parts), None)
    return None if snapshot({"it": found}) == snapshot({"it": expected}) else place


def both(name, recorded, replay, plain, why):
    """Run a step both ways, and leave everything as one plain step does.

    Parameters
    ----------
    name : str
    recorded : RecordedStep
    replay, plain : callable
        Called without arguments; they return results that can be compared.
    why : callable
        `why(before)` says what the difference comes of, from the State before; called after both, or None.

    Returns
    -------
    object
        What `plain` returned.

    Raises
    ------
    ReplayError
        When the results differ, or what the two leave behind.
    """
    before, failure = State(recorded), None
    try:
        found = replay()
    except NumbanetError as error:
        failure = error
    replayed = State(recorded)
    before.put_back()
    expected = plain()
    if failure is not None:
        raise ReplayError(f"{name}: the replay raises {failure!r}, the call does not") from failure
    differs = result_difference(found, expected) or replayed.difference(State(recorded))
    if differs is not None:
        reason = why(before)
        raise ReplayError(
            f"{name}: {differs} of the replay is not what the call gives{f': {reason}' if reason else ''}"
        )
    return expected


def both_steps(recorded, replay, plain, count=1):
    """Run a step of `fit` both ways; return the losses and the predictions of the plain one.

    Parameters
    ----------
    recorded : RecordedStep
    replay : callable
        Returns the losses and predictions, a list.
    plain : callable
        Returns the results of the step, and a Signature of it.
    count : int
        How many losses there are.
    """
    accounts = []

    def run():
        results, account = plain()
        accounts.append(account)
        return [*map(float, results[:count]), *[np.array(values_of(one)) for one in results[count:]]]

    signature = recorded.signature  # None in a step that was recorded before `check_replay` was set
    return both("fit", recorded, replay, run, lambda before: signature and signature.difference(accounts[0]))


def first_difference(watched, recorded, before):
    """Why a replay differs from the call that was watched: what it did otherwise, or the op that computes otherwise.

    Parameters
    ----------
    watched : Watched
        The call.
    recorded : RecordedStep
    before : State
        What the call has found.
    """
    try:
        watched.check()
    except CannotRecord as reason:
        return str(reason)
    return recorded.signature.difference(watched.account()) or _first_wrong_op(
        watched.trace.graph, watched.trace.seeds, before, State(recorded)
    )


def _first_wrong_op(graph, seeds, before, after):
    """The first op whose launches do not give what it gave."""
    try:
        before.put_back()
        for node in graph.nodes:
            output = node.output
            if id(output) in graph.varying and not same_values(_replayed(graph, seeds, output), output._array):
                return f"{node.op.name}, of shape {output.shape}, is the first op that is computed otherwise"
    finally:
        after.put_back()
    return "no op by itself is computed otherwise, but their effects or all together"


def _replayed(graph, seeds, output):
    """What launches give for one tensor of a graph."""
    alone = replace(graph, outputs=[output], updates=[], assignments={})
    step = RecordedStep.from_graph(alone, [copy_as_laid_out(tensor._array) for tensor in graph.inputs])
    lowering = step.lowering
    program_of(lowering.launches, lowering.pool, step).run(1, np.array([seeds]))
    return step.outputs[0]
