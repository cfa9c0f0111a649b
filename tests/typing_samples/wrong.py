"""What type checkers must refuse: each line that is ignored here is an error to mypy, and to pyright."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

import numpy as np

import numbanet as nn

nn.layers.Dense("a")  # type: ignore[arg-type]
nn.layers.Dense(3, activaton="relu")  # type: ignore[call-arg]
nn.layers.Dense(3).unit = 4  # type: ignore[attr-defined]
nn.layers.Dropout("half")  # type: ignore[arg-type]
nn.Sequential(["relu"])  # type: ignore[list-item]
model = nn.Sequential([nn.layers.Dense(1)])
model.add(3)  # type: ignore[arg-type]
model.trainabel = False  # type: ignore[attr-defined]
model.compile(optimiser="adam", loss="mse")  # type: ignore[call-arg]
model.compile(optimizer=0.1, loss="mse")  # type: ignore[arg-type]
model.compile("adam", "mse", metrics=[3])  # type: ignore[list-item]
model.compile("adam", "mse", metrics="accuracy")  # type: ignore[arg-type]
model.fit([[1.0]], [[1.0]], verbos=0)  # type: ignore[call-arg]
model.fit([[1.0]], [[1.0]], verbose="loud")  # type: ignore[arg-type]
model.fit([[1.0]], [[1.0]], epochs=1.5)  # type: ignore[arg-type]
model.fit([[1.0]], [[1.0]], callbacks=["early"])  # type: ignore[list-item]
nn.optimizers.Adam(beta1=0.9)  # type: ignore[call-arg]
nn.optimizers.SGD("fast")  # type: ignore[arg-type]
nn.optimizers.SGD(clip=1.0)  # type: ignore[call-arg]
nn.optimizers.SGD().lr = 0.1  # type: ignore[attr-defined]
nn.callbacks.EarlyStopping(mode="up")  # type: ignore[arg-type]
nn.callbacks.ModelCheckpoint(3)  # type: ignore[arg-type]
nn.optimizers.schedules.ExponentialDecay("fast", 1, 1)  # type: ignore[arg-type]
nn.initializers.Constant("zero")  # type: ignore[arg-type]
nn.losses.Huber(delta="x")  # type: ignore[arg-type]
nn.metrics.Precision(thresh=0.5)  # type: ignore[call-arg]
t = nn.ones(2)
t[0] = 1.0  # type: ignore[index, assignment]
nn.add(t)  # type: ignore[call-arg]
nn.add(t, "two")  # type: ignore[arg-type]
nn.add(x=t, y=t)  # type: ignore[call-arg]
nn.sum(t, axes=0)  # type: ignore[call-arg]
nn.sum(t, axis="rows")  # type: ignore[arg-type]
nn.ones("large")  # type: ignore[arg-type]
nn.nosuch(t)  # type: ignore[attr-defined]
t.nosuch()  # type: ignore[attr-defined]
t + "one"  # type: ignore[operator]
nn.Variable([1.0]).asign(2.0)  # type: ignore[attr-defined]
nn.GradientTape(persist=True)  # type: ignore[call-arg]


@nn.function
def step(x: nn.Tensor, scale: float) -> nn.Tensor:
    return x * scale


step(t)  # type: ignore[call-arg]
step(t, "much")  # type: ignore[arg-type]
step(np.ones(2), scale=2.0).nosuch()  # type: ignore[attr-defined, arg-type]


class NotLoss(nn.losses.Loss):
    def call(self, y_true: nn.Tensor) -> nn.Tensor:  # type: ignore[override]
        return y_true


class NotCallback(nn.callbacks.Callback):
    def on_epoch_end(self, epoch: str) -> None:  # type: ignore[override]
        pass
