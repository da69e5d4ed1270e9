# The two commands are `make run` and `make test`; `make` alone lists the rest.
# scripts/setup.sh prepares the machine and answers with the features that it can build.

# Rust installed by rustup in this very shell may not be on the path yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

CARGO ?= cargo
# What follows the program's name: make run ARGS=file.pcapng, make test ARGS=hpack
ARGS ?=

.PHONY: help run test bench check clean
.DEFAULT_GOAL := help

help:
	@echo 'make run                     open the window on the built-in captures'
	@echo 'make run ARGS=file.pcapng    open the window on a capture, or run any wireloom command'
	@echo 'make test                    run every test (ARGS=name runs those whose name has it)'
	@echo 'make bench                   measure, and compare with tcpdump and tshark'
	@echo 'make check                   all that has to pass before a change lands: style, lints, docs, tests'
	@echo 'make clean                   remove what was built'

# Everything is built first, wireloom-capture too where it can be, so that it lies beside the window. Then --quiet
# leaves the last word to the program.
run:
	@features=$$(scripts/setup.sh run) && \
	$(CARGO) build --release $$features && \
	$(CARGO) run --quiet --release $$features -- $(ARGS)

test:
	@features=$$(scripts/setup.sh test) && \
	$(CARGO) test --no-fail-fast $$features $(ARGS)

bench:
	@$(CARGO) bench --no-default-features --bench large -- $(ARGS)
	@$(CARGO) bench --bench pictures -- $(ARGS)
	@scripts/bench.sh

check:
	+@.ci/run

clean:
	$(CARGO) clean
