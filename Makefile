# Each target is complete by itself: it makes .venv and installs what it needs, once, and again when pyproject.toml or what
# the compiled extension is made of changes. Only Python 3.11 or newer and make are assumed, and for the extension a C
# compiler: without one, everything works all the same. `make mnist PYTHON=python3.12` chooses another Python.

PYTHON ?= python3
WORKERS ?= 2
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
# What may take minutes says so, and how far it is.
PATIENTLY := $(BIN)/python .ci/patiently.py
INSTALLS := numbanet goes into $(VENV), and its loops are compiled with the C compiler, if there is one: minutes the first time
BUILT_FROM := pyproject.toml setup.py $(wildcard $(patsubst %,numbanet/%.py,loops/* vector_math/* kernels/* backends/*/* backends/native/*/*)) \
    $(filter-out %.so %.txt,$(wildcard numbanet/backends/cython/*.*))
BACKENDS ?= numba cython broken python no-compiler

# The last commit of the suite that runs on a library without complex numbers. SUITE=... names a copy of your own.
SUITE_COMMIT := cf7bc9f6b4955230262d189bb0fb1d634f534620
SUITE ?= build/array-api-tests-$(SUITE_COMMIT)

.PHONY: help mnist test lint generated docs bench bench-compare bench-smoke bench-history bench-site wheel test-backends test-cuda sanitize array-api parity coverage mutation mutants accuracy clean
.NOTPARALLEL:

help:
	@echo "make mnist   train the textbook's network on MNIST and report its test accuracy"
	@echo "make test    run the tests; WORKERS=8 runs eight at a time, ARGS='-k dot' those with dot in their name"
	@echo "make lint    check style, format and types, those of users' code among them"
	@echo "make generated   write what follows from the tables of operations and of what runs: the stub, the types of bodies"
	@echo "             for the extension, docs/substitutes.md, the figures of the front page, missing rows of docs/cuda_kernels.md"
	@echo "make docs    build the documentation into docs/_build/html"
	@echo "make bench   time numbanet beside the peers that are installed, in turn: docs/performance_tables.md"
	@echo "make bench-compare BASE=main   what is slower, or counts more, than a commit; fails if anything is"
	@echo "make bench-smoke   run every benchmark once, to see that it does"
	@echo "make bench-history COMMITS=5   run the quick benchmarks on the last commits; make bench-site shows them"
	@echo "make wheel   build the sdist and the wheel into dist/, and try the wheel in an environment of its own"
	@echo "make test-backends   run the tests on installs with and without Numba and the compiled extension:"
	@echo "             $(BACKENDS), or BACKENDS='...' of them"
	@echo "make test-cuda   run the tests of CUDA kernels in Numba's simulator, compile them, and call a driver that computes"
	@echo "             nothing; no GPU is needed. Also with the newest NumPy, where there is a Python 3.12"
	@echo "make sanitize   run the tests of kernels on an extension that checks addresses and arithmetic"
	@echo "make parity   compare with Keras 3 and PyTorch: layers, losses, optimizers, metrics, training;"
	@echo "             ARGS=--write writes docs/parity.md, ARGS='torch_recurrent LSTM' compares only these"
	@echo "make array-api   run the public test suite of the Python array API standard; EXAMPLES=200 draws more per test"
	@echo "make coverage   count the lines and branches that the tests reach, those of kernels among them; 95 % is the least"
	@echo "make mutation   change the library's text here and there, and count the changes that no test notices;"
	@echo "             SAMPLE=50 tries that many per file; make mutants MODULE=tape.py tries all changes of one file"
	@echo "make accuracy   measure errors in units in the last place, and write the table in docs/numerics.md"
	@echo "make clean   remove .venv and everything else that these made"

mnist: $(VENV)/.installed
	@echo "a network learns from 60,000 digits, and is then asked about 10,000 others:"
	$(BIN)/numbanet train mnist $(ARGS)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_types.py

generated: $(VENV)/.installed-test
	$(BIN)/python -m tests.generated --write
	$(BIN)/python tests/cuda_kernels.py complete

docs: $(VENV)/.installed-docs $(VENV)/.installed-test
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -b html docs docs/_build/html
	$(BIN)/python -m pytest -q tests/test_site.py
	@echo "docs/_build/html/index.html"

bench: $(VENV)/.installed-bench
	$(BIN)/python asv_benchmarks/table.py --write docs/performance_tables.md $(ARGS)

BASE ?= HEAD
bench-compare: $(VENV)/.installed-bench
	$(BIN)/python asv_benchmarks/compare.py $(BASE) $(ARGS)

ASV = cd asv_benchmarks && PATH="$(CURDIR)/$(BIN):$$PATH" asv
bench-smoke: export NUMBANET_BENCH_SMOKE = 1
bench-smoke: $(VENV)/.installed-bench $(VENV)/.installed-test
	$(ASV) machine --yes
	$(ASV) check --environment existing:python
	$(ASV) run --quick --environment existing:python --set-commit-hash $$(git rev-parse HEAD) $(ARGS)

COMMITS ?= 5
QUICK ?= ^(counts|eager|training.SmallSteps|training.ManySmallEpochs|dot.DotReplayed)
bench-history: $(VENV)/.installed-bench
	$(ASV) machine --yes
	$(ASV) run --interleave-rounds --skip-existing-successful --bench '$(QUICK)' HEAD~$(COMMITS)..HEAD $(ARGS)

bench-site: $(VENV)/.installed-bench $(VENV)/.installed-test
	$(ASV) publish
	$(BIN)/python asv_benchmarks/local_pages.py
	$(BIN)/python -m pytest -q tests/test_bench_site.py
	@echo "asv_benchmarks/.asv/html/index.html"

wheel: dist/.built
	$(PYTHON) -m venv --clear .venv-wheel
	.venv-wheel/bin/python -m pip --disable-pip-version-check install --quiet dist/*-cp*.whl
	cd .venv-wheel && bin/python -W error $(CURDIR)/tests/smoke.py

test-backends: dist/.built
	$(PYTHON) .ci/installs.py $(BACKENDS) -- -n $(WORKERS) $(ARGS)

test-cuda: dist/.built
	$(PYTHON) .ci/installs.py cuda cuda-newest -- -n $(WORKERS) $(ARGS)

sanitize: dist/.built
	$(PYTHON) .ci/installs.py sanitize -- -n $(WORKERS) $(ARGS)

coverage: $(VENV)/.installed-test
	$(BIN)/python .ci/measure_coverage.py -n $(WORKERS) $(ARGS)

SAMPLE ?= 60
mutation: $(VENV)/.installed-mutation
	$(BIN)/python -m tests.mutation --sample $(SAMPLE) $(ARGS)

mutants: $(VENV)/.installed-mutation
	$(BIN)/python -m tests.mutation --sample 1000000 $(MODULE)

accuracy: $(VENV)/.installed-test
	$(BIN)/python -m tests.accuracy --write

EXAMPLES ?= 50
PEERS := .venv-parity

# numbanet runs from here, and Numba compiles it; installing it brings what it needs.
$(PEERS)/.installed: pyproject.toml
	$(PYTHON) -m venv $(PEERS)
	NUMBANET_AOT=0 $(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet '.[parity]'
	@touch $@

parity: export KERAS_BACKEND = jax
parity: $(PEERS)/.installed
	$(PEERS)/bin/python -m tests.parity $(ARGS)

array-api: $(VENV)/.installed-array-api $(SUITE)/requirements.txt
	cd $(SUITE) && ARRAY_API_TESTS_MODULE=numbanet ARRAY_API_TESTS_SKIP_DTYPES=complex64,complex128 \
	    $(CURDIR)/$(BIN)/python -m pytest -c pytest.ini --rootdir . array_api_tests -q -n $(WORKERS) --max-examples $(EXAMPLES) \
	    --disable-deadline -o xfail_strict=True --xfails-file $(CURDIR)/tests/array_api_xfails.txt $(ARGS)

$(SUITE)/requirements.txt:
	rm -rf $(SUITE)
	git clone --quiet https://github.com/data-apis/array-api-tests $(SUITE)
	git -C $(SUITE) checkout --quiet $(SUITE_COMMIT)
	git -C $(SUITE) submodule --quiet update --init

dist/.built: $(BUILT_FROM) $(shell git ls-files numbanet tests docs examples 2>/dev/null)
	rm -rf dist
	$(PYTHON) -m venv .venv-build
	.venv-build/bin/python -m pip --disable-pip-version-check install --quiet build
	NUMBANET_AOT=require .venv-build/bin/python -m build --quiet
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "numbanet needs Python 3.11 or newer, and there is no $(PYTHON):" \
	    "say make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'numbanet needs Python 3.11 or newer, and \
	$(PYTHON) is %d.%d: say make PYTHON=python3.11, or another that you have' % sys.version_info[:2])"
	@echo "$(PYTHON) makes an environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: $(BUILT_FROM) | $(BIN)/python
	@$(PATIENTLY) "$(INSTALLS)" $(PIP) --editable .
	@touch $@

$(VENV)/.installed-%: $(BUILT_FROM) | $(BIN)/python
	@$(PATIENTLY) "$(INSTALLS); with what $* needs" $(PIP) --editable '.[$*]'
	@touch $@

clean:
	rm -rf $(VENV) .venv-* build dist docs/_build docs/gallery docs/sg_execution_times.rst *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
	find numbanet tests examples docs asv_benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f numbanet/backends/cython/*.so numbanet/backends/cython/not_built.txt
