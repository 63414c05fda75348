# Each target sets up all it needs. The environment is made once and again only when its declaration changes.
PYTHON ?= python3
COMPANY ?= summit
CYCLE ?= 2026-10
SCENARIO ?= base
BIN := .venv/bin
READY := .venv/.ready
LAB_FLAGS ?= $(if $(filter 0,$(shell id -u)),--allow-root --no-browser)

.PHONY: report test lab check docs bench clean

report: $(READY)  ## plan the cycle and write reports/COMPANY/CYCLE/SCENARIO/index.html
	$(BIN)/sopkit run --company $(COMPANY) --cycle $(CYCLE) --scenario $(SCENARIO)

test: $(READY)  ## run the whole test suite
	$(BIN)/python -m pytest

lab: $(READY)  ## open the notebooks in JupyterLab
	$(BIN)/python -m sopkit.lab --notebook-dir=notebooks $(LAB_FLAGS)

check: $(READY)  ## check the company's tables, the style and the format
	$(BIN)/sopkit check data/$(COMPANY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

docs: $(READY)  ## write the data dictionary and the lineage picture
	$(BIN)/sopkit docs docs

bench: $(READY)  ## measure the cycle; the other benchmarks say how they are called
	$(BIN)/python benchmarks/cycle.py

clean:  ## remove the environment and what runs wrote; plans.sqlite, the plan store, is kept
	rm -rf .venv reports/* build *.egg-info .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv installs several times faster than pip; where it cannot be had, pip does the same work.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sopkit needs Python 3.11 or newer; name it: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv \
		&& $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --constraint constraints.txt --editable '.[dev]' \
		|| $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(READY)
