"""What is said of names of `keras.ops` that numbanet does not have."""

INSTEAD = {
    "adaptive_average_pool": "nn.ops.average_pool has windows of one size",
    "adaptive_max_pool": "nn.ops.max_pool has windows of one size",
    "angle": "numbanet has no complex numbers",
    "associative_scan": "cumulative sums and products are nn.cumsum and nn.cumprod; others are a Python loop",
    "correlate": "nn.ops.conv correlates (samples, steps, channels)",
    "depth_to_space": "write nn.ops.reshape, transpose and reshape",
    "eig": "eigenvalues may be complex, which no dtype here holds; nn.ops.eigh is for symmetric matrices",
    "erfinv": "numbanet has no inverse error function",
    "extract_sequences": "numpy.lib.stride_tricks.sliding_window_view makes windows of an array",
    "jvp": "numbanet has reverse mode alone: nn.grad, nn.jacobian and nn.hvp",
    "lu_factor": "NumPy gives no LU factors; nn.ops.solve, det and slogdet use them",
    "polar": "numbanet has no complex numbers",
    "rearrange": "einops.rearrange takes tensors of numbanet",
    "scan": "write a Python loop: nn.function replays it",
    "segment_max": "nn.ops.segment_sum is there; a maximum is a Python loop over nn.boolean_mask",
    "space_to_depth": "write nn.ops.reshape, transpose and reshape",
    "sparsemax": "nn.softmax is the activation whose outputs sum to 1",
    "unfold": "nn.ops.conv reads windows where they lie",
    "vectorize": "operations broadcast anyway; nn.ops.map calls a function for each part",
    "vectorized_map": "nn.ops.map calls the function for each part; operations broadcast anyway",
    "view": "tensors have no view of their bytes as another dtype; nn.cast converts the values",
    "view_as_complex": "numbanet has no complex numbers",
    "view_as_real": "numbanet has no complex numbers",
}
"""What to write instead of names of `keras.ops` that are not here."""
