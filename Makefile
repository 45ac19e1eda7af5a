# Two commands for a newcomer: `make demo` and `make test`. Python 3.11+, git and make are enough.
PYTHON ?= python3
VENV ?= .venv
JOBS ?= auto
BIN = $(VENV)/bin
# As pip does for a package that is not editable, so that no start compiles its modules anew.
COMPILE = @$(BIN)/python -m compileall -q submission_checker compliance_tests
PROJECT = setup.cfg setup.py pyproject.toml
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test lint dev docs clean

demo: $(VENV)/.installed
	$(BIN)/submission-checker demo

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n $(JOBS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy --strict submission_checker compliance_tests

dev: $(VENV)/.installed-dev

docs: $(VENV)/.installed-docs
	$(BIN)/python -m docs.generate
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "site/index.html"

# A mark in the environment says what is installed in it; newer metadata install again.
# LoadGen has no wheel for every machine; without it the demonstration takes the bundled submission.
$(VENV)/.installed: $(PROJECT) | $(BIN)/python
	$(BIN)/pip install -q -e ".[audit]" 2>/dev/null || $(BIN)/pip install -q -e .
	$(COMPILE)
	@touch $@

$(VENV)/.installed-dev: $(PROJECT) | $(BIN)/python
	$(BIN)/pip install -q -e ".[audit,dev]"
	$(COMPILE)
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: $(PROJECT) | $(BIN)/python
	$(BIN)/pip install -q -e ".[docs]"
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) build dist site *.egg-info submission-checker-demo
