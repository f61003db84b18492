# Thin: the targets of every day over CMake's presets. The trees lie in build/<preset>.
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
harnesses = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: all deps demo test asan tsan fuzz bench lint fmt golden soak install clean

all: deps
	@cmake --preset release $(CMAKE_ARGS) >/dev/null
	@cmake --build --preset release -j $(JOBS)
	@ln -sf release/fovea build/fovea
	@ln -sf release/fovea0.so build/fovea0.so

deps:
	@tools/deps.sh

demo: all
	@tools/demo.sh

# Ends with ctest's summary; what a failing test printed, and why one was skipped, comes before it.
test: all
	@tools/test.py --preset release -j $(JOBS)

# The tests under AddressSanitizer and UndefinedBehaviorSanitizer. Peers from PyPI are left out: the
# sanitizer is about our code.
asan: deps
	@cmake --preset asan >/dev/null
	@cmake --build --preset asan -j $(JOBS)
	@tools/test.py --preset asan -j $(JOBS) -LE clients

# oneDNN's threads are libgomp's, which ThreadSanitizer does not understand: its reports are silenced.
# The shell on a terminal is left out: it has one thread, and TSan holds its signals back for seconds.
tsan: deps
	@cmake --preset tsan >/dev/null
	@cmake --build --preset tsan -j $(JOBS)
	@TSAN_OPTIONS=suppressions=$(CURDIR)/tests/tsan.supp tools/test.py --preset tsan -j $(JOBS) -LE 'clients|lint' -E '^cli/shell$$'

# Each harness for FUZZ_SECONDS from its seeds; what it finds stays in build/fuzz/found.
fuzz:
	@tools/deps.sh build fuzz
	@cmake --preset fuzz >/dev/null
	@cmake --build --preset fuzz -j $(JOBS) --target $(addprefix fuzz_,$(harnesses))
	@mkdir -p build/fuzz/found
	@tests/fuzz/split.py build/fuzz/corpus/statements tests/sql/*.sql
	@set -e; for h in $(harnesses); do \
	    mkdir -p build/fuzz/corpus/$$h; echo "fuzz $$h, $(FUZZ_SECONDS) s"; \
	    more=; case $$h in sql|sql_plan|kept) \
	        more="$(CURDIR)/build/fuzz/corpus/statements -dict=$(CURDIR)/tests/fuzz/sql.dict";; esac; \
	    build/fuzz/tests/fuzz_$$h -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -rss_limit_mb=4096 \
	        -timeout=20 -artifact_prefix=$(CURDIR)/build/fuzz/found/$$h- \
	        $(CURDIR)/build/fuzz/corpus/$$h $(CURDIR)/tests/fuzz/corpus/$$h $$more \
	        2>&1 | grep -E 'ERROR|SUMMARY|stat::number|artifact|DONE' ; \
	done
	@test -z "$$(ls build/fuzz/found)" || { echo "found: $$(ls build/fuzz/found)"; exit 1; }

bench: all
	@cmake --build --preset release --target benches
	@set -e; for script in bench/*.sh; do echo "== $$script"; sh $$script; done

# Done-when 3 of full size: 10,000 pictures, 200 of them broken, killed 20 times.
soak: all
	@tests/e2e/run.sh build build/release/fovea kill --pictures 10000 --broken 200 --kills 20

lint:
	@python3 tools/lint.py

fmt:
	@tools/deps.sh fmt
	@find src include tests bench -name '*.[ch]' -print0 | xargs -0 clang-format -i

# Makes tests/golden anew from the reference implementations (tools/golden says which versions).
golden:
	@tools/deps.sh
	@test -x build/venv/bin/python || python3 -m venv build/venv
	@test ! -e tools/golden/requirements.txt || build/venv/bin/pip install -q -r tools/golden/requirements.txt
	@set -e; for script in tools/golden/*.py; do echo "== $$script"; build/venv/bin/python $$script; done

install: all
	@cmake --install build/release --prefix $(PREFIX)

# The CMake trees only: downloads, data sets and training under build/ stay.
clean:
	@rm -rf build/release build/asan build/tsan build/fuzz build/fovea build/fovea0.so build/demo
