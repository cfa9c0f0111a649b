"""Backends: what runs the loops. `select` chooses one of them."""
