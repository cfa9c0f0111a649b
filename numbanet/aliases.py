"""Aliases of public functions: names of NumPy, TensorFlow and Keras that readers of books on these libraries type.

Each names the very function that numbanet has under a name of its own, which is in the Python array API standard where
that has one: `nn.reduce_sum is nn.sum`. Only names whose meaning is the same, with the same order of parameters and the
same defaults, are here; others are functions with a body, in `numbanet.compat`.
"""

ALIASES = {
    # TensorFlow
    "cast": "astype",
    "clip_by_value": "clip",
    "convert_to_tensor": "asarray",
    "fill": "full",
    "floordiv": "floor_divide",
    "floormod": "remainder",
    "gather": "take",
    "range": "arange",
    "rank": "ndim",
    "reduce_all": "all",
    "reduce_any": "any",
    "reduce_logsumexp": "logsumexp",
    "reduce_max": "max",
    "reduce_mean": "mean",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_std": "std",
    "reduce_sum": "sum",
    "reduce_variance": "var",
    "reverse": "flip",
    "truediv": "divide",
    # Keras
    "swish": "silu",
    "top_k": "topk",
    # NumPy
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "bitwise_not": "bitwise_invert",
    "concatenate": "concat",
    "conjugate": "conj",
    "cumprod": "cumulative_prod",
    "cumsum": "cumulative_sum",
    "invert": "bitwise_invert",
    "left_shift": "bitwise_left_shift",
    "mod": "remainder",
    "power": "pow",
    "right_shift": "bitwise_right_shift",
    "transpose": "permute_dims",
    "true_divide": "divide",
}
"""From another name to the one in `dir(numbanet)` that is documented."""

INSTEAD = {
    "applications": "numbanet has no trained models, and downloads nothing",
    "backend": "numbanet is its own; nn.config has the settings, and the functions are those of nn and nn.ops",
    "bfloat16": "numbanet has float32 and float64",
    "complex64": "numbanet has no complex numbers",
    "complex128": "numbanet has no complex numbers",
    "data": "fit takes arrays, generators and iterables of batches",
    "executing_eagerly": "operations are always run at once; nn.function replays them",
    "float16": "numbanet has float32 and float64",
    "info": "`numbanet info` in a shell prints versions and settings",
    "keras": "the names of Keras are those of numbanet itself: nn.Sequential, nn.layers, nn.losses",
    "manual_seed": "there is no global seed; give fit, or what draws numbers, rng",
    "no_grad": "nothing is recorded outside of nn.GradientTape()",
    "preprocessing": "numbanet reads no images and no text; give fit arrays; nn.utils has pad_sequences",
    "print": "print(t) shows a tensor",
    "seed": "there is no global seed; give fit, or what draws numbers, rng",
    "set_random_seed": "there is no global seed; give fit, or what draws numbers, rng",
    "show_versions": "`numbanet info` in a shell prints versions and settings",
    "tensor": "nn.asarray makes one",
}
"""What to write in place of names that numbanet does not have."""
