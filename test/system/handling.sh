#!/bin/sh
# Messages that can't be misread: withdrawn and replaced for both to see, translated
# beside the original, passed on as their marks say, in any script, without a
# character that turns it around.
. "$(dirname "$0")/lib.sh"

line_between 1200@10 images

# with SIDE REF FILTER: the message is so.
with() {
	"$1" read "$(peer_of "$1")" --limit 0 --json >"$tmp/with.json" &&
		jq -es --arg ref "$2" "map(select(.ref == \$ref)) | length == 1
		and (.[0] | $3)" "$tmp/with.json" >/dev/null
}

must "a message goes out" a send oslo "We agree to Tuesday." --wait delivered \
	--timeout 60
check "it is replaced" a send oslo "We agree to Thursday." --withdraws us/1 \
	--wait delivered --timeout 60
check "the sender sees by what, and when" with a us/1 \
	'.withdrawn_by == "us/2" and .replaced_by == "us/2"
	and (.withdrawn | test("Z$"))'
check "the reader sees the same" with b them/1 '.replaced_by == "them/2"
	and (.withdrawn | test("Z$"))'
check "both say the same time" sh -c "
	a read oslo --limit 0 --json | jq -r 'select(.withdrawn).withdrawn' >$tmp/a.at
	b read bergen --limit 0 --json | jq -r 'select(.withdrawn).withdrawn' |
	    diff - $tmp/a.at && [ -s $tmp/a.at ]"
check "people are shown it" prints "WITHDRAWN .*replaced by them/2" \
	b read bergen
check "its words stay" prints "Tuesday" b read bergen
check "an event says so" prints "them/1.* replaced by them/2" b events
refuses "withdrawing twice is refused" 1 "withdrawn already, by us/2" \
	a send oslo "Friday, then." --withdraws us/1
refuses "theirs is not to be withdrawn" 1 "your own" \
	b send bergen --withdraws them/2
check "a withdrawal alone says nothing else" a send oslo --withdraws us/2 \
	--wait delivered --timeout 60
check "and replaces nothing" with b them/2 '.withdrawn_by == "them/3"
	and .replaced_by == null'

# ---- translations

check "a message in another language" a send oslo "내일 만납시다." \
	--language ko --mark "may be quoted" --wait delivered --timeout 60
check "their interpreter translates it" b translate bergen them/4 \
	"Let us meet tomorrow." --language en
check "and so does ours" a translate oslo us/4 - --language fr <<-END
	Rencontrons-nous demain.
	END
check "each side has both" await 60 with a us/4 '.translations == 2'
check "the other too" await 60 with b them/4 '.translations == 2 and
	.text == "내일 만납시다." and .language == "ko"'
check "they are shown as unofficial, beside the original" prints \
	"into en, unofficial, by them" a read oslo
check "the original stands above" prints "내일 만납시다" a read oslo
check "they can be listed" holds 'length == 2 and
	(map(.language) | sort) == ["en", "fr"] and
	(map(.from) | sort) == ["them", "us"]' b translate bergen them/4
refuses "a translation names its language" 2 "language" \
	a translate oslo us/4 "x"
refuses "and is of a message that is there" 1 "no message" \
	a translate oslo us/99 "x" --language en

# ---- passing on: the other line is made by hand, and need not be up

# confirm SIDE LINE WORDS-FILE
confirm() {
	# shellcheck disable=SC2046
	"$1" line confirm "$2" $(words_of "$3")
}
a line offer lima -o "$tmp/offer2" --endpoint 127.0.0.1:9 >/dev/null &&
	b line accept turku "$tmp/offer2" -o "$tmp/reply2" >/dev/null &&
	a line finish lima "$tmp/reply2" -o "$tmp/reveal2" >/dev/null &&
	b line finish turku "$tmp/reveal2" --json >"$tmp/words2" ||
	not_ok "another line is made"
must "another line" confirm a lima "$tmp/words2"
check "what may be quoted is passed on as it stands" a pass oslo us/4 lima \
	--mark "may be quoted"
check "the other line has it, with its mark" holds 'length == 1 and (.[0] |
	.text == "내일 만납시다." and .mark == "may be quoted"
	and .language == "ko")' a read lima
refuses "its mark must be named" 2 "mark" a pass oslo us/4 lima
refuses "and be its own" 1 "Name the mark" a pass oslo us/4 lima --mark none
b send bergen "For your eyes." --mark "you only" --wait delivered --timeout 60 \
	>/dev/null
b send bergen "They bluff." --mark "in substance" --wait delivered \
	--timeout 60 >/dev/null
check "an event names the mark" prints "marked you only" a events
check "and so does reading" prints "them/1 .*you only" a read oslo
refuses "you only is not passed on" 1 "not passed on" \
	a pass oslo them/1 lima --mark "you only"
refuses "nor under another name" 1 "not passed on" \
	a pass oslo them/1 lima --mark "may be quoted"
refuses "in substance takes own words" 1 "own words" \
	a pass oslo them/2 lima --mark "in substance"
refuses "which are not theirs" 1 "not yours" \
	a pass oslo them/2 lima --mark "in substance" --text "They bluff."
check "then it goes" a pass oslo them/2 lima --mark "in substance" \
	--text "We doubt it."
check "without their words" sh -c "! a read lima | grep -q bluff"
refuses "what is withdrawn is not passed on" 1 "withdrawn" \
	a pass oslo us/1 lima --mark none
check "what was passed on is remembered here" holds 'length == 2 and
	(.[0] | .ref == "us/4" and .to == "lima" and .who == "head"
	and (.in_own_words | not)) and (.[1] | .ref == "them/2"
	and .in_own_words)' a pass oslo
check "and in words" prints "them/2 was passed on to lima" a pass oslo
check "and with the message" with a them/2 '.passed == 1'
check "the other side knows nothing of it" with b us/2 '.passed == 0'

# ---- scripts, and characters that hide

check "what looks alike is alike" sh -c "
	printf 'cafe\314\201' | a send oslo - --wait delivered --timeout 60 &&
	b read bergen --limit 1 --json | jq -e '.text == \"caf\\u00e9\"'"
sly=$(printf 'send \342\200\256diap\342\200\254 now')
check "a text may turn around" a send oslo "$sly" --subject "$sly" \
	--wait delivered --timeout 60
check "and nobody is fooled by it" prints 'send <U\+202E>diap<U\+202C> now' \
	b read bergen
check "nor by its subject" sh -c \
	"b read bergen | grep -c '<U+202E>diap' | grep -qx 2"
check "nor by a translation" sh -c "
	a translate oslo us/6 '$sly' --language en &&
	a read oslo | grep -c '<U+202E>diap' | grep -qx 3"

# ---- files by the line's terms; nothing is opened by the post

printf '%s' '<script>alert(1)</script>' >"$tmp/page.html"
refuses "what terms refuse is not sent" 1 "images" \
	a send oslo --file "$tmp/page.html"
printf 'no picture at all' >"$tmp/picture.png"
check "an image is what is called one" a send oslo --file "$tmp/picture.png" \
	--wait delivered --timeout 60
check "and comes as it was" sh -c "
	b get bergen them/7 1 -o $tmp/got && cmp $tmp/got $tmp/picture.png"
check "the logs tell nothing of what was said" no_secrets \
	"Tuesday|Thursday|bluff|interpreter|diap|picture"
finish
