"""Witnessed steps: they run as they are, while everything is written down that a replay of them would take for granted.

Code that is not numbanet's may read anything in Python: globals, closures, the environment. Nobody can list that, so
such a step is believed only as long as its last run did what the recorded one did: the same ops on the same operands,
with the same constants and settings. Unlike a trace that is made for recording, a witness changes nothing of the run:
random numbers are drawn, updates are made, values may be looked at. What cannot be replayed is noted, and not raised.
"""

import copy
import hashlib
import pickle
from typing import Any

import numpy as np

from numbanet.kernels.arrays import to_host
from numbanet.kernels.recording import CannotRecord, Slot
from numbanet.tensor import Tensor
from numbanet.trace import Trace, draw_seeds, seed_of


class Witness(Trace):
    """A trace of a step that really runs.

    Attributes
    ----------
    reason : str or None
        Why the step cannot be replayed, if it did something that is no launch.
    """

    puts_off = False
    reason: str | None = None

    def refuse(self, reason):
        """Note the first thing that cannot be replayed."""
        self.reason = self.reason or reason

    def record(self, *entry):
        self._softly(super().record, *entry)

    def record_update(self, *update):
        self._softly(super().record_update, *update)

    def record_variable(self, *read):
        self._softly(super().record_variable, *read)

    def record_check(self, *check):
        self._softly(super().record_check, *check)

    def record_draw(self, generator):
        index = 2 * len(self.draws)
        self._softly(super().record_draw, generator)
        high, low = seed_of(generator)
        return Slot(high, index), Slot(low, index + 1)

    def _softly(self, record, *args):
        if self.reason is None:
            try:
                record(*args)
            except CannotRecord as reason:
                self.refuse(str(reason))


def witnessed(function, inputs, generator):
    """Call a function of tensors, and write down what it does.

    Parameters
    ----------
    function : callable
        `function(*inputs)` returns a list of Tensors and other things.
    inputs : list of Tensor
    generator : numpy.random.Generator
        What it may draw seeds from.

    Returns
    -------
    (list, Account)
        What the function returned, and what it did.
    """
    drawn = copy.deepcopy(generator)
    with Witness(inputs, [generator]) as witness:
        results = function(*inputs)
    draw_seeds([drawn] * len(witness.draws), 1)
    if pickle.dumps(drawn.bit_generator.state) != pickle.dumps(generator.bit_generator.state):
        witness.refuse("the step draws random numbers in Python")
    if not all(isinstance(result, Tensor) for result in results):
        witness.refuse("the step returns what is no tensor")
    return results, Account(witness, inputs, results)


class Rehearsals:
    """What is known of a step by the batches of each size that have run so far."""

    def __init__(self):
        self._accounts: dict = {}
        self._since_look: set = set()
        self._confirmed: set = set()
        self._moved = False

    def look_again(self):
        """Others may have changed anything: every size must show again that it does what it did."""
        self._since_look.clear()
        self._confirmed.clear()

    def known(self, batch):
        """Whether batches of a size have done the same twice, and once since the last look."""
        return batch in self._confirmed

    def note(self, batch, account, guard):
        """Keep the account of a step that has just run; the reason, if such steps can never be replayed."""
        if account.reason:
            return account.reason
        before = guard.state
        if guard.changed():
            change = before.difference(guard.state)
            if self._moved:
                return f"the step does not do the same every time: it changes {change}"
            self._moved = True  # once may be for good, such as layers that are built when they are first called
            self._accounts.clear()
            self.look_again()
            return None
        if self._accounts.get(batch) == account:
            self._confirmed.add(batch)
        elif batch in self._since_look:
            return "the step does not do the same every time"
        self._since_look.add(batch)
        self._accounts[batch] = account
        return None


class Account:
    """What a trace has written down, in a form that can be compared with that of another call on other inputs.

    Parameters
    ----------
    trace : Trace
    inputs, outputs : list of Tensor

    Attributes
    ----------
    reason : str or None
        Why it cannot be replayed; then it is not equal to any other.
    """

    def __init__(self, trace, inputs, outputs):
        self.reason = getattr(trace, "reason", None)
        self._held: list = []  # so that no id stands for another object later
        self._places: dict = {id(tensor): ("input", i) for i, tensor in enumerate(inputs)}
        self._places |= {key: ("variable", self._id(variable)) for key, variable in trace.variables.items()}
        self.lines = [] if self.reason else [*self._lines(trace, outputs)]
        self._places = {}

    def _lines(self, trace, outputs):
        for number, (op, operands, params, output) in enumerate(trace.entries):
            yield "op", self._id(op), tuple([self._place(x) for x in operands]), self._key(params)
            self._places[id(output)] = ("result", number)
        for optimizer, pairs in trace.updates:
            changed = tuple([(self._place(gradient), self._id(variable)) for gradient, variable in pairs])
            yield "update", self._id(optimizer), changed
        for tensor, check in trace.checks:
            yield "check", self._place(tensor), self._key(check)
        yield "draws", tuple([self._id(generator) for generator in trace.draws])
        yield "outputs", tuple([self._place(output) for output in outputs])

    def __eq__(self, other):
        return type(other) is Account and not self.reason and not other.reason and self.lines == other.lines

    __hash__ = object.__hash__

    def _place(self, tensor):
        """Where a tensor comes from; the digest of its values for a constant."""
        return self._places.get(id(tensor)) or self._key(tensor)

    def _id(self, obj):
        self._held.append(obj)
        return id(obj)

    def _key(self, x: Any):
        """A value that can be compared: floats by their bits, arrays by their contents, functions by what they hold."""
        if isinstance(x, Slot):
            return "slot", x.index, x.scale
        if isinstance(x, float):
            return type(x).__name__, x.hex()
        if x is None or isinstance(x, (bool, int, str, bytes)):
            return type(x).__name__, x
        if isinstance(x, (tuple, list)):
            return type(x).__name__, *[self._key(part) for part in x]
        if isinstance(x, dict):
            return "dict", *[(self._key(name), self._key(part)) for name, part in x.items()]
        if isinstance(x, slice):
            return "slice", self._key((x.start, x.stop, x.step))
        if isinstance(x, (np.ndarray, np.generic, Tensor)):
            return self._places.get(id(x)) or _digest(to_host(x._array) if isinstance(x, Tensor) else np.asarray(x))
        if hasattr(x, "func") and hasattr(x, "args"):
            return "partial", self._key(x.func), self._key(x.args), self._key(x.keywords)
        if hasattr(x, "__code__"):
            cells = [cell.cell_contents for cell in x.__closure__ or ()]
            return "function", self._id(x.__code__), self._key(cells), self._key(x.__defaults__)
        return "object", self._id(x)

    def confirm(self, trace, inputs, outputs):
        """Raise CannotRecord unless another trace, made for recording, says the same."""
        if Account(trace, inputs, outputs) != self:
            raise CannotRecord("the step does not do the same every time")


def _digest(array):
    return array.shape, array.dtype.str, hashlib.blake2b(np.ascontiguousarray(array).data, digest_size=16).digest()
