#!/bin/sh
# Runs the handshake vectors, then files that are wrong: run_handshake must see
# each wrong value, and say what is wrong with a file that is none.
set -u

run=${QUIETLINE_BUILD:-build}/test/vectors/run_handshake
data=test/vectors/data/quietline/handshake.json
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$run" --tap "$data" >"$work/tap"
grep -v '^1\.\.' "$work/tap"
count=$(grep -c 'ok ' "$work/tap")

# say OK NAME
say() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
	fi
}

# refuses CODE NAME: the work file ends run_handshake with CODE.
refuses() {
	"$run" "$work/file.json" >"$work/out" 2>"$work/err"
	[ $? -eq "$1" ]
	say $? "$2"
}

# Each field that a case must have, its first digit changed, in the first case
# that has it.  (The end of kem_seed_dz would change nothing: z is for refusals.)
for field in T P C_used X_n psk prologue a_static b_static a_ephemeral \
    b_ephemeral kem_seed_dz kem_encaps_m message1 message2 kem_shared h \
    split_k1 split_k2 M key_a_to_b key_b_to_a exporter_X continuity key out
do
	awk -v field="\"$field\":" '
		!done && index($0, field) {
			done = match($0, /: "[0-9a-f]/)
			digit = substr($0, RSTART + 3, 1)
			$0 = substr($0, 1, RSTART + 2) \
			    (digit == "0" ? "1" : "0") substr($0, RSTART + 4)
		}
		{ print }' "$data" >"$work/file.json"
	refuses 1 "another $field fails a case"
	tail -n 1 "$work/out" | grep -q '^9 passed, 1 failed$'
	say $? "another $field fails one case alone"
done

head -c 5000 "$data" >"$work/file.json"
refuses 2 "a file cut short is refused"
: >"$work/file.json"
refuses 2 "an empty file is refused"
rm "$work/file.json"
refuses 2 "no file is refused"
echo '{}' >"$work/file.json"
refuses 2 "a file without lists is refused"
echo '{"cases": 1}' >"$work/file.json"
refuses 2 "a list that is none is refused"
echo '{"cases": []}' >"$work/file.json"
refuses 1 "a file without cases does not pass"
sed 's/"kind": "pouch"/"kind": "post"/' "$data" >"$work/file.json"
refuses 2 "a kind that is none is refused"
sed 's/"id": 7/"id": -7/' "$data" >"$work/file.json"
refuses 2 "a negative id is refused"
sed 's/"id": 7/"id": "7x"/' "$data" >"$work/file.json"
refuses 2 "an id with a letter is refused"
sed 's/"psk": "5/"psk": "x/' "$data" >"$work/file.json"
refuses 2 "a digit that is none is refused"
sed 's/"psk": "5/"psk": "/' "$data" >"$work/file.json"
refuses 2 "half a byte is refused"
sed '/"message2"/d' "$data" >"$work/file.json"
refuses 2 "a case without message 2 is refused"
sed 's/"label": "psk"/"label": "pskk"/' "$data" >"$work/file.json"
refuses 1 "an unknown label fails"
sed 's/"id": 7/"id": "7"/' "$data" >"$work/file.json"
refuses 0 "an id of digits is the number"
echo "1..$count"
