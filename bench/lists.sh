# Pages of long lists: of a post that holds 10,000 points and 100,000 messages, one
# page of each list through the API and at keeper, against bare SQLite that reads the
# same rows of the same encrypted file.
. "$(dirname "$0")/lib.sh"

points=${QUIETLINE_POINTS:-10000}
messages=${QUIETLINE_MESSAGES:-100000}
rounds=200

line_between 1200@100
must "the peer goes home" b down
must "the post stops" a down
progress "a post of $points points and $messages messages is made"
"$build/bench/stock" fill "$tmp/a" "$tmp/a.pass" oslo "$points" "$messages" ||
	fail "the post takes them"
must "the post comes up" up a

# A cursor in the middle of the points.
middle=$(a point list oslo --json | sed -n "$((points / 2))p" | jq .cursor)
progress "pages through the API"
line=/v1/lines/oslo
"$build/bench/pages" "$tmp/a/sock" $rounds 100 \
	"$line/messages?limit=100" \
	"$line/points?limit=100" \
	"$line/points?after=$middle&limit=100" \
	"$line/points?open=1&limit=100" \
	"$line/points?due=1&limit=100" >"$tmp/api" || fail "pages"
must "the post stops again" a down
progress "pages at keeper, and bare"
"$build/bench/stock" look "$tmp/a" "$tmp/a.pass" oslo $rounds >"$tmp/look" ||
	fail "pages without the API"

# of PATTERN FILE SHARE
of() {
	grep -F -- "$1 " "$2" | awk '{ print $NF }' | quantile "$3"
}
for what in messages points; do
	for share in 0.5 0.99; do
		name=p$(calc "$share * 100")
		bare=$(of "$what bare" "$tmp/look" $share)
		figure "100 $what at keeper, $name" \
			"$(of "$what keeper" "$tmp/look" $share)" ms \
			"bare rows of the same file, $name" "$bare" \
			"value <= 50"
		figure "100 $what by API, $name" \
			"$(of "/$what?limit=100" "$tmp/api" $share)" ms \
			"bare rows of the same file, $name" "$bare" \
			"value <= 50"
	done
done
bare=$(of "points bare" "$tmp/look" 0.99)
for list in after=$middle open=1 due=1; do
	figure "100 points, ${list%%=*}, by API, p99" \
		"$(of "/points?$list&limit=100" "$tmp/api" 0.99)" ms \
		"bare rows of the same file, p99" "$bare" "value <= 50"
done
