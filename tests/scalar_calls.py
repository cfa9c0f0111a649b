"""Everything that takes a number as a setting: each call is made with Python's, NumPy's and numbanet's kinds of it."""

import numpy as np

import numbanet as nn

X = np.arange(24.0).reshape(2, 3, 4)
M = X[0]
V = M[0]
K = nn.asarray([3, 1, 2])


def _layer(layer):
    layer.build((None, 4))
    return layer.get_config()


def _fitted(**options):
    model = nn.Sequential([nn.layers.Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    history = model.fit(M, M[:, :1], rng=0, verbose=0, **options)
    return history.history


def _compiled():
    model = nn.Sequential([nn.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    model.build((None, 4))
    return model


def _along(name):
    return lambda n: getattr(nn, name)(X, axis=n)


def _along_both(name):
    return lambda n: getattr(nn, name)(X, axis=(0, n))


def _smoothed(name):
    return lambda x: getattr(nn.losses, name)(label_smoothing=x).get_config()


def _smoothing(name):
    return lambda x: getattr(nn.losses, name)(np.eye(4), np.full((4, 4), 0.25), label_smoothing=x)


def _scaled(name):
    return lambda x: getattr(nn.initializers, name)(scale=x).get_config()


def _rate(name):
    return lambda x: getattr(nn.optimizers, name)(learning_rate=x).get_config()


WITH_INTEGER = {
    "cosine_similarity": (1, lambda n: nn.losses.cosine_similarity(M, M + 1, axis=n)),
    "sparse_categorical_crossentropy": (
        1, lambda n: nn.losses.sparse_categorical_crossentropy(np.arange(4), np.full((4, 4), 0.25), axis=n)
    ),
    "Concatenate axis": (1, lambda n: nn.layers.Concatenate(axis=n)([V[None], V[None]])),
    # functions: (number, call)
    **{name: (1, _along(name)) for name in (
        "sum", "prod", "mean", "max", "min", "argmax", "argmin", "any", "all", "var", "std", "logsumexp",
        "count_nonzero", "cumulative_sum", "cumulative_prod", "sort", "argsort", "softmax", "log_softmax",
        "expand_dims", "flip", "unstack", "diff", "norm",
    )},
    **{f"{name} of several axes": (1, _along_both(name)) for name in (
        "sum", "prod", "mean", "max", "min", "any", "all", "var", "std", "logsumexp", "flip", "norm",
    )},
    "sum of a list of axes": (1, lambda n: nn.sum(X, axis=[0, n])),
    "squeeze": (1, lambda n: nn.squeeze(X[:, :1], n)),
    "concat": (1, lambda n: nn.concat([X, X], axis=n)),
    "stack": (1, lambda n: nn.stack([X, X], axis=n)),
    "split axis": (2, lambda n: nn.split(X, 2, axis=n)),
    "split": (2, lambda n: nn.split(M, n, axis=1)),
    "split at": (2, lambda n: nn.split(V, [1, n])),
    "take": (2, lambda n: nn.take(X, n, axis=1)),
    "take axis": (2, lambda n: nn.take(X, [0, 1], axis=n)),
    "take_along_axis": (1, lambda n: nn.take_along_axis(M, nn.argsort(M, 1), axis=n)),
    "getitem": (1, lambda n: nn.asarray(X)[n, n, n]),
    "slice": (1, lambda n: nn.asarray(X)[n:, ::n]),
    "roll": (2, lambda n: nn.roll(V, n)),
    "roll by several": (2, lambda n: nn.roll(M, (n, 1), axis=(0, 1))),
    "roll axis": (1, lambda n: nn.roll(M, 1, axis=n)),
    "roll axes": (1, lambda n: nn.roll(M, 1, axis=(0, n))),
    "repeat": (2, lambda n: nn.repeat(V, n)),
    "repeat axis": (1, lambda n: nn.repeat(M, 2, axis=n)),
    "tile": (2, lambda n: nn.tile(V, n)),
    "tile by several": (2, lambda n: nn.tile(V, (n, 1))),
    "reshape": (4, lambda n: nn.reshape(M, (n, 3))),
    "reshape to one size": (12, lambda n: nn.reshape(M, n)),
    "reshape method": (4, lambda n: nn.asarray(M).reshape(n, -1)),
    "permute_dims": (2, lambda n: nn.permute_dims(X, (n, 0, 1))),
    "transpose method": (2, lambda n: nn.asarray(X).transpose(n, 0, 1)),
    "moveaxis": (2, lambda n: nn.moveaxis(X, 0, n)),
    "moveaxis from": (2, lambda n: nn.moveaxis(X, n, 0)),
    "moveaxis of several": (2, lambda n: nn.moveaxis(X, [0, 1], [n, 0])),
    "broadcast_to": (2, lambda n: nn.broadcast_to(V, (n, 4))),
    "broadcast_shapes": (2, lambda n: nn.broadcast_shapes((n, 1), (3,))),
    "pad": (2, lambda n: nn.pad(V, n)),
    "pad pairs": (2, lambda n: nn.pad(M, ((n, 0), (0, n)))),
    "tril": (1, lambda n: nn.tril(M, k=n)),
    "triu": (1, lambda n: nn.triu(M, k=n)),
    "diff n": (2, lambda n: nn.diff(V, n=n)),
    "tensordot": (1, lambda n: nn.tensordot(M, M.T, n)),
    "tensordot axes": (1, lambda n: nn.tensordot(M, M, (n, n))),
    "tensordot lists": (1, lambda n: nn.tensordot(M, M, ([n], [n]))),
    "vecdot": (1, lambda n: nn.vecdot(M, M, axis=n)),
    "one_hot": (4, lambda n: nn.one_hot(K, n)),
    "topk": (2, lambda n: nn.topk(M, n)),
    "eye": (2, lambda n: nn.eye(n, n, k=n - 1)),
    "eye k": (1, lambda n: nn.eye(3, k=n)),
    "zeros": (2, lambda n: nn.zeros(n)),
    "ones": (2, lambda n: nn.ones((n, n))),
    "full": (2, lambda n: nn.full((n, 2), n)),
    "arange": (3, lambda n: nn.arange(n)),
    "arange from": (3, lambda n: nn.arange(0, n, n - 2)),
    "linspace": (3, lambda n: nn.linspace(0, 1, n)),
    "var correction": (1, lambda n: nn.var(M, correction=n)),
    "jacobian": (1, lambda n: nn.jacobian(lambda x, y: x * y, argnums=n)(V, V)),
    "Variable": (2, lambda n: nn.Variable(shape=(n, 2), initializer="ones")),
    # layers, losses, metrics, optimizers, callbacks: what is saved of them
    "Dense": (3, lambda n: _layer(nn.layers.Dense(n))),
    "Reshape": (2, lambda n: nn.layers.Reshape((n, -1)).get_config()),
    "Reshape to": (4, lambda n: nn.layers.Reshape((n,)).get_config()),
    "Input": (4, lambda n: nn.layers.Input((n,)).get_config()),
    "Softmax": (1, lambda n: nn.layers.Softmax(axis=n).get_config()),
    "TopKCategoricalAccuracy": (2, lambda n: nn.metrics.TopKCategoricalAccuracy(k=n).get_config()),
    "top_k_categorical_accuracy": (
        2, lambda n: nn.metrics.top_k_categorical_accuracy([[0.0, 1.0, 0.0]], [[0.3, 0.4, 0.3]], k=n).tolist(),
    ),
    "SparseTopKCategoricalAccuracy": (2, lambda n: nn.metrics.SparseTopKCategoricalAccuracy(k=n).get_config()),
    "EarlyStopping": (2, lambda n: nn.callbacks.EarlyStopping(patience=n).patience),
    "ReduceLROnPlateau": (2, lambda n: nn.callbacks.ReduceLROnPlateau(patience=n, cooldown=n).cooldown),
    "fit": (2, lambda n: _fitted(epochs=n, batch_size=n)),
    "evaluate": (2, lambda n: _compiled().evaluate(M, M[:, :1], batch_size=n, verbose=0)),
    "predict": (2, lambda n: _compiled().predict(M, batch_size=n, verbose=0)),
    "rng": (2, lambda n: nn.Variable(shape=(2,), initializer="uniform", rng=n)),
}  # fmt: skip
_SCHEDULES = nn.optimizers.schedules
WITH_FLOAT = {
    "tversky": (0.25, lambda x: nn.losses.tversky(np.eye(4), np.full((4, 4), 0.25), alpha=x, beta=x)),
    "categorical_focal_crossentropy": (
        0.25, lambda x: nn.losses.categorical_focal_crossentropy(np.eye(4), np.full((4, 4), 0.25), alpha=x, gamma=x)
    ),
    "binary_focal_crossentropy": (
        0.25, lambda x: nn.losses.binary_focal_crossentropy(np.eye(4), np.full((4, 4), 0.25), alpha=x, gamma=x)
    ),
    "arange": (0.5, lambda x: nn.arange(0.0, 2.0, x)),
    "linspace": (0.5, lambda x: nn.linspace(x, 1.0, 3)),
    "full": (0.5, lambda x: nn.full(2, x, dtype="float32")),
    "clip": (0.5, lambda x: nn.clip(nn.asarray(V, "float32"), x, 1.5)),
    "pad": (0.5, lambda x: nn.pad(nn.asarray(V, "float32"), 1, constant_values=x)),
    "leaky_relu": (0.5, lambda x: nn.leaky_relu(-V, x)),
    "elu": (0.5, lambda x: nn.elu(-V, x)),
    "norm": (2.0, lambda x: nn.norm(V, x)),
    "var": (0.5, lambda x: nn.var(V, correction=x)),
    "Dropout": (0.5, lambda x: nn.layers.Dropout(x).get_config()),
    "validation_split": (0.34, lambda x: _fitted(validation_split=x)),
    "Huber": (0.5, lambda x: nn.losses.Huber(delta=x).get_config()),
    "huber": (0.5, lambda x: nn.losses.huber(M, M + 1.0, delta=x)),
    **{name: (0.5, _smoothed(name)) for name in ("BinaryCrossentropy", "CategoricalCrossentropy")},
    **{name: (0.5, _smoothing(name)) for name in ("binary_crossentropy", "categorical_crossentropy")},
    **{name: (0.5, _scaled(name)) for name in (
        "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform",
    )},
    "full_like": (0.5, lambda x: nn.full_like(M, x)),
    "Precision": (0.5, lambda x: nn.metrics.Precision(thresholds=x).get_config()),
    "Recall": (0.5, lambda x: nn.metrics.Recall(thresholds=x).get_config()),
    "binary_accuracy": (0.5, lambda x: nn.metrics.binary_accuracy([1.0, 0.0], [0.7, 0.4], threshold=x).tolist()),
    "BinaryAccuracy": (0.5, lambda x: nn.metrics.BinaryAccuracy(threshold=x).get_config()),
    "EarlyStopping": (0.5, lambda x: nn.callbacks.EarlyStopping(min_delta=x, baseline=x).baseline),
    "ReduceLROnPlateau": (0.5, lambda x: nn.callbacks.ReduceLROnPlateau(factor=x, min_lr=x).factor),
    "Constant": (0.5, lambda x: nn.initializers.Constant(x).get_config()),
    "Identity": (0.5, lambda x: nn.initializers.Identity(x).get_config()),
    "Orthogonal": (0.5, lambda x: nn.initializers.Orthogonal(x).get_config()),
    "RandomUniform": (0.5, lambda x: nn.initializers.RandomUniform(0.0, x).get_config()),
    "RandomNormal": (0.5, lambda x: nn.initializers.RandomNormal(x, x).get_config()),
    "TruncatedNormal": (0.5, lambda x: nn.initializers.TruncatedNormal(x, x).get_config()),
    "VarianceScaling": (0.5, lambda x: nn.initializers.VarianceScaling(x).get_config()),
    "ExponentialDecay": (0.5, lambda x: _SCHEDULES.ExponentialDecay(x, x, x).get_config()),
    "ExponentialDecay called": (0.5, lambda x: _SCHEDULES.ExponentialDecay(x, 10, x)(7)),
    "InverseTimeDecay": (0.5, lambda x: _SCHEDULES.InverseTimeDecay(x, x, x).get_config()),
    "PolynomialDecay": (0.5, lambda x: _SCHEDULES.PolynomialDecay(x, x, x, x).get_config()),
    "CosineDecay": (0.5, lambda x: _SCHEDULES.CosineDecay(x, x, x, x, x).get_config()),
    "PiecewiseConstantDecay": (0.5, lambda x: _SCHEDULES.PiecewiseConstantDecay([x, 2.0], [x, x, 0.1]).get_config()),
    **{f"{name} learning_rate": (0.5, _rate(name))
       for name in ("SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Nadam", "Adadelta", "Adamax", "Ftrl", "Lion")},
    "SGD": (0.5, lambda x: nn.optimizers.SGD(0.1, momentum=x, weight_decay=x, clipnorm=x).get_config()),
    "SGD clipvalue": (0.5, lambda x: nn.optimizers.SGD(clipvalue=x).get_config()),
    "RMSprop": (0.5, lambda x: nn.optimizers.RMSprop(x, rho=x, momentum=x, epsilon=x).get_config()),
    "Adam": (0.5, lambda x: nn.optimizers.Adam(x, beta_1=x, beta_2=x, epsilon=x, global_clipnorm=x).get_config()),
    "Adagrad": (0.5, lambda x: nn.optimizers.Adagrad(x, initial_accumulator_value=x, epsilon=x).get_config()),
    "Adadelta": (0.5, lambda x: nn.optimizers.Adadelta(x, rho=x, epsilon=x, ema_momentum=x).get_config()),
    "Adamax": (0.5, lambda x: nn.optimizers.Adamax(x, beta_1=x, beta_2=x, epsilon=x).get_config()),
    "Lion": (0.5, lambda x: nn.optimizers.Lion(x, beta_1=x, beta_2=x).get_config()),
    "Ftrl": (0.5, lambda x: nn.optimizers.Ftrl(x, -0.5, x, x, x, x, x).get_config()),
    "class_weight": (0.5, lambda x: _fitted(class_weight={0: x, 4: x, 8: x})),
}  # fmt: skip
