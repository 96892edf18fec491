#!/bin/sh
# A flash message wakes people: by a command, again and again until one of them
# acknowledges it, and by a sound device; what hangs is ended, what is written
# wrong is refused, and nobody is told more than the configuration says.
. "$(dirname "$0")/lib.sh"

# configure SIDE: the rest is on standard input.
configure() {
	cat >"$tmp/$1/quietline.conf"
	chmod 600 "$tmp/$1/quietline.conf"
}

# What wakes people here: it writes down what it knows and what it was given.
cat >"$tmp/wake" <<END
#!/bin/sh
env | grep -v '^PWD=\|^SHLVL=\|^_=\|^OLDPWD=' | sort >"$tmp/env.new"
ls -l /proc/self/fd | grep -o '[0-9]* -> .*' >"$tmp/fds"
cut -d' ' -f19 /proc/self/stat >"$tmp/nice"
mv "$tmp/env.new" "$tmp/env"
echo "\$*:\$QUIETLINE_ALARM_WHAT:\$QUIETLINE_ALARM_TIMES" >>"$tmp/runs"
[ ! -e "$tmp/hang" ] || { sleep 98765 & wait; }
END
chmod 755 "$tmp/wake"
: >"$tmp/runs"

has_run() {
	[ "$(wc -l <"$tmp/runs")" -ge "$1" ]
}

line_between 1200@20

check "status says where nobody would hear" \
	prints "nobody will hear you .*foreground" b status
refuses "a test alarm says so too" 1 "nobody can have heard it" b alarm test
check "b goes down" b down
configure b <<END
alarm {
	bell = "none"
	delay = "soon"
}
END
refuses "a bad configuration is one clear line" 1 \
	"b/quietline.conf:3: .*delay" up b
configure b <<END
alarm { command = { "wake" } }
END
refuses "a command is a whole path" 1 "quietline.conf:1: .*whole path" up b
configure b <<END
# Who is woken.
alarm {
	bell = "none"
	command = { "$tmp/wake", "for; all" }
}
END
chmod 622 "$tmp/b/quietline.conf"
refuses "others may not write to it" 1 "quietline.conf: may be written" up b
chmod 600 "$tmp/b/quietline.conf"
must "b comes up with a command" up b
must "the line comes up again" await 90 both_up
check "status has nothing to say" sh -c '! b status | grep "nobody will"'
refuses "nobody is woken whom nobody knows" 1 "No delegate has the title Duty" \
	b alarm set --wake "Duty officer"
echo "the duty officer's passphrase" >"$tmp/duty.pass"
check "there is a duty officer" b delegate add "Duty officer" --role watch \
	--passphrase-file "$tmp/duty.pass"
check "b rings every 5 s" b alarm set --repeat 5 --wake "Duty officer"
refuses "flash may not be set to ring once" 1 "always rings" \
	b alarm set flash=once

# ---- a flash message ---------------------------------------------------------

check "a routine message arrives" a send oslo "planted words" \
	--wait delivered --timeout 60
check "and wakes nobody" test ! -s "$tmp/runs"
check "b silences alarms" b alarm silence --until "$(date -u -d '+1 hour' +%H:%M)"
check "the list says until when" prints "silenced until 20" b alarm list
check "a flash message arrives" a send oslo "planted words" --precedence flash \
	--wait delivered --timeout 60
must "the command is run" await 30 has_run 1
must "and again" await 30 has_run 2
check "with its argument in one piece, by no shell" \
	grep -qx "for; all:flash:2" "$tmp/runs"
cat >"$tmp/env.wanted" <<END
LC_ALL=C.UTF-8
PATH=/usr/local/bin:/usr/bin:/bin
QUIETLINE_ALARM_COUNT=1
QUIETLINE_ALARM_NUMBER=2
QUIETLINE_ALARM_STEP=0
QUIETLINE_ALARM_TIMES=
QUIETLINE_ALARM_WHAT=flash
END
check "it knows what it may, and nothing else" sh -c "sed \
	-e '/^HOME=/d' -e 's/TIMES=.*/TIMES=/' '$tmp/env' |
	diff '$tmp/env.wanted' -"
check "no descriptor was left to it" sh -c "
	! grep -v '^[012] -> /dev/null\|^[0-9]* -> pipe:\|^3 -> /proc/' '$tmp/fds'"
check "it comes last for the processor" grep -qx 19 "$tmp/nice"
check "the bell knows no name" holds '.[0].ref == "them/2"' b alarm list
check "an alarm shows in status" prints "1 alarm waits for a person" b status
check "a person acknowledges the message" b ack bergen them/2
check "no alarm is left" prints "No alarm rings" b alarm list
runs=$(wc -l <"$tmp/runs")
frames a 350
check "and the command is run no more" test "$(wc -l <"$tmp/runs")" = "$runs"
check "who acknowledged it is kept" \
	holds '.[1].state == "acknowledged"' b alarm list --all
b alarm silence --off >/dev/null

# ---- sound, at a, while b's command hangs ---------------------------------------

: >"$tmp/hang"
b alarm test >"$tmp/hung.out" 2>"$tmp/hung.err" &
hung=$!

# A folder of devices that has a sound device, which is a file.
devices() {
	mkdir "$tmp/dev" && mount -t tmpfs dev "$tmp/dev" || return 1
	for _node in null zero full random urandom tty; do
		: >"$tmp/dev/$_node"
		mount --bind "/dev/$_node" "$tmp/dev/$_node" || return 1
	done
	mkdir "$tmp/dev/snd"
	ln -s /proc/self/fd "$tmp/dev/fd"
	cat >"$tmp/dev/snd/asound.conf" <<-END
	pcm.sink { type null }
	pcm.heard { type file slave.pcm sink file "/dev/snd/heard" format raw }
	END
	: >"$tmp/dev/snd/heard"
	mount --rbind "$tmp/dev" /dev
}

# bytes, and how many of its samples are not 0.
tone() {
	od -An -v -t d2 -w2 /dev/snd/heard |
		awk '{ n++; loud += $1 != 0; if ($1 > peak) peak = $1 }
		END { print n + 0, loud + 0, peak + 0 }'
}

if [ -e /usr/lib/"$(uname -m)"-linux-gnu/libasound.so.2 ] && devices; then
	check "a goes down" a down
	configure a <<-END
	alarm {
		bell = "none"
		sound = "heard"
	}
	END
	ALSA_CONFIG_PATH=/dev/snd/asound.conf
	export ALSA_CONFIG_PATH
	must "a comes up with a sound device" up a
	check "a test alarm is heard" prints "rang by sound" a alarm test
	tone >"$tmp/tone"
	read -r samples loud peak <"$tmp/tone"
	# 2.6 s at 48 kHz, of which three beeps of 0.6 s.
	check "the tone has its length" test "$samples" = 124800
	check "and is loud in its beeps alone" \
		test "$loud" -gt 84000 -a "$loud" -le 86400 -a "$peak" -gt 20000
	pid=$(room_pid a bell)
	check "the bell stands behind walls" \
		grep -q "^Seccomp:[[:space:]]*2" "/proc/$pid/status"
	rm /dev/snd/heard
	refuses "a device that is gone is said to be" 1 \
		"nobody can have heard it: the sound device heard" a alarm test
	check "in status too" prints "nobody will hear you \(the sound" a status
	check "it ran against no wall" sh -c "! grep 'walls forbid' '$tmp/a/log'"
	unset ALSA_CONFIG_PATH
	umount -l /dev && umount -R -l "$tmp/dev"
else
	ok "a sound device # SKIP no ALSA library, or no mounts"
fi

wait $hung
rc=$?
check "a command that hangs is ended" test $rc = 1
check "and said to be" grep -q "had not ended after 30 s" "$tmp/hung.err"
check "with all that it started" sh -c "! pgrep -f '^sleep 98765'"
rm "$tmp/hang"

# ---- names, and what becomes of the bell ----------------------------------------

check "b goes down" b down
configure b <<END
alarm {
	bell = "none"
	command = { "$tmp/wake" }
	names = true
}
END
must "b comes up" up b
must "the line comes up once more" await 90 both_up
check "an immediate message arrives" a send oslo "planted words" \
	--precedence immediate --wait delivered --timeout 60
await 30 grep -q immediate "$tmp/env"
check "the command is told the line, where that is wanted" \
	grep -qx "QUIETLINE_ALARM_LINE=bergen" "$tmp/env"
check "and who is to wake" \
	grep -q "^QUIETLINE_ALARM_WAKES=." "$tmp/env"
runs=$(wc -l <"$tmp/runs")
must "the bell is killed and comes back" kill_room b bell
check "and rings at once" await 20 has_run $((runs + 1))
kill -9 "$(room_pid b runner)"
check "without what runs the command status says so" \
	await 20 prints "nobody will hear you .*start the post again" b status
check "the line is up all the while" both_up
b alarm ack --all >/dev/null
check "the logs tell nothing of what was said" \
	no_secrets "planted words|Duty officer|for; all"
finish
