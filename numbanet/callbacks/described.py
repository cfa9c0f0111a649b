"""Numbers of training as people read them."""

import math


def described(logs):
    """Return loss and metrics as `name: value`, for people: a list."""
    return [f"{name}: {_number(value)}" for name, value in logs.items()]


def _number(value):
    """Return four digits after the point where these tell something, four digits of small and large numbers."""
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e6 or not math.isfinite(value) else f"{value:.3e}"


def as_time(seconds):
    """Return minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
