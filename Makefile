# The two commands of the README: `make demo` and `make test`. Both work on a fresh machine with Python 3.11 to 3.13.

VENV ?= .venv
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := $(VENV)/bin
JOBS ?= auto
# constraints-lowest.txt instead tries the lowest versions that are allowed (with a VENV of their own, on Python 3.11).
CONSTRAINTS ?= constraints.txt
DEMO ?= demo
# torch for the processor alone. On Linux the ordinary index gives a build that brings gigabytes of CUDA packages; for a GPU
# set TORCH_INDEX to the address that torch's installation page names for it.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# uv leaves packages uncompiled: where no process may keep what it compiled, each of the hundreds that the tests start
# compiles all that it imports anew, which takes longer than the tests themselves.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo dev docs test test-versions lowest check format bench bench-quick clean

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "mien needs Python 3.11, 3.12 or 3.13; set PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# Where that address cannot be reached, torch comes from the ordinary index with everything else.
$(VENV)/.torch: $(BIN)/python $(CONSTRAINTS)
	$(BIN)/python -m pip install --quiet --retries 0 --timeout 20 -c $(CONSTRAINTS) --no-deps --index-url $(TORCH_INDEX) torch \
	  || echo "torch's own index does not answer; on Linux the ordinary one may bring several gigabytes of CUDA packages"
	touch $@

$(VENV)/.all: $(VENV)/.torch pyproject.toml $(CONSTRAINTS)
	$(BIN)/python -m pip install --quiet -c $(CONSTRAINTS) -e '.[all]'
	touch $@

# uv takes a seventh of pip's time; what only pip is set up to reach (a package index of one's own, say), pip brings.
$(VENV)/.dev: $(VENV)/.torch pyproject.toml $(CONSTRAINTS)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c $(CONSTRAINTS) -e '.[dev]' \
	  || $(BIN)/python -m pip install --quiet -c $(CONSTRAINTS) -e '.[dev]'
	touch $@ $(VENV)/.all

$(VENV)/.docs: $(VENV)/.all
	$(BIN)/python -m pip install --quiet -c $(CONSTRAINTS) -e '.[docs]'
	touch $@

demo: $(VENV)/.all
	$(BIN)/mien models pull
	$(BIN)/mien demo -o $(DEMO)

dev: $(VENV)/.dev

# The pages, into docs/_build/html: warnings are errors, tutorials run, nothing is fetched. TUTORIALS=0 leaves them unrun.
TUTORIALS ?= 1
docs: $(VENV)/.docs
	$(BIN)/mien models pull
	OMP_NUM_THREADS=1 MPLBACKEND=agg $(BIN)/python -m sphinx -q -W --keep-going -D plot_gallery=$(TUTORIALS) -b html docs docs/_build/html
	$(BIN)/python docs/check_site.py docs/_build/html

# worksteal leaves neighbouring tests to one process, so that what a file's tests share is made once.
test: $(VENV)/.dev
	$(BIN)/mien models pull
	-$(BIN)/mien models pull efficientnet-lite0
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

# Bare installations on every supported Python that is on this machine, newest and lowest versions, with the tests that need no
# torch.
test-versions:
	.ci/versions

# constraints-lowest.txt after a change of the bounds in pyproject.toml.
lowest: $(BIN)/python
	$(BIN)/python -m pip install --quiet uv
	UV=$(BIN)/uv .ci/lowest

check: $(VENV)/.dev
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff format src tests benchmarks docs
	$(BIN)/ruff check --fix src tests benchmarks docs

# Every figure in docs/benchmarks.md; needs the data sets (MIEN_DATA) and an otherwise idle machine.
bench: $(VENV)/.dev
	$(BIN)/mien models pull
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.extraction_speed
	$(BIN)/python -m benchmarks.extraction_accuracy
	$(BIN)/python -m benchmarks.accuracy london
	$(BIN)/python -m benchmarks.accuracy london-pairs
	$(BIN)/python -m benchmarks.accuracy buhmap
	$(BIN)/python -m benchmarks.planted

# Does every benchmark still run? On made-up data; nothing is kept.
QUICK_JOBS ?= $(shell getconf _NPROCESSORS_ONLN)
bench-quick: $(VENV)/.dev
	$(BIN)/python -m benchmarks --jobs $(QUICK_JOBS)

clean:
	rm -rf $(VENV) $(DEMO) dist build docs/_build docs/api docs/auto_tutorials
