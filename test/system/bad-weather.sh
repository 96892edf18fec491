#!/bin/sh
# Real words and a real document, both ways, over a network that loses, doubles,
# reorders, damages, reflects and replays; cut, healed, and cut one way.
. "$(dirname "$0")/lib.sh"

make_posts
start_weather
for fault in "loss 20" "dup 10" "corrupt 5" "reflect 5" "replay 10" \
    "delay 20" "jitter 40"; do
	# shellcheck disable=SC2086
	tell $fault >/dev/null
done
ceremony
must "the line comes up in bad weather" await 120 both_up

say() {
	_who=$1
	_lang=$2
	shift 2
	"$_who" send "$(peer_of "$_who")" - --language "$_lang" \
		--subject "$_lang" "$@" <"$data/$_lang.txt"
}

for side in a b; do
	for lang in ko ar en; do
		check "$side speaks ($lang)" say $side $lang
	done
	check "$side sends a document" $side send "$(peer_of $side)" \
		"Here is the paper." --subject "Aide-mémoire" \
		--file "$data/note.pdf"
done
check "all of a arrives" await 120 has_all b 4
check "all of b arrives" await 120 has_all a 4

same_words() {
	"$1" read "$(peer_of "$1")" --json |
		jq -j --arg lang "$2" 'select(.from == "them" and
		.language == $lang) | .text' >"$tmp/words"
	# The last end of line is the file's, not the message's.
	[ "$(cat "$tmp/words")" = "$(cat "$data/$2.txt")" ]
}
same_file() {
	rm -f "$tmp/got"
	"$1" get "$(peer_of "$1")" them/4 1 -o "$tmp/got" &&
		cmp "$tmp/got" "$data/note.pdf"
}
for side in a b; do
	for lang in ko ar en; do
		check "$side has the very words ($lang)" same_words $side $lang
	done
	check "$side has the very document" same_file $side
done

# A cut in the middle of much talk.
for i in $(seq 5 24); do
	precedence=routine
	[ $((i % 4)) != 0 ] || precedence=flash
	a send oslo "a says $i" --precedence $precedence >/dev/null ||
		not_ok "a sends message $i"
	b send bergen "b says $i" --precedence $precedence >/dev/null ||
		not_ok "b sends message $i"
	[ "$i" != 12 ] || tell cut >/dev/null
done
check "a is told that nothing arrives" await 90 is_state a silent
check "and that it may be path or post" is_why a "path or post"
check "b is told so too" await 90 is_state b silent
tell heal >/dev/null
check "the line heals by itself" await 120 both_up
check "what a said meanwhile arrives" await 120 has_all b 24
check "what b said meanwhile arrives" await 120 has_all a 24

tell cut ab >/dev/null
check "b hears nothing" await 90 is_state b silent
check "a is told that it is not heard" await 90 is_state a one-way
tell heal >/dev/null
check "the line heals again" await 120 both_up

check "a's words are at b, each once, in order" same_journal a 24
check "b's words are at a, each once, in order" same_journal b 24
check "they were stored in order at b" in_order b
check "they were stored in order at a" in_order a
check "nothing waits at a" await 60 is_delivered a
check "nothing waits at b" await 60 is_delivered b
check "one size on the wire" one_size 1200
check "the logs tell nothing of what was said" no_secrets \
	"duty officer|순찰정|الزوارق|Aide|note\.pdf|says [0-9]"
tell stats | sed 's/^/# bad-weather: /' >&2
finish
