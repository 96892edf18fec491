#!/bin/sh
# Ceremonies that go wrong: files damaged, foreign, used, of another version,
# crossed; words misheard. Each is refused whole, with its reason, and the right
# files work after all that.
. "$(dirname "$0")/lib.sh"

make_posts
start_weather

# sealed FILE: the same bytes with a right sum at their end.
sealed() {
	_size=$(($(wc -c <"$1") - 32))
	head -c "$_size" "$1" >"$1.body"
	_sum=$(b2sum -l 256 "$1.body" | cut -d' ' -f1 | sed 's/../\\x&/g')
	cp "$1.body" "$1"
	# shellcheck disable=SC2059
	env printf "$_sum" >>"$1"
}
# changed FILE AT BYTE: a copy of it with one byte (in octal) changed.
changed() {
	cp "$1" "$1.changed"
	# shellcheck disable=SC2059
	printf "\\$3" | dd of="$1.changed" bs=1 seek="$2" conv=notrunc \
		2>/dev/null
}
offer() {
	a line offer oslo -o "$tmp/offer" --cadence 1200@10 \
		--listen "$host_a:7411" --endpoint "$gate_b:7411" "$@"
}
accept() {
	b line accept bergen "$1" -o "${2:-$tmp/never}" --listen "$host_b:7411" \
		--endpoint "$gate_a:7411"
}
no_file() {
	[ ! -e "$tmp/never" ]
}

check "an offer is made" offer
echo "Dear Sir or Madam" >"$tmp/letter"
refuses "a letter is no offer" 1 "not a file of a quietline ceremony" \
	accept "$tmp/letter"
changed "$tmp/offer" 60 377
refuses "a changed offer" 1 "damaged|changed" accept "$tmp/offer.changed"
head -c 70 "$tmp/offer" >"$tmp/offer.cut"
refuses "a cut offer" 1 "damaged|cut|changed" accept "$tmp/offer.cut"
: >"$tmp/empty"
refuses "an empty file" 1 "not a file of a quietline ceremony" \
	accept "$tmp/empty"
changed "$tmp/offer" 19 002
sealed "$tmp/offer.changed"
refuses "an offer of another version" 1 "version" accept "$tmp/offer.changed"
refuses "one's own offer" 1 "." a line accept oslo "$tmp/offer" -o "$tmp/never"
refuses "a file that is not there" 1 "no such file|cannot|can't" \
	accept "$tmp/nothing"
check "no answer was written" no_file

b line offer bergen -o "$tmp/crossed" --listen "$host_b:7411" >/dev/null
refuses "crossed offers" 1 "crossed|offer" accept "$tmp/offer"
check "b closes its own offer" b line close bergen
must "then b accepts" accept "$tmp/offer" "$tmp/reply"
refuses "the same offer again" 1 "used|already|before" accept "$tmp/offer"

finish_a() {
	a line finish oslo "$1" -o "${2:-$tmp/never}" --carried hand --json
}
finish_b() {
	b line finish bergen "$1" --carried hand --json
}
changed "$tmp/reply" 200 377
refuses "a changed reply" 1 "damaged|changed" finish_a "$tmp/reply.changed"
sealed "$tmp/reply.changed"
refuses "a reply whose card was forged" 1 "." finish_a "$tmp/reply.changed"
refuses "an offer where the reply belongs" 1 "." finish_a "$tmp/offer"
echo pass >"$tmp/c.pass"
QUIETLINE_POST=$tmp/c "$quietline" init pisa --passphrase-file "$tmp/c.pass" \
	>/dev/null 2>&1
QUIETLINE_POST=$tmp/c "$quietline" up --passphrase-file "$tmp/c.pass" \
	>/dev/null 2>&1
QUIETLINE_POST=$tmp/c "$quietline" line offer third -o "$tmp/offer.c" \
	--cadence 1200@10 --endpoint "$gate_a:7500" >/dev/null
check "a third post's offer is answered" b line accept third "$tmp/offer.c" \
	-o "$tmp/reply.c"
refuses "a reply that is meant for another post" 1 "." finish_a "$tmp/reply.c"
check "no reveal was written" no_file
finish_a "$tmp/reply" "$tmp/reveal" >"$tmp/a.words" || not_ok "a finishes"
check "a has five words to read" jq -e '.check_words | length == 5' \
	"$tmp/a.words"
refuses "the same reply again" 1 "used|already|past|before" \
	finish_a "$tmp/reply"

changed "$tmp/reveal" 300 377
refuses "a changed reveal" 1 "damaged|changed" finish_b "$tmp/reveal.changed"
sealed "$tmp/reveal.changed"
refuses "a reveal that is not what was committed to" 1 "." \
	finish_b "$tmp/reveal.changed"
refuses "the reply as a reveal" 1 "." finish_b "$tmp/reply"
finish_b "$tmp/reveal" >"$tmp/b.words" || not_ok "b finishes"
refuses "the same reveal again" 1 "used|already|past|before" \
	finish_b "$tmp/reveal"

confirm() {
	# shellcheck disable=SC2086
	"$1" line confirm "$(peer_of "$1")" $2
}
heard_by_a=$(words_of "$tmp/b.words")
heard_by_b=$(words_of "$tmp/a.words")
refuses "four words" 1,2 "five|words" confirm a "${heard_by_a% *}"
refuses "a word that is in no list" 1 "word" \
	confirm a "${heard_by_a% *} xyzzyplugh"
refuses "one's own words" 1 "own|screen" confirm a "$heard_by_b"
first=${heard_by_a%% *}
refuses "a misheard word" 1 "word" confirm a "$first $first $first $first $first"
frames_none() {
	[ "$(stat_of ab seen)" = 0 ] && [ "$(stat_of ba seen)" = 0 ]
}
check "nothing has left either post" frames_none
check "a is not confirmed" is_state a unconfirmed
refuses "and cannot send yet" 1 "confirm|not" a send oslo "Too early"
check "a confirms what it heard" confirm a "$heard_by_a"
check "b confirms what it heard" confirm b "$heard_by_b"
check "after all that, the line comes up" await 90 both_up
check "and carries words" a send oslo "At last" --wait delivered --timeout 60
refuses "confirming twice" 1 "." confirm a "$heard_by_a"
QUIETLINE_POST=$tmp/c "$quietline" down >/dev/null 2>&1
finish
