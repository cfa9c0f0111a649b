"""What the settings of layers must be, and what files call them: each is checked whenever it is set."""

from numbanet import activations, constraints, initializers, regularizers
from numbanet.core.checks import as_choice, as_flag, as_integer, as_number, is_integer
from numbanet.core.encoding import encode
from numbanet.core.names import saved_name
from numbanet.core.registry import describe
from numbanet.core.shapes import integers_of
from numbanet.core.windows import along_axes, as_data_format
from numbanet.errors import ArgumentError, NotBuiltError

SEQUENCES = (list, tuple)


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


def axes(layer, name, value):
    """Return an axis, or several as a tuple."""
    if is_integer(value):
        return int(value)
    several = tuple(value) if isinstance(value, SEQUENCES) else ()
    if not several or not all(map(is_integer, several)):
        raise ArgumentError(f"layer {layer.name}: {name} must be an integer or several, got {value!r}")
    return tuple(map(int, several))


def activation(layer, name, value):
    """Return the function that `value`, a name or a function, means."""
    return activations.get(value)


def initializer(layer, name, value):
    """Return the initializer that `value`, a name or an initializer, means."""
    return initializers.get(value)


def regularizer(layer, name, value):
    """The regularizer that `value`, a name or a regularizer, means; None for none."""
    return regularizers.get(value)


def constraint(layer, name, value):
    """Return the constraint that `value`, a name or a constraint, means; None for none."""
    return constraints.get(value)


def flag(layer, name, value):
    """Return True or False."""
    return as_flag(f"layer {layer.name}: {name}", value)


def number(layer, name, value):
    """Return a finite number."""
    return as_number(f"layer {layer.name}: {name}", value)


def not_negative(layer, name, value):
    """Return a finite number of at least 0."""
    return as_number(f"layer {layer.name}: {name}", value, low=0.0)


def choice(*choices):
    """Return the check of a setting that is one of several names."""

    def check(layer, name, value):
        return as_choice(f"layer {layer.name}: {name}", value, choices)

    return check


def optional(check):
    """Return the check of a setting that may be None."""

    def check_unless_none(layer, name, value):
        return None if value is None else check(layer, name, value)

    return check_unless_none


def rate(layer, name, value):
    """Return a number from 0 up to but not including 1."""
    return as_number(f"layer {layer.name}: {name}", value, 0, below=1)


def interval(low, high, around):
    """Return the check of a pair (lower, upper) of numbers from `low` to `high`, for which a number may stand.

    A number f stands for (-f, f), or for (f, f) where `around` is False.
    """

    def check(layer, name, value):
        given = value if isinstance(value, SEQUENCES) else (value, value)
        what = f"layer {layer.name}: {name}"
        if len(given) != 2:
            raise ArgumentError(f"{what} must be a number from {low} to {high}, or two of them, got {value!r}")
        pair = tuple(as_number(what, one, low, high) for one in given)
        if isinstance(value, SEQUENCES):
            return (min(pair), max(pair)) if around else pair
        return (-abs(pair[0]), abs(pair[0])) if around else pair

    return check


def data_format(layer, name, value):
    """Return where the channels are, "channels_last" or "channels_first"; the former for None."""
    return as_data_format(f"layer {layer.name}", value)


def along_spatial(layer, name, value):
    """Return a positive integer for each spatial dimension of a layer; one integer may stand for all."""
    return along_axes(f"layer {layer.name}: {name}", value, layer._rank)


def margin(layer, name, value):
    """Return a pair (before, after) of integers, none of them negative, which one integer may stand for."""
    pair = (value, value) if is_integer(value) else value
    if not (isinstance(pair, SEQUENCES) and len(pair) == 2 and _counts(pair)):
        raise ArgumentError(
            f"layer {layer.name}: {name} must be an integer of at least 0 or two of them (before, after), got {value!r}"
        )
    return int(pair[0]), int(pair[1])


def margins(layer, name, value):
    """Return a pair (before, after) of integers, none of them negative, for each spatial dimension of a layer.

    One integer stands for all of them, and an integer in place of a pair for both of the pair.
    """
    count = layer._rank
    given = (value,) * count if is_integer(value) else value
    if isinstance(given, SEQUENCES) and len(given) == count:
        pairs = [(one, one) if is_integer(one) else one for one in given]
        if all(isinstance(pair, SEQUENCES) and len(pair) == 2 and _counts(pair) for pair in pairs):
            return tuple((int(before), int(after)) for before, after in pairs)
    raise ArgumentError(
        f"layer {layer.name}: {name} must be an integer of at least 0, {count} of them or {count} pairs "
        f"(before, after), got {value!r}"
    )


def _counts(values):
    return all(is_integer(one) and one >= 0 for one in values)


_OF_WEIGHTS = {"initializer": initializer, "regularizer": regularizer, "constraint": constraint}


def weights(*names):
    """Return the checks of the settings that say how weights of these names are made, penalized and constrained."""
    return {f"{name}_{what}": check for name in names for what, check in _OF_WEIGHTS.items()}


def of_weight(layer, name):
    """Return the initializer, the regularizer and the constraint of a weight, for `add_weight`."""
    return {what: getattr(layer, f"{name}_{what}") for what in _OF_WEIGHTS}


def listed(value):
    """Return nested tuples as nested lists, as files have them."""
    return [listed(one) for one in value] if isinstance(value, tuple) else value


def described(layer, *names):
    """Return initializers, regularizers and the like for a file, by the names of the settings; none that is None."""
    found = {name: getattr(layer, name) for name in names}
    return {name: describe(one, f"layer {layer.name}: its {name}") for name, one in found.items() if one is not None}


def part(layer, name, value):
    """Return a number from 0 to 1."""
    return as_number(f"layer {layer.name}: {name}", value, 0.0, 1.0)


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
