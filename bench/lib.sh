# Owns what a figure that is measured on real posts needs: the namespaces, the
# posts and the weather of the system tests, and the words of a figure.
#
# A bench begins with `. "$(dirname "$0")/lib.sh"`, says `figure` for each figure
# that it has measured, and ends; what it cannot do ends it with `fail`.

. "$(dirname "$0")/../test/system/lib.sh"

# The steps of a set-up are no news here, but for one that does not work.
ok() {
	:
}

not_ok() {
	echo "bench: $scenario: not done: $*" >&2
	exit 1
}

fail() {
	not_ok "$@"
}

progress() {
	echo "  $*" >&2
}

# figure NAME VALUE UNIT REFERENCE REFERENCE_VALUE GOAL
# GOAL: "ratio <= N", "ratio >= N", "value <= N", "value >= N" or -.
figure() {
	printf 'figure\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@"
}

# quantile SHARE: of the numbers on standard input, one a line, the one that
# this share of them does not exceed.
quantile() {
	sort -g | awk -v share="$1" '{ v[NR] = $1 } END {
		at = int(share * NR) + 1
		print v[(at > NR) ? NR : at] }'
}

# used_ns SIDE [ROLE]: nanoseconds on a processor, of all threads of its processes.
used_ns() {
	for _pid in $(awk -v role="${2:-}" \
	    'role == "" || $1 == role { print $2 }' "$tmp/$1/lock"); do
		cat /proc/"$_pid"/task/*/schedstat
	done | awk '{ sum += $1 } END { printf "%d\n", sum }'
}

# calc EXPRESSION: of awk.
calc() {
	awk "BEGIN { printf \"%.6g\\n\", $1 }"
}
