"""Every optimizer against Keras 3's published update rule, written out here in NumPy and float64."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet import optimizers
from numbanet.core.registry import describe
from numbanet.core.settings import config
from numbanet.errors import ArgumentError, DTypeError, NotBuiltError, ShapeError
from numbanet.loops import optimizers as loops
from numbanet.optimizers import schedules

STEPS = 20
SHAPES = ((3, 4), (4,), ())


def sgd(rate, momentum=0.0, nesterov=False):
    def step(w, g, s, t):
        if not momentum:
            return w - rate * g
        s["m"] = momentum * s.get("m", 0.0) - rate * g
        return w + (momentum * s["m"] - rate * g if nesterov else s["m"])

    return step


def rmsprop(rate, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
    def step(w, g, s, t):
        s["v"] = rho * s.get("v", 0.0) + (1 - rho) * g**2
        s["a"] = rho * s.get("a", 0.0) + (1 - rho) * g
        increment = rate * g / np.sqrt(s["v"] - (s["a"] ** 2 if centered else 0.0) + epsilon)
        s["m"] = momentum * s.get("m", 0.0) + increment
        return w - (s["m"] if momentum else increment)

    return step


def adam(rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
    def step(w, g, s, t):
        s["m"] = beta_1 * s.get("m", 0.0) + (1 - beta_1) * g
        s["v"] = beta_2 * s.get("v", 0.0) + (1 - beta_2) * g**2
        s["top"] = np.maximum(s.get("top", 0.0), s["v"])
        alpha = rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        return w - alpha * s["m"] / (np.sqrt(s["top"] if amsgrad else s["v"]) + epsilon)

    return step


def nadam(rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    def u(t):
        return beta_1 * (1 - 0.5 * 0.96**t)

    def step(w, g, s, t):
        s["m"] = beta_1 * s.get("m", 0.0) + (1 - beta_1) * g
        s["v"] = beta_2 * s.get("v", 0.0) + (1 - beta_2) * g**2
        product = np.prod([u(i) for i in range(1, t + 1)])
        m_hat = u(t + 1) * s["m"] / (1 - product * u(t + 1)) + (1 - u(t)) * g / (1 - product)
        return w - rate * m_hat / (np.sqrt(s["v"] / (1 - beta_2**t)) + epsilon)

    return step


def adagrad(rate, start=0.1, epsilon=1e-7):
    def step(w, g, s, t):
        s["v"] = s.get("v", start) + g**2
        return w - rate * g / np.sqrt(s["v"] + epsilon)

    return step


def decayed(rule, amount):
    return lambda w, g, s, t: rule(w - w * amount, g, s, t)


def clipped(rule, limit):
    return lambda w, g, s, t: rule(w, np.minimum(np.maximum(g, -limit), limit), s, t)


def norm_clipped(rule, limit):
    return lambda w, g, s, t: rule(w, g * limit / max(limit, math.sqrt((g**2).sum())), s, t)


RULES = {
    "sgd": (lambda: optimizers.SGD(), sgd(0.01)),
    "momentum": (lambda: optimizers.SGD(0.02, 0.9), sgd(0.02, 0.9)),
    "nesterov": (lambda: optimizers.SGD(0.02, 0.9, True), sgd(0.02, 0.9, True)),
    "rmsprop": (lambda: optimizers.RMSprop(), rmsprop(0.001)),
    "rmsprop momentum": (lambda: optimizers.RMSprop(0.002, 0.8, 0.7, 1e-5), rmsprop(0.002, 0.8, 0.7, 1e-5)),
    "rmsprop centered": (lambda: optimizers.RMSprop(centered=True), rmsprop(0.001, centered=True)),
    "rmsprop all": (
        lambda: optimizers.RMSprop(0.01, 0.8, 0.7, 1e-3, True),
        rmsprop(0.01, 0.8, 0.7, 1e-3, True),
    ),
    "adam": (lambda: optimizers.Adam(), adam(0.001)),
    "adam all": (lambda: optimizers.Adam(0.01, 0.8, 0.9, 1e-3), adam(0.01, 0.8, 0.9, 1e-3)),
    "amsgrad": (lambda: optimizers.Adam(0.01, 0.8, 0.5, amsgrad=True), adam(0.01, 0.8, 0.5, amsgrad=True)),
    "adamw": (lambda: optimizers.AdamW(), decayed(adam(0.001), 0.001 * 0.004)),
    "adamw all": (lambda: optimizers.AdamW(0.01, 0.5, 0.8, 0.9, 1e-3), decayed(adam(0.01, 0.8, 0.9, 1e-3), 0.005)),
    "nadam": (lambda: optimizers.Nadam(), nadam(0.001)),
    "nadam all": (lambda: optimizers.Nadam(0.01, 0.8, 0.9, 1e-3), nadam(0.01, 0.8, 0.9, 1e-3)),
    "adagrad": (lambda: optimizers.Adagrad(), adagrad(0.001)),
    "adagrad all": (lambda: optimizers.Adagrad(0.01, 0.3, 1e-3), adagrad(0.01, 0.3, 1e-3)),
    "decayed momentum": (
        lambda: optimizers.SGD(0.1, 0.9, weight_decay=0.2),
        decayed(sgd(0.1, 0.9), 0.1 * 0.2),
    ),
    "clipvalue": (lambda: optimizers.SGD(0.1, clipvalue=0.5), clipped(sgd(0.1), 0.5)),
    "clipnorm": (lambda: optimizers.Adam(0.1, clipnorm=1.5), norm_clipped(adam(0.1), 1.5)),
}


def gradients_of(step, rng_seed=1):
    rng = np.random.default_rng([rng_seed, step])
    return [rng.standard_normal(shape) for shape in SHAPES]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", RULES)
def test_rule(name, dtype):
    make, rule = RULES[name]
    rng = np.random.default_rng(0)
    expected = [rng.uniform(-1, 1, shape) for shape in SHAPES]
    variables = [nn.Variable(np.asarray(w, dtype)) for w in expected]
    memory = [{} for _ in SHAPES]
    optimizer = make()
    for t in range(1, STEPS + 1):
        gradients = gradients_of(t)
        expected = [rule(w, g, s, t) for w, g, s in zip(expected, gradients, memory, strict=True)]
        tensors = [nn.asarray(np.asarray(g, dtype)) for g in gradients]
        assert optimizer.apply_gradients(zip(tensors, variables, strict=True)) == t
    for variable, w in zip(variables, expected, strict=True):
        assert variable.dtype == dtype
        np.testing.assert_allclose(variable.numpy(), w, rtol=0, atol=1e-6 if dtype == np.float32 else 1e-13)


@given(
    st.sampled_from(["sgd", "momentum", "rmsprop", "rmsprop_centered", "adam", "amsgrad", "nadam", "adagrad", "decay"]),
    st.integers(1, 70),
)
def test_loops_compiled_equal_python(name, n):
    body = getattr(loops, name)
    names = body.__code__.co_varnames[: body.__code__.co_argcount - 2]
    rng = np.random.default_rng(n)
    arrays = {k: rng.uniform(0.5, 2, n) for k in ("w", "g", "m", "v", "s", "a", "largest", "out")}
    numbers = dict.fromkeys(names, 0.25) | {"nesterov": True}
    results = []
    for backend in ("python", config.backend):
        config.backend, before = backend, config.backend
        try:
            operands = [arrays[k].copy() if k in arrays else numbers[k] for k in names]
            optimizers.optimizer.Kernel(body)(n, *operands)
        finally:
            config.backend = before
        results.append([x for x in operands if isinstance(x, np.ndarray)])
    for plain, compiled in zip(*results, strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-14)


def test_global_clipnorm_scales_all_gradients_by_one_factor():
    a, b = nn.Variable([0.0, 0.0]), nn.Variable([0.0])
    optimizers.SGD(1.0, global_clipnorm=1.0).apply_gradients([([3.0, 0.0], a), ([4.0], b)])
    np.testing.assert_allclose([*a.numpy(), *b.numpy()], [-0.6, 0, -0.8], rtol=1e-6)
    c = nn.Variable([0.0])
    optimizers.SGD(1.0, global_clipnorm=10.0).apply_gradients([([4.0], c)])
    assert c.numpy()[0] == -4


def test_clipnorm_survives_squares_that_overflow_float32():
    w = nn.Variable([0.0, 0.0])
    optimizers.SGD(1.0, clipnorm=1.0).apply_gradients([(np.array([3e30, 4e30], np.float32), w)])
    np.testing.assert_allclose(w.numpy(), [-0.6, -0.8], rtol=1e-6)


@pytest.mark.parametrize("option", ["clipnorm", "global_clipnorm"])
def test_a_nan_gradient_shows(option):
    w = nn.Variable([0.0, 0.0])
    optimizers.SGD(1.0, **{option: 1.0}).apply_gradients([([math.nan, 1.0], w)])
    assert np.isnan(w.numpy()).all()


@pytest.mark.parametrize("name", RULES)
def test_a_nan_in_a_gradient_reaches_its_weight(name):
    w = nn.Variable(np.ones(3, np.float32))
    RULES[name][0]().apply_gradients([(np.array([1.0, math.nan, 1.0], np.float32), w)])
    assert np.isnan(w.numpy()[1])


def test_centered_rmsprop_of_constant_gradients_stays_finite():
    w = nn.Variable([0.0])
    optimizer = optimizers.RMSprop(centered=True)
    for _ in range(300):
        optimizer.apply_gradients([([1000.0], w)])
    assert np.isfinite(w.numpy()).all()


def test_tape_and_optimizer_find_a_minimum():
    w = nn.Variable([3.0, -2.0])
    optimizer = optimizers.Adam(0.1)
    for _ in range(300):
        with nn.GradientTape() as tape:
            loss = nn.sum((w - 1.0) * (w - 1.0))
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
    np.testing.assert_allclose(w.numpy(), 1.0, atol=1e-2)


def test_old_values_stay_with_who_holds_them():
    w = nn.Variable([1.0])
    before = w.value
    optimizers.SGD(0.5).apply_gradients([([1.0], w)])
    assert before.numpy()[0] == 1.0
    assert w.numpy()[0] == 0.5


def test_transposed_and_broadcast_gradients_and_variables():
    w = nn.Variable(np.arange(6.0).reshape(2, 3).T)
    optimizer = optimizers.SGD(1.0, momentum=0.5)
    optimizer.apply_gradients([(np.broadcast_to([[1.0, 2.0]], (3, 2)), w)])
    np.testing.assert_array_equal(w.numpy(), np.arange(6.0).reshape(2, 3).T - [[1, 2]])


# --- errors: before anything changes -------------------------------------------------------------------------------


def failing_pairs():
    w = nn.Variable([1.0, 2.0], name="kernel")
    other = nn.Variable([1.0])
    return {
        "none": ([([1.0], other), (None, w)], ArgumentError, "'kernel' is None"),
        "shape": ([([1.0], other), ([1.0], w)], ShapeError, r"'kernel' has shape \(2,\), its gradient \(1,\)"),
        "array": ([([1.0], other), ([1.0, 1.0], np.ones(2))], ArgumentError, "Variable"),
    }


@pytest.mark.parametrize("case", ["none", "shape", "array"])
@pytest.mark.parametrize("built", [False, True])
def test_bad_gradients_change_nothing(case, built):
    pairs, error, match = failing_pairs()[case]
    variables = [v for _, v in pairs if isinstance(v, nn.Variable)]
    optimizer = optimizers.SGD(momentum=0.9)
    if built:
        optimizer.build(variables)
    before = [v.numpy().copy() for v in variables]
    with pytest.raises(error, match=match):
        optimizer.apply_gradients(pairs)
    assert optimizer.iterations == 0
    assert optimizer.built == built
    for variable, value in zip(variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_unknown_variable():
    known, unknown = nn.Variable([1.0]), nn.Variable([1.0], name="late")
    optimizer = optimizers.Adam()
    optimizer.apply_gradients([([1.0], known)])
    before = known.numpy().copy()
    with pytest.raises(ArgumentError, match="'late' is unknown to this Adam"):
        optimizer.apply_gradients([([1.0], known), ([1.0], unknown)])
    np.testing.assert_array_equal(known.numpy(), before)
    assert optimizer.iterations == 1


def test_build_errors():
    with pytest.raises(DTypeError, match="int64"):
        optimizers.SGD().build([nn.Variable([1, 2])])
    w = nn.Variable([1.0])
    with pytest.raises(ArgumentError, match="twice"):
        optimizers.SGD().build([w, w])
    optimizer = optimizers.SGD()
    optimizer.build([w])
    optimizer.build([w])
    with pytest.raises(ArgumentError, match="other variables"):
        optimizer.build([nn.Variable([1.0])])


@pytest.mark.parametrize(
    ("kind", "arguments", "match"),
    [
        (optimizers.SGD, {"learning_rate": -0.1}, "learning_rate"),
        (optimizers.SGD, {"learning_rate": math.nan}, "learning_rate"),
        (optimizers.SGD, {"learning_rate": "0.1"}, "learning_rate"),
        (optimizers.SGD, {"learning_rate": None}, "learning_rate"),
        (optimizers.SGD, {"momentum": 1.5}, "momentum must be a number from 0 to 1"),
        (optimizers.SGD, {"momentum": -0.1}, "momentum"),
        (optimizers.SGD, {"weight_decay": -1}, "weight_decay"),
        (optimizers.SGD, {"clipnorm": 0}, "clipnorm"),
        (optimizers.SGD, {"clipnorm": 1, "clipvalue": 1}, "at most one"),
        (optimizers.RMSprop, {"rho": 1}, "rho must be a number from 0 up to but not including 1"),
        (optimizers.RMSprop, {"epsilon": -1e-7}, "epsilon"),
        (optimizers.Adam, {"beta_1": 1.0}, "beta_1"),
        (optimizers.Adam, {"beta_2": 2.0}, "beta_2"),
        (optimizers.AdamW, {"weight_decay": None}, "weight_decay"),
        (optimizers.Nadam, {"beta_1": 1.0}, "beta_1"),
        (optimizers.Adagrad, {"initial_accumulator_value": -1}, "initial_accumulator_value"),
    ],
)
def test_bad_settings(kind, arguments, match):
    with pytest.raises(ArgumentError, match=match):
        kind(**arguments)


def test_no_pairs_change_nothing():
    assert optimizers.SGD().apply_gradients([]) == 0


# --- learning rates ------------------------------------------------------------------------------------------------


def test_learning_rate_can_be_set():
    w = nn.Variable([0.0])
    optimizer = optimizers.SGD(0.5)
    optimizer.apply_gradients([([1.0], w)])
    optimizer.learning_rate = 0.25
    assert optimizer.learning_rate == 0.25
    optimizer.apply_gradients([([1.0], w)])
    assert w.numpy()[0] == -0.75
    with pytest.raises(ArgumentError):
        optimizer.learning_rate = -1
    assert optimizer.learning_rate == 0.25


def test_schedule_is_asked_with_the_updates_so_far():
    w = nn.Variable([0.0])
    optimizer = optimizers.SGD(lambda step: [1.0, 0.5, 0.25][step])
    seen = []
    for _ in range(3):
        optimizer.apply_gradients([([1.0], w)])
        seen.append(float(w.numpy()[0]))
    assert seen == [-1.0, -1.5, -1.75]


@given(
    step=st.integers(0, 5000), start=st.floats(1e-4, 1), steps=st.integers(1, 1000), rate=st.floats(0.1, 1.0),
    staircase=st.booleans(),
)  # fmt: skip
def test_decays_follow_their_formulas(step, start, steps, rate, staircase):
    p = step // steps if staircase else step / steps
    found = schedules.ExponentialDecay(start, steps, rate, staircase)(step)
    assert found == pytest.approx(start * rate**p, rel=1e-12)
    found = schedules.InverseTimeDecay(start, steps, rate, staircase)(step)
    assert found == pytest.approx(start / (1 + rate * p), rel=1e-12)
    found = schedules.PolynomialDecay(start, steps, 0.01, rate)(step)
    left = 1 - min(step, steps) / steps
    assert found == pytest.approx((start - 0.01) * left**rate + 0.01, rel=1e-12)
    found = schedules.CosineDecay(start, steps, 0.1)(step)
    cosine = 0.5 * (1 + math.cos(math.pi * min(step, steps) / steps))
    assert found == pytest.approx(start * (0.9 * cosine + 0.1), rel=1e-12)


def test_polynomial_decay_in_cycles():
    schedule = schedules.PolynomialDecay(1.0, 10, 0.0, cycle=True)
    assert [schedule(step) for step in (0, 5, 10, 15, 20)] == pytest.approx([1, 0.5, 0, 0.25, 0])


def test_cosine_decay_after_warmup():
    schedule = schedules.CosineDecay(0.0, 10, warmup_target=2.0, warmup_steps=4)
    assert [schedule(step) for step in (0, 1, 4, 9, 14, 99)] == pytest.approx([0, 0.5, 2, 1, 0, 0])
    schedule = schedules.CosineDecay(1.0, 10, 0.5, warmup_target=2.0, warmup_steps=4)
    assert [schedule(step) for step in (0, 1, 4, 9, 14, 99)] == pytest.approx([1, 1.25, 2, 1.5, 1, 1])


def test_piecewise_constant_decay():
    schedule = schedules.PiecewiseConstantDecay([2, 4], [1.0, 0.5, 0.1])
    assert [schedule(step) for step in range(6)] == [1.0, 1.0, 1.0, 0.5, 0.5, 0.1]


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedules.ExponentialDecay(0.1, 0, 0.5),
        lambda: schedules.ExponentialDecay(-0.1, 1, 0.5),
        lambda: schedules.InverseTimeDecay(0.1, 1, -0.5),
        lambda: schedules.CosineDecay(0.1, -1),
        lambda: schedules.PolynomialDecay(0.1, 1, power=-1),
        lambda: schedules.PiecewiseConstantDecay([1], [0.1]),
        lambda: schedules.PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3]),
    ],
)
def test_bad_schedules(make):
    with pytest.raises(ArgumentError):
        make()


def test_a_schedule_that_goes_wrong_is_named():
    w = nn.Variable([1.0])
    optimizer = optimizers.SGD(lambda step: -1.0)
    with pytest.raises(ArgumentError, match="learning_rate"):
        optimizer.apply_gradients([([1.0], w)])
    assert w.numpy()[0] == 1.0


# --- saving --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_config_and_state_continue_where_they_left(name):
    first = [nn.Variable(np.ones(shape)) for shape in SHAPES]
    optimizer = RULES[name][0]()
    for t in range(5):
        optimizer.apply_gradients(zip(gradients_of(t), first, strict=True))
    second = [nn.Variable(v.numpy()) for v in first]
    config = json.loads(json.dumps(optimizer.get_config()))
    copy = type(optimizer).from_config(config)
    copy.build(second)
    copy.load_state(optimizer.state())
    for t in range(5, 10):
        optimizer.apply_gradients(zip(gradients_of(t), first, strict=True))
        copy.apply_gradients(zip(gradients_of(t), second, strict=True))
    assert copy.iterations == 10
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("name", RULES)
def test_state_can_go_back(name):
    variables = [nn.Variable(np.ones(shape)) for shape in SHAPES]
    optimizer = RULES[name][0]()
    optimizer.apply_gradients(zip(gradients_of(0), variables, strict=True))
    saved, weights = optimizer.state(), [v.numpy().copy() for v in variables]
    ends = []
    for _ in range(2):
        optimizer.load_state(saved)
        for variable, w in zip(variables, weights, strict=True):
            variable.assign(w)
        for t in range(1, 5):
            optimizer.apply_gradients(zip(gradients_of(t), variables, strict=True))
        ends.append([v.numpy().copy() for v in variables])
    for first, second in zip(*ends, strict=True):
        np.testing.assert_array_equal(first, second)


def test_schedules_are_saved_with_the_optimizer():
    optimizer = optimizers.SGD(schedules.PiecewiseConstantDecay([2], [0.5, 0.1]))
    copy = optimizers.get(json.loads(json.dumps(describe(optimizer))))
    assert copy.learning_rate == 0.5
    copy.iterations = 3
    assert copy.learning_rate == 0.1
    with pytest.raises(ArgumentError, match="cannot be saved"):
        optimizers.SGD(lambda step: 0.1).get_config()


def test_state_is_a_copy_and_is_checked():
    w = nn.Variable([1.0, 2.0])
    optimizer = optimizers.SGD(momentum=0.9)
    with pytest.raises(NotBuiltError):
        optimizer.load_state([])
    optimizer.apply_gradients([([1.0, 1.0], w)])
    saved = dict(optimizer.state())
    assert sorted(saved) == ["0/momentum", "iterations"]
    before = saved["0/momentum"].copy()
    optimizer.apply_gradients([([1.0, 1.0], w)])
    np.testing.assert_array_equal(saved["0/momentum"], before)
    with pytest.raises(ShapeError):
        optimizer.load_state({**saved, "0/momentum": np.ones(3)})
    with pytest.raises(ArgumentError, match="0/momentum"):
        optimizer.load_state({"iterations": 1})
    assert optimizer.iterations == 2


def test_get():
    assert isinstance(optimizers.get("rmsprop"), optimizers.RMSprop)
    assert isinstance(optimizers.get("AdamW"), optimizers.AdamW)
    assert isinstance(optimizers.get(optimizers.Nadam), optimizers.Nadam)
    own = optimizers.SGD(0.5)
    assert optimizers.get(own) is own
    with pytest.raises(ArgumentError, match="did you mean 'rmsprop'"):
        optimizers.get("rms_prop")
    with pytest.raises(ArgumentError, match="Optimizer"):
        optimizers.get(lambda: None)


def test_repr_shows_the_settings():
    assert repr(optimizers.SGD(0.5, 0.9)) == "SGD(learning_rate=0.5, momentum=0.9, nesterov=False)"


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_variance_that_rounding_makes_negative_is_no_nan(momentum):
    w = nn.Variable(np.zeros(1000, np.float32))
    rule = optimizers.RMSprop(centered=True, momentum=momentum)
    for _ in range(300):
        rule.apply_gradients([(np.linspace(1, 1000, 1000, dtype=np.float32), w)])
    assert np.isfinite(w.numpy()).all()
