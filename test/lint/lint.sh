#!/bin/sh
# Style as a test: each check prints what is against it, and one TAP line.
#
#   sh test/lint/lint.sh [CHECK...]      all of them without a name
set -u
cd "$(dirname "$0")/../.." || exit 1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0
failed=0

# Everything that we wrote in C.
sources() {
	find src sim fuzz test bench demo -name '*.[ch]' 2>/dev/null | sort
}

scripts() {
	printf '%s\n' dev .ci/run
	find scripts test bench demo packaging -name '*.sh' -o -path \
	    test/system/run -o -path test/system/calls 2>/dev/null | sort
}

check_format() {
	sources | xargs sh test/lint/format.sh check
}

# The rooms of the house, and what each may include of the others: all of a
# folder, or one header.
may_include() {
	case $1 in
	base) say base ;;
	crypto) say base crypto ;;
	core) say base crypto core ;;
	proc) say base crypto core proc ;;
	wire) say base crypto core proc wire ;;
	keeper) say base crypto core proc keeper ;;
	desk) say base crypto core proc desk ;;
	bell) say base crypto core proc bell ;;
	cli) say base cli ;;
	relay) say base crypto core/ticket.h core/cadence.h proc/address.h \
	    proc/filter.h proc/landlock.h proc/loop.h relay ;;
	esac
}

say() {
	printf '%s\n' "$*"
}

check_arrows() {
	for folder in src/*/; do
		folder=${folder%/}
		room=${folder#src/}
		allowed=" $(may_include "$room") "
		grep -n '^#include "' "$folder"/*.[ch] 2>/dev/null |
		    while IFS=: read -r file line text; do
			header=${text#*\"}
			header=${header%%\"*}
			[ "$header" != limits.h ] || continue
			case $allowed in
			*" ${header%%/*} "* | *" $header "*) ;;
			*) say "$file:$line: $room may not include $header" ;;
			esac
		done
	done
}

# Each .c begins with its own header, so that headers are seen to stand alone.
check_own_header() {
	find src -name '*.c' | while read -r file; do
		own=${file#src/}
		own=${own%.c}.h
		[ -e "src/$own" ] || continue
		first=$(grep -m 1 '^#include' "$file")
		[ "$first" = "#include \"$own\"" ] ||
			say "$file: begins with $first, not with $own"
	done
}

check_headers_alone() {
	for header in $(find src sim test bench -name '*.h' | sort); do
		gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror \
		    -fsyntax-only -Isrc -I. -isystem build/deps/include \
		    -include "$header" -x c /dev/null 2>&1 | head -n 3
	done
}

# core and crypto make no system call and keep no state; only base/clock.c asks
# the time, only crypto knows libsodium, only the store knows SQL.
check_kept_apart() {
	grep -nE '#include <(unistd|fcntl|time|pthread|sys/[a-z]+)\.h>' \
	    src/core/*.[ch] src/crypto/*.[ch] 2>/dev/null
	grep -nE '\b(m|c|re)alloc\(|\bfree\(' src/core/*.[ch] 2>/dev/null
	grep -nE '\b(clock_gettime|gettimeofday|time)\(' -r src \
	    --include='*.[ch]' | grep -v '^src/base/clock\.' |
		grep -vE ':[[:space:]]*(/?\*|")'
	grep -n '#include <sodium' -r src | grep -v '^src/crypto/'
	grep -n '#include <sqlite3' -r src | grep -v '^src/keeper/'
}

# Each source is built by its folder's meson.build (or the one above).
check_dead_files() {
	find src sim fuzz test bench demo -name '*.c' 2>/dev/null |
	    while read -r file; do
		name=$(basename "$file" .c)
		folder=$(dirname "$file")
		cat "$folder/meson.build" "$folder/../meson.build" \
		    meson.build 2>/dev/null | grep -qE \
		    "['/]($name\.c|$name|${name#test_}|${name#fuzz_})'" ||
			say "$file: in no meson.build"
	done
}

check_hacking() {
	for folder in src/*/; do
		name=${folder#src/}
		grep -q "${name%/}/" HACKING.md 2>/dev/null ||
			say "HACKING.md: does not name ${folder%/}"
	done
}

check_words() {
	# The words are split, so that this file does not find itself.
	sources | xargs grep -nE \
	    'TO''DO|FIX''ME|\bXX''X\b|\bHA''CK\b' 2>/dev/null
	scripts | xargs grep -nE 'TO''DO|FIX''ME' 2>/dev/null
	sources | xargs grep -nE '[[:space:]]+$' 2>/dev/null
}

check_tests() {
	# A decoder's fuzz target starts from seeds.
	for target in fuzz/fuzz_*.c; do
		[ -e "$target" ] || continue
		name=$(basename "$target" .c)
		[ -n "$(ls "fuzz/corpus/${name#fuzz_}" 2>/dev/null)" ] ||
			say "$target: no seeds in fuzz/corpus/${name#fuzz_}"
	done
}

check_scripts() {
	for script in $(scripts); do
		sh -n "$script" 2>&1
		# The scenarios' variables come from the library they read in.
		shellcheck -s sh -S warning -e SC2154,SC2034 -f gcc "$script"
	done
}

check_cppcheck() {
	cppcheck --quiet --std=c11 --enable=warning,performance,portability \
	    --inline-suppr --error-exitcode=0 -j 2 -I src -D_GNU_SOURCE \
	    --suppress=missingIncludeSystem --suppress=unknownMacro \
	    --library=test/lint/cppcheck.cfg \
	    --suppressions-list=test/lint/cppcheck.txt \
	    --template='{file}:{line}: {message} ({id})' src sim 2>&1 |
		grep -v '^Checking'
}

# Needs the compile commands of a build.
check_clang_tidy() {
	[ -e build/compile_commands.json ] || ./dev build >/dev/null 2>&1
	sed -n 's|.*"file": "\.\./\(src/[^"]*\)".*|\1|p' \
	    build/compile_commands.json | sort -u |
		xargs -P 2 -n 8 clang-tidy --quiet -p build 2>/dev/null |
		grep -E '(warning|error): ' | sed "s|$PWD/||" | sort -u
}

# Not a failure, but worth a look.
# shellcheck disable=SC2016 # awk's, not the shell's
show_long_functions() {
	find src sim -name '*.c' | sort | xargs awk '
		FNR == 1 { from = 0 }
		/^[a-z_]+\(/ { name = $0; sub(/\(.*/, "", name) }
		/^\{/ { from = FNR }
		/^\}/ && from {
			if (FNR - from > 60)
				printf "# %s: %s has %d lines\n", FILENAME,
				    name, FNR - from - 1
			from = 0
		}'
	find src sim -name '*.c' | sort | xargs awk '
		ENDFILE { if (FNR > 700)
			printf "# %s has %d lines\n", FILENAME, FNR }' \
	    2>/dev/null || true
}

checks=${*:-format arrows own_header headers_alone kept_apart dead_files
    hacking words tests scripts cppcheck clang_tidy}
for check in $checks; do
	"check_$check" >"$out/$check" 2>&1
	if [ -s "$out/$check" ]; then
		failed=$((failed + 1))
		say "not ok $((passed + failed)) - $check"
		head -n 40 "$out/$check" | sed 's/^/    /'
	else
		passed=$((passed + 1))
		say "ok $((passed + failed)) - $check"
	fi
done
show_long_functions
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
