"""The figures of the front page and of the README, from the tables of the pages on performance: `make generated`."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATH = ROOT / "docs" / "front_figures.md"
README = ROOT / "README.md"
TABLES = ROOT / "docs" / "performance_tables.md"
PERFORMANCE = ROOT / "docs" / "performance.md"
MARKS = "<!-- figures: written by make generated -->\n", "<!-- figures: end -->\n"
LIBRARIES = ("numbanet", "NumPy", "JAX", "PyTorch")
START = "From the start of a process to five epochs of MNIST and an evaluation"
STEPS = "3,000 steps of fit: 64-32-10, batches of 32, SGD; one step, µs"
SIZES = "Import and size"


def tables(text):
    """From the headings of a page to the first table below: rows as dicts by column, the first column by ""."""
    found = {}
    for part in re.split(r"^#{2,3} ", text, flags=re.MULTILINE)[1:]:
        table = re.search(r"(?:^\|.*\|\n)+", part, re.MULTILINE)
        if table:
            head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()]
            columns = ["", *head[1:]]
            found[part.partition("\n")[0]] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found


def median(cell):
    """What stands before the range in a cell, with commas and as many digits as are worth reading."""
    number = cell.partition(" (")[0].replace(",", "")
    if not number:
        return ""
    value = float(number)
    return f"{value:,.0f}" if value >= 30 else f"{value:.1f}" if value >= 2 else f"{value:.2f}"


def by_rows(table, column):
    """The figures of a column of a table that has a row for each library."""
    return {row[""]: median(row[column]) for row in table}


def by_columns(table, name):
    """The figures of a row of a table that has a column for each library."""
    (row,) = [row for row in table if row[""] == name]
    return {column: median(cell) for column, cell in row.items() if column}


def rows():
    """From what was measured to the figures of the libraries, wins and losses."""
    measured = tables(TABLES.read_text("utf-8"))
    sizes = tables(PERFORMANCE.read_text("utf-8"))[SIZES]
    step = by_columns(measured[STEPS], "")
    if step.get("JAX scan"):
        step["JAX"] += f" (scan: {float(step['JAX scan']):.0f})"
    many = measured["Operations on many numbers, called, one thread, µs"]
    return {
        "an epoch of MNIST, 784-512-10, s": by_rows(measured[START], "fastest epoch, s"),
        "one step of a small network, 64-32-10, µs": step,
        "from the start of a process to five epochs, s": by_rows(measured[START], "whole, s"),
        "peak memory of that, MB": by_rows(measured[START], "peak memory, MB"),
        "import and a first product, ms": by_rows(sizes, "import and a first product, ms"),
        "installed, with what it requires, MB": by_rows(sizes, "installed, MB"),
        "sorting 65,536 numbers, µs": by_columns(many, "sort, 65536 float32"),
        "argmax of 65,536 numbers, µs": by_columns(many, "argmax, 65536 float32"),
    }


def text():
    """The table, where and when it was measured, and how many comparisons are lost."""
    source = TABLES.read_text("utf-8")
    day, processor = re.search(r"^Measured on ([\d-]+): ([^;]+);", source).groups()
    compared, won = map(int, re.search(r"Of (\d+) comparisons, (\d+) are won", source).groups())
    lines = [f"| | {' | '.join(LIBRARIES)} |", "|---|--:|--:|--:|--:|"]
    for what, figures in rows().items():
        lines.append(f"| {what} | {' | '.join(figures.get(library, '') for library in LIBRARIES)} |")
    lines += [
        "",
        f"Medians, measured on {day} ({processor}); those of imports and sizes are from another day.",
        "NumPy's step is written by hand, JAX's is jitted.",
        f"Of {compared} comparisons in that run, numbanet won {won} and lost {compared - won}.",
    ]
    return "\n".join(lines) + "\n"


def readme():
    """The README with the table between its marks."""
    before, _, rest = README.read_text("utf-8").partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    return f"{before}{MARKS[0]}\n{text()}\n{MARKS[1]}{after}"


def texts():
    """From the paths of the two files to what they should be."""
    return {PATH: text(), README: readme()}
