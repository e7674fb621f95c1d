# Two commands do everything: `make quickstart` and `make test`. Both make their own environment first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help quickstart test test-references test-slow lint docs wheel lock benchmark clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

quickstart: $(READY) ## train on real digits, look, export three formats, prove that they agree
	$(BIN)/keras-gan train --preset dcgan --data digits --labels --batch-size 32 --epochs 16 --output quickstart/run --resume
	$(BIN)/keras-gan walk quickstart/run --label 3 --seed 4 --output quickstart/walk
	$(BIN)/keras-gan export quickstart/run --output quickstart/exported --name digits
	$(BIN)/keras-gan report quickstart/run --walk quickstart/walk
	@echo
	@echo "Look at  quickstart/run/samples/epoch-0016.png  (a column a digit) and  progress.gif  beside it,"
	@echo "at       quickstart/walk/dimensions.png         (a dimension of z a row),"
	@echo "at       quickstart/exported/digits             (SavedModel, TFLite, ONNX and their manifest),"
	@echo "and at   quickstart/run/report.html             (all of it on one page)."

test: $(READY) ## run the tests
	$(BIN)/python -m pytest -m "not slow and not reference" --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-references: $(READY) ## compare with PyTorch, torch-fidelity, Chromium, Fashion-MNIST and emoji, which it installs
	tests/install_references.sh $(BIN)/python $(VENV)/references
	PYTHONPATH=$(VENV)/references/python KERAS_GAN_EMOJI=$(VENV)/references \
	  $(BIN)/python -m pytest -m "not slow and reference" --no-skips

test-slow: $(READY) ## run the tests that take minutes
	$(BIN)/python -m pytest -m slow

lint: $(READY) ## format check, linter and type check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

wheel: $(READY) ## build the wheel and run the README's first script with it, in a new environment
	rm -rf dist
	$(BIN)/python -m build --outdir dist . > /dev/null
	bash tests/check_wheel.sh $(PYTHON) dist README.md

docs: $(READY) ## build the documentation into build/docs, without network; a warning is an error
	$(BIN)/python -m sphinx --fail-on-warning --quiet --fresh-env --builder html docs build/docs

lock: $(READY) ## pin requirements.txt anew from setup.py
	$(BIN)/python -m pip install --quiet uv
	@# backports-strenum 1.3 refuses Python 3.11, which uv, blind to upper bounds, does not see
	@echo 'backports-strenum<1.3' > $(VENV)/constraints.txt
	@{ sed -n '1,2p' requirements.txt; \
	   $(BIN)/uv pip compile setup.py --universal --python-version 3.10 --extra dev --constraint $(VENV)/constraints.txt \
	     --upgrade --quiet --no-annotate --no-header; \
	 } > requirements.txt.new && mv requirements.txt.new requirements.txt

benchmark: $(READY) ## time the training step beside a plain script
	$(BIN)/python benchmarks/train_step.py

clean: ## remove the environment and what quickstart made
	rm -rf $(VENV) quickstart

$(READY): requirements.txt setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "keras_gan needs Python 3.10 or newer. Received: $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "Python's venv module is missing: on Debian or Ubuntu, apt-get install python3-venv"; rm -rf $(VENV); exit 1; }
	@echo "Installing into $(VENV); the first time takes a few minutes."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(READY)
