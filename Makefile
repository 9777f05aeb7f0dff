# Every goal sets up what it needs. `make PYTHON=python3.12` chooses the interpreter.

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/.cache/bin:$(PATH)
unexport PYTHONDONTWRITEBYTECODE  # tests start thousands of processes: without bytecode each takes twice as long

.PHONY: vault demo demo-service test lint policies fuzz bench bench-rego bench-service bench-service-large bench-people bench-guard agentdojo-guard newcomer differential mutations docs dist lock lock-check clean report crash meaning facts-at-scale editors editor-files playground bench-lsp fuzz-lsp

demo: .venv/.installed
	PATH="$(CURDIR)/$(BIN):$$PATH" examples/demo.sh

demo-service: .venv/.installed
	$(BIN)/python examples/service/demo.py

test: .venv/.installed
	$(BIN)/pytest --quiet -n auto --doctest-modules agpc tests

lint: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

report: .venv/.installed
	mkdir -p build
	$(BIN)/agpc report examples/finance --target rego,cedar,aws-iam --out build/report.html

policies: .venv/.installed
	$(BIN)/agpc ci $$(git rev-parse --verify --quiet HEAD^ || true)

fuzz: .venv/.installed
	HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest --quiet -n auto tests

differential: .venv/.installed
	cd tests && ../$(BIN)/python -m differential.campaign --write

crash: .venv/.installed
	cd tests && ../$(BIN)/python -m service.crash.campaign --write

meaning: .venv/.installed
	cd tests && ../$(BIN)/python -m service.meaning.campaign --write

facts-at-scale: .venv/.installed
	cd tests && ../$(BIN)/python -m service.facts.filling 1000 10000
	cd tests && ../$(BIN)/python -m service.facts.filling 100000 300000

editors: .venv/.installed
	cd tests && ../$(BIN)/python -m editors.agreement --write

editor-files: .venv/.installed
	$(BIN)/python editors/generate
	cargo build --quiet --release --locked --manifest-path .ci/tree-sitter/Cargo.toml --target-dir .cache/tree-sitter
	.cache/tree-sitter/release/generate editors/tree-sitter-agp

fuzz-lsp: .venv/.installed
	cd tests && ../$(BIN)/python -m lsp.campaign --seconds 600

bench-lsp: .venv/.installed
	$(BIN)/python benchmarks/lsp/run.py

mutations: .venv/.installed
	cd tests/compiler/analysis && $(abspath $(BIN))/python -m planted.measurement

vault:
	cd .ci/vault && go build -o ../../.cache/bin/vault-in-memory .

bench: .venv/.bench
	$(BIN)/python benchmarks/run.py

bench-rego: .venv/.bench
	$(BIN)/python benchmarks/run.py rego

bench-service: .venv/.bench
	mkdir -p build
	$(BIN)/python benchmarks/service/run.py

bench-service-large: .venv/.bench
	mkdir -p build
	$(BIN)/python benchmarks/service/run.py growing=10000000

bench-people: .venv/.installed
	$(BIN)/python benchmarks/service/people.py

bench-guard: .venv/.installed
	$(BIN)/python benchmarks/guard/run.py

agentdojo-guard: .venv/.installed
	cd tests && ../$(BIN)/python -m guard.dojo.campaign --write

newcomer: .venv/.installed
	rm -rf dist build/newcomer
	$(BIN)/python -m hatchling build -d dist
	$(PYTHON) -m venv build/newcomer
	build/newcomer/bin/pip install --quiet "$$(ls dist/*.whl)[guard]"
	AGPC_NEWCOMER=$(CURDIR)/build/newcomer/bin/agpc $(BIN)/pytest -q -n 0 tests/docs/test_guard_quick_start.py

docs: .venv/.installed
	$(BIN)/python docs/site/build.py build/site
	$(BIN)/agpc report examples/finance --target rego,cedar,aws-iam --out build/site/example-report.html

playground: .venv/.installed .cache/playground/installed
	$(BIN)/python editors/playground/build.py build/playground

.cache/playground/installed: editors/playground/package-lock.json editors/playground/install.sh requirements/playground.txt | .venv/.installed
	editors/playground/install.sh $(BIN)/python .cache/playground

dist: .venv/.installed
	rm -rf dist build/clean
	$(BIN)/python -m hatchling build -d dist
	$(PYTHON) -m venv build/clean
	build/clean/bin/pip install --quiet dist/*.whl
	cd build/clean && bin/agpc init work && bin/agpc check work && bin/agpc test work && \
		bin/agpc compile work -t rego,python,ir -o out >/dev/null && bin/agpc rule AGP2101 >/dev/null

lock: .venv/.installed
	mkdir -p build
	$(BIN)/python -m pip install --quiet uv
	(head -2 requirements/service.txt; $(BIN)/uv pip compile pyproject.toml --extra service --extra postgres --extra signing \
		--universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet) >build/lock.txt
	mv build/lock.txt requirements/service.txt

lock-check: .venv/.installed
	rm -rf dist build/locked
	$(BIN)/python -m hatchling build -d dist
	$(PYTHON) -m venv build/locked
	build/locked/bin/pip install --quiet --require-hashes -r requirements/service.txt
	build/locked/bin/pip install --quiet --no-deps --no-index dist/*.whl
	build/locked/bin/pip check
	build/locked/bin/agpc serve --help >/dev/null

clean:
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

.venv/.installed: pyproject.toml hatch_build.py
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip  # dependency groups need 25.1
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

.venv/.bench: .venv/.installed
	$(BIN)/python -m pip install --quiet --group bench
	touch $@
