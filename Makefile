# Everything is a script of its own; this file only gives them short names.
SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=

.DEFAULT_GOAL := help
.PHONY: help demo test soak fuzz bench build format lint deb install clean

help: ## this list
	@sed -nE 's/^([a-z]+): ## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## boot a guest, take half of its memory and give it back
	scripts/demo

test: ## every check and test, guests under emulation included
	scripts/test

soak: ## the long proof: kills, storms, fuzzing and the mutation check, for hours
	scripts/soak

fuzz: ## fuzz everything that reads what a guest or a VMM says, 15 s for each target
	scripts/fuzz

bench: ## measure Ballast beside virtio-balloon and qemu-ga, results in build/bench
	scripts/bench

build: ## release binaries of ballast-agent, ballast-host and ballastctl
	scripts/build

format: ## format the Swift sources, then report what is left
	scripts/lint --fix

lint: ## check the format of Swift sources and scripts
	scripts/lint

deb: ## the Debian package of the agent, in build/deb
	scripts/deb

install: ## build and install below PREFIX (/usr/local) and DESTDIR
	scripts/install --prefix '$(PREFIX)' --destdir '$(DESTDIR)'

clean: ## remove what was built; downloaded guest images stay in build/cache
	rm -rf .build
	if [ -d build ]; then find build -mindepth 1 -maxdepth 1 ! -name cache -exec rm -rf {} +; fi
