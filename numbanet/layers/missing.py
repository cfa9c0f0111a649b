"""What error messages say about Keras layers, and arguments of layers, that numbanet does not have."""

INSTEAD = {
    "InputLayer": "it is called nn.layers.Input",
}

ARGUMENTS = {
    "autocast": "a layer computes in its dtype, float32 or float64",
    "batch_input_shape": "it is called input_shape, and leaves the samples out",
    "batch_shape": "it is called input_shape, and leaves the samples out",
    "init": "it is called kernel_initializer",
    "input_dim": "write input_shape=(input_dim,)",
    "input_length": "write input_shape=(input_length,)",
    "output_dim": "it is called units",
    "p": "it is called rate",
    "seed": "give rng to what uses it: model.fit(..., rng=0), or layer(x, training=True, rng=0)",
    "trainable": "set layer.trainable when it is made",
    "weights": "use layer.set_weights once the layer is built",
    "W_regularizer": "it is called kernel_regularizer",
    "b_regularizer": "it is called bias_regularizer",
}
"""What to write in place of arguments of layers."""
