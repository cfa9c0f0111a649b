"""The benchmarks of numbanet, for asv and for the commands beside this folder; docs/benchmarking.md tells of both."""

import os
import sys

if "NUMBANET_BENCHMARKED" in os.environ:  # a checkout, see checkout.py
    sys.path.insert(0, os.environ["NUMBANET_BENCHMARKED"])
