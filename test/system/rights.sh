#!/bin/sh
# Who may do what, through every door: each request and each command by each role,
# by those whom the post does not know, again after the session ended, and two at
# once. The table is the unit tests', test/unit/rights.inc.
. "$(dirname "$0")/lib.sh"

command -v curl >/dev/null || skip_all "curl is not installed"

sock=$tmp/a/sock
table=$here/../unit/rights.inc
all_roles="h d r i w e"

make_posts
echo "a passphrase of delegates" >"$tmp/pass"

role_of() {
	case $1 in
	h) echo head ;;
	d) echo drafter ;;
	r) echo releaser ;;
	i) echo interpreter ;;
	w) echo watch ;;
	e) echo reader ;;
	esac
}

# token SIDE TITLE: signs in; the token.
token() {
	"$1" sign-in "$2" --print --passphrase-file "$tmp/pass"
}

for letter in $all_roles; do
	role=$(role_of "$letter")
	must "a delegate is added: $role" a delegate add "the $role" \
		--role "$role" --passphrase-file "$tmp/pass"
	token a "the $role" >"$tmp/token.$letter" || not_ok "$role signs in"
done
b delegate add "the head" --role head --passphrase-file "$tmp/pass" >/dev/null
token b "the head" >"$tmp/token.other"
a delegate add "the gone" --role head --passphrase-file "$tmp/pass" >/dev/null
token a "the gone" >"$tmp/token.gone"
must "one of them is revoked" a delegate revoke "the gone"
echo 00000000000000000000000000000000000000000000000000000000000000ff \
	>"$tmp/token.never"

# ---- the API ----------------------------------------------------------------

# kind|roles|method|path|body, without what ends the session or the post.
sed -n 's/^ROW(\([A-Z_]*\), "\([^"]*\)", \([A-Z]*\) \([^ ]*\) *\(.*\))$/\1|\2|\3|\4|\5/p' \
	"$table" | grep -v -e '^DOWN|' -e '^SIGN_OUT|' -e '|\*|' >"$tmp/rows"
check "the table has every request" test "$(wc -l <"$tmp/rows")" -gt 80

# ask TOKENFILE ROWS QUERY: asks all rows in one go; the statuses, a line each.
ask() {
	while IFS='|' read -r _kind _roles _method _path _body; do
		_body=${_body%\?draft}
		printf 'url = "http://localhost%s%s"\n' "$_path" "$3"
		printf 'unix-socket = "%s"\nrequest = %s\nsilent\n' \
			"$sock" "$_method"
		printf 'output = /dev/null\nwrite-out = "%%{http_code}\\n"\n'
		printf 'header = "Authorization: Bearer %s"\n' "$(cat "$1")"
		[ "$_method" = GET ] ||
			printf 'data = "%s"\n' \
				"$(printf %s "${_body:-}" | sed 's/"/\\"/g')"
		printf 'next\n'
	done <"$2" | sed '$d' >"$tmp/curl.conf"
	curl --config "$tmp/curl.conf"
}

# judge LETTER ROWS: of lines "row status", those that are not as the table says.
# Drafts are for the roles that follow.
judge() {
	paste -d'|' "$2" - | awk -F'|' -v letter="$1" -v drafts="${3:-}" '{
		roles = drafts != "" ? drafts : $2
		may = roles == "+" || index(roles, letter) > 0
		status = $NF
		if (status == 401 || status == 0 || may != (status != 403))
			print letter, $1, status
	}'
}

for letter in $all_roles; do
	ask "$tmp/token.$letter" "$tmp/rows" "" |
		judge "$letter" "$tmp/rows" >"$tmp/wrong"
	check "the API lets a $(role_of "$letter") do what it may, no more" \
		diff /dev/null "$tmp/wrong"
done

grep '?draft$' "$tmp/rows" >"$tmp/drafts"
for letter in $all_roles; do
	ask "$tmp/token.$letter" "$tmp/drafts" "?draft=new" |
		judge "$letter" "$tmp/drafts" hdri >"$tmp/wrong"
	check "the API lets a $(role_of "$letter") draft, or not" \
		diff /dev/null "$tmp/wrong"
done

for who in never other gone; do
	ask "$tmp/token.$who" "$tmp/rows" "" | grep -v 401 >"$tmp/wrong"
	check "the API knows no token that is not its own: $who" \
		diff /dev/null "$tmp/wrong"
done

# code METHOD PATH BODY [HEADER]: the status of one request.
code() {
	curl -s -o /dev/null -w '%{http_code}' --unix-socket "$sock" -X "$1" \
		-H "${4:-X-None: 1}" --data "$3" "http://localhost$2"
}
is_code() {
	_want=$1
	shift
	_got=$(code "$@")
	[ "$_got" = "$_want" ] || {
		echo "status $_got"
		return 1
	}
}

check "a token out of form is refused" \
	is_code 401 GET /v1/who "" "Authorization: Bearer 00"
check "so is another way to sign in" \
	is_code 401 GET /v1/who "" "Authorization: Basic aGVhZDpoZWFk"
check "what does not speak is not drafted" \
	is_code 400 POST "/v1/lines/x/drill?draft=new" ""
check "a watch does not stop the post" is_code 403 POST /v1/down "" \
	"Authorization: Bearer $(cat "$tmp/token.w")"

# ---- commands ---------------------------------------------------------------

# Each command that asks the post, and the request that it must be let to make.
cat >"$tmp/commands" <<'END'
DOWN down
STATUS status
OFFER line offer x -o /dev/null
ACCEPT line accept x FILE -o /dev/null
FINISH line finish x FILE -o /dev/null
CONFIRM line confirm x a b c d e
STATUS line list
LINE_SHOW line show x
LINE_CLOSE line close x
ROAMING line set x roaming on
PATH_ADD path add x
PATH_LIST path list x
PATH_REMOVE path remove x 1
SEND send x text
READ read x
GET get x us/1 -o /dev/null
ACK ack x them/1
EVENTS events
DRILL drill x --timeout 5
WATCH watch x on
DELEGATE_ADD delegate add x --role head --passphrase-file PASS
DELEGATE_LIST delegate list
DELEGATE_SHOW delegate show x
DELEGATE_SET delegate set x --name y
DELEGATE_PASSPHRASE delegate passphrase x --none
DELEGATE_REVOKE delegate revoke x
DELEGATE_OWNER delegate owner x
WHO who
ALARM_LIST alarm list
ALARM_ACK alarm ack 99
ALARM_TEST alarm test
ALARM_SET alarm set drill=once
ALARM_SILENCE alarm silence --off
TRANSLATE translate x us/1 text --language en
PASS pass x them/1 y --mark principal
POINT_RAISE point raise x title
POINT_STAND point stand x us/p1 heard
PUBLIC_ADD point public x --said 2026-11-22T09:00:00Z --who w --source s
PUBLIC_READING point reading x 0011223344556677 text
POINT_LIST point list x
POINT_SHOW point show x us/p1
DRAFT_LIST draft list
DRAFT_SHOW draft show 99
DRAFT_GET draft get 99 1 -o /dev/null
DRAFT_COMMENT draft comment 99 text
DRAFT_RELEASE draft release 99 --version 1
DRAFT_RECALL draft recall 99
RULE_LIST rule show x
RULE_SET rule set x flash releaser=1
RULE_SET rule clear x flash
FORM_PROPOSE form propose x --shipped test
FORM_ANSWER form agree x 1
FORM_ANSWER form decline x 1
FORM_ANSWER form withdraw x 1
FORM_ANSWER form retire x 1
FORM_LIST form list x
FORM_SHOW form show x 1
DISCLOSURE_SET line set x disclose titles
WAITING waiting
WATCH_SHOW watch show
WATCH_TAKE watch take
WATCH_HAND_OVER watch hand-over nobody
WATCH_LEAVE watch leave
WATCH_LOG watch log
ROSTER_SHOW roster show
ROSTER_SET roster set head
ROSTER_SET roster clear
DRILL_SET drill set x --every off
DRILL_ACK drill ack x
DRILL_MONTHS drill record x
SERVICE_SAY service x text
WILLING_ASK willing ask x question yes
WILLING_ANSWER willing answer x 1 yes
WILLING_SHOW willing show x 1
END
sed -i "s|FILE|$tmp/pass|; s|PASS\$|$tmp/pass|" "$tmp/commands"

# Those that ask nothing of the kind, or have a test of their own below.
"$quietline" --help >"$tmp/help"
{
	cat "$tmp/help"
	sed -nE 's/^  ([a-z-]+) +[a-z-]+(, .*)?$/\1/p' "$tmp/help" |
		while read -r group; do
			"$quietline" help "$group" | grep "^  $group "
		done
} | sed -nE 's/^  ([a-z-]+( [a-z-]+)*) +[A-Z].*/\1/p' |
	grep -vx -e init -e up -e help -e version -e sign-in -e sign-out |
	sort >"$tmp/names"
while read -r name; do
	grep -q "^[A-Z_]* $name\( \|\$\)" "$tmp/commands" || echo "$name"
done <"$tmp/names" >"$tmp/wrong"
check "every command is in the list" diff /dev/null "$tmp/wrong"
while read -r _kind words; do
	while read -r name; do
		case "$words " in "$name "*) echo "$words" ;; esac
	done <"$tmp/names"
done <"$tmp/commands" | sort -u >"$tmp/helped"
cut -d' ' -f2- "$tmp/commands" | sort -u >"$tmp/listed"
check "help names every command" diff "$tmp/listed" "$tmp/helped"
check "and fits a screen" test "$(wc -l <"$tmp/help")" -le 46

# try LETTER: every command as that role; those that go otherwise than the table.
try() {
	while read -r kind words; do
		roles=$(sed -n "s/^ROW($kind, \"\([^\"]*\)\".*/\1/p" "$table")
		[ "$kind$1" != DOWNh ] || continue
		# shellcheck disable=SC2086
		QUIETLINE_SESSION=$(cat "$tmp/token.$1") a $words \
			</dev/null >"$tmp/out" 2>"$tmp/err"
		rc=$?
		may=yes
		[ "$roles" = + ] || case $roles in *"$1"*) ;; *) may=no ;; esac
		did=yes
		! grep -q "may not do this" "$tmp/err" || did=no
		! grep -q "signed in here\|This session has ended" "$tmp/err" || did=unknown
		[ "$did" = "$may" ] || echo "$1: $words: $(head -1 "$tmp/err")"
		[ "$did$rc" != no0 ] || echo "$1: $words: refused, and exit 0"
	done <"$tmp/commands"
}

for letter in $all_roles; do
	try "$letter" >"$tmp/wrong"
	check "each command does for a $(role_of "$letter") what it may" \
		diff /dev/null "$tmp/wrong"
done

# ---- sessions, as people have them --------------------------------------------

check "who says as whom one speaks" prints '^You speak as head: head' a who
check "signing in keeps the session" prints 'You speak as the reader' \
	a sign-in "the reader" --passphrase-file "$tmp/pass"
check "for each later command" prints '^You speak as the reader' a who
refuses "which then may no more than the reader" 1 "may not do this" \
	a delegate add more --role head --passphrase-file "$tmp/pass"
check "the kept token is for this user alone" test \
	"$(stat -c %a "$tmp/a/session")" = 600
cp "$tmp/a/session" "$tmp/token.replay"
check "signing out ends it" prints '^Signed out' a sign-out
check "and the user is whom the post knows again" \
	prints '^You speak as head' a who
check "the same token is good for nothing any more" is_code 401 GET /v1/who "" \
	"Authorization: Bearer $(cat "$tmp/token.replay")"
refuses "a wrong passphrase is refused" 1 "title or the passphrase is wrong" \
	a sign-in "the reader" --passphrase-file "$tmp/a.pass"
refuses "and the next try must wait" 1 "for a second" \
	a sign-in "the reader" --passphrase-file "$tmp/pass"
check "which it need not for long" await 30 \
	a sign-in "the reader" --passphrase-file "$tmp/pass"
check "signing out everywhere ends all of one" prints 'everywhere' \
	a sign-out --everywhere
check "also what another command holds" is_code 401 GET /v1/who "" \
	"Authorization: Bearer $(cat "$tmp/token.e")"

# ---- what is under way when a session ends --------------------------------------

a delegate add "the leaving" --role reader --passphrase-file "$tmp/pass" \
	>/dev/null
token a "the leaving" >"$tmp/token.l"
(
	QUIETLINE_SESSION=$(cat "$tmp/token.l") a events --follow \
		>"$tmp/follow" 2>&1
	echo $? >"$tmp/follow.code"
) &
check "whoever is signed in follows events" await 10 test -s "$tmp/follow"
must "they are revoked" a delegate revoke "the leaving"
check "and follow them no longer" await 10 test -s "$tmp/follow.code"
check "nor do they see who did it" test \
	"$(grep -c 'the leaving.*revoked' "$tmp/follow")" = 0

# ---- two at once --------------------------------------------------------------

# Two heads revoke each other, and the user is nobody: one head stays.
must "the user speaks as nobody" a delegate owner --none
for letter in h g; do
	[ "$letter" = h ] ||
		{
			QUIETLINE_SESSION=$(cat "$tmp/token.h") a delegate add \
				"the second" --role head \
				--passphrase-file "$tmp/pass" >/dev/null
			token a "the second" >"$tmp/token.g"
		}
done
refuses "without a session nothing is told" 1 "sign in" a status
must "the first head, whom nobody can sign in as, goes" env \
	QUIETLINE_SESSION="$(cat "$tmp/token.h")" a delegate revoke head
(
	code POST /v1/delegates/the%20second/revoke "" \
		"Authorization: Bearer $(cat "$tmp/token.h")" >"$tmp/one"
) &
one=$!
code POST /v1/delegates/the%20head/revoke "" \
	"Authorization: Bearer $(cat "$tmp/token.g")" >"$tmp/two"
wait "$one"
check "of two heads who revoke each other at once one is refused" test \
	"$(sort "$tmp/one" "$tmp/two" | tr -d '\n' | sed 's/200401/ok/')" = ok
survivor=$tmp/token.h
[ "$(cat "$tmp/one")" = 200 ] || survivor=$tmp/token.g
check "and one stays, who can undo it" env \
	QUIETLINE_SESSION="$(cat "$survivor")" a delegate add again \
	--role head --passphrase-file "$tmp/pass"

# ---- the store -----------------------------------------------------------------

QUIETLINE_SESSION=$(cat "$survivor") a down >/dev/null
must "the post comes up again" up a
check "sessions outlive it" env QUIETLINE_SESSION="$(cat "$survivor")" a who
refuses "as does that the user is nobody" 1 "sign in" a who
finish
