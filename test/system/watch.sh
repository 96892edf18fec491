#!/bin/sh
# People in shifts: the watch goes from hand to hand with what waits, the roster is
# told only where the line says so, drills go by a schedule and are answered, timed
# and missed, and operators talk apart from the record.
. "$(dirname "$0")/lib.sh"

line_between 400@20

# ---- the watch ----------------------------------------------------------------

echo "the night watch's passphrase" >"$tmp/night.pass"
check "there is a night watch" a delegate add "night watch" --role watch \
	--passphrase-file "$tmp/night.pass"
night() {
	QUIETLINE_SESSION=$session
	export QUIETLINE_SESSION
	a "$@"
	_code=$?
	unset QUIETLINE_SESSION
	return $_code
}
session=$(a sign-in "night watch" --passphrase-file "$tmp/night.pass" --print)

check "nobody has the watch at first" prints "^Nobody has the watch here" a status
refuses "what nobody has cannot be handed over" 1 "watch take" \
	a watch hand-over "night watch"
check "head takes the watch" a watch take
refuses "and not twice" 1 "already" a watch take
check "b says something that must not wait" \
	b send bergen "The bridge is closed." --precedence immediate
check "it waits for the watch" await 30 holds \
	'any(.[]; .kind == "message" and .ref == "them/1")' a waiting
check "status says so in a line" prints \
	"^head has the watch here, since .*; [0-9]+ things? waits?" a status
refuses "nobody of that title can have it" 1 "no delegate" \
	a watch hand-over "day watch"
check "head hands it over, with a note" \
	a watch hand-over "night watch" "Oslo answers by nine."
check "until it is taken, it is head's" holds \
	'.[0].on_watch == "head" and .[0].handed_over_to == "night watch"' \
	a watch show
check "that is a thing that waits, too" holds \
	'any(.[]; .kind == "watch" and .who == "night watch")' a waiting
check "the night watch takes it" night watch take
check "and has it" holds '.[0].on_watch == "night watch"' a watch show
refuses "head cannot give away what it has not" 1 "night watch has the watch" \
	a watch leave
check "the log has the note and what waited" holds \
	'any(.[]; .what == "handed-over" and .note == "Oslo answers by nine."
	and .waiting >= 1 and .open[0].ref == "them/1")' a watch log
check "the night watch acknowledges" night ack oslo them/1
check "and nothing waits" prints "^Nothing waits" night waiting
check "it leaves the watch" night watch leave
check "nobody has it" holds '.[0].on_watch == null' a watch show

# ---- the roster ---------------------------------------------------------------

check "a watch list is made" \
	a roster set "night watch@22:00-06:00" head
check "it is shown in order" holds \
	'[.[0].places[].title] == ["night watch", "head"]' a roster show
refuses "a place for nobody" 1 "No delegate has the title nobody" \
	a roster set nobody head
refuses "hours that are none" 1,2 "place" a roster set "head@25:00-06:00"
untold() {
	holds '.[0].text == null' b roster show bergen
}
sleep 2
check "b is told nothing of it" untold
no_roster() {
	b events --json | jq -es 'all(.[]; .what != "roster")' >/dev/null
}
check "not even that there is one" no_roster
check "a proposes to disclose rosters" a line set oslo disclose roster
proposed() {
	b events --json | jq -es 'any(.[]; .kind == "disclosure")' >/dev/null
}
check "b hears of it" await 30 proposed
check "which alone tells nothing" untold
check "b agrees" b line set bergen disclose roster
told() {
	holds '.[0].text | . != null and test("night watch, 22:00")' \
		b roster show bergen
}
check "then b is told" await 30 told
check "a wants it no more" a line set oslo disclose none
check "and it is taken back" await 30 untold

# ---- drills -------------------------------------------------------------------

check "there is no schedule" prints "only by hand" a drill set oslo
refuses "too often" 1 "from 10 s" a drill set oslo --every 5s
refuses "an answer later than the next one" 1 "no longer than" \
	a drill set oslo --every 10s --within 11s
check "a drill every ten seconds" a drill set oslo --every 10s --within 3s
drilled() {
	holds 'any(.[]; .side == "us" and .scheduled and .state == "answered"
		and .took_ms > 0)' a drill record oslo
}
check "goes by itself, is answered and timed" await 40 drilled
came() {
	holds 'any(.[]; .side == "them" and .state == "answered"
		and (.text | length > 40))' b drill record bergen
}
check "the other side has it, with its text" await 10 came
check "a person there acknowledges it" b drill ack bergen
acknowledged() {
	holds 'any(.[]; .side == "us" and .state == "answered"
		and .acknowledged != null)' a drill record oslo
}
check "which is known here" await 20 acknowledged
check "this month counts them" holds \
	'any(.[]; .month != null and .side == "us" and .answered >= 1
	and .acknowledged == 1 and (.told | not))' a drill record oslo
refuses "a drill that is ours is not ours to acknowledge" 1 "no drill of theirs" \
	a drill ack oslo

# ---- the service channel ------------------------------------------------------

check "a says something to b's operators" \
	a service oslo "Do you see the second path?"
heard() {
	holds "any(.[]; .side == \"them\" and .text == \"$2\")" \
		"$1" service "$(peer_of "$1")"
}
check "b hears it" await 20 heard b "Do you see the second path?"
check "b answers" b service bergen "Now I do."
check "a hears that" await 20 heard a "Now I do."
check "it is told as delivered" await 20 holds \
	'any(.[]; .side == "us" and .delivered)' a service oslo
apart() {
	! "$1" read "$(peer_of "$1")" --limit 0 | grep -q "second path" &&
		! "$1" events | grep -q "second path"
}
check "it is in no record of messages at a" apart a
check "nor at b" apart b
refuses "more than a kilobyte is no small talk" 1 "1024" \
	a service oslo "$(printf '%01025d' 7)"
flood() {
	for _i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		a service oslo "$_i" >/dev/null 2>&1 || return 0
	done
	return 1
}
check "who types faster than a person is slowed" flood

# ---- a drill that is missed ---------------------------------------------------

check "b's post stops" b down
missed() {
	holds 'any(.[]; .side == "us" and .state == "missed" and
		(.cause | test("goodbye")))' a drill record oslo --last 3
}
check "the next drill is missed, and the cause is known" await 60 missed
rings() {
	a alarm list --all --json | jq -es 'any(.[]; .what == "drill")' >/dev/null
}
check "which is an alarm" await 10 rings
check "no more drills" a drill set oslo --every off
finish
