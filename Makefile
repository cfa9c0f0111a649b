# Each target is complete by itself: it makes .venv and installs what it needs, once, and again when pyproject.toml changes.
# Only Python 3.11 or newer and make are assumed. `make mnist PYTHON=python3.12` chooses another Python.

PYTHON ?= python3
WORKERS ?= 2
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: help mnist test lint docs bench clean
.NOTPARALLEL:

help:
	@echo "make mnist   train the textbook's network on MNIST and report its test accuracy"
	@echo "make test    run the tests; WORKERS=8 runs eight at a time, ARGS='-k dot' those with dot in their name"
	@echo "make lint    check style, format and types"
	@echo "make docs    build the documentation into docs/_build/html"
	@echo "make bench   time epochs of MNIST; ARGS='--peer NAME=COMMAND' compares with others, in turn"
	@echo "make clean   remove .venv and everything else that these made"

mnist: $(VENV)/.installed
	$(BIN)/numbanet train mnist $(ARGS)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.installed-docs
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: $(VENV)/.installed-bench
	$(BIN)/python asv_benchmarks/mnist_epoch.py
	$(BIN)/python asv_benchmarks/mnist_against_peers.py $(ARGS)

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "numbanet needs Python 3.11 or newer, and there is no $(PYTHON):" \
	    "say make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'numbanet needs Python 3.11 or newer, and \
	$(PYTHON) is %d.%d: say make PYTHON=python3.11, or another that you have' % sys.version_info[:2])"
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml setup.py | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-%: pyproject.toml setup.py | $(BIN)/python
	$(PIP) --editable '.[$*]'
	@touch $@

clean:
	rm -rf $(VENV) build dist docs/_build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find numbanet tests examples docs asv_benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
