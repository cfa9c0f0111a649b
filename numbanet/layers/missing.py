"""What error messages say about Keras layers, and arguments of layers, that numbanet does not have."""

INSTEAD = {
    "InputLayer": "it is called nn.layers.Input",
    "CategoryEncoding": "nn.utils.to_categorical makes columns of zeros and ones",
    "CenterCrop": "Cropping2D cuts off edges",
    "Discretization": "np.digitize(column, bounds) makes classes of numbers",
    "Hashing": "np.unique(names, return_inverse=True)[1] makes numbers of names",
    "IntegerLookup": "np.unique(column, return_inverse=True)[1] counts what there is from 0",
    "Linear": "it is called Dense",
    "Resizing": "numbanet resizes no images; Pillow does, before fit",
    "StringLookup": "np.unique(names, return_inverse=True)[1] makes numbers of names",
    "TextVectorization": "numbanet reads no text: make words numbers with a dict, and nn.utils.pad_sequences of these",
    **{
        name.lower(): f"call the layer: nn.layers.{name}()([a, b])"
        for name in ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")
    },
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
