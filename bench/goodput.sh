# The same of two real posts, at 1200@1 over a network without loss: how much of
# what one of them sends is a file's bytes.
. "$(dirname "$0")/lib.sh"

size=1200
bytes=32000000

line_between $size@1
must "a message arrives" a send oslo "first" --wait delivered --timeout 60
head -c $bytes /dev/urandom >"$tmp/file"

progress "a file of 32 MB between real posts"
a send oslo --file "$tmp/file" >/dev/null || fail "the file is not taken"
before=$(stat_of ab seen)
until is_delivered a; do
	sleep 0.02
done
frames=$(($(stat_of ab seen) - before))
figure "goodput 1200, real posts" "$(calc "$bytes / ($size * $frames)")" share \
	"all bytes of its datagrams" 1 "ratio >= 0.92"
