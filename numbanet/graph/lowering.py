"""From a traced step to launches: what nobody needs is dropped, the forwards of the rest are recorded."""

from numbanet.kernels.memory import Pool, owner
from numbanet.kernels.recording import recording


def needed(entries, roots):
    """The entries on which the tensors `roots` depend, in order.

    Parameters
    ----------
    entries : list of (op, inputs, params, output)
    roots : list of Tensor
    """
    wanted = {id(tensor) for tensor in roots}
    kept = []
    for entry in reversed(entries):
        _, inputs, _, output = entry
        if id(output) in wanted:
            wanted.update(id(tensor) for tensor in inputs)
            kept.append(entry)
    return kept[::-1]


class Lowering:
    """Records the forwards of entries one after the other.

    Parameters
    ----------
    arrays : dict
        From the id of a tensor to the array that holds it in every step: the batch and the variables.
    device : object
        Where the step runs; None for the host.
    """

    def __init__(self, arrays, device=None):
        self.arrays = dict(arrays)
        self.pool = Pool(device)
        self.launches = []
        self._holders = {}

    def array_of(self, tensor):
        """Where a tensor is in every step; one that was not traced is a constant and stays where it is."""
        found = self.arrays.get(id(tensor))
        return tensor._array if found is None else found

    def emit(self, function, *args, **params):
        """Record the launches of a function on arrays, and return what it returns."""
        with self.pool, recording() as launches:
            result = function(*args, **params)
        self.launches.extend(launches)
        return result

    def run(self, entries, roots):
        """Record all entries; memory of what no later entry reads is used again, that of `roots` is kept.

        Where a pass has joined two entries, the output is a pair.
        """
        last_use = {id(tensor): i for i, (_, inputs, _, _) in enumerate(entries) for tensor in inputs}
        last_use.update({id(tensor): len(entries) for tensor in roots})
        for i, (op, inputs, params, output) in enumerate(entries):
            result = self.emit(op.forward, *[self.array_of(tensor) for tensor in inputs], **params)
            several = isinstance(output, tuple)
            for tensor, array in zip(output, result, strict=True) if several else [(output, result)]:
                self.arrays[id(tensor)] = array
                self._holders.setdefault(id(owner(array)), set()).add(id(tensor))
            for tensor in inputs:
                if last_use[id(tensor)] == i:
                    self._release(tensor)

    def _release(self, tensor):
        """Give memory back once no tensor that lies in it is read any more."""
        array = self.arrays.get(id(tensor))
        if array is None:
            return
        holders = self._holders.get(id(owner(array)))
        if holders is None:
            return  # the batch, a variable, or a view of one
        holders.discard(id(tensor))
        if not holders and self.pool.owns(array):
            self.pool.give_back(array)
