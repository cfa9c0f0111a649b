"""The build that is compiled ahead of time, with Cython and C."""
