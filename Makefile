# Two commands do everything: `make quickstart` and `make test`. Both make their own environment first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PLAIN := $(VENV)/.created
RUNS := $(VENV)/.runs
READY := $(VENV)/.ready
# What `make quickstart` runs. `make test` and the others install all of requirements.txt.
QUICKSTART := --constraint requirements.txt --editable '.[tensorflow,export,report]' mlxtend

# uv installs in a fraction of pip's time. Where it is missing or fails, pip does the work.
install = $(BIN)/uv pip install --quiet --python $(BIN)/python $(1) 2> $(VENV)/uv.log || { \
  echo "uv failed (see $(VENV)/uv.log). Installing with pip, which takes a few minutes."; \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check $(1); }

.PHONY: help quickstart test test-references test-slow lint docs wheel lock benchmark clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

quickstart: $(RUNS) ## train on real digits, look, export three formats, prove that they agree
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
	@# backports-strenum 1.3 refuses Python 3.11, which uv, blind to upper bounds, does not see
	@echo 'backports-strenum<1.3' > $(VENV)/constraints.txt
	@{ sed -n '1,2p' requirements.txt; \
	   $(BIN)/uv pip compile setup.py --universal --python-version 3.10 --extra dev --constraint $(VENV)/constraints.txt \
	     --upgrade --quiet --no-annotate --no-header; \
	 } > requirements.txt.new && mv requirements.txt.new requirements.txt

benchmark: $(READY) ## time training steps beside PyTorch, which it installs into a folder of its own, and the start
	benchmarks/install_pytorch.sh $(BIN)/python $(VENV)/pytorch
	$(BIN)/python benchmarks/train_step.py --pytorch $(VENV)/pytorch
	$(BIN)/python benchmarks/start.py

clean: ## remove the environment and what quickstart made
	rm -rf $(VENV) quickstart

$(PLAIN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "keras_gan needs Python 3.10 or newer. Received: $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "Python's venv module is missing: on Debian or Ubuntu, apt-get install python3-venv"; rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv || echo "uv cannot be installed."
	@touch $(PLAIN)

$(RUNS): $(PLAIN) requirements.txt setup.py
	@echo "Installing what the quickstart runs into $(VENV)"
	@$(call install,$(QUICKSTART))
	@touch $(RUNS)

$(READY): $(PLAIN) requirements.txt setup.py
	@echo "Installing requirements.txt into $(VENV)"
	@$(call install,-r requirements.txt)
	@$(call install,--no-deps --editable .)
	@touch $(READY)
