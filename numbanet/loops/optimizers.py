"""Optimizer updates: new values of a weight from its gradient, element by element; state arrays are updated in place.

The weights `w` are updated in place as well: written to an array that may be `w` itself, a loop is not vectorised,
since LLVM must expect overlaps (2.0 against 0.2 ns an element of rmsprop, one thread). Rates are numbers of the dtype
of the weights; what is left of one, as in `rest = 1 - rho`, is passed beside it: Numba takes the literal 1 for 64
bits wide, and a float32 loop that goes through float64 took 0.22 ns an element for rmsprop and 0.32 for adam, where
these take 0.17 and 0.26 (401,920 weights, one thread). Sources stand in `numbanet.optimizers`, where the rules are
explained.
"""

import numpy as np


def sum_of_squares(x, out, start, stop):
    """x is (rows, n), contiguous. Squares are double precision: 1e20 must not overflow.

    `0.0 +` widens a float32 in Numba, where `float` keeps it as it is; in Python it is the other way round.
    """
    for i in range(start, stop):
        total = 0.0
        for k in range(x.shape[1]):
            wide = 0.0 + float(x[i, k])
            total += wide * wide
        out[i] = total


def clip_values(g, limit, out, start, stop):
    for i in range(start, stop):
        v = g[i]
        if v < -limit:
            v = -limit
        if v > limit:
            v = limit
        out[i] = v


def scale_to_norm(g, squares, limit, out, start, stop):
    """out = g, scaled down to the norm `limit` if the square root of the sum of `squares` is larger.

    An infinite or NaN norm makes everything NaN: it shows, and hides no bad batch.
    """
    total = 0.0
    for k in range(squares.shape[0]):
        total += squares[k]
    norm = np.sqrt(total)
    factor = limit / norm if norm > limit else 1.0
    if norm - norm != 0:
        factor = np.nan
    for i in range(start, stop):
        out[i] = g[i] * factor


def decay(w, rate, start, stop):
    for i in range(start, stop):
        w[i] = w[i] - w[i] * rate


def sgd(w, g, rate, start, stop):
    for i in range(start, stop):
        w[i] = w[i] - rate * g[i]


def momentum(w, g, m, rate, beta, nesterov, start, stop):
    for i in range(start, stop):
        m[i] = beta * m[i] - rate * g[i]
        w[i] = w[i] + (beta * m[i] - rate * g[i] if nesterov else m[i])


def rmsprop(w, g, s, rate, rho, rest, epsilon, start, stop):
    for i in range(start, stop):
        s[i] = rho * s[i] + rest * (g[i] * g[i])
        w[i] = w[i] - rate * g[i] / np.sqrt(s[i] + epsilon)


def rmsprop_momentum(w, g, s, m, rate, rho, rest, epsilon, beta, start, stop):
    for i in range(start, stop):
        s[i] = rho * s[i] + rest * (g[i] * g[i])
        m[i] = beta * m[i] + rate * g[i] / np.sqrt(s[i] + epsilon)
        w[i] = w[i] - m[i]


def rmsprop_centered(w, g, s, a, rate, rho, rest, epsilon, start, stop):
    """`s - a * a` is a variance, which only rounding makes negative; its square root must not become NaN then.

    `epsilon - epsilon` is a zero of the dtype of the weights.
    """
    for i in range(start, stop):
        s[i] = rho * s[i] + rest * (g[i] * g[i])
        a[i] = rho * a[i] + rest * g[i]
        variance = s[i] - a[i] * a[i]
        safe = epsilon - epsilon if variance < 0 else variance
        w[i] = w[i] - rate * g[i] / np.sqrt(safe + epsilon)


def rmsprop_centered_momentum(w, g, s, a, m, rate, rho, rest, epsilon, beta, start, stop):
    for i in range(start, stop):
        s[i] = rho * s[i] + rest * (g[i] * g[i])
        a[i] = rho * a[i] + rest * g[i]
        variance = s[i] - a[i] * a[i]
        safe = epsilon - epsilon if variance < 0 else variance
        m[i] = beta * m[i] + rate * g[i] / np.sqrt(safe + epsilon)
        w[i] = w[i] - m[i]


def adam(w, g, m, v, rate, rest1, rest2, epsilon, start, stop):
    """`rate` holds the bias correction: learning rate * sqrt(1 - beta2^t) / (1 - beta1^t)."""
    for i in range(start, stop):
        m[i] = m[i] + (g[i] - m[i]) * rest1
        v[i] = v[i] + (g[i] * g[i] - v[i]) * rest2
        w[i] = w[i] - rate * m[i] / (np.sqrt(v[i]) + epsilon)


def amsgrad(w, g, m, v, largest, rate, rest1, rest2, epsilon, start, stop):
    """Like adam, divided by the largest `v` so far."""
    for i in range(start, stop):
        m[i] = m[i] + (g[i] - m[i]) * rest1
        v[i] = v[i] + (g[i] * g[i] - v[i]) * rest2
        largest[i] = largest[i] if largest[i] > v[i] else v[i]
        w[i] = w[i] - rate * m[i] / (np.sqrt(largest[i]) + epsilon)


def nadam(w, g, m, v, rate, rest1, rest2, epsilon, of_gradient, of_momentum, of_square, start, stop):
    """The last three weigh gradient, momentum and squares; they hold the momentum schedule and bias corrections."""
    for i in range(start, stop):
        m[i] = m[i] + (g[i] - m[i]) * rest1
        v[i] = v[i] + (g[i] * g[i] - v[i]) * rest2
        w[i] = w[i] - rate * (of_gradient * g[i] + of_momentum * m[i]) / (np.sqrt(of_square * v[i]) + epsilon)


def adagrad(w, g, s, rate, epsilon, start, stop):
    for i in range(start, stop):
        s[i] = s[i] + g[i] * g[i]
        w[i] = w[i] - rate * g[i] / np.sqrt(s[i] + epsilon)


def adamax(w, g, m, u, rate, rest, beta, epsilon, start, stop):
    """`rate` holds the bias correction: learning rate / (1 - beta1^t)."""
    for i in range(start, stop):
        m[i] = m[i] + (g[i] - m[i]) * rest
        size = g[i] if g[i] > 0 else -g[i]
        faded = beta * u[i]
        u[i] = faded if (faded > size) | (faded != faded) else size
        w[i] = w[i] - rate * m[i] / (u[i] + epsilon)


def adadelta(w, g, s, d, rate, rho, rest, epsilon, start, stop):
    """`s` has the mean of squared gradients, `d` that of squared steps."""
    for i in range(start, stop):
        s[i] = rho * s[i] + rest * (g[i] * g[i])
        step = np.sqrt(d[i] + epsilon) * g[i] / np.sqrt(s[i] + epsilon)
        d[i] = rho * d[i] + rest * (step * step)
        w[i] = w[i] - rate * step


def lion(w, g, m, rate, beta1, rest1, beta2, rest2, start, stop):
    """The sign of a zero is 0, and that of NaN is NaN."""
    for i in range(start, stop):
        mixed = beta1 * m[i] + rest1 * g[i]
        w[i] = w[i] - (rate if mixed > 0 else -rate if mixed < 0 else rate * mixed)
        m[i] = beta2 * m[i] + rest2 * g[i]


def ftrl(w, g, s, z, rate, l1, l2, shrinkage, start, stop):
    """`l2` is twice the strength and beta / rate beside it, `shrinkage` twice that strength.

    A weight stays as it is while all its gradients were zero and nothing else tells how far to go: 0 / 0.
    """
    for i in range(start, stop):
        before = np.sqrt(s[i])
        s[i] = s[i] + g[i] * g[i]
        after = np.sqrt(s[i])
        z[i] = z[i] + (g[i] + shrinkage * w[i]) - (after - before) / rate * w[i]
        divisor = after / rate + l2
        clipped = -l1 if z[i] < -l1 else l1 if z[i] > l1 else z[i]
        w[i] = w[i] if divisor == 0 else (clipped - z[i]) / divisor


def ftrl_with_power(w, g, s, z, rate, power, l1, l2, shrinkage, start, stop):
    """Like ftrl, with this power of the sums in place of their square root."""
    for i in range(start, stop):
        before = s[i] ** power
        s[i] = s[i] + g[i] * g[i]
        after = s[i] ** power
        z[i] = z[i] + (g[i] + shrinkage * w[i]) - (after - before) / rate * w[i]
        divisor = after / rate + l2
        clipped = -l1 if z[i] < -l1 else l1 if z[i] > l1 else z[i]
        w[i] = w[i] if divisor == 0 else (clipped - z[i]) / divisor


def moving_average(w, a, memory, rest, overwrite, start, stop):
    """The average of weights; where `overwrite` is not 0, weights become their average."""
    for i in range(start, stop):
        a[i] = memory * a[i] + rest * w[i]
        w[i] = a[i] if overwrite > 0 else w[i]


def accumulate(g, total, count, last, out, start, stop):
    """out = the mean of `count` gradients, where g is the last of them; then their sum starts again at zero."""
    for i in range(start, stop):
        new = total[i] + g[i]
        out[i] = new / count
        total[i] = count - count if last > 0 else new


def set_flags(flags, value, start, stop):
    for i in range(start, stop):
        flags[i] = 1 if value > 0 else 0
