# Fengsui: every step of the work. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO       ?= go
TOOLS    := $(CURDIR)/.tools
GOLANGCI := $(TOOLS)/golangci-lint-2.15.0
GOVULN   := $(TOOLS)/govulncheck-1.8.0
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X main.version=$(VERSION)

.PHONY: help
help: ## List the steps
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

.PHONY: web
web: web/node_modules/.build.stamp ## Build the console into web/dist

web/node_modules/.stamp: web/package.json web/package-lock.json
	cd web && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
	touch $@

web/node_modules/.build.stamp: web/node_modules/.stamp $(shell find web/src web/scripts web/public -type f 2>/dev/null) web/index.html web/vite.config.ts
	cd web && npm run --silent build
	touch $@

.PHONY: build
build: web ## Build console and binary to bin/fengsui
	CGO_ENABLED=0 $(GO) build -ldflags '$(LDFLAGS)' -o bin/fengsui ./cmd/fengsui

.PHONY: run
run: build ## Start an empty station on ./data
	./bin/fengsui serve --data ./data

.PHONY: demo
demo: build ## Start a station on an empty ./data and play a campus week into it
	@if [ -e data ] && [ ! -e data/.demo ]; then echo "demo: ./data holds a station that is no demo; move it away first" >&2; exit 1; fi
	rm -rf data
	./bin/fengsui demo --data ./data

.PHONY: generate
generate: ## Write api/openapi.json and the console's types from the code
	$(GO) run ./cmd/fengsui openapi > api/openapi.json.tmp && mv api/openapi.json.tmp api/openapi.json
	cd web && npm run --silent gen

.PHONY: test
test: ## Every test: Go with race, scripts, console units, browser (installs what it needs)
	./tools/test.sh

.PHONY: test-go
test-go: ## Go tests with the race detector
	$(GO) test -race -timeout 20m ./...

.PHONY: test-web
test-web: web/node_modules/.stamp ## Console: types, lint, unit tests
	cd web && npm run --silent typecheck && npm run --silent lint && npm test --silent

.PHONY: e2e
e2e: build ## Browser tests on the real binary
	cd web && npm run --silent e2e

.PHONY: test-peers
test-peers: build ## Real senders deliver 10,000 lines each (installs them when it is root)
	./test/peers/install.sh
	$(GO) test -tags peers -count=1 -timeout 20m -v ./test/peers

.PHONY: bench
bench: ## Benchmarks with allocations, and events per second of ingest
	./tools/bench.sh

.PHONY: fuzz
fuzz: ## A short run of every fuzz target (FUZZTIME=5s)
	./tools/fuzz.sh

$(GOLANGCI):
	mkdir -p $(TOOLS) && GOBIN=$(TOOLS)/tmp $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	mv $(TOOLS)/tmp/golangci-lint $@

$(GOVULN):
	mkdir -p $(TOOLS) && GOBIN=$(TOOLS)/tmp $(GO) install golang.org/x/vuln/cmd/govulncheck@v1.8.0
	mv $(TOOLS)/tmp/govulncheck $@

.PHONY: lint
lint: $(GOLANGCI) ## golangci-lint with the import rules
	$(GOLANGCI) run ./...

.PHONY: vuln
vuln: $(GOVULN) ## Known vulnerabilities in what the binary calls
	GOVULNCHECK=$(GOVULN) ./tools/vuln.sh

.PHONY: licences
licences: ## Every linked dependency has a permissive licence
	$(GO) run ./tools/licences

.PHONY: quick
quick: ## Format, vet and test what changed
	./tools/quick.sh

.PHONY: check
check: ## What .ci/run runs
	./tools/check.sh
