#!/bin/sh
# Fetches and builds the C that is not ours and not Debian's: SQLite with
# encrypted pages, and ML-KEM-768.  Both come out of npm packages pinned by
# package-lock.json, and are built once: every build folder links the result.
#
#   sh scripts/deps.sh [DIR]      DIR defaults to build/deps
#
# Does nothing, and asks no network, when DIR is up to date.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:-$root/build/deps}
cc=gcc
command -v gcc >/dev/null || cc=cc

# Only chacha20 remains of the ciphers.  Temporary tables stay in memory, since
# a temporary file would not be encrypted; freed pages and memory are zeroed.
sqlite_flags='
-DHAVE_CIPHER_AES_128_CBC=0 -DHAVE_CIPHER_AES_256_CBC=0
-DHAVE_CIPHER_CHACHA20=1 -DHAVE_CIPHER_SQLCIPHER=0 -DHAVE_CIPHER_RC4=0
-DHAVE_CIPHER_ASCON128=0 -DHAVE_CIPHER_AEGIS=0
-DCODEC_TYPE=CODEC_TYPE_CHACHA20 -DSQLITE3MC_SECURE_MEMORY=1
-DSQLITE_THREADSAFE=0 -DSQLITE_DQS=0 -DSQLITE_SECURE_DELETE=1
-DSQLITE_TEMP_STORE=3 -DSQLITE_DEFAULT_FOREIGN_KEYS=1
-DSQLITE_DEFAULT_SYNCHRONOUS=2 -DSQLITE_DEFAULT_WAL_SYNCHRONOUS=2
-DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_LIKE_DOESNT_MATCH_BLOBS
-DSQLITE_MAX_MMAP_SIZE=0 -DSQLITE_OMIT_LOAD_EXTENSION
-DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_SHARED_CACHE
-DSQLITE_USE_URI=0
'
common_flags="-O2 -g -w -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE
-D_FORTIFY_SOURCE=2 -ffile-prefix-map=$root=."

key() {
	cksum <"$root/package-lock.json"
	cksum <"$root/scripts/deps.sh"
	"$cc" --version | head -n 1
}

fetch() {
	cd "$root"
	if cmp -s package-lock.json node_modules/.installed; then
		return
	fi
	echo "deps: fetching npm packages (npm ci --ignore-scripts)"
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	cp package-lock.json node_modules/.installed
}

# shellcheck disable=SC2086 # flags are words, meant to be split
build_mlkem() {
	pqclean=$root/node_modules/pqclean/deps/PQClean
	clean=$pqclean/crypto_kem/ml-kem-768/clean
	echo "deps: building ML-KEM-768 (PQClean)"
	# Its hash states lie on the heap and are not wiped: kem_pqclean.c does.
	heap='-Dmalloc=kem_library_malloc -Dfree=kem_library_free'
	for c in "$clean"/*.c "$pqclean/common/fips202.c"; do
		"$cc" -std=c99 $common_flags $heap -I"$pqclean/common" \
		    -c "$c" -o "$dir/work/$(basename "$c" .c).o"
	done
	ar rcsD "$dir/libmlkem768.a" "$dir"/work/*.o
	mkdir -p "$dir/include/mlkem768"
	cp "$clean/kem.h" "$clean/params.h" "$pqclean/common/randombytes.h" \
	    "$pqclean/common/fips202.h" "$dir/include/mlkem768/"
	rm -f "$dir"/work/*.o
}

# shellcheck disable=SC2086
build_sqlite() {
	sqlite=$root/node_modules/better-sqlite3-multiple-ciphers/deps/sqlite3
	echo "deps: building SQLite3 Multiple Ciphers (half a minute, once)"
	# Its layer between SQLite and the files takes every error of a read but
	# a short one for success, and goes on with whatever stood in the
	# buffer: a write-ahead log that cannot be read would end there.
	sed '/^static int mcReadMainDb(/,/^}/ s/(rc == SQLITE_IOERR_SHORT_READ)/(rc != SQLITE_OK)/
		/^static int mcIoRead(/,/^}/ s/(rc == SQLITE_IOERR_SHORT_READ)/(rc != SQLITE_OK)/' \
	    "$sqlite/sqlite3.c" >"$dir/work/sqlite3.c"
	changed=$(diff "$sqlite/sqlite3.c" "$dir/work/sqlite3.c" | grep -c '^>')
	if [ "$changed" -ne 2 ]; then
		echo "deps: SQLite's read errors are kept in $changed places" >&2
		exit 1
	fi
	"$cc" $common_flags $sqlite_flags -I"$sqlite" \
	    -c "$dir/work/sqlite3.c" -o "$dir/work/sqlite3.o"
	ar rcsD "$dir/libsqlite3mc.a" "$dir/work/sqlite3.o"
	cp "$sqlite/sqlite3.h" "$dir/include/"
}

mkdir -p "$dir"
exec 9>"$dir/lock"
flock 9
# The key names the compiler and this script too: other flags, other library.
if [ -f "$dir/stamp" ] && [ "$(key)" = "$(cat "$dir/stamp")" ]; then
	exit 0
fi
fetch
rm -rf "$dir/work" "$dir/stamp"
mkdir -p "$dir/work" "$dir/include"
build_mlkem
build_sqlite
rm -rf "$dir/work"
key >"$dir/stamp"
