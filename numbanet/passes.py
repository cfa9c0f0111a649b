"""Passes over a traced step: the same results from fewer launches."""


def fuse(entries, roots):
    """Entries with what goes together put together.

    Parameters
    ----------
    entries : list of (op, inputs, params, output)
    roots : list of Tensor
        What must still be computed.
    """
    return entries
