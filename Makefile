# The verbs of the house. `make` alone names them; ARGS="…" is handed on, PYTHON=… chooses the interpreter.
# A machine needs only Python 3.11 or newer and make: each verb first sets up whatever it misses (scripts/setup).
.DEFAULT_GOAL := help
.PHONY: help up test check bench soak lock clean

ARGS ?=
PYTHON ?=
export PYTHON

help: ## name the verbs
	@sed -n 's/^\([a-z]*\): ## /  make \1	/p' Makefile

up: ## run everything on this machine: embedded Valkey, one instance per exchange (ARGS="--sim --speed 60")
	@scripts/setup run
	@.venv/bin/livermore up $(ARGS)

test: ## run every test but the soak tests (ARGS="tests/core -k candle")
	@scripts/setup dev
	@scripts/setup peers
	@.venv/bin/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: ## lint, format, types, import contracts
	@scripts/setup dev
	@scripts/check

bench: ## benchmarks, with the peers side by side
	@scripts/setup dev
	@.venv/bin/python -m pytest bench --benchmark-only $(ARGS)

soak: ## the tests that run for long
	@scripts/setup dev
	@.venv/bin/python -m pytest -m soak --timeout 0 $(ARGS)

lock: ## renew the lock files after pyproject.toml has changed (ARGS=--upgrade takes the newest of everything)
	@scripts/setup tools
	@scripts/lock $(ARGS)

clean: ## remove what the set-up and the tools have made, but never your data under .livermore
	rm -rf .venv .venv-peers .tools .benchmarks .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist
