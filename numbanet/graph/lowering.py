"""From the graph of a step to launches: the forwards of its nodes are recorded, over memory that is used again."""

from numbanet.kernels.memory import Pool, owner
from numbanet.kernels.recording import recording


class Lowering:
    """Records the forwards of nodes one after the other.

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

    def run(self, graph):
        """Record all nodes; memory of what no later node reads is used again, that of the graph's roots is kept."""
        nodes = graph.nodes
        last_use = {id(tensor): i for i, node in enumerate(nodes) for tensor in node.inputs}
        last_use.update({id(tensor): len(nodes) for tensor in graph.roots})
        for i, node in enumerate(nodes):
            result = self.emit(node.op.forward, *[self.array_of(tensor) for tensor in node.inputs], **node.params)
            results = zip((node.output, *node.others), result, strict=True) if node.others else ((node.output, result),)
            for tensor, array in results:
                self.arrays[id(tensor)] = array
                self._holders.setdefault(id(owner(array)), set()).add(id(tensor))
            for tensor in node.inputs:
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
