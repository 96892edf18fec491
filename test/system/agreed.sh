#!/bin/sh
# The cadence of a line is changed, by the consent of both sides and not by one.
. "$(dirname "$0")/lib.sh"
. "$here/land.sh"

open_roads
make_posts
first_line oslo bergen "--cadence 400@40 --listen $host_a:7411 \
	--endpoint $host_a:7411" ""
cadence_is() {
	[ "$(line_field "$1" 'cadence | "\(.frame_bytes)@\(.slot_ms)"')" = \
		"$2" ]
}
both_have() {
	cadence_is a "$1" && cadence_is b "$1" && both_up
}

check "a proposes another cadence" a line set oslo cadence 1200@20
proposed() {
	b events --json | jq -es 'any(.[]; .say | test("1200@20|desk"))'
}
check "b is told, in words" await 30 proposed
check "alone it changes nothing" both_have 400@40
check "a takes it back" a line set oslo cadence cancel
check "and proposes once more" a line set oslo cadence 1200@20
for text in one two three; do
	a send oslo "$text" >/dev/null || not_ok "a sends $text"
	b send bergen "$text" >/dev/null || not_ok "b sends $text"
done
sleep 1
check "b agrees" b line set bergen cadence 1200@20
check "both change over" await 60 both_have 1200@20
speak oslo bergen "Faster now?"

# A post that dies in the middle of it finds out when it comes back.
check "b proposes the old one" b line set bergen cadence 400@40
sleep 1
check "a agrees" a line set oslo cadence 400@40
kill_post a
check "a's post is killed and comes back" up a
check "both change over all the same" await 60 both_have 400@40
speak oslo bergen "As before?"
check "what a said is at b, each once" same_journal a 6
check "what b said is at a, each once" same_journal b 6

count_frames larger ip saddr $host_a ip length != 428
_from=$(line_field a frames.sent)
sent_more() {
	[ "$(line_field a frames.sent)" -gt $((_from + 50)) ]
}
await 30 sent_more
check "all frames have the agreed size" test "$(counted larger)" = 0
finish
