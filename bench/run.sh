#!/bin/sh
# Measures: bench/run.sh [NAME] [--json]
#
# A bench is a program build/bench/bench_NAME (of bench/NAME.c), a script
# bench/NAME.sh, or both. On standard error it says what it does; on standard output, for
# each figure, one line of fields with a tab between:
#
#   figure  NAME  VALUE  UNIT  REFERENCE  REFERENCE_VALUE  GOAL
#
# GOAL is "ratio <= N", "ratio >= N", "value <= N", "value >= N" or "-"; ratio is
# VALUE / REFERENCE_VALUE, both measured in this run.

set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
build=${QUIETLINE_BUILD:-$here/../build}
QUIETLINE_BUILD=$build
export QUIETLINE_BUILD
# The order of the table.
names='seal handshake latency weather goodput idle lines up durable lists restart relay'

wanted=
json=
for word; do
	case $word in
	--json) json=1 ;;
	-*)
		echo "usage: ./dev bench [NAME] [--json]" >&2
		exit 2
		;;
	*) wanted="$wanted $word" ;;
	esac
done

for name in $wanted; do
	case " $names " in
	*" $name "*) ;;
	*)
		echo "bench: no figure is called '$name': $names" >&2
		exit 2
		;;
	esac
done

out=$(mktemp -d "${TMPDIR:-/tmp}/quietline-bench.XXXXXX")
child=
trap 'rm -rf "$out"' EXIT
trap '[ -z "$child" ] || kill "$child" 2>/dev/null; exit 130' INT TERM

# With no goal, met is absent (-).
judge() {
	awk -F '\t' -v OFS='\t' '$1 == "figure" && NF == 7 {
		ratio = ($6 == 0) ? 0 : $3 / $6
		met = "-"
		if (split($7, goal, " ") == 3) {
			what = (goal[1] == "ratio") ? ratio + 0 : $3 + 0
			ok = (goal[2] == "<=") ? (what <= goal[3] + 0) : \
			    (what >= goal[3] + 0)
			met = ok ? "yes" : "no"
		}
		print $2, $3, $4, $5, $6, sprintf("%.4g", ratio), $7, met
	}'
}

show() {
	if [ -n "$json" ]; then
		awk -F '\t' '{
			printf "{\"name\":\"%s\",\"value\":%s,\"unit\":\"%s\",", \
			    $1, $2, $3
			printf "\"reference\":\"%s\",\"reference_value\":%s,", \
			    $4, $5
			printf "\"ratio\":%s", $6
			if ($7 != "-")
				printf ",\"goal\":\"%s\",\"met\":%s", $7, \
				    ($8 == "yes") ? "true" : "false"
			print "}"
		}'
	else
		awk -F '\t' '{
			printf "%-31s %9.4g %-7s %9.4g %-7s %6.3g  %-14s %s\n",
			    $1, $2, $3, $5, $3, $6, $7, $8
			printf "  against %s\n", $4
		}'
	fi
}

[ -n "$json" ] || printf '%-31s %17s %17s %6s  %-14s %s\n' figure measured \
    reference ratio goal met
failed=0
: >"$out/all"
# measure NAME COMMAND...: runs one, and shows what it found.
measure() {
	name=$1
	shift
	echo "$name ..." >&2
	"$@" >"$out/raw" </dev/null &
	child=$!
	wait "$child" || {
		echo "bench: $name did not come to its end" >&2
		failed=1
	}
	child=
	grep -i '# skip' "$out/raw" >&2
	judge <"$out/raw" >"$out/judged"
	cat "$out/judged" >>"$out/all"
	show <"$out/judged"
}

for each in ${wanted:-$names}; do
	[ ! -x "$build/bench/bench_$each" ] ||
		measure "$each" "$build/bench/bench_$each"
	[ ! -e "$here/$each.sh" ] || measure "$each" sh "$here/$each.sh"
done
awk -F '\t' '$8 == "no" { print "bench: not met: " $1 }' "$out/all" >&2
[ "$failed" = 0 ]
