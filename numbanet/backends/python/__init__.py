"""The Python backend: the bodies as they stand."""
