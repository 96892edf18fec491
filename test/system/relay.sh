#!/bin/sh
# The relay, as its operator runs it, between two ends that hold its tickets: what
# it forwards, how it keeps its pace, and what it does not hold.
. "$(dirname "$0")/lib.sh"

relay=$build/quietline-relay
holder=$build/test/system/holder
slots=200
pid=

# ---- the words of this scenario

# start [OPTION...]: in an empty folder, and waits until it forwards.
start() {
	: >"$tmp/relay.log"
	(cd "$tmp/empty" && exec "$relay" run --key "$tmp/key" \
		--listen 127.0.0.1:7412 ${QUIETLINE_WITHOUT_WALLS:+--without-walls} \
		"$@" >/dev/null 2>>"$tmp/relay.log") &
	pid=$!
	await 10 grep -q forwards "$tmp/relay.log"
}

stop() {
	kill -TERM "$pid"
	wait "$pid"
}

# tickets NUMBER [HOST]: the two of a line.
tickets() {
	"$relay" ticket --key "$tmp/key" --at "${2:-127.0.0.1}:7412" \
		--cadence 256@10 "$1"
}

# play NAME ARGUMENT...: what the holders saw goes to $tmp/played. They come from
# new ports each time, so that each has a line of its own, or `line` as set (same: with the same
# tickets).
line=
count_played=100
play() {
	_name=$1
	shift
	count_played=$((count_played + 1))
	[ "$line" = same ] ||
		tickets "${line:-$count_played}" >"$tmp/tickets"
	# shellcheck disable=SC2046
	must "$_name" "$holder" "$@" $(cat "$tmp/tickets") $slots
	cp "$tmp/check.out" "$tmp/played"
	sed 's/^/# relay: /' "$tmp/played" >&2
}

# saw END WHAT LEAST MOST, both in percent of the slots.
saw() {
	_n=$(awk -v end="$1" -v what="$2" '$1 == end { for (i = 2; i < NF; i++)
		if ($i == what) print $(i + 1) }' "$tmp/played")
	echo "$2 of $1: $_n of $slots slots"
	[ "$((_n * 100))" -ge "$(($3 * slots))" ] &&
		[ "$((_n * 100))" -le "$(($4 * slots))" ]
}

# counted WHAT: of the relay's own sums.
counted() {
	: >"$tmp/relay.log"
	kill -USR1 "$pid"
	await 10 grep -q "slots missed" "$tmp/relay.log" || return 1
	sed -n "s/.*$1 \([0-9]*\).*/\1/p" "$tmp/relay.log"
}

mkdir "$tmp/empty"

# ---- what the operator types

refuses "no word is wrong" 2 "what is it to do" "$relay"
refuses "an unknown word is wrong" 2 "unknown word" "$relay" serve
refuses "no key file is wrong" 2 "missing" "$relay" run
refuses "a key that is not there" 1 "No such file" "$relay" run --key "$tmp/key"
must "a key is made" "$relay" key "$tmp/key"
refuses "no key is overwritten" 1 "is there already" "$relay" key "$tmp/key"
check "nobody else may read it" test "$(stat -c %a "$tmp/key")" = 600
cp "$tmp/key" "$tmp/open-key"
chmod 644 "$tmp/open-key"
refuses "one that others may read is refused" 1 "chmod 600" \
	"$relay" run --key "$tmp/open-key"
echo "no key" >"$tmp/no-key"
chmod 600 "$tmp/no-key"
refuses "what is no key is refused" 1 "no relay's key" \
	"$relay" ticket --key "$tmp/no-key" --at 127.0.0.1:7412 1
refuses "a number too many" 2 "no number" \
	"$relay" ticket --key "$tmp/key" --at 127.0.0.1:7412 2147483648
refuses "no cadence" 2 "cadence" "$relay" ticket --key "$tmp/key" \
	--at 127.0.0.1:7412 --cadence 255@10 1
refuses "no endpoint" 2 "HOST:PORT" "$relay" ticket --key "$tmp/key" \
	--at 127.0.0.1 1
refuses "no address" 2 "ADDR:PORT" "$relay" run --key "$tmp/key" --listen here
refuses "too many lines" 2 "lines" "$relay" run --key "$tmp/key" --lines 0
printf '5\nfive\n' >"$tmp/refused"
refuses "a list with what is no number" 1 "refused:2" \
	"$relay" run --key "$tmp/key" --refuse "$tmp/refused"
tickets 17 >"$tmp/tickets"
tickets 17 | cmp -s - "$tmp/tickets"
check "the same number gives the same two tickets" test $? = 0 -a \
	"$(sort -u "$tmp/tickets" | wc -l)" = 2

# ---- what it forwards

must "the relay runs" start
refuses "a second one on its port" 1 "Address already in use" \
	"$relay" run --key "$tmp/key" --listen 127.0.0.1:7412

line=17
play "two ends talk" both
line=
check "each slot of a's holds a datagram" saw a got 85 103
check "each slot of b's does" saw b got 85 103
check "a hears b" saw a said 80 100
check "b hears a" saw b said 80 100
check "nothing comes twice" saw a again 0 0

play "a third of a's frames is lost" gaps
check "b hears the rest" saw b said 53 67
check "and has no gap" saw b got 85 103
check "nor has a" saw a got 85 103

play "b falls silent" lonely
check "a is sent as much as ever" saw a got 85 103
check "though b said so little" saw a said 18 25

before=$(counted junk)
play "somebody throws junk" junk
check "nobody answers it" saw x got 0 0
check "the ends are sent as ever" saw a got 85 103
check "and hear each other" saw b said 80 100
check "the junk is counted" test "$(($(counted junk) - before))" -ge \
	"$((slots * 25))"

play "somebody sends again what a sent, from elsewhere" stranger
check "nothing is drawn there" saw x got 0 0
check "a is sent as ever" saw a got 85 103
check "b hears a" saw b said 80 100
check "and nothing twice" saw b again 0 0

# ---- TCP

play "one end comes by TCP" --tcp-a both
check "its slots are kept" saw a got 85 103
check "it hears the other" saw a said 80 100
check "and is heard" saw b said 80 100
play "both do" --tcp-a --tcp-b both
check "they hear each other" saw a said 80 100
check "on both sides" saw b said 80 100
slots=1000
play "an end by TCP that never reads" --tcp-a deaf
check "takes nothing from the other" saw b said 80 100
slots=200

play "a hundred strangers connect, and say nothing" --tcp-a crowd
check "ends talk in spite of them" saw a said 80 100
check "no more than 64 of them are kept" test \
	"$(sed -n 's/crowd ended //p' "$tmp/played")" -ge 36

# ---- what it does not hold

hex() {
	printf '%s' "$1" | od -An -tx1 -v | tr -d ' \n'
}
text=$(hex "What only the two ends may read.")
line_key=$(hex "the key of this line, of 32 byte")
secret=$(head -c 64 "$tmp/key")
"$build/test/system/seek" "$pid" "$secret" "$text" "$line_key" >"$tmp/found"
sed 's/^/# relay: /' "$tmp/found" >&2
found() {
	sed -n "$(($1 + 1))s/found //p" "$tmp/found"
}
check "the search finds what is there: its own key" test "$(found 1)" -ge 1
check "no plaintext is in its memory" test "$(found 2)" = 0
check "no key of the line is" test "$(found 3)" = 0
check "it has no file open" test -z "$(find "/proc/$pid/fd" -lname '/*' \
	! -lname '/dev/*' ! -lname "$tmp/relay.log")"
check "it wrote none" test -z "$(ls -A "$tmp/empty")"
check "its log names no address and no number" sh -c \
	"! grep -E '127[.]0[.]0[.]1|[^0-9]10[1-9][^0-9]' '$tmp/relay.log'"

# ---- its end, and another beginning

: >"$tmp/relay.log"
[ -n "${QUIETLINE_WITHOUT_WALLS:-}" ] ||
	check "walls stand around it" sh -c "grep -q '^Seccomp:.*2' /proc/$pid/status &&
	grep -q '^NoNewPrivs:.*1' /proc/$pid/status &&
	grep -q '^CapEff:.*0000000000000000' /proc/$pid/status"
check "SIGTERM ends it" stop
check "with its sums" grep -q "lines held" "$tmp/relay.log"
tickets 17 >"$tmp/tickets"
line=same
must "it starts again" start
play "the ends go on with the tickets that they have" both
check "a hears b" saw a said 80 100
check "b hears a" saw b said 80 100
stop
echo 17 >"$tmp/refused"
must "their tickets are taken back" start --refuse "$tmp/refused"
play "they are refused" both
check "nothing comes to a" saw a got 0 0
check "nor to b" saw b got 0 0
stop
must "it serves all addresses" start --listen "[::]:7412"
tickets 18 >"$tmp/tickets"
tickets 18 "[::1]" >"$tmp/tickets.v6"
sed -i 1q "$tmp/tickets"
sed 1d "$tmp/tickets.v6" >>"$tmp/tickets"
play "one end comes by IPv4, the other by IPv6" both
check "a hears b" saw a said 80 100
check "b hears a" saw b said 80 100
stop
tickets 17 >"$tmp/tickets"
"$relay" key "$tmp/other-key" 2>/dev/null
mv "$tmp/other-key" "$tmp/key"
must "with another key it runs too" start
play "and knows the old tickets no more" both
check "nothing comes to a" saw a got 0 0
stop
finish
