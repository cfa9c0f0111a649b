"""Models on a device, in Numba's CUDA simulator: moved, saved, copied, trained in every way, interrupted."""

import copy
import pickle
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import DeviceError, DeviceMemoryError
from tests.simulator import needs_simulator

pytestmark = needs_simulator
RNG = np.random.default_rng(0)
X = RNG.normal(size=(11, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int64)
MIXED = "cpu and cuda|cuda and cpu|the input is on|is on cuda|is on cpu"


def network(device="cpu", optimizer="rmsprop", loss="sparse_categorical_crossentropy", last="softmax"):
    with nn.device(device):
        model = nn.Sequential([nn.layers.Dense(4, activation="tanh"), nn.layers.Dense(2, activation=last)])
        model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"] if "crossentropy" in loss else None)
        model.build_for((None, 3), np.random.default_rng(0))
    return model


def fit(model, **options):
    return model.fit(X, Y, **{"batch_size": 4, "epochs": 1, "rng": 0, "verbose": 0, **options}).history


def same_weights(model, other, rtol=1e-6):
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-7)


def test_a_model_moves_there_and_back_in_the_middle_of_training():
    model, on_cpu = network(), network()
    for device in ("cpu", "cuda", "cpu", "cuda"):
        assert model.to_device(device) is model
        assert {w.device for w in model.weights} == {model.device} == {device}
        found, expected = fit(model), fit(on_cpu)
        np.testing.assert_allclose(found["loss"], expected["loss"], rtol=1e-6)
        assert hasattr(model.explanation, "steps")
        same_weights(model, on_cpu)


def test_files_are_those_of_the_cpu_and_are_loaded_where_the_block_says(tmp_path):
    model, on_cpu = network("cuda"), network()
    model.save(tmp_path / "there.numbanet")
    on_cpu.save(tmp_path / "here.numbanet")
    assert (tmp_path / "there.numbanet").read_bytes() == (tmp_path / "here.numbanet").read_bytes()
    with nn.device("cuda"):
        loaded = nn.load_model(tmp_path / "here.numbanet")
    assert loaded.device == "cuda"
    assert nn.load_model(tmp_path / "there.numbanet").device == "cpu"
    model.save_weights(tmp_path / "w.safetensors")
    on_cpu.set_weights([w + 1 for w in on_cpu.get_weights()])
    on_cpu.load_weights(tmp_path / "w.safetensors")
    same_weights(model, on_cpu, rtol=0)


def test_variables_say_where_they_are():
    with nn.device("cuda"):
        v = nn.Variable([1.0], name="v")
    assert repr(v) == "Variable([1.], shape=(1,), dtype=float32, device='cuda', name='v')"


def test_copies_stay_on_the_device():
    model = network("cuda")
    fit(model)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.device == "cuda"
        same_weights(model, other, rtol=0)
        before = model.get_weights()
        fit(other)
        assert all(map(np.array_equal, model.get_weights(), before))
    fit(model)
    same_weights(model, other, rtol=0)


OPTIMIZERS = [
    nn.optimizers.SGD,
    lambda: nn.optimizers.SGD(nn.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5), momentum=0.9, nesterov=True),
    lambda: nn.optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    lambda: nn.optimizers.Adam(0.01, clipnorm=0.1),
    lambda: nn.optimizers.Adam(0.01, global_clipnorm=0.1),
    lambda: nn.optimizers.AdamW(0.01, clipvalue=0.01),
    lambda: nn.optimizers.Adagrad(0.1, weight_decay=0.01),
    nn.optimizers.Nadam,
]


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_every_optimizer(make):
    model, on_cpu = network("cuda", make()), network("cpu", make())
    found, expected = fit(model, epochs=2), fit(on_cpu, epochs=2)
    np.testing.assert_allclose(found["loss"], expected["loss"], rtol=1e-5)
    same_weights(model, on_cpu, rtol=2e-5)


LOSSES = ["binary_crossentropy", "mean_squared_error", "mean_absolute_error", "huber", "kl_divergence", "hinge"]
LOSSES += ["categorical_crossentropy"]


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(loss):
    targets = np.eye(2, dtype=np.float32)[Y]
    histories = []
    for device in ("cuda", "cpu"):
        model = network(device, loss=loss, last="sigmoid" if loss == "binary_crossentropy" else "softmax")
        histories.append(model.fit(X, targets, batch_size=4, epochs=2, rng=0, verbose=0).history)
    for name, values in histories[1].items():
        np.testing.assert_allclose(histories[0][name], values, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("metric", ["accuracy", "top_k", "mse", "mae"])
def test_metrics(metric):
    found = []
    for device in ("cuda", "cpu"):
        model = network(device)
        model.compile("sgd", "sparse_categorical_crossentropy", [metric])
        targets = Y if metric in ("accuracy", "top_k") else np.eye(2, dtype=np.float32)[Y]
        if targets.ndim > 1:
            model.compile("sgd", "categorical_crossentropy", [metric])
        found.append(model.evaluate(X, targets, verbose=0))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)


def test_weights_of_samples_and_classes_validation_and_callbacks(tmp_path):
    histories = []
    for device in ("cuda", "cpu"):
        model = network(device)
        callbacks = [
            nn.callbacks.EarlyStopping("val_loss", patience=1, restore_best_weights=True),
            nn.callbacks.ModelCheckpoint(tmp_path / f"{device}.numbanet"),
            nn.callbacks.ReduceLROnPlateau(patience=1),
        ]
        options = {"class_weight": {0: 2.0, 1: 0.5}, "sample_weight": np.linspace(0.5, 1, 11, dtype=np.float32)}
        histories.append(fit(model, epochs=3, validation_data=(X, Y), callbacks=callbacks, **options))
        same_weights(model, nn.load_model(tmp_path / f"{device}.numbanet"))
    for name, values in histories[1].items():
        np.testing.assert_allclose(histories[0][name], values, rtol=1e-5, err_msg=name)


def test_ctrl_c_leaves_a_model_that_works():
    class Interrupt(nn.callbacks.Callback):
        def on_batch_end(self, batch, logs):
            raise KeyboardInterrupt

    model = network("cuda")
    with pytest.raises(KeyboardInterrupt):
        fit(model, callbacks=[Interrupt()])
    assert all(np.isfinite(w).all() for w in model.get_weights())
    assert np.isfinite(fit(model)["loss"]).all()


def test_functions_follow_variables_that_move():
    w = nn.Variable([1.0, 2.0])

    @nn.function
    def step(x):
        w.assign_add(x)
        return nn.sum(w * x)

    for device in ("cpu", "cuda", "cuda", "cpu"):
        w.assign([1.0, 2.0])
        layer = nn.layers.Layer()
        layer._weights = [w]
        layer.to_device(device)
        for i in range(4):
            found = step(nn.asarray([1.0, 1.0], device=device))
            assert (found.device, found.item()) == (device, 5.0 + 2 * i)


def test_random_numbers_are_those_of_the_cpu():
    for make in (lambda: nn.Variable(shape=(3, 4), initializer="glorot_uniform", rng=1),):
        with nn.device("cuda"):
            there = make()
        np.testing.assert_array_equal(there.numpy(), make().numpy())
    dropped = [
        nn.layers.Dropout(0.5)(nn.ones((4, 5), device=d), training=True, rng=np.random.default_rng(3)).numpy()
        for d in ("cpu", "cuda")
    ]
    np.testing.assert_array_equal(*dropped)


def test_threads_have_their_own_blocks_and_share_the_device():
    found, errors = {}, []

    def work(device, seed):
        try:
            with nn.device(device):
                x = nn.asarray(np.random.default_rng(seed).normal(size=(3, 4)))
                assert x.device == device
                found[device, seed] = nn.softmax(nn.dot(x, x.T)).numpy()
        except BaseException as error:
            errors.append(error)

    work_list = [(device, seed) for seed in range(3) for device in ("cuda", "cpu")]
    threads = [threading.Thread(target=work, args=one) for one in work_list]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    for seed in range(3):
        np.testing.assert_allclose(found["cuda", seed], found["cpu", seed], rtol=1e-12)


def entry_points():
    """Ways to bring tensors of two devices together, each with the model of which nothing may change."""
    here, there = nn.ones((2, 3)), nn.ones((2, 3), device="cuda")
    variable, model = nn.Variable(np.ones((2, 3), np.float32)), network("cuda")
    return {
        "operator": lambda: here + there,
        "numpy": lambda: np.maximum(here, there),
        "concat": lambda: nn.concat([there, here]),
        "stack": lambda: nn.stack([here, there]),
        "where": lambda: nn.where(here > 0, there, here),
        "einsum": lambda: nn.einsum("ij,ij->", here, there),
        "matmul": lambda: here @ there.T,
        "assign": lambda: variable.assign(there),
        "assign_add": lambda: variable.assign_add(there),
        "apply_gradients": lambda: nn.optimizers.SGD().apply_gradients([(there, variable)]),
        "layer": lambda: model.layers[0](here),
        "model": lambda: model(here),
        "loss": lambda: nn.losses.mean_squared_error(here, there),
        "set_weights": lambda: model.layers[0].set_weights([nn.ones((3, 4)), nn.zeros(4)]),
    }


@pytest.mark.parametrize("name", list(entry_points()) if not pytestmark.args[0] else [])
def test_devices_do_not_mix(name):
    with pytest.raises(DeviceError, match=MIXED) as raised:
        entry_points()[name]()
    assert "cpu" in str(raised.value)
    assert "cuda" in str(raised.value)


def test_indices_may_lie_on_either_device():
    x = nn.asarray([[1.0, 2.0], [3.0, 4.0]], device="cuda")
    for device in ("cpu", "cuda"):
        picked = nn.asarray([1, 0], device=device)
        assert nn.take(x, picked).tolist() == x[picked].tolist() == [[3.0, 4.0], [1.0, 2.0]]


def room_for(patch, device, count):
    """From now on the device has room for so many arrays."""
    left = [count]

    def limited(name):
        make = getattr(device, name)

        def limited(*arguments):
            left[0] -= 1
            if left[0] < 0:
                raise DeviceMemoryError("cuda: no memory for 1.0 MB; 0 of 8 MB are free")
            return make(*arguments)

        patch.setattr(device, name, limited)

    limited("empty")
    limited("from_host")


@pytest.mark.parametrize("after", [0, 1, 3, 6, 10, 20])
def test_no_memory_leaves_the_model_as_it_was(after, monkeypatch):
    model, on_cpu = network("cuda"), network()
    device = model.weights[0]._array.device
    with monkeypatch.context() as patch:
        room_for(patch, device, after)
        with pytest.raises(DeviceMemoryError, match="no memory"):
            on_cpu.to_device("cuda") if after < 2 else fit(model, epochs=50, batch_size=3, validation_split=0.1)
    if after < 2:
        assert {w.device for w in on_cpu.weights} == {"cpu"}
    assert all(np.isfinite(w).all() for w in model.get_weights())
    assert np.isfinite(fit(model)["loss"]).all()


def test_no_memory_makes_no_half_of_an_update(monkeypatch):
    model = network("cuda", optimizer="adam")
    gradients = [nn.ones(w.shape, device="cuda") for w in model.weights]
    pairs = list(zip(gradients, model.weights, strict=True))
    model.optimizer.apply_gradients(pairs)
    before, device = model.get_weights(), model.weights[0]._array.device
    for after in range(len(pairs)):
        with monkeypatch.context() as patch:
            room_for(patch, device, after)
            with pytest.raises(DeviceMemoryError):
                model.optimizer.apply_gradients(pairs)
        assert all(map(np.array_equal, model.get_weights(), before))
        assert model.optimizer.iterations == 1


SIDES = st.integers(0, 9)


@settings(max_examples=40)
@given(SIDES, SIDES, SIDES, st.sampled_from(["float32", "float64"]), st.integers(0, 15), st.integers(0, 2**32 - 1))
def test_dot_of_any_sizes_and_strides(m, k, n, dtype, layout, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(m, k)).astype(dtype), rng.normal(size=(k, n)).astype(dtype)
    left, right = (nn.asarray(x, device="cuda") for x in (a, b))
    if layout & 1:
        left = nn.asarray(np.ascontiguousarray(a.T), device="cuda").T
    if layout & 2:
        right = nn.asarray(np.ascontiguousarray(b.T), device="cuda").T
    if layout & 4:
        left, a = left[::-1], a[::-1]
    if layout & 8:
        right, b = right[:, ::2], b[:, ::2]
    bound = (k + 1) * np.finfo(dtype).eps * (abs(a).astype(float) @ abs(b).astype(float))
    assert np.all(abs(nn.dot(left, right).numpy() - a.astype(float) @ b.astype(float)) <= bound)
