#!/bin/sh
# Fuzzes each target for its share of runs, two targets at a time; prints TAP.
#
#   sh fuzz/run.sh BUILD LOGS [NAME]     the targets of BUILD; logs and what is
#                                        found go to LOGS
set -u
here=$(cd "$(dirname "$0")" && pwd)

# Runs of each target: about 12 s of one processor, and the same every time (the
# seed is fixed).
runs='
attachment     13000
body         1200000
boot          290000
card          150000
ceremony       85000
channel       150000
form          450000
frame         600000
keeper          1900
keyring       180000
line            1000
noise          60000
pmsg         3300000
record       4000000
relay          36000
reply        2100000
request      2100000
route        1200000
show           60000
socks       10000000
text         1200000
ticket       2400000
willing       400000
'

# one BUILD LOGS NAME RUNS
one() {
	target=$1/fuzz/fuzz_$3
	log=$2/$3.log
	# What a run finds is kept apart: the seeds are the project's.
	mkdir -p "$2/$3.found"
	if [ ! -x "$target" ]; then
		echo "not ok - fuzz_$3 is not built"
	elif "$target" -runs="$4" -seed=1 -timeout=20 -print_final_stats=1 \
	    -artifact_prefix="$2/$3-" "$2/$3.found" "$here/corpus/$3" \
	    >"$log" 2>&1 </dev/null; then
		echo "ok - fuzz_$3: $4 runs"
	else
		echo "not ok - fuzz_$3 (log: $log)"
		grep -E 'ERROR|Assertion|runtime error|Test unit' "$log" |
		    head -n 5 | sed 's/^/# /'
		exit 1
	fi
}

if [ "$1" = one ]; then
	shift
	one "$@"
	exit
fi
build=$1 logs=$2 wanted=${3:-}
# Files that are written and read back have no need of a disk.
if [ -d /dev/shm ] && [ -w /dev/shm ]; then
	TMPDIR=/dev/shm
	export TMPDIR
fi
# What is undefined is a failure, not a remark.
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
mkdir -p "$logs"
status=0
# A target that the table forgets would never run.
for source in "$here"/fuzz_*.c; do
	name=${source##*/fuzz_}
	name=${name%.c}
	if ! printf '%s' "$runs" | grep -q "^$name "; then
		echo "not ok - fuzz_$name has no line in fuzz/run.sh"
		status=1
	fi
done
# They take as long as each other: any order will do.
printf '%s' "$runs" | awk -v wanted="$wanted" \
    'NF == 2 && (wanted == "" || $1 == wanted) { print $1, $2 }' |
    xargs -r -P 2 -L 1 sh "$here/run.sh" one "$build" "$logs" || status=1
exit $status
