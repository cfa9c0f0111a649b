"""What error messages say about arguments and attributes of models in other libraries that numbanet does not have."""

_SEED = "it is called rng"
_SETTINGS = "a recorded step needs no such setting"

COMPILE = {
    "auto_scale_loss": "numbanet computes in float32 or float64, and scales no loss",
    "criterion": "it is called loss",
    "jit_compile": _SETTINGS,
    "learning_rate": "give compile an optimizer, such as nn.optimizers.Adam(learning_rate)",
    "lr": "give compile an optimizer, such as nn.optimizers.Adam(learning_rate)",
    "run_eagerly": _SETTINGS,
    "steps_per_execution": _SETTINGS,
}

DATA = {
    "max_queue_size": "batches are read in this process",
    "nb_epoch": "it is called epochs",
    "random_state": _SEED,
    "seed": _SEED,
    "use_multiprocessing": "batches are read in this process",
    "validation_batch_size": "validation takes batches of batch_size",
    "workers": "batches are read in this process",
}
"""Those of `fit`, `evaluate` and `predict`."""

ATTRIBUTES = {
    "eval": "model(x) is inference; training=True is given where it is not",
    "evaluate_generator": "evaluate takes generators",
    "fit_generator": "fit takes generators",
    "forward": "call the model: model(x)",
    "history": "keep what fit returns: history = model.fit(...).history",
    "parameters": "write model.weights, or model.trainable_weights",
    "predict_classes": "write model.predict(x).argmax(axis=1)",
    "predict_generator": "predict takes generators",
    "predict_proba": "write model.predict(x), which gives probabilities behind a softmax or sigmoid",
    "score": "write model.evaluate(x, y), which gives the loss and the metrics",
    "state_dict": "write model.get_weights(), or model.save_weights(path)",
    "to": "write model.to_device(device)",
}
