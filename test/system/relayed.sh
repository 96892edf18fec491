#!/bin/sh
# Both sides sit behind a NAT that lets nobody in: the line goes by a relay, which
# holds no key of it; by UDP, and by TCP where a firewall lets no UDP through.
. "$(dirname "$0")/lib.sh"
. "$here/land.sh"

relay=$build/quietline-relay
open_roads
hide a
hide b
"$relay" key "$tmp/relay.key" >"$tmp/relay.out" 2>&1 ||
	not_ok "the relay makes a key"
# A machine with several addresses answers from the one that it is told.
"$relay" run --key "$tmp/relay.key" --listen "$middle:7412" \
	>"$tmp/relay.log" 2>&1 &
relay_pid=$!

# tickets NUMBER: a pair, each in the file of its side.
tickets() {
	"$relay" ticket --key "$tmp/relay.key" --at "$middle:7412" \
		--cadence 1200@20 "$1" | grep '^quietline-ticket:' \
		>"$tmp/tickets"
	sed -n 1p "$tmp/tickets" >"$tmp/a.ticket"
	sed -n 2p "$tmp/tickets" >"$tmp/b.ticket"
	[ "$(wc -l <"$tmp/tickets")" = 2 ]
}

make_posts
check "the relay gives two tickets" tickets 1
first_line oslo bergen "--cadence 1200@20 --relay @$tmp/a.ticket" \
	"--relay @$tmp/b.ticket"
sessions=$(of_line a oslo .frames.sessions)

# The relay forgets everything when it ends; the line does not.
kill $relay_pid
check "without the relay nothing arrives" await 30 line_is a oslo silent
"$relay" run --key "$tmp/relay.key" --listen "$middle:7412" \
	>>"$tmp/relay.log" 2>&1 &
speak oslo bergen "By the next relay?"
check "the session has lived through it" \
	test "$(of_line a oslo .frames.sessions)" = "$sessions"

drop meta l4proto udp
check "the relay gives two more" tickets 2
first_line tcp stream "--cadence 1200@20 --tcp --relay @$tmp/a.ticket" \
	"--tcp --relay @$tmp/b.ticket"
check "no name of a line is in what the relay says" \
	sh -c '! grep -qE "oslo|bergen|10\.77\.1[12]\." "$1"' sh \
	"$tmp/relay.log"
finish
