# Every target builds .venv by itself when it is missing; nothing need be installed but
# Python 3.11 or newer, git and make.

unexport PYTHONDONTWRITEBYTECODE
SHELL := /bin/sh
BIN := .venv/bin
export PATH := $(CURDIR)/.venv/bin:$(PATH)
STAMP := .venv/.stamp

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs assignments vectors lock audit mutation fuzz attacks nightly bench lab clean \
        system-packages

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

$(STAMP): requirements.lock pyproject.toml tools/make-venv
	@tools/make-venv

demo: $(STAMP)  ## grade the example class with nbgrader, in build/demo
	@$(BIN)/python examples/demo.py

# One BLAS thread, as in a worker: more of them spin while they wait, and CPU time counts that.
test: export OPENBLAS_NUM_THREADS = 1
test: $(STAMP) system-packages lint  ## everything that CI runs
	$(BIN)/python -m pytest --numprocesses logical --dist loadfile --no-loadscope-reorder

lint: $(STAMP)  ## style, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict autograder
	$(BIN)/lint-imports

format: $(STAMP)  ## put the code into its standard form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP)  ## these pages as a site, in build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "open build/site/index.html, or: $(BIN)/python -m http.server -d build/site"

assignments: $(STAMP)  ## make assignments/ from solutions/
	$(BIN)/python -m autograder.release

vectors: $(STAMP)  ## make the stored vectors from the reference
	$(BIN)/python -m autograder.mistakes.store

lock: $(STAMP)  ## refresh requirements.lock (needs uv)
	tools/make-lock

audit: $(STAMP)  ## grade the grader with its known mistakes and correct variants
	$(BIN)/autograder audit

mutation: $(STAMP)  ## does every small change to a correct operator fail?
	$(BIN)/python tests/mutation/run.py

fuzz: $(STAMP)  ## a million malformed frames for the grader's end of the pipe
	$(BIN)/python tests/fuzz/run.py

attacks: $(STAMP)  ## three hundred hostile submissions at every level of isolation
	$(BIN)/python -m pytest tests/attacks/attempts.py

nightly: $(STAMP)  ## the long part: audits under load, mutants, a search for inputs
	$(BIN)/autograder audit --runs 20 --once --busy 2 --jobs 8 --markdown docs/audit-result.md
	$(BIN)/python tests/mutation/run.py
	$(BIN)/python -m pytest tests/test_search.py --hypothesis-profile=search
	$(BIN)/python tests/fuzz/run.py

bench: $(STAMP)  ## measure the grader beside stock nbgrader
	$(BIN)/python benchmarks/grading.py

lab: $(STAMP)  ## open JupyterLab on the assignments
	$(BIN)/jupyter lab assignments

clean:  ## remove what was built, and .venv
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

system-packages:
	@tools/system-packages
