#!/bin/sh
# What an observer with trained classifiers can tell of a line: two real posts talk
# and are silent by a random schedule, a tap between them writes down every
# datagram with the kernel's stamp, and bench/observer/judge.py tries to guess from
# that what they did.
#
#   ./dev bench observer [--minutes N] [--seeds N] [--cadence C] [--only idle|busy]
#       [--keep FOLDER]
#
# N minutes (10) are shared by all recordings: one of each seed (3) on an idle
# machine, one on a busy one. FOLDER gets the recordings, for another look:
#
#   /usr/bin/python3 bench/observer/judge.py FOLDER
#
# The tap stands where a frame leaves its post's machine. Whoever drives does the
# same in silence: the same commands of the same post, for a line that there is not.

usage() {
	sed -n '7,8s/^#   //p' "$0" >&2
	exit 2
}
minutes=10
seeds=3
cadence=desk
only=
keep=
take_words() {
	while [ $# -gt 0 ]; do
		[ $# -ge 2 ] || usage
		case $1 in
		--minutes) minutes=$2 ;;
		--seeds) seeds=$2 ;;
		--cadence) cadence=$2 ;;
		--only) only=$2 ;;
		--keep) keep=$2 ;;
		*) usage ;;
		esac
		shift 2
	done
	case $only in '' | idle | busy) ;; *) usage ;; esac
	case $seeds in '' | *[!0-9]* | 0) usage ;; esac
	awk "BEGIN { exit !(($minutes) > 0) }" 2>/dev/null || usage
}
take_words "$@"

# Ctrl-C ends what runs in a session of its own, with all that it has begun.
if [ -z "${QUIETLINE_APART:-}" ]; then
	QUIETLINE_APART=yes setsid sh "$0" "$@" &
	child=$!
	trap 'kill -TERM -$child 2>/dev/null; wait $child; exit 130' INT TERM
	wait $child
	exit
fi

. "$(dirname "$0")/lib.sh"

# A block is a hundred slots, with a rest behind it, in which what was said comes to
# its end; one recording holds whole cycles of eight blocks, two at least.
machines=${only:-idle busy}
measure_out() {
	_bytes=$(line_field a cadence.frame_bytes)
	_slot_ms=$(line_field a cadence.slot_ms)
	block_s=$(calc "100 * $_slot_ms / 1000")
	rest_s=$(calc "$block_s / 4")
	# What the line carries in most of a block.
	file_bytes=$(calc "int(100 * ($_bytes - 120) * 0.7)")
	# shellcheck disable=SC2086 # words
	set -- $machines
	cycles=$(calc "int($minutes * 60 / ($seeds * $# * 8 * ($block_s + $rest_s)))")
	[ "$cycles" -ge 2 ] || cycles=2
}

# ---- the schedule: half silence, half talk, in random order

# One line an act: KIND, for silence also what is done in vain; bytes; then pauses
# between texts.
schedule() {
	awk -v seed="$1" -v cycles="$cycles" -v seconds="$block_s" \
	    -v file_bytes="$file_bytes" '
	function pauses(  n, t, line) {
		for (t = 0; ; ) {
			n = (0.05 + rand() * 0.25) * seconds
			if ((t += n) > seconds * 0.85)
				return line
			line = line sprintf(" %.3f:%d", n, 1 + rand() * 600)
		}
	}
	BEGIN {
		srand(seed)
		split("a-text b-text a-file b-file", kind, " ")
		for (c = 0; c < cycles; c++) {
			for (i = 0; i < 8; i++)
				deed[i] = (i < 4 ? "" : "silence:") \
				    kind[i % 4 + 1]
			for (i = 7; i > 0; i--) {
				j = int(rand() * (i + 1))
				t = deed[i]; deed[i] = deed[j]; deed[j] = t
			}
			for (i = 0; i < 8; i++)
				print deed[i], int(file_bytes * \
				    (0.75 + rand() * 0.25)) pauses()
		}
	}'
}

# do_deed SIDE WHAT LINE BYTES [PAUSE:BYTES...]
do_deed() {
	_side=$1 _what=$2 _line=$3 _file_bytes=$4
	shift 4
	if [ "$_what" = file ]; then
		head -c "$_file_bytes" "$tmp/noise" >"$tmp/file"
		"$_side" send "$_line" --file "$tmp/file" >"$tmp/deed" 2>&1
		return
	fi
	for _text; do
		sleep "${_text%:*}"
		"$_side" send "$_line" "$(head -c "${_text#*:}" "$tmp/text")" \
			>"$tmp/deed" 2>&1
	done
}

# drive SEED: writes down what was when, by the wall clock.
drive() {
	schedule "$1" >"$tmp/schedule"
	while read -r _deed _rest; do
		_kind=${_deed%:*}
		_hand=${_deed#silence:}
		_at=$(peer_of "${_hand%-*}")
		[ "$_kind" != silence ] || _at=nobody
		_from=$(date +%s%N)
		# shellcheck disable=SC2086 # words
		do_deed "${_hand%-*}" "${_hand#*-}" "$_at" $_rest
		_till=$(date +%s%N)
		sleep "$(awk "BEGIN { s = $block_s - ($_till - $_from) / 1e9
			print (s > 0) ? s : 0 }")"
		echo "$_kind $_from $(date +%s%N)"
		printf . >&2
		sleep "$rest_s"
	done <"$tmp/schedule" >"$1.blocks"
	echo >&2
}

# ---- a busy machine: compiler, syncs, the API, a large file; talk or not

busy_pids=
keep_busy() {
	cat >"$tmp/work.c" <<-'END'
	#include <stdio.h>
	#define A(n) static int f##n(int x) { for (int i = 0; i < x; i++) \
		x ^= (i * n) % 7 + printf("%d", x); return x; }
	#define B(n) A(n##0) A(n##1) A(n##2) A(n##3) A(n##4) A(n##5)
	B(1) B(2) B(3) B(4) B(5) B(6) B(7) B(8) B(9)
	int main(void) { return f10(1) + f95(2); }
	END
	sh -c "while :; do ${CC:-gcc} -O2 -w -o $tmp/work $tmp/work.c; done" &
	busy_pids="$busy_pids $!"
	sh -c "while :; do dd if=/dev/zero of=$tmp/synced bs=4k count=64 \
		oflag=dsync; done" 2>/dev/null &
	busy_pids="$busy_pids $!"
	# Uploads, which keeper syncs, for a message that is refused.
	for _side in a b; do
		sh -c "while :; do $_side read $(peer_of $_side) --limit 20; \
			$_side send nobody --file $tmp/upload; sleep 0.3; \
			done" >/dev/null 2>&1 &
		busy_pids="$busy_pids $!"
	done
	sh -c "while :; do head -c 200000000 /dev/zero >$tmp/large; \
		cp $tmp/large $tmp/larger; sleep 1; done" &
	busy_pids="$busy_pids $!"
}

# What one of them has just begun comes to its own, near end.
stop_busy() {
	for _pid in $busy_pids; do
		kill "$_pid" 2>/dev/null
		wait "$_pid" 2>/dev/null
	done
	busy_pids=
}

# ---- two ends and the tap between them

connect() {
	echo 1 >/proc/sys/net/ipv4/ip_forward || fail "nothing is forwarded"
	within a ip route add default via "$gate_a" &&
		within b ip route add default via "$gate_b" ||
		fail "the ends cannot be joined"
	# The ends speak to each other, with no weather between.
	gate_a=$host_b
	gate_b=$host_a
	make_posts
	ceremony "$cadence"
	must "the line comes up on both sides" await 90 both_up
	measure_out
	head -c 2000000 /dev/urandom >"$tmp/noise"
	head -c 200000 "$tmp/noise" >"$tmp/upload"
	base64 -w 0 "$tmp/noise" | head -c 4000 >"$tmp/text"
}

# The keys of the slot clocks, for the judge's thief: who owns the machine may.
steal_keys() {
	for _side in a b; do
		"$build/bench/slotkey" "$(room_pid $_side wire)" "$cadence" |
			sed "s/^/$_side /"
	done
}

# record MACHINE SEED
record() {
	_name=$1-$2
	progress "$1 machine, seed $2: $((cycles * 8)) blocks of $block_s s"
	"$build/bench/tap" "$_name.tap" to-a to-b >"$_name.said" &
	_tap=$!
	await 10 grep -q looking "$_name.said" || fail "no tap"
	_missed_a=$(line_field a frames.missed)
	_missed_b=$(line_field b frames.missed)
	[ "$1" = idle ] || keep_busy
	drive "$2"
	stop_busy
	mv "$2.blocks" "$_name.blocks"
	kill -TERM $_tap
	wait $_tap || fail "the tap"
	{
		echo "machine $1"
		echo "seed $2"
		echo "cadence $(line_field a cadence.frame_bytes)" \
			"$(line_field a cadence.slot_ms)"
		cat "$_name.said"
		steal_keys 2>/dev/null | sed 's/^/key /'
		echo "missed a $(($(line_field a frames.missed) - _missed_a))"
		echo "missed b $(($(line_field b frames.missed) - _missed_b))"
	} >"$_name.facts"
}

here=$(cd "$(dirname "$0")" && pwd)
connect
recordings=${keep:-$tmp/recordings}
mkdir -p "$recordings" && cd "$recordings" || fail "no room for recordings"
for seed in $(seq "$seeds"); do
	for machine in $machines; do
		record "$machine" "$seed"
	done
done
/usr/bin/python3 -B "$here/observer/judge.py" .
