"""What the settings of layers must be, and what files call them: each is checked whenever it is set."""

from numbanet import activations, initializers, regularizers
from numbanet.core.checks import as_flag, as_integer, as_number, is_integer
from numbanet.core.encoding import encode
from numbanet.core.names import saved_name
from numbanet.core.shapes import integers_of
from numbanet.errors import ArgumentError, NotBuiltError


def positive_integer(layer, name, value):
    """Return `value` as an int; ArgumentError, naming the setting, unless it is a whole number above zero."""
    if not is_integer(value) or value < 1:
        raise ArgumentError(f"layer {layer.name}: {name} must be a positive integer, got {value!r}")
    return int(value)


def integer(layer, name, value):
    """Return `value` as an int."""
    return as_integer(f"layer {layer.name}: {name}", value)


def sizes(layer, name, value):
    """Return an integer or a sequence of integers as a tuple of int."""
    return integers_of(f"layer {layer.name}: a size of {name}", value)


def activation(layer, name, value):
    """Return the function that `value`, a name or a function, means."""
    return activations.get(value)


def initializer(layer, name, value):
    """Return the initializer that `value`, a name or an initializer, means."""
    return initializers.get(value)


def regularizer(layer, name, value):
    """The regularizer that `value`, a name or a regularizer, means; None for none."""
    return regularizers.get(value)


def flag(layer, name, value):
    """Return True or False."""
    return as_flag(f"layer {layer.name}: {name}", value)


def rate(layer, name, value):
    """Return a number from 0 up to but not including 1."""
    return as_number(f"layer {layer.name}: {name}", value, 0, below=1)


def config_name(layer, what, function):
    """Return an activation for a file: its name or its settings; NotBuiltError for a function without a name."""
    name = activations.name_of(function)
    if name is not None:
        return name
    label = f"layer {layer.name}: its {what}"
    if hasattr(function, "get_config"):
        return encode(function, label)
    try:
        return saved_name(function, f"{label} {function!r}")
    except ArgumentError as error:
        raise NotBuiltError(str(error)) from None
