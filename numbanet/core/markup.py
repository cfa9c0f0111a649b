"""HTML for notebooks, which call `_repr_html_` of what a cell gives."""

import numpy as np

LEFT, RIGHT = "text-align:left", "text-align:right"


def escaped(text):
    """Return text in which HTML sees no tags."""
    import html  # which takes a millisecond: only notebooks need it

    return html.escape(str(text))


def table(title, columns, rows, note="", style=LEFT):
    """Return a table; all that it is given may be any text."""
    head = "".join(f'<th scope="col" style="{LEFT}">{escaped(column)}</th>' for column in columns)
    body = "".join(
        "<tr>" + "".join(f'<td style="{style};white-space:pre">{escaped(cell)}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    text = f"<strong>{escaped(title)}</strong> {escaped(note)}"
    caption = f'<caption style="{LEFT};caption-side:top;white-space:nowrap">{text}</caption>'
    return f"<table>{caption}{f'<thead><tr>{head}</tr></thead>' if columns else ''}<tbody>{body}</tbody></table>"


def numbers(title, note, array, edge=4):
    """Return a table of the numbers of an array of up to two dimensions; of longer ones, of the first and the last."""
    rows = np.atleast_2d(array)
    down, across = (_shown(size, edge) for size in rows.shape)
    cells = [
        ["\u22ee" if i is None else "\u2026" if j is None else _told(rows[i, j].item()) for j in across] for i in down
    ]
    return table(title, [], cells, note, RIGHT)


def _shown(size, edge):
    """The places that are shown, and None for those that are not."""
    return range(size) if size <= 2 * edge + 1 else [*range(edge), None, *range(size - edge, size)]


def _told(number):
    return f"{number:.5g}" if isinstance(number, (float, complex)) else str(number)
