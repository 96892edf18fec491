#!/bin/sh
# Two people set up a line as the README says, talk, and go home.
. "$(dirname "$0")/lib.sh"

refuses "a post that was never made says so" 3 "quietline init" \
	a status
line_between

# What tests and other programs rely on.
check "status has its documented fields" holds 'length == 1 and (.[0] |
	has("post") and .state == "open" and (.version | type == "string")
	and (.lines | length == 1) and (.lines[0] |
	.line == "oslo" and .state == "up" and .why == null
	and (.watch | IN("on", "off", "declined", "unknown"))
	and (.last_heard | test("^[0-9-]{10}T[0-9:.]+Z$"))
	and has("rtt_ms")
	and .cadence.frame_bytes == 1200 and .cadence.slot_ms == 10
	and (.paths | length == 1 and (.[0] | has("name") and has("peer")
	and has("state") and has("last_heard")))
	and (.outbox | has("messages") and has("bytes"))))' a status
check "status is a sentence that names the line" prints 'oslo' a status
check "the list of lines names it" prints bergen b line list
check "the line is shown, with its frames" prints 1200 b line show bergen

must "a message is accepted, with its reference" holds \
	'.[0] | .line == "oslo" and .serial == 1 and .ref == "us/1"' \
	a send oslo "Is anybody there?" --subject "First words"
check "it arrives" await 60 has_all b 1
check "it says what was said" holds '.[0] | .from == "them" and .serial == 1
	and .ref == "them/1" and .subject == "First words"
	and .text == "Is anybody there?" and .precedence == "routine"
	and (.id | length >= 16) and (.time_sent | test("Z$"))
	and (.time_stored | test("Z$")) and .attachments == []' b read bergen
check "a person reads it" prints "Is anybody there" b read bergen
check "the sender learns that it was delivered" await 60 holds \
	'map(select(.ref == "us/1"))[0].receipts.delivered != null' a read oslo
check "nobody has acknowledged it" holds \
	'map(select(.ref == "us/1"))[0].receipts.acknowledged == null' \
	a read oslo
check "a person acknowledges" b ack bergen them/1
check "and the sender learns that too" await 60 holds \
	'map(select(.ref == "us/1"))[0].receipts.acknowledged != null' \
	a read oslo

answer() {
	b send bergen - --re them/1 --precedence immediate --wait delivered \
		--timeout 60 <"$data/en.txt"
}
check "an answer waits for its delivery" answer
check "the answer names what it answers" holds 'map(select(.from == "them"))[0]
	| .re == "us/1" and .precedence == "immediate"' a read oslo
unanswered() {
	a send oslo "Please acknowledge" --wait acknowledged --timeout 1 \
		>/dev/null
}
refuses "waiting for a person ends at its time" 5 "." unanswered
check "a message may withdraw another" a send oslo "Forget us/2" \
	--withdraws us/2
check "a mark and a language go with it" a send oslo "Ni hao" \
	--mark principal --language zh --wait delivered --timeout 60
check "they arrive" holds 'map(select(.from == "them")) | last |
	.mark == "principal" and .language == "zh"' b read bergen
check "and what was withdrawn is named" holds 'map(select(.from == "them"))[2]
	| .withdraws == "them/2"' b read bergen
check "reading can begin later" holds 'map(select(.from == "them")) |
	length == 1' b read bergen --since them/3
check "and be limited" holds 'length == 2' b read bergen --limit 2

check "a drill goes out" a drill oslo
check "and is answered by the other post" await 60 holds \
	'map(select(.kind == "drill")) | length > 0' a events
check "events say what happened" prints bergen b events

check "the other side says goodbye" b down
refuses "then its post is not running" 3 "not running|quietline up" b status
check "and this side is told so" await 60 is_why a goodbye
check "what is sent meanwhile is accepted" a send oslo "Good night"
check "one message waits" holds '.[0].lines[0].outbox.messages == 1' a status
check "the other side comes back" up b
check "the line comes up by itself" await 90 both_up
check "what waited arrives" await 60 has_all b 5
check "each once, in order" same_journal a 5
check "and what b had sent is there still" same_journal b 1
check "a line that is not there is not closed" sh -c '! a line close nobody'
check "a line is closed" a line close oslo
check "one size on the wire, from the first frame to the last" one_size 1200
check "the logs tell nothing of what was said" no_secrets \
	"First words|anybody|acknowledge us|Ni hao|duty officer|incursion"
a down
finish
