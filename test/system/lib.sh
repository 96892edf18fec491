# Owns what every scenario needs: two posts in two network namespaces with the
# weather between them, and the words of a test (TAP).
#
# A scenario starts with `. "$(dirname "$0")/lib.sh"` and ends with `finish`.
# It runs in namespaces of its own (mounts, network, processes), so that nothing
# of it outlives it and nothing on the machine can meet it. The scenario's
# network namespace is the weather's; `a` and `b` are the posts':
#
#   a 10.77.1.1, fd77:1::1  --veth--  10.77.1.2, fd77:1::2  weather
#   b 10.77.2.1, fd77:2::1  --veth--  10.77.2.2, fd77:2::2  weather
#
# QUIETLINE_BUILD names the build folder.

set -u
LC_ALL=C.UTF-8
export LC_ALL
scenario=$(basename "$0" .sh)
here=$(cd "$(dirname "$0")" && pwd)
data=$here/data
build=$(cd "${QUIETLINE_BUILD:-$here/../../build}" 2>/dev/null && pwd) || {
	echo "Bail out! no build folder: ${QUIETLINE_BUILD:-build}"
	exit 1
}
QUIETLINE_BUILD=$build
export QUIETLINE_BUILD
quietline=$build/quietline
weather=$build/test/weather/weather

# ---- namespaces ------------------------------------------------------------

skip_all() {
	echo "ok 1 - $scenario # SKIP $*"
	echo 1..1
	exit 0
}

if [ "${QUIETLINE_INSIDE:-}" != "$0" ]; then
	for tool in unshare nsenter ip jq; do
		command -v $tool >/dev/null || skip_all "$tool is not installed"
	done
	user=
	[ "$(id -u)" = 0 ] || user="--user --map-root-user"
	# shellcheck disable=SC2086
	why=$(unshare $user --mount --net --pid --fork --mount-proc true 2>&1) ||
		skip_all "no namespaces can be made here: $why"
	# The outer shell is the first process of its namespace: it takes in
	# whatever loses its parent.
	# shellcheck disable=SC2086,SC2016
	QUIETLINE_INSIDE=$0 exec unshare $user --mount --net --pid --fork \
		--kill-child --mount-proc \
		sh -c 'trap : INT; sh "$0" "$@"; exit $?' "$0" "$@"
fi

tmp=$(mktemp -d "${TMPDIR:-/tmp}/quietline-$scenario.XXXXXX")
trap 'umount -l "$tmp/a" "$tmp/b" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

# A namespace is a process that does nothing in it.
namespace() {
	unshare --net sleep 100000 >/dev/null 2>&1 &
	space=$!
	while [ "$(readlink /proc/$space/ns/net)" = \
	    "$(readlink /proc/self/ns/net)" ]; do
		sleep 0.02
	done
}

# within SIDE COMMAND...: runs in the namespace of a or b.
within() {
	_side=$1
	shift
	eval "nsenter --target \$space_$_side --net -- \"\$@\""
}

join() {
	_side=$1
	_net=$2
	ip link add "to-$_side" type veth peer name link0 netns "$3" &&
		ip addr add "10.77.$_net.2/24" dev "to-$_side" &&
		ip link set "to-$_side" up &&
		within "$_side" ip link set lo up &&
		within "$_side" ip addr add "10.77.$_net.1/24" dev link0 &&
		within "$_side" ip link set link0 up || return 1
	# A machine without IPv6 fails the scenario that needs it, no other.
	ip -6 addr add "fd77:$_net::2/64" dev "to-$_side" nodad 2>/dev/null
	within "$_side" ip -6 addr add "fd77:$_net::1/64" dev link0 nodad \
		2>/dev/null
	return 0
}

namespace
space_a=$space
namespace
space_b=$space
ip link set lo up
join a 1 "$space_a" && join b 2 "$space_b" ||
	skip_all "no veth pair can be made here"

# ---- words of a test --------------------------------------------------------

count=0
failed=0

note() {
	echo "# $scenario: $*" >&2
}

ok() {
	count=$((count + 1))
	echo "ok $count - $scenario: $*"
}

not_ok() {
	count=$((count + 1))
	failed=$((failed + 1))
	echo "not ok $count - $scenario: $*"
}

finish() {
	# A build with sanitizers speaks through the log.
	if grep -aE "Sanitizer|runtime error|Assertion" "$tmp"/*/log \
	    >"$tmp/faults" 2>/dev/null; then
		not_ok "no fault of ours shows in a log"
		sed "s/^/#   /" "$tmp/faults" >&2
	fi
	echo "1..$count"
	[ "$failed" = 0 ] || show_posts
	exit "$((failed > 0))"
}

# What a failing scenario's reader wants to see next.
show_posts() {
	for _side in a b; do
		[ -d "$tmp/$_side" ] || continue
		note "status of $_side:"
		$_side status --json >&2
		note "the end of $_side's log:"
		tail -n 15 "$tmp/$_side/log" >&2
	done
	[ ! -S "$tmp/weather" ] || tell stats >&2
	for _side in a b; do
		note "datagrams of $_side's kernel:"
		within $_side grep Udp: /proc/net/snmp >&2
	done
}

# check NAME COMMAND...: the command must succeed.
check() {
	_name=$1
	shift
	if "$@" >"$tmp/check.out" 2>&1; then
		ok "$_name"
	else
		not_ok "$_name"
		note "failed: $*"
		sed 's/^/#   /' "$tmp/check.out" >&2
		return 1
	fi
}

# must NAME COMMAND...: and the scenario is over if it does not.
must() {
	check "$@" || finish
}

# refuses NAME CODE[,CODE] PATTERN COMMAND...: fails with this exit code, one line
# on standard error that matches, and nothing on standard output.
refuses() {
	_name=$1
	_code=$2
	_pattern=$3
	shift 3
	"$@" >"$tmp/refuses.out" 2>"$tmp/refuses.err"
	_rc=$?
	if expr ",$_code," : ".*,$_rc," >/dev/null &&
	    [ ! -s "$tmp/refuses.out" ] &&
	    [ "$(wc -l <"$tmp/refuses.err")" = 1 ] &&
	    grep -Eqi -- "$_pattern" "$tmp/refuses.err"; then
		ok "$_name"
	else
		not_ok "$_name"
		note "wanted exit $_code and /$_pattern/, got $_rc: $*"
		sed 's/^/#   out: /' "$tmp/refuses.out" >&2
		sed 's/^/#   err: /' "$tmp/refuses.err" >&2
	fi
}

# holds FILTER COMMAND...: the filter is true for the list of objects that the
# command prints as JSON.
holds() {
	_filter=$1
	shift
	"$@" --json >"$tmp/holds.json" || return 1
	jq -es "$_filter" "$tmp/holds.json" >/dev/null || {
		cat "$tmp/holds.json"
		return 1
	}
}

# prints PATTERN COMMAND...: what it prints for people matches.
prints() {
	_pattern=$1
	shift
	"$@" >"$tmp/prints.out" || return 1
	grep -Eq -- "$_pattern" "$tmp/prints.out" || {
		cat "$tmp/prints.out"
		return 1
	}
}

# await SECONDS COMMAND...: until it succeeds. The bound is generous and only
# there so that a failure ends.
await() {
	_end=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ "$(date +%s)" -ge "$_end" ]; then
			note "never came: $*"
			return 1
		fi
		sleep 0.2
	done
}

# ---- posts ------------------------------------------------------------------

# With ordinary set, posts run as a user of no rights, in a copy of the programs:
# what is built may lie where that user does not come.
as=
if [ -n "${ordinary:-}" ]; then
	cp "$build/quietline" "$build/quietlined" "$tmp/"
	quietline=$tmp/quietline
	as="prlimit --memlock=8388608 setpriv --inh-caps=-all"
	as="$as --bounding-set=-all"
	if chown 65534:65534 "$tmp" 2>/dev/null; then
		as="$as --reuid=65534 --regid=65534 --clear-groups"
	fi
fi

# `a` and `b` are the command quietline, of one post or the other.
mkdir "$tmp/bin"
for _side in a b; do
	cat >"$tmp/bin/$_side" <<-END
	#!/bin/sh
	QUIETLINE_POST=$tmp/$_side
	export QUIETLINE_POST
	exec nsenter --target $(eval echo "\$space_$_side") --net -- \\
	    $as $quietline "\$@"
	END
	chmod +x "$tmp/bin/$_side"
done
PATH=$tmp/bin:$PATH

# The names by which they know each other: a's line is named oslo, b's bergen.
peer_of() {
	case $1 in
	a) echo oslo ;;
	b) echo bergen ;;
	esac
}

other() {
	case $1 in
	a) echo b ;;
	b) echo a ;;
	esac
}

make_posts() {
	echo "the first side's long passphrase" >"$tmp/a.pass"
	echo "the other side's long passphrase" >"$tmp/b.pass"
	must "a post is made" a init bergen --passphrase-file "$tmp/a.pass"
	must "another post is made" b init oslo --passphrase-file "$tmp/b.pass"
	must "the post comes up" up a
	must "the other post comes up" up b
}

up() {
	# What a sanitizer asks of the kernel no wall lets through.
	"$1" up --passphrase-file "$tmp/$1.pass" \
		${QUIETLINE_WITHOUT_WALLS:+--without-walls}
}

# Where weather listens on behalf of each side's peer; port 7411 everywhere.
host_a=10.77.1.1
host_b=10.77.2.1
gate_a=10.77.1.2
gate_b=10.77.2.2

start_weather() {
	"$weather" --a "$gate_a:7411" --a-peer "$host_a:7411" \
		--b "$gate_b:7411" --b-peer "$host_b:${port_b:-7411}" \
		--control "$tmp/weather" --capture "$tmp/capture" --seed 1 \
		>"$tmp/weather.out" 2>&1 &
	weather_pid=$!
	await 10 tell ports || {
		cat "$tmp/weather.out" >&2
		not_ok "the weather starts"
		finish
	}
}

tell() {
	"$weather" tell "$tmp/weather" "$@"
}

# stat_of WAY WHAT: one of the weather's counts.
stat_of() {
	tell stats | awk -v way="$1" -v what="$2" \
		'$1 == way && $2 == what { print $3 }'
}

# frames SIDE N: waits until N more frames of this side were seen.
frames() {
	_way=ab
	[ "$1" = a ] || _way=ba
	_from=$(stat_of $_way seen)
	await 120 frames_reached $_way $((_from + $2))
}

frames_reached() {
	[ "$(stat_of "$1" seen)" -ge "$2" ]
}

words_of() {
	jq -r '.check_words | join(" ")' "$1"
}

# ceremony [CADENCE [ACCEPT]]: the four files, the words, both confirm. With
# quiet_b set, b's card names no endpoint.
ceremony() {
	_cadence=${1:-1200@10}
	_accept=${2:-any}
	must "offer" a line offer oslo -o "$tmp/offer" --cadence "$_cadence" \
		--accept "$_accept" --listen "$host_a:7411" \
		--endpoint "$gate_b:7411"
	if [ -n "${quiet_b:-}" ]; then
		must "accept" b line accept bergen "$tmp/offer" \
			-o "$tmp/reply"
	else
		must "accept" b line accept bergen "$tmp/offer" \
			-o "$tmp/reply" --listen "$host_b:7411" \
			--endpoint "$gate_a:7411"
	fi
	a line finish oslo "$tmp/reply" -o "$tmp/reveal" --carried hand \
		--json >"$tmp/a.words" || not_ok "finish on a's side"
	b line finish bergen "$tmp/reveal" --carried hand --json \
		>"$tmp/b.words" || not_ok "finish on b's side"
	# shellcheck disable=SC2046
	must "a confirms the words of b" \
		a line confirm oslo $(words_of "$tmp/b.words")
	# shellcheck disable=SC2046
	must "b confirms the words of a" \
		b line confirm bergen $(words_of "$tmp/a.words")
}

line_field() {
	"$1" status --json | jq -r ".lines[0].$2"
}

is_state() {
	[ "$(line_field "$1" state)" = "$2" ]
}

is_why() {
	[ "$(line_field "$1" why)" = "$2" ]
}

both_up() {
	is_state a up && is_state b up
}

# The usual beginning: two posts, the weather, a line that is up.
line_between() {
	make_posts
	start_weather
	ceremony "$@"
	must "the line comes up on both sides" await 90 both_up
}

# ---- messages ---------------------------------------------------------------

# messages SIDE FROM: what this side holds of the messages of us or them, in
# order, only what must be the same at both ends.
messages() {
	"$1" read "$(peer_of "$1")" --limit 0 --json |
		jq -c --arg from "$2" 'select(.from == $from and (.drill | not)) |
		[.serial, .id, .subject, .text, .language, .precedence, .mark,
		[.attachments[]? | [.n, .name, .type, .bytes, .blake2b]]]'
}

# has_all SIDE N: N messages of the other side are here, whole.
has_all() {
	_n=$("$1" read "$(peer_of "$1")" --limit 0 --json |
		jq -s '[.[] | select(.from == "them" and
		(.drill | not) and .time_stored != null)]
		| length')
	[ "${_n:-0}" -ge "$2" ]
}

# Nothing waits on this side.
is_delivered() {
	[ "$(line_field "$1" outbox.messages)" = 0 ]
}

# same_journal SIDE N: what SIDE sent is at the other end, all N, each once, in
# order, the same.
same_journal() {
	messages "$1" us >"$tmp/journal.us"
	messages "$(other "$1")" them >"$tmp/journal.them"
	[ "$(wc -l <"$tmp/journal.us")" = "$2" ] || {
		echo "sent: $(wc -l <"$tmp/journal.us"), not $2"
		return 1
	}
	jq '.[0]' "$tmp/journal.us" | sort -n >"$tmp/serials"
	seq "$2" | diff - "$tmp/serials" || return 1
	sort "$tmp/journal.us" >"$tmp/journal.us.sorted"
	sort "$tmp/journal.them" | diff "$tmp/journal.us.sorted" -
}

# in_order SIDE: the messages of the other side were stored here in order of
# serial within each precedence.
in_order() {
	"$1" read "$(peer_of "$1")" --limit 0 --json |
		jq -se '[.[] | select(.from == "them")] | group_by(.precedence)
		| all(sort_by(.time_stored) as $s |
		([$s[].time_stored] | . == sort) and
		([.[] | [.serial, .time_stored]] | sort_by(.[0]) |
		[.[][1]] | . == sort))'
}

# one_size BYTES: every datagram that an observer saw has the line's size.
one_size() {
	awk -v size="$1" '$3 != size { bad++ } END {
		print NR " datagrams, " bad + 0 " of another size"
		exit bad > 0 || NR == 0 }' "$tmp/capture"
}

# no_secrets PATTERN: what was planted in messages is in neither log, nor who
# speaks to whom, nor a passphrase.
no_secrets() {
	[ -s "$tmp/a/log" ] && [ -s "$tmp/b/log" ] || return 1
	! grep -aiE "$1|oslo|bergen|long passphrase" "$tmp/a/log" "$tmp/b/log"
}

# ---- rooms ------------------------------------------------------------------

# room_pid SIDE ROOM: from the post's lock file.
room_pid() {
	awk -v room="$2" '$1 == room { print $2 }' "$tmp/$1/lock"
}

# runs PID: it is there, and not only as a zombie.
runs() {
	[ -n "$1" ] && [ -r "/proc/$1/stat" ] &&
		! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# kill_room SIDE ROOM: kills it without warning and waits for another.
kill_room() {
	_pid=$(room_pid "$1" "$2")
	runs "$_pid" || {
		note "$2 of $1 does not run"
		return 1
	}
	kill -9 "$_pid" && await 60 room_is_new "$1" "$2" "$_pid"
}

room_is_new() {
	_new=$(room_pid "$1" "$2")
	[ "$_new" != "$3" ] && runs "$_new"
}

# kill_post SIDE: all of it at once, the parent first, as a power cut would.
kill_post() {
	_pids=$(awk '{ print $2 }' "$tmp/$1/lock")
	# shellcheck disable=SC2086
	kill -9 $_pids 2>/dev/null
	for _pid in $_pids; do
		while runs "$_pid"; do
			sleep 0.05
		done
	done
}
