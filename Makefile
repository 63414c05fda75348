# Each target sets up all it needs. The second sample company: make report COMPANY=poolside-cafe CYCLE=2027-03.
# The environment is made once and again only when its declaration changes.
PYTHON ?= python3
COMPANY ?= summit
CYCLE ?= 2026-10
SCENARIO ?= base
BIN := .venv/bin
READY := .venv/.ready
LAB_FLAGS ?= $(if $(filter 0,$(shell id -u)),--allow-root --no-browser)

.PHONY: report test prove mutate lab check docs bench sbom clean lock

report: $(READY)  ## plan the cycle and write reports/COMPANY/CYCLE/SCENARIO/index.html
	$(BIN)/sopkit run --company $(COMPANY) --cycle $(CYCLE) --scenario $(SCENARIO)

# Modules and tests are compiled once, for the many processes that tests start.
test: export PYTHONDONTWRITEBYTECODE =
test: $(READY)  ## run the whole test suite
	$(BIN)/python -m pytest

prove: $(READY)  ## try hard what is left to chance: a hundred ended runs, full disks, lost stores, races; docs/promises.md has the last result
	SOPKIT_PROVE=1 $(BIN)/python -m pytest -n0 --durations=10 tests/test_kernels.py tests/test_oracle.py tests/test_lost_and_full.py tests/test_trials.py \
		tests/test_runs_at_once.py tests/test_hostile_output.py tests/test_properties.py tests/test_wheel.py \
		tests/test_returned_files.py tests/test_nth_fault.py tests/test_run_faults.py tests/test_soak.py

mutate: $(READY)  ## change formulas one operator at a time and see whether a test notices; docs/promises.md has the last result
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python benchmarks/mutation.py

lab: $(READY)  ## open the notebooks in JupyterLab
	$(BIN)/python -m sopkit.runner.lab --notebook-dir=notebooks $(LAB_FLAGS)

check: $(READY)  ## check the company's tables, the style, the format, the types, and the packages for known holes
	$(BIN)/sopkit check data/$(COMPANY) --cycle $(CYCLE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements.lock \
		|| { echo "pip-audit found a hole, or could not ask the list of known ones: see above"; exit 1; }

docs: $(READY)  ## write the data dictionary and the lineage picture
	$(BIN)/sopkit docs docs

bench: $(READY)  ## measure the cycle; the other benchmarks say how they are called
	$(BIN)/python benchmarks/cycle.py

sbom: $(READY)  ## list every package of the lock as a CycloneDX bill of materials, build/sbom.json
	mkdir -p build
	$(BIN)/uvx --from cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
		--of JSON -o build/sbom.json

clean:  ## remove the environment and what runs wrote; plans.sqlite, the plan store, is kept
	rm -rf .venv .fits reports/* build *.egg-info .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Every package is installed at the version and with the hashes of requirements.lock, uv itself first, by pip; uv is faster.
$(READY): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sopkit needs Python 3.11 or newer; name it: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	awk '/^[a-z]/ { wanted = /^uv==/ } wanted' requirements.lock > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r .venv/uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $(READY)

lock:  ## resolve pyproject.toml anew into requirements.lock; add UPGRADE=--upgrade for newer versions
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --no-annotate \
		--custom-compile-command 'make lock' --constraint constraints.txt $(UPGRADE) pyproject.toml -o requirements.lock
