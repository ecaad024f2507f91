# Two commands on a fresh machine with Python 3.11 and make: `make train` and `make test`.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
# The lock is used as constraints: exact versions for whatever an extra asks for, and nothing that it does not.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock

.DEFAULT_GOAL := help
.PHONY: help train test test-slow check format sync lock clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

train: $(VENV)/.train ## train; pass overrides as ARGS="loss=angular backbone=resnet50"
	@$(BIN)/python train.py $(ARGS)

test: $(VENV)/.test ## run the tests that need minutes at most
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" --numprocesses 2 --dist loadfile --no-loadscope-reorder $(ARGS)

test-slow: $(VENV)/.test ## run the full trainings and every README command in full, and properties on new examples
	RESEMBLANCE_TESTS=slow $(BIN)/python -m pytest -m "slow or hypothesis" $(ARGS)

check: $(VENV)/.check ## ruff, format, types, import rules: static, under a minute
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.check ## mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

sync: $(VENV)/.train ## upload the offline W&B runs under runs/, multirun/, studies/ and compare/
	@found=$$(find runs multirun studies compare -type d -name 'offline-run-*' 2>/dev/null); \
	if [ -z "$$found" ]; then echo "There is no offline run under runs/, multirun/, studies/ or compare/ to upload."; \
	else $(BIN)/wandb sync $(ARGS) $$found; fi

lock: ## resolve the newest versions that pyproject.toml allows and write requirements.lock
	$(PYTHON) -m pip install --quiet uv
	$(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-annotate \
	  --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean: ## remove the environment and caches; runs stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "resemblance needs Python 3.11 to 3.13; set PYTHON=/path/to/python3.11."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.train: pyproject.toml requirements.lock | $(VENV)/bin/python
	@echo "Installing the locked packages into $(VENV); the first time this takes some minutes."
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.train
	$(INSTALL) --editable '.[test]'
	@touch $@

$(VENV)/.check: pyproject.toml requirements.lock | $(VENV)/bin/python
	$(INSTALL) --editable '.[check]'
	@touch $@
