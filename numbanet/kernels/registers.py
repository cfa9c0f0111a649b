"""The vector registers of this processor, and the tile of a dot that fits them. No Numba here: launches need them."""

from numbanet.kernels import machine_code

_triple, _, _features = machine_code.host()
_has = set(_features.split(",")).issuperset
VECTOR_BYTES = 64 if _has({"+avx512f"}) else 32 if _has({"+avx2"}) else 16
VECTORS = 2
ROWS = 12 if VECTOR_BYTES == 64 or "aarch64" in _triple else 6  # accumulators: ROWS * VECTORS of 32 registers, or of 16
COLUMN_BYTES = VECTORS * VECTOR_BYTES


def columns_of(dtype):
    """How many columns one tile has."""
    return COLUMN_BYTES // dtype.itemsize
