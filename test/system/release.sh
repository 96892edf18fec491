#!/bin/sh
# Two people release what is said: a rule, drafts, versions, emergencies; and a
# keeper that is killed between a release and the journal.
. "$(dirname "$0")/lib.sh"

# as TITLE COMMAND...: a's command, spoken by that delegate.
as() {
	_title=$1
	shift
	QUIETLINE_SESSION=$(cat "$tmp/$_title.token") a "$@"
}

# delegate TITLE ROLE
delegate() {
	echo "the long passphrase of $1" >"$tmp/$1.pass"
	must "$1 is a delegate" a delegate add "$1" --role "$2" \
		--passphrase-file "$tmp/$1.pass"
	await 30 signs_in "$1" || not_ok "$1 signs in"
}

# One try a second is heard.
signs_in() {
	a sign-in "$1" --passphrase-file "$tmp/$1.pass" --print \
		>"$tmp/$1.token" && [ -s "$tmp/$1.token" ]
}

# said N: the other side has so many messages.
said() {
	[ "$(messages b them | wc -l)" = "$1" ]
}

sent() {
	[ "$(messages a us | wc -l)" = "$1" ]
}

state() {
	a draft show "$1" --json | jq -r .state
}

is_draft() {
	[ "$(state "$1")" = "$2" ]
}

writes() {
	as writer send oslo "$@" -p flash --draft --json | jq -r .draft
}

line_between 1200@10
delegate writer drafter
delegate one releaser
delegate two releaser

# ---- the rule ---------------------------------------------------------------

must "a rule of two for flash" a rule set oslo flash releaser=2
check "the rule is shown" prints "flash +Released by 2 releasers" \
	a rule show oslo
check "other precedences have none" prints "routine +There is no rule" \
	a rule show oslo
refuses "a reader may not be asked for" 1 "may not speak" \
	a rule set oslo flash reader=1
refuses "a rule of nobody is none" 2 "ROLE=N" a rule set oslo flash releaser=0
refuses "a releaser sets no rule" 1 "takes the role head" \
	as one rule set oslo flash releaser=1
refuses "nobody says it alone" 1 "2 releasers.*--draft" \
	as one send oslo "alone" -p flash
refuses "nor the head" 1 "2 releasers" a send oslo "alone" -p flash
refuses "nor in an emergency, as this rule is" 1 "not in an emergency" \
	as one send oslo "alone" -p flash --emergency
check "other precedences go" as one send oslo "routine"
check "nothing of it was said but that" sent 1

# ---- drafts -----------------------------------------------------------------

must "a draft is kept" prints "Kept as draft 1, version 1" \
	as writer send oslo "Your patrol is
2 km past the marker." -p flash --draft
check "it is listed, with who must act" prints "2 releasers beside" \
	as one draft list oslo
check "it waits for a person" holds 'any(.kind == "draft")' a waiting
check "a comment stands beside it" as one draft comment 1 "Which patrol?"
check "the comment is shown" prints "commented by one: Which patrol" \
	as two draft show 1
check "one releases it" prints "released so far by one" \
	as one draft release 1 --version 1
check "and it waits" is_draft 1 waiting
check "who released it reads that it is another's turn" \
	prints "to oslo, flash waits.* 1 has released it so far. You have: it" \
	as one waiting
check "and so does its writer" prints "You wrote it: " as writer waiting
refuses "one cannot be two" 1 "released this version already" \
	as one draft release 1
must "a new version" as writer send oslo "Your third patrol is
2 km past the marker." -p flash --draft=1
check "what was released counts no more" is_draft 1 open
check "what changed is shown" prints '^\+ Your third patrol is' \
	as two draft show 1 --diff
check "and what went" prints '^- Your patrol is' as two draft show 1 --diff
refuses "the version before is released no more" 1 "newer version, 2" \
	as two draft release 1 --version 1
refuses "there is no version 3" 1 "no such version" \
	as two draft release 1 --version 3
refuses "who writes does not release" 1 "takes the role" \
	as writer draft release 1
check "nothing was said yet" sent 1
check "one releases the new one" as one draft release 1 --version 2
check "two releases it" prints "said as us/2" \
	as two draft release 1 --version 2
check "it arrives" await 60 said 2
check "word for word" holds 'any(.text ==
	"Your third patrol is\n2 km past the marker.")' b read bergen
check "with no mark of an emergency" holds 'all(.emergency != true)' \
	b read bergen
refuses "it is said once" 1 "released.*us/2" as two draft release 1
refuses "and changes no more" 1 "does not change" \
	as writer send oslo "other words" -p flash --draft=1
refuses "nor is it taken back" 1 "does not change" as writer draft recall 1

# Written by one who may release.
n=$(as one send oslo "of my own" -p flash --draft --json | jq -r .draft)
refuses "one's own release does not count" 1 "You wrote this version" \
	as one draft release "$n"

# ---- recall -----------------------------------------------------------------

refuses "another's draft is not a drafter's to recall" 1 "recalled by one" \
	as writer draft recall "$n"
check "its writer recalls it" prints "recalled" as one draft recall "$n"
refuses "what was recalled is not released" 1 "was recalled" \
	as two draft release "$n"
check "it is not listed any more" holds 'length == 0' a draft list
check "but kept" holds 'length == 2' a draft list --all
check "with all that was done" prints "recalled by one" a draft show "$n"

# ---- emergency --------------------------------------------------------------

n=$(writes "at once")
refuses "the rule lets nobody alone" 1 "not in an emergency" \
	as one draft release "$n" --emergency
must "another rule" a rule set oslo flash releaser=2 --emergency
check "now one may" prints "said as us/3" \
	as one draft release "$n" --emergency
check "it arrives" await 60 said 3
check "marked over there" holds 'any(.emergency == true)' b read bergen
check "marked here" holds 'any(.emergency == true)' a read oslo
check "an event over there says so" prints "released them/3 alone" b events
check "and one here" prints "one alone, in an emergency" a events
check "without a draft too" as two send oslo "now" -p flash --emergency
check "that one is marked as well" await 60 said 4

# ---- files ------------------------------------------------------------------

head -c 300000 /dev/urandom >"$tmp/map.png"
n=$(writes "the map" --file "$tmp/map.png")
check "a draft keeps its file" holds '.[0].files[0].bytes == 300000' \
	a draft show "$n"
check "keeper ends" kill_room a keeper
check "the file outlives it" await 60 holds '.[0].files[0].bytes == 300000' \
	a draft show "$n"
check "who releases it looks at it first" as one draft get "$n" 1 -o "$tmp/seen"
check "it is what was handed in" cmp "$tmp/map.png" "$tmp/seen"
refuses "there is no second one" 1 "no file of that number" \
	as one draft get "$n" 2 -o "$tmp/none"
check "one releases it" await 60 as one draft release "$n" --version 1
check "two releases it" as two draft release "$n" --version 1
check "it arrives" await 60 said 5
check "the file comes" await 60 b get bergen them/5 1 -o "$tmp/got.png"
check "the same" cmp "$tmp/map.png" "$tmp/got.png"
n=$(writes "another map" --file "$tmp/map.png")
files=$(find "$tmp/a/attachments" -type f | wc -l)
check "a recall" as writer draft recall "$n"
check "takes the file with it" \
	[ "$(find "$tmp/a/attachments" -type f | wc -l)" = $((files - 1)) ]

# ---- two at once --------------------------------------------------------------

n=$(writes "once, whoever is first")
as one draft release "$n" --version 1 >"$tmp/first" 2>&1 &
first=$!
as two draft release "$n" --version 1 >"$tmp/second" 2>&1 &
second=$!
wait $first
wait $second
check "two release it at once" is_draft "$n" released
check "it is said once" sent 6

# The same person twice at once is one person.
n=$(writes "not by one")
for _ in 1 2 3; do
	as one draft release "$n" --version 1 >/dev/null 2>&1 &
	eval "job$_=\$!"
done
# shellcheck disable=SC2154
wait "$job1" "$job2" "$job3"
check "three times the same is one release" is_draft "$n" waiting
check "and nothing is said" sent 6
check "the other one releases it" as two draft release "$n"

# ---- killed -------------------------------------------------------------------

# A keeper that dies at any moment around the last release: said once, or not
# at all and to be released again.
killed=0
for pause in 0 0.002 0.005 0.01 0.02 0.05; do
	n=$(writes "killed after $pause")
	check "one releases draft $n" as one draft release "$n" --version 1
	as two draft release "$n" --version 1 >/dev/null 2>&1 &
	second=$!
	sleep "$pause"
	kill_room a keeper || not_ok "keeper is killed"
	wait $second
	await 60 a draft show "$n" || not_ok "keeper is back"
	killed=$((killed + 1))
	is_draft "$n" released ||
		check "it waits, and is released again" \
			as two draft release "$n" --version 1
	refuses "draft $n is released once" 1 "is released" \
		as two draft release "$n" --version 1
	check "and said once" sent $((7 + killed))
done
check "all of it arrives" await 60 said $((7 + killed))
check "each once, in order, the same" same_journal a $((7 + killed))
check "no secret is in a log" no_secrets "patrol|at once|killed after"

finish
