#!/bin/sh
# Lays out C sources as .clang-format says.
#
#   sh test/lint/format.sh check FILE...    names the files that are not so
#   sh test/lint/format.sh write FILE...    makes them so
set -eu
mode=$1
shift
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for file; do
	# clang-format has no C: it takes a variable called class for C++.  A
	# word of the same length leads it past.
	sed 's/\<class\>/clasz/g' "$file" |
		clang-format --assume-filename="$file" |
		sed 's/\<clasz\>/class/g' >"$out"
	cmp -s "$out" "$file" && continue
	if [ "$mode" = write ]; then
		cat "$out" >"$file"
		echo "$file"
	else
		diff "$file" "$out" | sed -n "1s|^\([0-9]*\).*|$file:\1|p"
	fi
done
