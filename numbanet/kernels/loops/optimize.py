"""Optimizer updates: new values of a weight from its gradient, element by element; state arrays are updated in place.

`w` may be the same array as `out`. Rates are numbers of the dtype of the weights. Sources stand in
`numbanet.optimizers`, where the rules are explained.
"""

from numpy import sqrt


def sgd(w, g, out, rate, start, stop):
    for i in range(start, stop):
        out[i] = w[i] - rate * g[i]


def momentum(w, g, m, out, rate, beta, nesterov, start, stop):
    for i in range(start, stop):
        m[i] = beta * m[i] - rate * g[i]
        out[i] = w[i] + (beta * m[i] - rate * g[i] if nesterov else m[i])


def rmsprop(w, g, s, out, rate, rho, epsilon, start, stop):
    for i in range(start, stop):
        s[i] = rho * s[i] + (1 - rho) * (g[i] * g[i])
        out[i] = w[i] - rate * g[i] / sqrt(s[i] + epsilon)


def rmsprop_momentum(w, g, s, m, out, rate, rho, epsilon, beta, start, stop):
    for i in range(start, stop):
        s[i] = rho * s[i] + (1 - rho) * (g[i] * g[i])
        m[i] = beta * m[i] + rate * g[i] / sqrt(s[i] + epsilon)
        out[i] = w[i] - m[i]


def rmsprop_centered(w, g, s, m, a, out, rate, rho, epsilon, beta, start, stop):
    for i in range(start, stop):
        a[i] = rho * a[i] + (1 - rho) * g[i]
        s[i] = rho * s[i] + (1 - rho) * (g[i] * g[i])
        m[i] = beta * m[i] + rate * g[i] / sqrt(s[i] - a[i] * a[i] + epsilon)
        out[i] = w[i] - m[i]


def adam(w, g, m, v, out, rate, beta1, beta2, epsilon, start, stop):
    """`rate` holds the bias correction: learning rate * sqrt(1 - beta2^t) / (1 - beta1^t)."""
    for i in range(start, stop):
        m[i] = m[i] + (g[i] - m[i]) * (1 - beta1)
        v[i] = v[i] + (g[i] * g[i] - v[i]) * (1 - beta2)
        out[i] = w[i] - rate * m[i] / (sqrt(v[i]) + epsilon)


def nadam(w, g, m, v, out, rate, beta1, beta2, epsilon, of_gradient, of_momentum, of_square, start, stop):
    """The last three weigh gradient, momentum and squares; they hold the momentum schedule and bias corrections."""
    for i in range(start, stop):
        m[i] = m[i] + (g[i] - m[i]) * (1 - beta1)
        v[i] = v[i] + (g[i] * g[i] - v[i]) * (1 - beta2)
        out[i] = w[i] - rate * (of_gradient * g[i] + of_momentum * m[i]) / (sqrt(of_square * v[i]) + epsilon)


def adagrad(w, g, s, out, rate, epsilon, start, stop):
    for i in range(start, stop):
        s[i] = s[i] + g[i] * g[i]
        out[i] = w[i] - rate * g[i] / sqrt(s[i] + epsilon)
