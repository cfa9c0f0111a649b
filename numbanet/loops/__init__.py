"""The bodies: naive loops over ranges, the definition of what numbanet computes.

Every function fills the positions `start <= i < stop` of its output and touches nothing else. That one rule lets the
same body run as plain Python, compiled by Numba, and split over threads: ranges are disjoint, so there is no race, and
every position is computed by the same instructions whoever computes it. Start and stop are unsigned when compiled;
with signed ones the guard for negative indices keeps LLVM from vectorising (0.79 against 0.12 ns per element of relu).

A body has the name of its op, also where Python has a function of that name (`abs`, `pow`, `round`, `sum`, `any`). A
body for some dtypes or layouts alone has the name and what is special: `sum_integers`, `sum_columns`. Bodies call
NumPy's functions as `np.exp` and `np.abs`: in a file with a body `abs`, `abs(x)` would call that.
"""
