# The short way in. `make` builds, `make demo` shows the whole on a pool it makes, `make test`
# proves it. Each does the set-up it needs (scripts/setup.sh); meson and ninja do the work.

MESON ?= meson
NINJA ?= ninja
PREFIX ?= /usr/local

.PHONY: all setup demo examples test clang install clean format

all: setup build/build.ninja
	@$(NINJA) -C build

setup:
	@sh scripts/setup.sh

build/build.ninja: | setup
	@$(MESON) setup build --prefix=$(PREFIX)

# Warnings are no errors here: instrumented code makes gcc warn of what cannot happen.
build-asan/build.ninja: | setup
	@$(MESON) setup build-asan -Db_sanitize=address,undefined -Db_lundef=false -Dwerror=false

# A pool of 2,000 questions whose leaks are known, the whole pipeline on it, and how much of what
# was planted came out. The pool is made again when its maker is newer.
demo: all
	@find build/demo/pool/pool.jsonl -newer build/demo/make_pool 2>/dev/null | grep -q . || \
		build/demo/make_pool build/demo/pool
	@build/blindfold run specs/four_senses.yaml --out build/demo/run
	@echo
	@build/demo/recovered build/demo/pool build/demo/run
	@echo
	@echo "The benchmark lies in build/demo/run/benchmark: README.md there says what is in it."
	@echo "Everything the run knows lies in build/demo/run."

# Modalities that a spec declares, each on a pool made on the spot.
examples: all
	@build/demo/make_examples build/examples
	@for s in specs/examples/*.yaml; do \
		build/blindfold run "$$s" --out "build/examples/$$(basename "$$s" .yaml)/run" || exit; \
	done

test: all build-asan/build.ninja
	@$(NINJA) -C build-asan
	@sh tests/all.sh

clang: setup
	@sh scripts/clang.sh

install: all
	@$(MESON) install -C build --no-rebuild

clean:
	rm -rf build build-asan build-clang

format:
	@f=$$(command -v clang-format || command -v clang-format-14) || \
		{ echo "clang-format is not installed" >&2; exit 1; }; \
	git ls-files '*.c' '*.h' | xargs "$$f" -i
