"""Witnessed steps: they run as they are, while everything is written down that a replay of them would take for granted.

Code that is not numbanet's may read anything in Python: globals, closures, the environment. Nobody can list that, so
such a step is believed only as long as its last run did what the recorded one did: the same ops on the same operands,
with the same constants and settings. Unlike a trace that is made for recording, a witness changes nothing of the run:
random numbers are drawn, updates are made, values may be looked at. What cannot be replayed is noted, and not raised.
"""

from numbanet.core.snapshots import Snapshot
from numbanet.graph.signatures import Signature
from numbanet.graph.trace import Trace
from numbanet.tensor.tensor import Tensor


def witnessed(function, inputs, generator, held=None):
    """Call a function of tensors, and write down what it does.

    Parameters
    ----------
    function : callable
        `function(*inputs)` returns a list of Tensors and other things.
    inputs : list of Tensor
    generator : numpy.random.Generator
        What it may draw seeds from.
    held : dict, optional
        See `Trace`.

    Returns
    -------
    (list, Signature)
        What the function returned, and what it did.
    """
    with Trace(inputs, [generator], live=True, held=held) as trace:
        results = function(*inputs)
    if not all(isinstance(result, Tensor) for result in results):
        trace.refuse("the step returns what is no tensor")
    return results, Signature(trace, results)


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
            if self._moved:
                named = isinstance(before, Snapshot) and isinstance(guard.state, Snapshot)
                change = before.difference(guard.state) if named else "the model"
                return f"the step does not do the same every time: it changes {change}"
            self._moved = True  # once may be for good, such as layers that are built when they are first called
            self._accounts.clear()
            self.look_again()
            return None
        if batch in self._accounts and self._accounts[batch].difference(account) is None:
            self._confirmed.add(batch)
        elif batch in self._since_look:
            return "the step does not do the same every time"
        self._since_look.add(batch)
        self._accounts[batch] = account
        return None
