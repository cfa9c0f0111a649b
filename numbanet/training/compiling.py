"""What `compile` makes of losses, their weights and metrics, of one output or of several."""

from __future__ import annotations

from typing import Any

from numbanet import losses, metrics
from numbanet.core.checks import as_number
from numbanet.errors import ArgumentError
from numbanet.losses.outputs import OutputLosses, WeightedLoss
from numbanet.metrics.outputs import OutputMetric


def compiled_loss(loss: Any, weights: Any, names: list[str]) -> Any:
    """Return the loss of a model whose outputs have these names, if they are known.

    Parameters
    ----------
    loss : str, Loss or callable, or a list, tuple or dict of these and None
    weights : list, tuple or dict of float, optional
    names : list of str
        None of them where a `call` of a subclass gives the outputs.

    Raises
    ------
    ArgumentError
        When there are not as many as outputs, or a name is none of them.
    """
    described = isinstance(loss, dict) and set(loss) == {"class_name", "config"}
    if not isinstance(loss, (list, tuple, dict)) or described:
        if len(names) < 2 or isinstance(loss, OutputLosses):
            only = _chosen(loss)
            return only if weights is None else _weighted(only, weights, names)
        loss = [loss] * len(names)
    known = names or ([*loss] if isinstance(loss, dict) else [])
    given = _by_output("loss", loss, known, len(known) or len(loss))
    chosen: list[Any] = [None if one is None else _chosen(one) for one in given]
    if not any(chosen):
        raise ArgumentError("compile: no output has a loss")
    factors = [1.0] * len(chosen)
    if weights is not None:
        listed = _by_output("loss_weights", weights, known, len(chosen))
        factors = [1.0 if one is None else as_number("compile: loss_weights", one) for one in listed]
    if len(chosen) == 1:
        return chosen[0] if factors == [1.0] else WeightedLoss(chosen[0], factors[0])
    return OutputLosses(chosen, factors, known or _made_up(chosen), known)


def _chosen(loss):
    """Return the loss object; ArgumentError if it gives a number per sample, since training needs one."""
    found = losses.get(loss)
    if found.reduction in (None, "none"):
        raise ArgumentError(f"compile: {found.name} with reduction={found.reduction!r} does not give one number")
    return found


def _weighted(loss, weights, names):
    """Return the loss of the only output, times its weight: a number, or a list or dict of one."""
    if isinstance(loss, OutputLosses):
        raise ArgumentError("compile: the loss has weights already; give loss_weights with a list or dict of losses")
    given = weights if isinstance(weights, (list, tuple, dict)) else [weights]
    (factor,) = _by_output("loss_weights", given, names, 1)
    number = 1.0 if factor is None else as_number("compile: loss_weights", factor)
    return loss if number == 1 else WeightedLoss(loss, number)


def _made_up(chosen):
    """Return names for outputs that have none: those of their losses, with a number where one is taken."""
    found: list[str] = []
    for i, loss in enumerate(chosen):
        name = f"output_{i}" if loss is None else loss.name
        found.append(name if name not in found else f"{name}_{i}")
    return found


def _by_output(what, given, names, count):
    """Return one entry per output, None where a dict has none."""
    if isinstance(given, dict):
        unknown = [key for key in given if key not in names]
        if unknown:
            raise ArgumentError(
                f"compile: {what} has {unknown[0]!r}, the outputs are called {', '.join(map(repr, names)) or 'nothing'}"
            )
        return [given.get(name) for name in names]
    if not isinstance(given, (list, tuple)) or len(given) != count:
        got = f"{len(given)}" if isinstance(given, (list, tuple)) else repr(given)
        raise ArgumentError(f"compile: {what} must be a list or dict of {count}, one per output, got {got}")
    return [*given]


def compiled_metrics(plain: Any, weighted: Any, loss: Any) -> tuple[list[Any], list[Any]]:
    """Return the metrics of both lists, all of them under names of their own."""
    several = isinstance(loss, OutputLosses) and len(loss.losses) > 1
    chosen = []
    for what, given in (("metrics", plain), ("weighted_metrics", weighted)):
        chosen.append(_of_outputs(what, given, loss) if several else _of_one(what, given))
    taken = [metric.name for metric, _ in chosen[0]]
    for metric, may_rename in chosen[1]:
        if metric.name in taken and may_rename:
            metric.name = f"weighted_{metric.name}"
    found = [[metric for metric, _ in part] for part in chosen]
    names = [metric.name for metric in (*found[0], *found[1])]
    if len(set(names)) != len(names):
        raise ArgumentError(f"compile: two metrics have one name: {', '.join(names)}")
    return found[0], found[1]


def _of_one(what, given):
    """Return pairs (metric, whether it may be given another name) for the only output."""
    listed = _listed(what, given)
    if len(listed) == 1 and isinstance(listed[0], (list, tuple)):
        listed = [*listed[0]]
    return [(metrics.get(metric), isinstance(metric, str)) for metric in listed]


def _of_outputs(what, given, loss):
    """Return such pairs for several outputs: a list or dict has a metric, or a list of them, for each."""
    if given and isinstance(given, (list, tuple)) and all(isinstance(one, OutputMetric) for one in given):
        return [(one, False) for one in given]  # those of a file
    found: dict[str, OutputMetric] = {}
    parts = [] if given is None or len(given) == 0 else _by_output(what, given, loss.keys, len(loss.losses))
    for i, part in enumerate(parts):
        for one in _listed(what, part if isinstance(part, (list, tuple, type(None))) else [part]):
            metric = metrics.get(one)
            base = f"{loss.names[i]}_{metric.name}" if loss.keys else metric.name
            name, count = base, 0
            while name in found:
                count += 1
                name = f"{base}_{count}"
            found[name] = OutputMetric(metric, i, name)
    return [(found[name], True) for name in sorted(found)]


def _listed(what, given):
    if not isinstance(given, (list, tuple, type(None))):
        raise ArgumentError(f"compile: {what} must be a list, got {given!r}")
    return [*(given or ())]
