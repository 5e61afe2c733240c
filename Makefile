# The same on every system: python3 bootstrap.py demo | test
PYTHON ?= python3

.PHONY: demo test clean
demo:
	@$(PYTHON) bootstrap.py demo
test:
	@$(PYTHON) bootstrap.py test
clean:
	rm -rf .venv demo-output models/*.gguf models/manifest.json
