"""Functions that a compiler cannot vectorise by itself, written in vectors: `kernels.substitutes` says what for.

`loops.functions`, `loops.softmax` and `loops.reduce` say what they compute; compiled as they stand, their loops call
the C library one element at a time. docs/numerics.md has the largest error of each.
"""
