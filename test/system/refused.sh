#!/bin/sh
# What a post does not take from its own people: broken text, too much of it,
# kinds of files that the terms exclude, wrong passphrases, a second start.
. "$(dirname "$0")/lib.sh"

make_posts
refuses "a second up" 1 "already|running" up a
echo "not the passphrase" >"$tmp/wrong"
refuses "a second init" 1 "already|exists" \
	a init bergen --passphrase-file "$tmp/a.pass"
a down
refuses "a wrong passphrase" 1 "passphrase" a up --passphrase-file "$tmp/wrong"
refuses "a passphrase file that is not there" 1 "passphrase|no such file" \
	a up --passphrase-file "$tmp/nothing"
must "the right one still opens it" up a
start_weather
ceremony 1200@10 text
must "the line comes up" await 90 both_up

big() {
	head -c "$1" /dev/zero | tr '\0' x
}
send_in() {
	a send oslo - "$@" <"$tmp/in"
}
printf 'Gr\374\337e' >"$tmp/in"
refuses "text that is not UTF-8" 1 "UTF-8" send_in
printf 'cut \342\202' >"$tmp/in"
refuses "text whose last character is cut" 1 "UTF-8" send_in
refuses "a subject that is not UTF-8" 1 "UTF-8" a send oslo "text" \
	--subject "$(printf 'Gr\374\337e')"
refuses "a subject over 1 KiB" 1 "1024|1 KiB" a send oslo "text" \
	--subject "$(big 1025)"
big 1048577 >"$tmp/in"
refuses "a text over 1 MiB" 1 "1 MiB|1048576|as a file|attach" send_in
refuses "a file, where the terms take only text" 1 "text|terms|accept" \
	a send oslo "With a picture" --file "$data/note.pdf"
refuses "a file that is not there" 1 "no such file" \
	a send oslo "With nothing" --file "$tmp/nothing"
refuses "an unknown precedence" 1,2 "precedence|routine" \
	a send oslo "text" --precedence soon
refuses "an answer to nothing" 1 "no message|no such" \
	a send oslo "text" --re them/99
refuses "a line that is not there" 1 "line" a send nobody "text"
refuses "an attachment that is not there" 1 "." a get oslo us/1
refuses "an acknowledgement of nothing" 1 "." a ack oslo them/7
refuses "an unknown command" 2 "." a tell oslo "text"
refuses "an unknown option" 2 "unknown option --louder" \
	a send oslo "text" --louder
refuses "a text that looks like an option" 2 "after --" a send oslo "- text"
refuses "an option without its value" 2 "needs a value" "$quietline" --post
check "none of it was accepted" holds 'length == 0' a read oslo

big 1048576 >"$tmp/in"
check "a text of 1 MiB is taken" send_in
check "a subject of 1 KiB is taken" a send oslo "text" --subject "$(big 1024)"
printf 'e\314\201' >"$tmp/in"
check "decomposed letters are taken" send_in --precedence flash
check "and arrive composed" await 120 holds \
	'map(select(.from == "them" and .text == "é")) | length == 1' \
	b read bergen
printf 'left \342\200\256thgir\n\033[31mred' >"$tmp/in"
check "letters that steer the screen are taken or refused, not lost" \
	sh -c 'a send oslo - <"$0" || true' "$tmp/in"
check "all of it arrives" await 120 is_delivered a
no_steering() {
	b read bergen --limit 2 >"$tmp/shown"
	! grep -q "$(printf '\342\200\256\\|\033\\[31m')" "$tmp/shown"
}
check "and a person is not steered by them" no_steering
check "one size on the wire" one_size 1200
finish
