"""Why a target depends on none of the sources: what a tape has recorded, read for the mistake behind it.

A gradient of zeros is the right answer for one source among others that is not used, and for the derivative of a
derivative that happens to be constant. Where nothing at all leads from the sources to the target, something has cut the
graph on the way, and the tape says what.
"""

READ = (
    "no recorded operation leads from them to it, and {what} read values inside the tape: "
    "what NumPy and Python compute from those is not recorded; use functions of numbanet"
)
UNUSED = "nothing was computed from them while the tape was open"
APART = (
    "no recorded operation leads from them to it: was it computed outside of the tape, from other tensors, from what "
    "was assigned to a variable, or by this tape's own gradient, which another tape around must record?"
)
NAMES = {
    "astype": "astype, which makes integers or booleans of them",
    "stop_gradient": "stop_gradient",
    "getitem": "an index",
}


def reached_from(ids, entries):
    """Return the ids of all tensors that entries (op, inputs, params, output) compute from those of `ids`."""
    reached = set(ids)
    for _, inputs, _, output in entries:
        if any(id(tensor) in reached for tensor in inputs):
            reached.add(id(output))
    return reached


def why_unconnected(entries, cuts, sources, targets, reads):
    """Return why no gradient leads from targets to sources, and whether that is evidence of a mistake.

    Parameters
    ----------
    entries : list of (op, inputs, params, output)
        What was recorded, in order.
    cuts : list of (op, inputs, params, output)
        What was computed without a derivative: the operations that end the way of a gradient, and what came after them.
    sources, targets : set of int
        Ids of tensors.
    reads : list of str
        How values of tensors were read.

    Returns
    -------
    (str, bool)
    """
    reached = reached_from(sources, entries)
    leading = _leading_to(targets, [*entries, *cuts])
    for op, inputs, _, output in reversed(cuts):  # the nearest to the target
        if id(output) in leading and any(id(tensor) in reached for tensor in inputs):
            return f"{NAMES.get(op.name, op.name)}, on the way from them, has no derivative", True
    if reads:
        return READ.format(what=" and ".join(reads)), True
    used = len(reached) > len(sources) or any(id(tensor) in sources for _, inputs, *_ in cuts for tensor in inputs)
    return (APART if used else UNUSED), False


def _leading_to(targets, entries):
    """Ids of the tensors that targets were computed from, those among them; entries are in any order."""
    leading, known = set(targets), -1
    while len(leading) > known:
        known = len(leading)
        for _, inputs, _, output in reversed(entries):
            if id(output) in leading:
                leading.update(map(id, inputs))
    return leading
