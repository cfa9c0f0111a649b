"""Launching: ops hand kernels and operands over here, and the backend that `backends.select` chose runs them."""
