"""Differentiation: the tape, and functions that give gradients, Jacobians and Hessians."""
