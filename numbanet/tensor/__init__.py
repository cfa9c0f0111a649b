"""Tensors and variables: what they hold, how they are made, their operators and protocols."""

from numbanet.core.moved import former

__getattr__ = former("tensor")  # this was a module
