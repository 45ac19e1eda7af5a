# Two commands for a newcomer: `make demo` and `make test`. Python 3.11+, git and make are enough.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test lint clean

demo: $(VENV)/bin/python
	@$(BIN)/python -c "import submission_checker, click" 2>/dev/null || $(BIN)/pip install -q -e .
	$(BIN)/submission-checker demo

test: $(VENV)/bin/python
	@$(BIN)/python -c "import pytest, hypothesis, mlperf_loadgen" 2>/dev/null \
	  || $(BIN)/pip install -q -e ".[dev,audit]"
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/bin/python
	$(BIN)/ruff check .
	$(BIN)/mypy

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --upgrade pip

clean:
	rm -rf $(VENV) build dist *.egg-info
