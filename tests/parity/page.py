"""The table of what was compared, in docs/parity.md."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from pathlib import Path

import numbanet as nn
from tests.parity.common import Result

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"
BEGIN, END = "<!-- written by make parity -->", "<!-- end of what make parity writes -->"
KINDS = ("layers", "losses", "metrics", "optimizers", "training")
BASES = ("Layer", "Loss", "Metric", "Optimizer", "FunctionLoss", "FunctionMetric", "LossMetric", "MeanMetric")
"""Classes that compute nothing by themselves."""
ELSEWHERE = {
    "layers.Input": "computes nothing; the networks that are trained begin with it",
    "layers.RandomCrop": "crops the middle in evaluation, as Keras documents; Keras 3.15 returns whole images",
    "metrics.Accuracy": "is any of the accuracies below, by the shapes of a model",
    "metrics.Mean": "no formula to compare",
    "metrics.Sum": "no formula to compare",
    "metrics.TopK": "another name of two that are compared",
}
"""What has no comparison, and why."""


def public() -> list[str]:
    """Return the names of all public layers, losses, metrics and optimizers."""
    found = []
    for kind in KINDS[:-1]:
        classes = {name: getattr(getattr(nn, kind), name) for name in getattr(nn, kind).__all__}
        found += [f"{kind}.{name}" for name, one in classes.items() if inspect.isclass(one) and name not in BASES]
    return sorted(found)


def missing(results: list[Result]) -> list[str]:
    """Return the public names that no result is about, and those of `ELSEWHERE` that are compared or gone."""
    compared, known = {f"{one.kind}.{one.name}" for one in results if one.peer == "Keras"}, {*public()}
    return sorted({*known} - compared - {*ELSEWHERE} | ({*ELSEWHERE} & compared) | ({*ELSEWHERE} - known))


def counterpart(results: list[Result]) -> str:
    """Return the names in PyTorch that cases begin with."""
    names = dict.fromkeys(one.case.split(":")[0].split(",")[0].split(" o")[0] for one in results)
    return ", ".join(f"`{name}`" if name.replace("_", "").isalnum() else name for name in names)


def cells(results: list[Result]) -> str:
    """Return how many comparisons there are, and the largest difference."""
    numbers = [one for one in results if one.case != "arguments and defaults"]
    return f"{len(numbers)} | {max(one.difference for one in numbers):.0e}" if numbers else " | "


def table(results: list[Result]) -> str:
    """Return the page's tables, one for each kind."""
    versions = ", ".join(f"{name} {version(name.lower())}" for name in ("Keras", "JAX", "torch", "NumPy"))
    lines = [f"{len(results)} comparisons, with {versions}."]
    for kind in KINDS:
        rows: dict[str, list[Result]] = {}
        for one in results:
            if one.kind == kind:
                rows.setdefault(one.name, []).append(one)
        lines += ["", f"### {kind.capitalize()}", "", "| | Keras: cases | largest | PyTorch | cases | largest |",
                  "|---|---|---|---|---|---|"]  # fmt: skip
        for name in rows if kind == "training" else sorted(rows):
            keras, torch = ([one for one in rows[name] if one.peer == peer] for peer in ("Keras", "PyTorch"))
            other = counterpart(torch) if kind != "training" else "the same"
            title = name if kind == "training" else f"`{name}`"
            lines.append(f"| {title} | {cells(keras)} | {other if torch else ''} | {cells(torch)} |")
    lines += ["", "### Not compared", "", *(f"- `{name}`: {why}" for name, why in ELSEWHERE.items())]
    return "\n".join(lines)


def write(results: list[Result]) -> None:
    """Put the tables in their place on the page."""
    text = PAGE.read_text("utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{table(results)}\n{END}{after}", "utf-8")
