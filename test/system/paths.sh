#!/bin/sh
# Two paths, both always carrying the full cadence: one is cut, then the other,
# then both, and one heals; a path is added and removed under way.
. "$(dirname "$0")/lib.sh"
. "$here/land.sh"

open_roads
# Each machine has two networks.
within a ip addr add 10.77.21.1/32 dev link0
within b ip addr add 10.77.22.1/32 dev link0
ip route add 10.77.21.1 via $host_a
ip route add 10.77.22.1 via $host_b

make_posts
first_line oslo bergen "--cadence 1200@20 --listen $host_a:7411 \
	--endpoint $host_a:7411" "--listen $host_b:7411 --endpoint $host_b:7411"
check "a has another path" a path add oslo --listen 10.77.21.1:7422 \
	--endpoint 10.77.22.1:7422
check "so has b" b path add bergen --listen 10.77.22.1:7422 \
	--endpoint 10.77.21.1:7422

# paths_up SIDE N STATE: N of its paths are in this state.
paths_are() {
	[ "$("$1" status --json | jq --arg state "$3" '[.lines[0].paths[] |
		select(.state == $state)] | length')" = "$2" ]
}
both_paths() {
	paths_are a "$1" up && paths_are b "$1" up
}
check "both paths come up at both ends" await 30 both_paths 2
count_frames first ip saddr $host_a ip daddr $host_b
count_frames second ip saddr 10.77.21.1 ip daddr 10.77.22.1
from_first=$(counted first)
from_second=$(counted second)
enough() {
	[ $(($(counted "$1") - $2)) -ge 100 ]
}
check "the first carries frames" await 30 enough first "$from_first"
even() {
	_one=$(($(counted first) - from_first))
	_two=$(($(counted second) - from_second))
	echo "$_one frames by the first, $_two by the second"
	[ $((_one * 100)) -ge $((_two * 90)) ] &&
		[ $((_two * 100)) -ge $((_one * 90)) ]
}
check "the second as many" even
sessions=$(line_field a frames.sessions)

# cut_first, cut_second: nothing passes by it, either way.
cut_first() {
	drop ip saddr $host_a ip daddr $host_b
	drop ip saddr $host_b ip daddr $host_a
}
cut_second() {
	drop ip saddr 10.77.21.1
	drop ip saddr 10.77.22.1
}

# flash PATH TEXT: it is delivered in the slots of one path that a command takes to
# start and to be told; counted in that path's frames.
flash() {
	_from=$(counted "$1")
	a send oslo "$2" --precedence flash --wait delivered --timeout 60 \
		>/dev/null || return 1
	_took=$(($(counted "$1") - _from))
	note "$2: $_took slots"
	[ "$_took" -le 40 ]
}
check "a flash, both paths up" flash first "both"
a send oslo --file "$data/note.pdf" >/dev/null ||
	not_ok "a sends a document"
cut_first
check "a flash, the first path just cut" flash second "first cut"
check "a sees that one path is silent" await 30 paths_are a 1 silent
check "the line is up" both_up
check "b answers" b send bergen "By the second" --wait delivered --timeout 60
pass
check "both paths are up again" await 30 both_paths 2
b send bergen --file "$data/note.pdf" >/dev/null ||
	not_ok "b sends a document"
cut_second
check "a flash, the second path just cut" flash first "second cut"
check "b answers by the first" b send bergen "By the first" \
	--wait delivered --timeout 60

# Both cut in the middle of talk, then one heals.
cut_first
a send oslo "Into the dark" >/dev/null || not_ok "a speaks into the dark"
b send bergen "From the dark" >/dev/null || not_ok "b speaks into the dark"
check "both are cut: a is told" await 30 is_state a silent
check "so is b" await 30 is_state b silent
pass
cut_second
check "the first heals: both are up" await 60 both_up
check "what b said arrives" await 60 has_all a 5
check "what a said arrives" await 60 has_all b 6
check "no session was lost" test "$(line_field a frames.sessions)" = \
	"$sessions"
pass

# A post that comes back finds its peer by whatever is left.
cut_first
kill_post b
check "with the first path cut b begins anew" up b
check "both are up by the second" await 60 both_up
check "a word by it" a send oslo "Welcome back" --wait delivered --timeout 60
pass
check "the first comes up too" await 30 both_paths 2

# A third, of another kind.
check "b takes TCP as well" b path add bergen --tcp --listen $host_b:7433
check "a calls it" a path add oslo --endpoint tcp:$host_b:7433
check "three paths are up" await 30 both_paths 3
drop meta l4proto udp
check "no UDP passes any more: a word by the third" flash second "by TCP"
check "an answer" b send bergen "By TCP as well" --wait delivered --timeout 60
check "the line is up by it alone" both_up
pass
check "all three are up again" await 30 both_paths 3
check "the third is removed at a" a path remove oslo 3
check "and at b" b path remove bergen 3

check "the first path is removed at a" a path remove oslo 1
check "and at b" b path remove bergen 1
check "the list says so" holds \
	'length == 1 and .[0].path == 2' a path list oslo
check "a word by the second" a send oslo "By the second alone" \
	--wait delivered --timeout 60
# What was on its way may pass.
sleep 0.2
_from=$(counted first)
b send bergen "So do I" --wait delivered --timeout 60 >/dev/null ||
	not_ok "b speaks by the second alone"
check "no frame goes by the first" test "$(counted first)" = "$_from"
check "the second is up at both ends" await 30 both_paths 1
check "what a said is at b, each once" same_journal a 9
check "what b said is at a, each once" same_journal b 7
finish
