#!/bin/sh
# Two posts agree on a form and send by its number; each reads it in both languages.
# Then they agree on what each tells the other, and one of them ends it.
. "$(dirname "$0")/lib.sh"

line_between

must "twelve forms came with the post" holds 'length == 12' a form list
must "a proposes one in two languages" holds \
	'.[0] | .number == 1 and .state == "proposed" and .by == "us" and
	(.languages | length) == 2' \
	a form propose oslo --shipped exercise --languages en,ko
fields() {
	"$1" send "$2" --form "$3" --field what="Quiet \"Sea\"" \
		--field force=sea --field strength=1200 \
		--field "where=Yellow Sea @ 37.5,124.9" \
		--field begins=2026-12-01T06:00Z --field ends=2026-12-03T18:00Z
}
refuses "it cannot be sent before both agree" 1 "both sides must agree" \
	fields a oslo 1
check "b has it" await 30 holds '.[0].state == "proposed" and
	.[0].by == "them"' b form list bergen
check "it waits for a person there" holds 'any(.[]; .kind == "proposal")' \
	b waiting
check "b reads it, and that nobody has reviewed the Korean" \
	prints "No native speaker" b form show bergen 1
refuses "a cannot agree for b" 1 "Only what they propose" a form agree oslo 1
check "b agrees" holds '.[0].state == "agreed"' b form agree bergen 1
check "a hears of it" await 30 holds '.[0].state == "agreed"' \
	a form show oslo 1

check "a sends by the form" fields a oslo 1
arrived() {
	b read bergen --json | jq -es 'any(.[]; .form == 1 and
		(.said | length) == 2 and .form_note == null)'
}
check "b gets it in both languages" await 30 arrived
check "in English" prints "Area: Yellow Sea @ 37.5,124.9" b read bergen
check "and in Korean" prints "훈련명: Quiet" b read bergen
check "a choice has words in each" prints "해군" b read bergen
refuses "a field that is missing is refused" 1 "force is missing" \
	a send oslo --form 1 --field what=x
refuses "a field that the form has not got is refused" 1 "no field colour" \
	a send oslo --form 1 --field what=x --field colour=red
refuses "a field twice is refused" 1 "given twice" \
	a send oslo --form 1 --field what=x --field what=y
refuses "text that turns the direction of reading is refused" 1 "direction" \
	a send oslo --form 1 --field "what=$(printf 'x\342\200\256y')"
refuses "a form that is not there is refused" 1 "no form 7" \
	a send oslo --form 7 --field x=y
refuses "a form takes no text" 2 "no TEXT" a send oslo hello --form 1

a form show exercise --file >"$tmp/ours.form"
sed -i 's/It is not directed against you/It concerns nobody else/' "$tmp/ours.form"
check "a changed form is a new number" holds '.[0].number == 3' \
	a form propose oslo "$tmp/ours.form" --languages en
echo "hello" >"$tmp/none.form"
refuses "what is no form is refused with its line" 1 "line 1" \
	a form propose oslo "$tmp/none.form"
check "b counts even" holds '.[0].number == 2' \
	b form propose bergen --shipped regret --languages en,ar
check "b takes it back" holds '.[0].state == "withdrawn"' \
	b form withdraw bergen 2
declined() {
	b form decline bergen 3
}
check "b declines the changed one" await 30 declined
both() {
	a form list oslo --json | jq -r '[.number, .state] | @csv' >"$tmp/a.csv"
	b form list bergen --json | jq -r '[.number, .state] | @csv' >"$tmp/b.csv"
	cmp "$tmp/a.csv" "$tmp/b.csv" && grep -q '3,"declined"' "$tmp/a.csv" &&
		grep -q '2,"withdrawn"' "$tmp/a.csv"
}
check "both come to the same" await 30 both
check "a retires the first" holds '.[0].state == "retired"' \
	a form retire oslo 1
refuses "it is sent no more" 1 "form 1 is retired" fields a oslo 1
check "what was sent by it is read as it was" arrived

check "a proposes that both tell more" prints "This side proposes: titles, read" \
	a line set oslo disclose titles,read
check "nothing more is told yet" holds '.[0].author == null' b read bergen
agreed() {
	b line set bergen disclose titles,read --json | jq -e \
		'.discloses == ["titles", "read"]'
}
check "b agrees by typing the same" await 30 agreed
told() {
	a line set oslo disclose titles,read --json | jq -e \
		'.discloses == ["titles", "read"]'
}
check "a hears of it" await 30 told
check "a writes" a send oslo "Who reads this?"
heard() {
	b read bergen | grep -q "Who reads this"
}
check "b reads it" await 30 heard
was_read() {
	a read oslo --json | jq -es '.[-1].receipts.read != null'
}
check "a learns that it was read" await 30 was_read
check "and b who wrote it" holds '.[-1].author == "head"' b read bergen
check "the line says so" prints "each side tells the other: titles, read" \
	b line show bergen
check "b ends that alone" prints "nothing more" \
	b line set bergen disclose none
none() {
	a line set oslo disclose none --json | jq -e '.discloses == []'
}
check "at once" none
check "a writes again" a send oslo "And this?"
check "b reads that too" await 30 b read bergen --since them/2
again() {
	b read bergen --json | jq -es '.[-1] | .text == "And this?" and
		.author == null and .reading_is_told == false'
}
check "and neither is told" await 30 again
check "the post ends" kill_post a
check "and comes back" up a
check "with its forms" holds '.[0].state == "retired"' a form list oslo
finish
