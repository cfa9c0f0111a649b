"""What the settings of optimizers must be: checked when an optimizer is made, and whenever one is assigned to later."""

from numbanet.core.checks import as_flag, as_number

FORMER = {
    "lr": "it is called learning_rate",
    "decay": "give learning_rate=nn.optimizers.schedules.InverseTimeDecay(rate, decay_steps=1, decay_rate=decay), "
    "which is the same rule; weight_decay is another thing",
    "eps": "it is called epsilon",
    "betas": "they are called beta_1 and beta_2",
    "clip_norm": "it is called clipnorm",
    "amsgrad": "nn.optimizers.Adam has it",
    "name": "optimizers have no names here",
    "jit_compile": "everything is compiled",
    "loss_scale_factor": "numbanet has no half precision, and so no scaling of losses",
}
"""What to write in place of arguments of other and older libraries."""


def decay_rate(name, value):
    """Return a number from 0, or None for no decay."""
    return None if value is None else not_negative(name, value)


def not_negative(name, value):
    """Return a number from 0."""
    return as_number(name, value, low=0)


def fraction(name, value):
    """Return a number from 0 to 1."""
    return as_number(name, value, 0, 1)


def memory(name, value):
    """Return how much an average keeps of its past: from 0 to below 1, since at 1 it would never move."""
    return as_number(name, value, 0, below=1)


def flag(name, value):
    """Return True or False."""
    return as_flag(name, value)
