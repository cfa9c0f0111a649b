"""Numbers in argument blocks that launches and bodies agree on. No Numba here: launching needs these."""

CONTIGUOUS, STRIDED, SCALAR = 0, 1, 2
"""How an operand of `windows` lies: like the output, in other strides, or one number."""

PLAIN, BIAS, BIAS_AND_RELU = 0, 1, 2
"""What a dot does to sums before they leave the registers."""
