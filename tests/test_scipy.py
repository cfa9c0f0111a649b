"""SciPy's solvers take functions of numbanet, their gradients and Jacobians, and find the known solutions."""

import numpy as np
import pytest

import numbanet as nn

optimize = pytest.importorskip("scipy.optimize", reason="SciPy is in the test extra")
integrate = pytest.importorskip("scipy.integrate", reason="SciPy is in the test extra")

TIMES = np.linspace(0.0, 1.0, 20)
MEASURED = 2.0 * np.exp(-3.0 * TIMES)
START = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
WITHOUT_GRADIENT = ("Nelder-Mead", "Powell", "COBYLA")
WITH_HESSIAN = ("Newton-CG", "trust-ncg", "trust-krylov", "trust-exact", "dogleg", "trust-constr")


def rosenbrock(x):
    return nn.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def residuals(p):
    return p[0] * nn.exp(-p[1] * TIMES) - MEASURED


def system(x):
    return nn.stack([x[0] + 0.5 * (x[0] - x[1]) ** 3 - 1.0, 0.5 * (x[1] - x[0]) ** 3 + x[1]])


def cube(x):
    return nn.asarray(x) ** 3 - 8.0


def turning(t, y):
    return nn.stack([y[1], -y[0]])


@pytest.mark.parametrize("method", ["BFGS", "CG", "L-BFGS-B", "TNC", "SLSQP", *WITH_HESSIAN, *WITHOUT_GRADIENT])
def test_minimize(method):
    ours = {} if method in WITHOUT_GRADIENT else {"jac": nn.grad(rosenbrock)}
    theirs = {} if method in WITHOUT_GRADIENT else {"jac": optimize.rosen_der}
    if method in WITH_HESSIAN:
        ours["hess"], theirs["hess"] = nn.hessian(rosenbrock), optimize.rosen_hess
    start = np.array([1.05, 1.0, 1.0]) if method in ("dogleg", *WITHOUT_GRADIENT) else START
    found = optimize.minimize(rosenbrock, start, method=method, **ours)
    expected = optimize.minimize(optimize.rosen, start, method=method, **theirs)
    np.testing.assert_allclose(found.x, expected.x, rtol=1e-5)
    np.testing.assert_allclose(found.x, np.ones(start.size), atol=2e-2 if method in WITHOUT_GRADIENT else 1e-3)
    assert isinstance(found.fun, float)
    assert found.x.dtype == np.float64


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "SLSQP"])
@pytest.mark.parametrize("start", [START, START.tolist(), nn.asarray(START)], ids=["array", "list", "tensor"])
def test_minimize_with_value_and_gradient_at_once(method, start):
    found = optimize.minimize(nn.value_and_grad(rosenbrock), start, jac=True, method=method)
    np.testing.assert_allclose(found.x, np.ones(5), atol=1e-4)


def test_minimize_with_arguments_products_bounds_and_constraints():
    def scaled(x, scale):
        return scale * rosenbrock(x)

    found = optimize.minimize(scaled, START, args=(3.0,), jac=nn.grad(scaled))
    np.testing.assert_allclose(found.x, np.ones(5), atol=1e-4)
    found = optimize.minimize(rosenbrock, START, method="Newton-CG", jac=nn.grad(rosenbrock), hessp=nn.hvp(rosenbrock))
    np.testing.assert_allclose(found.x, np.ones(5), atol=1e-3)
    found = optimize.minimize(rosenbrock, START, jac=nn.grad(rosenbrock), method="L-BFGS-B", bounds=[(0, 0.5)] * 5)
    assert found.x.max() == 0.5
    edge = {"type": "eq", "fun": lambda x: nn.sum(x) - 4.0, "jac": nn.grad(lambda x: nn.sum(x) - 4.0)}
    found = optimize.minimize(rosenbrock, START, jac=nn.grad(rosenbrock), method="SLSQP", constraints=edge)
    assert found.x.sum() == pytest.approx(4.0)


def test_minimize_within_a_nonlinear_constraint():
    def squares(x):
        return nn.sum(x * x)

    ball = optimize.NonlinearConstraint(squares, 0.0, 2.0, jac=nn.jacobian(squares), hess=optimize.BFGS())
    found = optimize.minimize(
        lambda x: -nn.sum(x), np.array([0.5, 0.1]), jac=nn.grad(lambda x: -nn.sum(x)), method="SLSQP", constraints=ball
    )
    np.testing.assert_allclose(found.x, [1.0, 1.0], atol=1e-6)


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
@pytest.mark.parametrize("jacobian", [True, False])
def test_least_squares(method, jacobian):
    options = {"jac": nn.jacobian(residuals)} if jacobian else {}
    found = optimize.least_squares(residuals, [1.0, 1.0], method=method, **options)
    np.testing.assert_allclose(found.x, [2.0, 3.0], rtol=1e-6)


def test_least_squares_with_a_loss_and_leastsq():
    found = optimize.least_squares(residuals, [1.0, 1.0], jac=nn.jacobian(residuals), loss="soft_l1")
    np.testing.assert_allclose(found.x, [2.0, 3.0], rtol=1e-6)
    found = optimize.leastsq(residuals, [1.0, 1.0], Dfun=nn.jacobian(residuals))[0]
    np.testing.assert_allclose(found, [2.0, 3.0], rtol=1e-6)


@pytest.mark.parametrize("method", ["hybr", "lm", "broyden1", "anderson", "df-sane"])
def test_root(method):
    options = {"jac": nn.jacobian(system)} if method in ("hybr", "lm") else {}
    found = optimize.root(system, [0.0, 0.0], method=method, **options)
    np.testing.assert_allclose(found.x, [0.8411639, 0.1588361], atol=1e-5)


def test_fsolve():
    found = optimize.fsolve(system, [0.0, 0.0], fprime=nn.jacobian(system))
    np.testing.assert_allclose(found, [0.8411639, 0.1588361], atol=1e-6)


def test_newton():
    slope = nn.grad(cube)
    assert optimize.newton(cube, 1.5) == pytest.approx(2.0)
    assert optimize.newton(cube, 1.5, fprime=slope) == pytest.approx(2.0)
    assert optimize.newton(cube, 1.5, fprime=slope, fprime2=nn.grad(slope)) == pytest.approx(2.0)
    several = optimize.newton(cube, np.array([1.5, 3.0]), fprime=lambda x: 3.0 * nn.asarray(x) ** 2)
    np.testing.assert_allclose(np.asarray(several), [2.0, 2.0])


@pytest.mark.parametrize("solve", ["brentq", "brenth", "bisect", "ridder", "toms748"])
def test_brackets(solve):
    assert getattr(optimize, solve)(cube, 0.0, 3.0) == pytest.approx(2.0)


@pytest.mark.parametrize("method", ["newton", "halley", "secant", "brentq"])
def test_root_scalar(method):
    options = {} if method in ("brentq", "secant") else {"fprime": nn.grad(cube)}
    if method == "halley":
        options["fprime2"] = nn.grad(nn.grad(cube))
    found = optimize.root_scalar(cube, x0=1.5, x1=2.5, bracket=(0.0, 3.0), method=method, **options)
    assert found.root == pytest.approx(2.0)


def test_minimize_scalar():
    for options in ({}, {"bounds": (0.0, 5.0)}):
        assert optimize.minimize_scalar(lambda x: nn.square(x - 2.0), **options).x == pytest.approx(2.0, abs=1e-5)


@pytest.mark.parametrize("kind", [np.asarray, list])
def test_curve_fit(kind):
    def model(x, a, b):
        return a * nn.exp(-b * nn.asarray(x))

    found, covariance = optimize.curve_fit(model, kind(TIMES), kind(MEASURED))
    np.testing.assert_allclose(found, [2.0, 3.0], rtol=1e-5)
    assert covariance.shape == (2, 2)


def test_curve_fit_with_a_jacobian():
    def model(x, a, b):
        return a * nn.exp(-b * x)

    def slopes(x, a, b):
        return np.stack(nn.jacobian(model, argnums=(1, 2))(x, a, b), -1)

    found, _ = optimize.curve_fit(model, TIMES, MEASURED, p0=[1.0, 1.0], jac=slopes)
    np.testing.assert_allclose(found, [2.0, 3.0], rtol=1e-6)


@pytest.mark.parametrize("method", ["RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA"])
def test_solve_ivp(method):
    options = {}
    if method in ("Radau", "BDF", "LSODA"):
        options["jac"] = lambda t, y: nn.jacobian(lambda y: turning(t, y))(y)
    found = integrate.solve_ivp(turning, (0.0, 1.0), [1.0, 0.0], method=method, rtol=1e-8, atol=1e-10, **options)
    np.testing.assert_allclose(found.y[:, -1], [np.cos(1.0), -np.sin(1.0)], atol=1e-6)


def test_solve_ivp_with_an_event_and_odeint():
    def crosses(t, y):
        return y[0]

    found = integrate.solve_ivp(turning, (0.0, 3.0), [1.0, 0.0], events=crosses, rtol=1e-8, atol=1e-10)
    assert found.t_events[0][0] == pytest.approx(np.pi / 2, abs=1e-6)
    found = integrate.odeint(lambda y, t: turning(t, y), [1.0, 0.0], [0.0, 1.0])
    np.testing.assert_allclose(found[-1], [np.cos(1.0), -np.sin(1.0)], atol=1e-6)


def test_quadrature():
    assert integrate.quad(lambda x: nn.exp(-(nn.asarray(x, "float64") ** 2)), 0, np.inf)[0] == pytest.approx(
        np.sqrt(np.pi) / 2
    )
    assert integrate.quad(nn.sin, 0, np.pi)[0] == pytest.approx(2.0, rel=1e-6)  # numbers of Python are float32
    assert integrate.dblquad(lambda y, x: nn.multiply(x, y), 0, 1, 0, 1)[0] == pytest.approx(0.25, rel=1e-6)
    both = integrate.quad_vec(lambda x: nn.stack([nn.sin(np.float64(x)), nn.cos(np.float64(x))]), 0, np.pi)[0]
    np.testing.assert_allclose(both, [2.0, 0.0], atol=1e-9)


def test_sampled_integrals_of_tensors():
    t = nn.asarray(MEASURED)
    exact = 2.0 / 3.0 * (1.0 - np.exp(-3.0))
    assert float(integrate.trapezoid(t, TIMES)) == pytest.approx(exact, rel=1e-2)
    assert float(integrate.simpson(t, x=TIMES)) == pytest.approx(exact, rel=1e-4)


def test_gradients_are_checked():
    assert optimize.check_grad(rosenbrock, nn.grad(rosenbrock), START) < 1e-3
    np.testing.assert_allclose(
        optimize.approx_fprime(START, rosenbrock), nn.grad(rosenbrock)(START).numpy(), rtol=1e-3, atol=1e-3
    )


def test_operators_of_tensors_solve_linear_equations():
    from scipy.sparse.linalg import LinearOperator, cg

    matrix = nn.asarray(np.array([[4.0, 1.0], [1.0, 3.0]]))
    operator = LinearOperator((2, 2), matvec=lambda v: matrix @ v, dtype=np.float64)
    found, failed = cg(operator, np.array([1.0, 2.0]))
    assert failed == 0
    np.testing.assert_allclose(matrix.numpy() @ found, [1.0, 2.0], rtol=1e-4)


def test_a_variable_inside_is_followed():
    w = nn.Variable(np.array([2.0, 3.0]))
    found = optimize.minimize(
        lambda x: nn.sum(nn.square(x - w)), np.zeros(2), jac=nn.grad(lambda x: nn.sum(nn.square(x - w)))
    )
    np.testing.assert_allclose(found.x, [2.0, 3.0], atol=1e-5)
