"""Some rows of a product that was recorded, as a launch of their own."""

from numbanet.core.context import undisturbed
from numbanet.kernels.recording import recording
from numbanet.launching.launch import TILES, matmul

MOST_PACKED = 1 << 13
"""The most numbers of b that every member of a team may move to a panel of its own, if they are not in place."""


@undisturbed
def rows_of(launch, start, stop):
    """Return the launch of rows start..stop of a product; None where it must be computed as a whole.

    Outputs add their products in the order of k, whatever tile they are in, so the bytes are the same; but not if so
    few rows are computed another way, along k.
    """
    a, b, out, bias, with_relu = launch.product
    if b.strides[1] != b.itemsize and b.size > MOST_PACKED:
        return None
    if (start, stop) not in launch.parts:
        with recording() as made:
            matmul(a[start:stop], b, out[start:stop], bias, with_relu)
        same = len(made) == 1 and made[0].name in TILES
        launch.parts[start, stop] = made[0] if same else None
    return launch.parts[start, stop]
