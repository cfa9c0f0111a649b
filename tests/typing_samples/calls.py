"""Calls in the ways that people write them, which type checkers must accept; `uses.py` says what comes out of some."""

import copy
from collections.abc import Sequence

import numpy as np

import numbanet as nn

t, v, x = nn.ones(2), nn.Variable([1.0, 2.0]), np.arange(3)

# What becomes a tensor
tensors: list[nn.Tensor] = [t]
variables: Sequence[nn.Variable] = (v,)
rows: list[list[float]] = [[1.0]]
nn.asarray(range(3))
nn.asarray([[np.float32(1), 2.0], (3, True)])
nn.asarray([[1], []], dtype="int64", copy=True)
nn.stack(tensors)
nn.concat(variables, axis=None)
nn.add([np.ones(2), np.ones(2)], tensors)
nn.stack([t, v, [1.0, 2.0], np.ones(2)])
nn.sum(variables)
nn.asarray(rows)
nn.from_dlpack(np.ones(2))
np.from_dlpack(t)

# Shapes, axes, dtypes
nn.zeros(t.shape, t.dtype, t.device)
nn.zeros((2, np.int64(3)), "int8")
nn.zeros([2, 3], float)
nn.full(2, t, nn.float64)
nn.reshape(t, -1)
nn.sum(t, axis=(0,))
nn.sum(t, axis=np.int64(0), keepdims=True)
nn.transpose(t, [0])
nn.pad(t, ((1, 2),), constant_values=0.5)
nn.tensordot(t, t, ([0], [0]))
t.reshape(-1, 1)
t.reshape((1, 2)).transpose(1, 0).T.numpy()
t.astype(np.float64).astype("float32")
nn.isdtype(t.dtype, "real floating")
nn.result_type(t, np.float64, 1.0)

# Names of NumPy, TensorFlow and Keras
nn.reduce_sum(nn.cast(nn.convert_to_tensor([1, 2]), nn.float32), axis=0, keepdims=True)
nn.swapaxes(nn.array(x), 0, -1) + nn.constant(1.0, shape=(3,)) + nn.median(t) + float(nn.size(t) + nn.rank(t))
nn.nn.softmax_cross_entropy_with_logits(labels=[[1.0, 0.0]], logits=[t]) + nn.math.reduce_mean(nn.nn.swish(t))
nn.ops.take(t, [1], axis=0) + nn.ops.relu6(nn.ops.matmul(t, t)) + nn.ops.top_k(t, 1)[0]
nn.ops.where(t, t, 0.0) + nn.ops.where(t)[0] + nn.ops.linspace(0.0, 1.0, 3)
nn.ops.linspace(0.0, 1.0, 3, retstep=True)[1] + nn.ops.linspace(0.0, t, 3, True, True)[0]
nn.utils.to_categorical([0, 1]).sum() + nn.metrics.binary_accuracy([1.0], [0.7]) + nn.losses.mse([1.0], [2.0])
nn.optimizers.legacy.SGD(0.1).apply([t], [v])
nn.models.Sequential([nn.layers.Dense(4, input_shape=(2,)), nn.layers.Dropout(0.5, input_shape=4)])

# Indices
for part in (
    t[[0, 1]],
    t[np.array([True, False])],
    t[..., 0],
    t[t > 0],
    t[None],
    t[0:1, None],
    t[v > 0],
    t[t[0].astype(int)],
):
    print(part.shape)
print(x[t.astype(int)], x[int(t[0])], len(t))
first, second = t
print(*t, bool(first), complex(second), round(t[0], 1), divmod(t, 2), ~(t > 0), +v, f"{t}")

# Variables
v.assign([1, 2]).assign_add(t)
v.trainable = False
v *= 2
nn.Variable(t, name="v")
nn.Variable(shape=3, initializer=lambda shape, dtype, rng: np.zeros(shape))
nn.Variable(shape=(2, 3), initializer="zeros", rng=np.random.default_rng(0))

# Models
model = nn.Sequential(name="model")
model.add(nn.layers.Dense(np.int64(3), activation=nn.layers.ReLU()))
model.add(
    nn.Sequential([nn.layers.Dense(3, nn.activations.softmax, use_bias=False), nn.layers.Activation(lambda x: x)])
)
names = ["accuracy"]
model.compile("sgd", "mse", names)
model.compile("adam", nn.losses.mean_squared_error, [nn.metrics.Accuracy, nn.metrics.TopK(3), nn.losses.Huber()])
model.compile(nn.optimizers.Adam, nn.losses.MeanSquaredError, metrics=("accuracy",))
model.compile(loss=nn.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=np.float32(0.1)))
model.compile(nn.optimizers.SGD(lambda step: 0.1 / (1 + step), nesterov=True), lambda y, p: nn.abs(y - p))
print(model.count_params(), model.device, model.to_device("cpu").name, model.layers[0].units, model.weights[0].shape)
copy.deepcopy(model).summary()


def train() -> None:
    model.fit(t, v, class_weight="balanced", callbacks=nn.callbacks.CSVLogger("log.csv"))
    model.fit(
        t, v, class_weight=[1.0, 2.0], validation_data=(x, x), batch_size=np.int64(2), rng=np.random.default_rng(0)
    )
    model.fit({"not": "looked at"}, callbacks=[nn.callbacks.LearningRateScheduler(lambda epoch, rate: rate)])
    model.optimizer.learning_rate = 0.1
    optimizer = nn.optimizers.Adam(1e-3, weight_decay=0.1)
    optimizer.learning_rate = nn.optimizers.schedules.CosineDecay(0.1, 100)
    optimizer.apply_gradients([(t, v)])
    optimizer.apply_gradients(zip([t], [v], strict=True))
    nn.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]), on_test_end=print)


# Derivatives
with nn.GradientTape() as tape:
    y = v * 2
print(tape.gradient([y], (v,), output_gradients=[t])[0].numpy())
nn.grad(nn.sum, argnums=(0,))(t)[0].numpy()
nn.hessian(lambda x: nn.sum(x**3))([1.0, 2.0]).tolist()
nn.testing.check_grad(lambda x: x * x, [1.0], order=2)


@nn.function
def several(*parts: nn.Tensor, scale: float = 1.0) -> dict[str, nn.Tensor]:
    return {"sum": parts[0] * scale}


several(t, scale=2.0)["sum"].numpy()

# Pictures and settings
nn.plotting.history({"loss": [1.0]}, names=["loss"]).set_title("loss")
nn.plotting.confusion_matrix([1, 0], [1, 1], labels=["no", "yes"]).set_title("test")
nn.initializers.get("zeros")((2, 3), "float32", 0).tolist()
nn.config.num_threads = 1
nn.config.backend = "auto"
try:
    t[5]
except nn.errors.ShapeError as error:
    print(error)
