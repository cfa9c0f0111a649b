"""The Numba backend: bodies compiled for this processor when they are first used, and kept on disk."""
