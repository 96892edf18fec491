#!/bin/sh
# A hundred megabytes over a fast line, while either side is stopped and started
# again on the way.
. "$(dirname "$0")/lib.sh"

# Real files as they are found, up to the size.
bytes=$((100 * 1024 * 1024))
tar -cf - /usr/share /usr/lib 2>/dev/null | head -c $bytes >"$tmp/archive.tar"
must "there are real files enough" \
	test "$(wc -c <"$tmp/archive.tar")" = $bytes

line_between bulk
send_archive() {
	a send oslo "All of it" --file "$tmp/archive.tar" >"$tmp/said"
}
must "a hundred megabytes are accepted" send_archive
check "the command says when it will have arrived" grep -q "arrives about" \
	"$tmp/said"

held() {
	_held=$(a read oslo --json | jq 'select(.ref == "us/1") |
		.progress.bytes_held')
	[ "${_held:-0}" -ge "$1" ]
}
check "a fifth is there" await 200 held $((bytes / 5))
check "the sender stops" a down
check "and starts again" up a
check "the line comes up" await 90 both_up
check "it goes on where it was" held $((bytes / 5 - 4 * 1024 * 1024))
check "half is there" await 200 held $((bytes / 2))
check "the receiver stops" b down
check "a says that this was a goodbye" await 60 is_why a goodbye
check "the receiver starts again" up b
check "the line comes up again" await 90 both_up
check "a flash message overtakes it" a send oslo "Overtaking" \
	--precedence flash --wait delivered --timeout 60
check "the archive is still on its way" sh -c \
	'! a read oslo --json | jq -es "map(select(.ref == \"us/1\"))[0] |
	.receipts.delivered != null"'
check "all is there" await 250 has_all b 2
check "the sums are equal" holds \
	"map(select(.ref == \"them/1\"))[0].attachments[0] |
	.bytes == $bytes and
	.blake2b == \"$(b2sum -l 256 "$tmp/archive.tar" | cut -d' ' -f1)\"" \
	b read bergen
get_archive() {
	b get bergen them/1 1 -o "$tmp/got" && cmp "$tmp/got" "$tmp/archive.tar"
}
check "and so is the file" get_archive
check "one size on the wire" one_size 1200
finish
