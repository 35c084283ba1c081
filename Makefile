# The verbs of the house. `make` alone names them; ARGS="…" is handed on, PYTHON=… chooses the interpreter.
# A machine needs only Python 3.11 or newer and make: each verb first sets up whatever it misses (scripts/setup).
.DEFAULT_GOAL := help
.PHONY: help up ui test check screenshots bench soak lock clean

ARGS ?=
PYTHON ?=
export PYTHON

help: ## name the verbs
	@sed -n 's/^\([a-z]*\): ## /  make \1	/p' Makefile

up: ## run everything on this machine: embedded stores, instances, server, screens (ARGS="--sim --speed 60")
	@scripts/setup run
	@scripts/ui build || echo "Livermore starts without its screens." >&2
	@.venv/bin/livermore up $(ARGS)

ui: ## work on the screens: a development server against a running Livermore (UI_API=http://127.0.0.1:8800)
	@scripts/ui dev $(ARGS)

test: ## run every test but the soak tests (ARGS="tests/core -k candle")
	@scripts/setup dev
	@scripts/setup peers
	@.venv/bin/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: ## lint, format, types, import contracts
	@scripts/setup dev
	@scripts/check

screenshots: ## take pictures of every page of the screens into docs/ui
	@scripts/setup dev
	@scripts/ui build
	@.venv/bin/python scripts/ui_screenshots.py $(ARGS)

bench: ## benchmarks, with the peers side by side
	@scripts/setup dev
	@.venv/bin/python -m pytest bench --benchmark-only $(ARGS)

soak: ## the tests that run for long
	@scripts/setup dev
	@.venv/bin/python -m pytest -m soak --timeout 0 $(ARGS)

lock: ## renew the lock files after pyproject.toml has changed (ARGS=--upgrade takes the newest of everything)
	@scripts/setup tools
	@scripts/lock $(ARGS)
	@scripts/ui lock

clean: ## remove what the set-up and the tools have made, but never your data under .livermore
	rm -rf .venv .venv-peers .tools .benchmarks .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist ui/node_modules ui/dist
