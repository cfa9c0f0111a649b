"""What type checkers must refuse: each line that is ignored here is an error to mypy, and to pyright."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

import numpy as np

import numbanet as nn

nn.layers.Dense("a")  # type: ignore[arg-type]  # units are a number
nn.layers.Dense(3, activaton="relu")  # type: ignore[call-arg]  # activation
nn.layers.Dense(3).unit = 4  # type: ignore[attr-defined]  # units
nn.layers.Dropout("half")  # type: ignore[arg-type]  # a rate is a number
nn.Sequential(["relu"])  # type: ignore[list-item]  # no layer
model = nn.Sequential([nn.layers.Dense(1)])
model.add(3)  # type: ignore[arg-type]  # no layer
model.trainabel = False  # type: ignore[attr-defined]  # trainable
model.compile(optimiser="adam", loss="mse")  # type: ignore[call-arg]  # optimizer
model.compile(optimizer=0.1, loss="mse")  # type: ignore[arg-type]  # no optimizer
model.compile("adam", "mse", metrics=[3])  # type: ignore[list-item]  # no metric
model.compile("adam", "mse", metrics="accuracy")  # type: ignore[arg-type]  # a list of them
model.fit([[1.0]], [[1.0]], verbos=0)  # type: ignore[call-arg]  # verbose
model.fit([[1.0]], [[1.0]], verbose="loud")  # type: ignore[arg-type]  # 0, 1, 2 or auto
model.fit([[1.0]], [[1.0]], epochs=1.5)  # type: ignore[arg-type]  # a whole number
model.fit([[1.0]], [[1.0]], callbacks=["early"])  # type: ignore[list-item]  # no callback
nn.optimizers.Adam(beta1=0.9)  # type: ignore[call-arg]  # beta_1
nn.optimizers.SGD("fast")  # type: ignore[arg-type]  # a rate is a number
nn.optimizers.SGD(clip=1.0)  # type: ignore[call-arg]  # clipnorm or clipvalue
nn.optimizers.SGD().lr = 0.1  # type: ignore[attr-defined]  # learning_rate
nn.callbacks.EarlyStopping(mode="up")  # type: ignore[arg-type]  # min, max or auto
nn.callbacks.ModelCheckpoint(3)  # type: ignore[arg-type]  # a path
nn.optimizers.schedules.ExponentialDecay("fast", 1, 1)  # type: ignore[arg-type]  # a rate is a number
nn.initializers.Constant("zero")  # type: ignore[arg-type]  # a number
nn.losses.Huber(delta="x")  # type: ignore[arg-type]  # a number
nn.metrics.Precision(thresh=0.5)  # type: ignore[call-arg]  # thresholds
t = nn.ones(2)
t[0] = 1.0  # type: ignore[index, assignment]  # tensors never change
nn.add(t)  # type: ignore[call-arg]  # two operands
nn.add(t, "two")  # type: ignore[arg-type]  # no array
nn.add(x=t, y=t)  # type: ignore[call-arg]  # operands have no names
nn.sum(t, axes=0)  # type: ignore[call-arg]  # axis
nn.sum(t, axis="rows")  # type: ignore[arg-type]  # a number
nn.ones("large")  # type: ignore[arg-type]  # a shape
nn.linalg.slove(t, t)  # type: ignore[attr-defined]  # solve
nn.linalg.qr(t, "raw")  # type: ignore[arg-type]  # no such mode
nn.fft.fft(t, norm="both")  # type: ignore[arg-type]  # no such scale
nn.reduce_sum(t, axes=0)  # type: ignore[call-arg]  # axis
nn.convert_to_tensor("one")  # type: ignore[arg-type]  # no array
nn.swapaxes(t, 0)  # type: ignore[call-arg]  # two axes
nn.nn.rellu(t)  # type: ignore[attr-defined]  # relu
nn.math.reduce_men(t)  # type: ignore[attr-defined]  # reduce_mean
nn.utils.to_categories([1])  # type: ignore[attr-defined]  # to_categorical
nn.ops.matmull(t, t)  # type: ignore[attr-defined]  # matmul
nn.ops.take(t, [0], "first")  # type: ignore[arg-type]  # an axis is a number
nn.layers.Dens(3)  # type: ignore[attr-defined]  # Dense
nn.losses.mean_square_error([1.0], [1.0])  # type: ignore[attr-defined]  # mean_squared_error
nn.optimizers.RMSprop(lr=0.1)  # type: ignore[call-arg]  # learning_rate
nn.nosuch(t)  # type: ignore[attr-defined]  # no such function
t.nosuch()  # type: ignore[attr-defined]  # no such method
t + "one"  # type: ignore[operator]  # no array
nn.Variable([1.0]).asign(2.0)  # type: ignore[attr-defined]  # assign
nn.GradientTape(persist=True)  # type: ignore[call-arg]  # persistent


@nn.function
def step(x: nn.Tensor, scale: float) -> nn.Tensor:
    return x * scale


step(t)  # type: ignore[call-arg]  # scale is missing
step(t, "much")  # type: ignore[arg-type]  # a number
step(np.ones(2), scale=2.0).nosuch()  # type: ignore[attr-defined, arg-type]  # an array for a tensor; no such method


class NotLoss(nn.losses.Loss):
    def call(self, y_true: nn.Tensor) -> nn.Tensor:  # type: ignore[override]  # y_pred is missing
        return y_true


class NotCallback(nn.callbacks.Callback):
    def on_epoch_end(self, epoch: str) -> None:  # type: ignore[override]  # a number, and logs
        pass
