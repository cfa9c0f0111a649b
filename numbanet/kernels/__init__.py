"""Kernels: the naive loops (`loops`), their tuned schedules, their builds, and launching them."""
