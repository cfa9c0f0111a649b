"""Tensors and variables: what they hold, how they are made, their operators and protocols."""
