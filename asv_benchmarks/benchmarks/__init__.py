"""Benchmarks for asv: one file per topic; `common.py` has what they share, `peers.py` the other libraries."""
