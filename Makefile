# What there is to do with the sources. `make` alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

GO ?= go
STATICCHECK_VERSION := v0.8.2
STATICCHECK := bin/staticcheck
CADDY_VERSION := v2.11.9
FUZZTIME ?= 30s

# How long one package's tests may take: a busy machine of two cores needs a quarter of it under the race detector.
TIMEOUT ?= 30m

# The packages where goroutines meet are tested under the race detector, the others without it: it costs several times
# their time and finds nothing in code that has one goroutine.
RACE := ./internal/store/... ./internal/job/... ./internal/item/... ./internal/httpapi/... ./internal/client/... ./internal/connection/... ./internal/dialect/... ./internal/product/... ./internal/server/... ./wefttest/...

# Beside the project there may be reference material that some tests read. Where it is, each test must find all it needs.
SHARED := $(or $(WEFT_SHARED),$(wildcard ../shared))
REQUIRE := $(if $(SHARED),WEFT_TEST_REQUIRE=1)
REPORT := $(GO) run ./.ci/report $(if $(SHARED),,-without-shared)
RESULTS := bin/check

# say prints what a step is about to do.
say = @printf '\n== %s\n' $(1)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: build
build: ## build bin/weft
	$(call say,'build bin/weft')
	$(GO) build -trimpath -o bin/weft ./cmd/weft

.PHONY: test
test: ## run the tests that need nothing but Go
	$(call say,'go test ./...')
	$(GO) test ./...

.PHONY: check
check: needs fresh format vet static tidy-check race-test plain-test contract browser ## everything that must hold: style, analysis, tests with the race detector, both engines, the contract, Plaid's client, Link in a browser
	$(call say,'the sum of all tests')
	@$(REPORT) -total $(RESULTS)/*.json

# npm comes last: some packages of nodejs bring it along, and exclude the other.
.PHONY: needs
needs: ## install what the check needs and this machine lacks (on Debian, as root)
	$(call say,'look for what the check needs')
	@missing=(); \
	command -v gcc >/dev/null || missing+=(gcc libc6-dev); \
	command -v node >/dev/null || missing+=(nodejs); \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing+=(postgresql); \
	command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || missing+=(pgbouncer); \
	command -v pdftotext >/dev/null || missing+=(poppler-utils); \
	command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core); \
	/usr/bin/python3 -c 'import jwt, cryptography' 2>/dev/null || missing+=(python3-jwt python3-cryptography); \
	command -v hledger >/dev/null || missing+=(hledger); \
	command -v bean-check >/dev/null || missing+=(beancount); \
	command -v sqlite3 >/dev/null || missing+=(sqlite3); \
	command -v ofxdump >/dev/null || missing+=(ofx); \
	ruby -e 'require "jwt"' 2>/dev/null || missing+=(ruby ruby-jwt); \
	command -v npm >/dev/null || missing+=(npm); \
	if [ $${#missing[@]} -eq 0 ]; then echo "all is there"; exit 0; fi; \
	if ! command -v apt-get >/dev/null || [ "$$(id -u)" -ne 0 ]; then echo "please install: $${missing[*]}"; exit 1; fi; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get -qq update >/dev/null 2>&1 </dev/null || echo "apt-get could not read the list of packages"; \
	for package in "$${missing[@]}"; do \
		if [ "$$package" = npm ] && command -v npm >/dev/null; then continue; fi; \
		echo "install $$package"; \
		apt-get -qq install -y --no-install-recommends "$$package" >/dev/null 2>&1 </dev/null || \
		{ echo "apt-get could not install $$package"; exit 1; }; \
	done

.PHONY: format
format: ## is everything formatted?
	$(call say,'gofmt')
	@unformatted=$$(gofmt -l $$(find . -name '*.go' -not -path '*/node_modules/*')); \
	if [ -n "$$unformatted" ]; then echo "not formatted:"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet: ## go vet, in both modules
	$(call say,'go vet')
	$(GO) vet ./... ./.ci/report
	cd contract && $(GO) vet ./...

$(STATICCHECK):
	$(call say,'build staticcheck $(STATICCHECK_VERSION)')
	GOBIN=$(CURDIR)/bin $(GO) install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)

# The proxy of deploy/, for a test that runs it as it is configured there.
bin/caddy:
	$(call say,'build Caddy $(CADDY_VERSION)')
	GOBIN=$(CURDIR)/bin $(GO) install github.com/caddyserver/caddy/v2/cmd/caddy@$(CADDY_VERSION)

.PHONY: static
static: $(STATICCHECK) ## staticcheck, in both modules
	$(call say,'staticcheck')
	$(STATICCHECK) ./... ./.ci/report
	cd contract && ../$(STATICCHECK) ./...

.PHONY: tidy
tidy: ## bring both go.mod files to what the sources import
	$(call say,'go mod tidy')
	$(GO) mod tidy
	cd contract && $(GO) mod tidy

.PHONY: tidy-check
tidy-check: ## do both go.mod files say what the sources import?
	$(call say,'go mod tidy -diff')
	$(GO) mod tidy -diff
	cd contract && $(GO) mod tidy -diff

.PHONY: fresh
fresh:
	@rm -rf $(RESULTS)

# A test run leaves its results for the sum, and prints them while it goes.
$(RESULTS):
	@mkdir -p $@

# Tests of what the race detector has no say in. The first sends one request after the other, all that there are, on both engines, and
# would take a quarter of an hour; the second bounds what a start allocates, and the detector allocates too.
WITHOUT_RACE := ^(TestEveryStatementUsesAnIndex|TestAStartPreparesOnlyWhatEveryServerNeeds)$$

# twice runs a shell function that tests, and where something failed once more. Without -count=1 what passed is in Go's cache, so that only
# the packages that failed run again. Tests of several processes can miss a moment on a machine that others use; what fails twice has failed.
twice = if ! tests | tee $(RESULTS)/$(1).json | $(REPORT) -once-more; then printf '\n== once more\n'; tests | tee $(RESULTS)/$(1).json | $(REPORT); fi

.PHONY: race-test
race-test: $(RESULTS) ## tests with the race detector, on both engines
	$(call say,'go test -race on SQLite and PostgreSQL')
	@tests() { $(REQUIRE) $(GO) test -race -timeout $(TIMEOUT) -skip '$(WITHOUT_RACE)' -json $(RACE) || true; }; $(call twice,race)

.PHONY: plain-test
plain-test: $(RESULTS) bin/caddy ## tests of the other packages, the architecture's among them
	$(call say,'go test of the other packages')
	@others=$$(comm -23 <($(GO) list ./... | sort) <($(GO) list $(RACE) ./browser | sort)); \
	tests() { $(REQUIRE) $(GO) test -timeout $(TIMEOUT) -json $$others ./.ci/report || true; \
	  $(REQUIRE) $(GO) test -timeout $(TIMEOUT) -run '$(WITHOUT_RACE)' -json ./internal/server || true; }; $(call twice,plain)

.PHONY: contract
contract: $(RESULTS) ## hold every answer against Plaid's published file, and drive the server with Plaid's own client
	$(call say,'the contract')
	@tests() { (cd contract && $(REQUIRE) $(GO) test -count=1 -timeout $(TIMEOUT) -json ./...) || true; }; $(call twice,contract)

.PHONY: browser
browser: $(RESULTS) ## drive Link in a browser
	$(call say,'Link in a browser')
	@rm -f $(RESULTS)/browser.json
	@{ $(REQUIRE) $(GO) test -count=1 -timeout $(TIMEOUT) -json ./browser || true; } | tee $(RESULTS)/browser.json | $(REPORT)

.PHONY: architecture
architecture: ## hold the sources to the rules of building
	$(call say,'the rules of building')
	$(GO) test -count=1 ./internal/architecture

.PHONY: docs
docs: ## write the generated pages of docs anew
	$(call say,'docs/endpoints.md')
	$(GO) test ./internal/server -run TestEndpoints -update

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (30s)
	@grep -rnoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's|/[^/]*:[0-9]+:func | |' | sort -u | \
	while read -r folder target; do \
		printf '\n== fuzz %s %s for %s\n' "$$folder" "$$target" "$(FUZZTIME)"; \
		(cd "$$folder" && $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) .) </dev/null; \
	done

.PHONY: bench
bench: ## measure reads, writes, webhooks and starts beside what the machine gives without Weft; takes two hours, and 13 GB of disk
	$(call say,'what is measured, its limits and its rival')
	cd bench/rival && npm ci --no-audit --no-fund --ignore-scripts
	$(GO) test -count=1 -timeout 240m -v ./bench -full

.PHONY: benchmarks
benchmarks: ## run the benchmarks of single parts
	$(call say,'benchmarks')
	$(GO) test -run '^$$' -bench . ./...

.PHONY: clean
clean: ## remove what was built
	rm -rf bin contract/node/node_modules browser/node_modules
