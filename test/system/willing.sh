#!/bin/sh
# Two sides ask each other whether both are willing, while their posts die and
# come back, and read the same answer.
. "$(dirname "$0")/lib.sh"

question="Would you accept talks in Bern?"

# round SIDE FILTER: the last round of this side's line.
round() {
	holds "length == 1 and (.[0] | $2)" "$1" willing show "$(peer_of "$1")"
}

line_between

check "nobody has asked yet" prints "Nobody has asked" a willing show oslo
refuses "an answer to nothing is refused" 1 "no question" \
	b willing answer bergen yes
refuses "an answer is yes or no" 2 "yes or no" \
	a willing ask oslo "$question" perhaps
refuses "a question is needed" 1 "is empty" a willing ask oslo "" yes

check "b's post goes down" b down
check "a asks, and says yes" holds '.[0] | .state == "running" and .n == 1 and
	.asked_by == "us" and .waits_for == "them" and .steps == 1' \
	a willing ask oslo "$question" yes
kill_room a keeper
check "a's keeper was killed: the round is there still" await 30 round a \
	'.waits_for == "them"'
refuses "a second question is refused while one runs" 1 "is missing" \
	a willing ask oslo "And now?" yes
check "b's post comes back" up b
check "and has the question" await 60 round b ".question == \"$question\"
	and .asked_by == \"them\" and .waits_for == \"us\""
check "a person there sees what it is worth" prints "a yes|say yes" \
	b willing show bergen
refuses "b may not ask another" 1 "waits for this side" \
	b willing ask bergen "And now?" yes

# By standard input: no list of processes shows it.
answers() {
	echo yes | b willing answer bergen -
}
check "a's post goes down" a down
check "b answers" answers
refuses "and cannot answer twice" 1 "no question of theirs" \
	b willing answer bergen no
check "whose step is missing is shown" round b '.waits_for == "them" and
	.steps == 2'
kill_room b keeper
check "a's post comes back" up a
check "both sides read that both said yes, here" await 60 round a \
	'.state == "both" and .waits_for == null'
check "and there" await 60 round b '.state == "both" and .steps == 4'
check "in words" prints "Both sides said yes" b willing show bergen 1

refuses "one question a day" 1 "The next may begin on" \
	a willing ask oslo "$question" no
refuses "of either side" 1 "The next may begin on" \
	b willing ask bergen "$question" no
refuses "what is not there is not shown" 1 "no question 2" \
	a willing show oslo 2
told() {
	"$1" events --json | jq -se --arg what "$2" \
		'[.[] | select(.kind == "willing" and .what == $what)]
		| length == 1'
}
check "a was told once" told a both
check "b was told once" told b both
check "nobody was told of a fault" sh -c \
	'! a events --json | grep -q passed-over'
check "every frame had one size" one_size 1200
check "no log says what was asked" no_secrets "talks in Bern"
finish
