#!/bin/sh
# What people are told of a silence: who does not hear whom, whether it was the
# path or the post, who said goodbye, and whether anybody is on watch.
. "$(dirname "$0")/lib.sh"
. "$here/land.sh"

open_roads
make_posts
first_line oslo bergen \
	"--cadence 1200@20 --listen $host_a:7411 --endpoint $host_a:7411" ""

# told SIDE KIND WHAT: how often an event said so.
told() {
	"$1" events --json | jq -s --arg kind "$2" --arg what "$3" \
		'[.[] | select(.kind == $kind and .what == $what)] | length'
}
# tells SIDE KIND WHAT N: it did N times at least.
tells() {
	[ "$(told "$1" "$2" "$3")" -ge "${4:-1}" ]
}

# ---- one-way, and a path that was cut

drop ip saddr $host_b ip daddr $host_a
check "b's way is cut: a hears nothing" await 30 is_state a silent
check "a is told that it may be path or post" is_why a "path or post"
check "b is told that it is not heard" await 30 is_state b one-way
check "in a sentence too" prints "don't hear|do not hear|not heard" b status
pass
check "the way heals" await 60 both_up
check "a is told afterwards that it was the path" await 30 \
	tells a line was-path
check "nobody blames a post" test "$(told a line was-post)" = 0 -a \
	"$(told b line was-post)" = 0

# ---- a post that died

kill_post b
check "b's post is killed: a hears nothing" await 30 is_state a silent
check "and cannot know why" is_why a "path or post"
check "b comes back" up b
check "the line too" await 60 both_up
check "a is told afterwards that their post had stopped" await 30 \
	tells a line was-post
check "and status says so" await 30 holds \
	'.[0].lines[0].was_post == true' a status

# ---- goodbye

check "b goes down" b down
check "a is told that it said goodbye" await 30 is_why a goodbye
check "in an event" tells a line goodbye
check "b comes back from where it went" up b
check "and the line with it" await 60 both_up

# ---- nobody there, and declined

watch_is() {
	[ "$(line_field a watch)" = "$1" ]
}
check "somebody is on watch" await 30 watch_is on
check "b's people leave" b watch bergen off
check "a sees that nobody is on watch" await 30 watch_is off
check "and is told" await 10 tells a watch off
check "a message arrives all the same" a send oslo "For tomorrow" \
	--wait delivered --timeout 60
check "b declines" b watch bergen decline --until 2031-01-02T03:04:05Z
check "a sees it" await 30 watch_is declined
check "and until when" prints "2031" a status
check "and is told" await 10 tells a watch declined
check "b is back" b watch bergen on
check "a sees that too" await 30 watch_is on
check "and is told of it" await 10 tells a watch on
check "the line has stayed up" both_up
check "nothing that was said is lost" same_journal a 2
finish
