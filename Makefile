# The door to gridmap. Everything that is missing is installed by the first target that needs it.
PYTHON ?= python3
PORT ?= 8080
BOOTSTRAP := $(PYTHON) -m gridmap.bootstrap
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check stop clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## load Zhengzhou, audit it, serve the map (PORT=8080)
	@$(BOOTSTRAP) install
	@$(BIN)/gridmap demo --port $(PORT)

check: ## check style, types, floors and SQL
	@$(BOOTSTRAP) install --with check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@# two processes say at their end that they clean up after each other, which is nobody's concern
	PYTHONWARNINGS=ignore::UserWarning:multiprocessing.resource_tracker $(BIN)/sqlfluff lint --disable-progress-bar --processes 2 migrations layers gridmap

test: ## check, then run all tests
	@$(BOOTSTRAP) install --with tests
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2 --dist loadfile

stop: ## stop the web server and the private database; the data stay
	@$(BOOTSTRAP) stop

clean: ## stop, and remove all that make has put on this machine, data too
	@$(BOOTSTRAP) clean
