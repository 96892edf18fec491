#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/word.h"
#include "cli/fill.h"
#include "cli/speak.h"
#include "limits.h"

/* Commands that begin with one word. */
enum { GROUP_MAX = 32, GROUP_SAY_BYTES = 512 };

/* Of offer and accept alike. */
#define WAY_HELP \
	"  --listen ADDR:PORT    default: all addresses, first free port from 7411\n" \
	"  --endpoint HOST:PORT  where they find this side; one side may go without,\n" \
	"                        both where they go by a relay\n" \
	"  --tcp                 by TCP and not UDP: where UDP does not get through\n" \
	"  --proxy HOST:PORT     call through this SOCKS5 proxy, such as Tor's\n" \
	"  --relay TICKET|@FILE  by a relay, with a ticket of its operator; the other\n" \
	"                        side has the other ticket\n"

const struct command commands[] = {
	{ "init", "NAME [--delegate TITLE] [--passphrase-file F]",
	    "Make this side's post.",
	    "Asks twice for a passphrase, which nobody can recover.  NAME is what this\n"
	    "side calls itself; the other side sees it in the ceremony.\n"
	    "\n"
	    "  --delegate TITLE      of the first delegate, who may do everything and as\n"
	    "                        whom you speak without signing in; else: head\n"
	    "  --passphrase-file F   read the passphrase from F instead\n"
	    "\n"
	    "Example:\n"
	    "  quietline init \"Ministry, duty room\"\n",
	    init_run },
	{ "up", "[--foreground] [--passphrase-file F] [--without-walls]",
	    "Run the post.",
	    "Asks for the passphrase, starts the post, and returns once it is up.  From\n"
	    "then on its lines send a frame in every slot, said or unsaid.\n"
	    "\n"
	    "  -f, --foreground      stay, and log to standard error\n"
	    "  --passphrase-file F   read the passphrase from F instead\n"
	    "  --without-walls       run although this kernel cannot wall the post's\n"
	    "                        processes in: whoever takes one over has then\n"
	    "                        the rights of the user that the post runs as\n"
	    "\n"
	    "Example:\n"
	    "  quietline up\n",
	    up_run },
	{ "down", "", "Stop the post.",
	    "Says goodbye on each line, so that the other side knows, and stops.  Whoever\n"
	    "watches the wire sees that it stopped.\n"
	    "\n"
	    "Example:\n"
	    "  quietline down\n",
	    down_run },
	{ "status", "[--history [LINE]] [--days N]",
	    "Say how the post and its lines are, or were.",
	    "  --history             a chart: how each line was, a day a row, as this side\n"
	    "                        found it and as the other side tells\n"
	    "  --days N              the last N days, up to 400 (default 14)\n"
	    "\n"
	    "Example:\n"
	    "  quietline status --history oslo --days 30\n"
	    "  quietline status\n"
	    "  quietline status --json\n",
	    status_run },
	{ "line offer", "PEER [-o FILE] [options]",
	    "Begin a ceremony: write the offer for the other side.",
	    "PEER is the name that you give them.  The other side answers with\n"
	    "`quietline line accept`; then `quietline line finish` on both.\n"
	    "\n"
	    "  -o, --output FILE     where the offer goes (default PEER.offer)\n"
	    "  --cadence C           trickle, talk, desk, bulk or BYTES@MILLISECONDS;\n"
	    "                        default talk: 96 kbit/s, about 1 GB a day each way\n"
	    "  --accept A            text, images or any (the default)\n" WAY_HELP
	    "\n"
	    "Example:\n"
	    "  quietline line offer oslo --endpoint post.example.org:7411 -o oslo.offer\n",
	    offer_run },
	{ "line accept", "PEER FILE [-o REPLY] [options]",
	    "Answer an offer: write the reply for the other side.",
	    "Shows the cadence and the terms before it answers.\n"
	    "\n"
	    "  -o, --output REPLY    where the reply goes (default PEER.reply)\n" WAY_HELP
	    "\n"
	    "Example:\n"
	    "  quietline line accept bern oslo.offer -o bern.reply\n",
	    accept_run },
	{ "line finish", "PEER FILE [-o REVEAL] [--carried hand|other]",
	    "End the ceremony: show the check words.",
	    "First the side that offered, with the reply; that writes the reveal.  Then\n"
	    "the other side, with the reveal.  Each then reads its words to the other.\n"
	    "\n"
	    "  -o, --output REVEAL   where the reveal goes (default PEER.reveal)\n"
	    "  --carried hand|other  by hand: nobody else can have seen the files, which\n"
	    "                        also protects against a quantum computer\n"
	    "\n"
	    "Example:\n"
	    "  quietline line finish oslo bern.reply --carried hand -o oslo.reveal\n",
	    finish_run },
	{ "line confirm", "PEER WORD WORD WORD WORD WORD",
	    "Confirm the words heard from the other side.",
	    "Type what you heard, not what is on your own screen.  Once both sides have,\n"
	    "the line comes up.\n"
	    "\n"
	    "Example:\n"
	    "  quietline line confirm oslo anchor velvet mango tiger onion\n",
	    confirm_run },
	{ "line list", "", "List the lines.",
	    "Example:\n"
	    "  quietline line list\n",
	    line_list_run },
	{ "line show", "LINE", "Show one line in full.",
	    "Example:\n"
	    "  quietline line show oslo\n",
	    line_show_run },
	{ "line close", "LINE", "Close a line for good.",
	    "What was said on it stays readable under its name, until another line\n"
	    "takes that name.  A new line needs a new ceremony.\n"
	    "\n"
	    "Example:\n"
	    "  quietline line close oslo\n",
	    line_close_run },
	{ "line set",
	    "LINE roaming on|off | LINE cadence C|cancel | LINE disclose WHAT",
	    "Change how a line goes.",
	    "roaming on: follow the peer to any address that its frames come from, as a\n"
	    "machine that moves needs it; it says what that gives up.\n"
	    "\n"
	    "cadence C: trickle, talk, desk, bulk or BYTES@MILLISECONDS.  It is proposed;\n"
	    "the other side agrees by typing the same, and then the line changes over.\n"
	    "cancel takes back what this side proposed.\n"
	    "\n"
	    "disclose WHAT: what each side tells the other, beside what is delivered and\n"
	    "acknowledged: titles (who wrote), read (what was read), roster (who watches\n"
	    "when), with commas between, or none.  More takes both sides: the other one\n"
	    "agrees by typing the same.  Less takes one, and holds at once.\n"
	    "\n"
	    "Example:\n"
	    "  quietline line set oslo cadence desk\n",
	    line_set_run },
	{ "path add", "LINE [options]", "Add a path: one more way to the peer.",
	    "Every path carries the full cadence, always; a line goes on as long as one\n"
	    "of its paths does.  The other side's path must meet it: an endpoint here, a\n"
	    "socket that listens there; or the two tickets of one relay's line.\n"
	    "\n"
	    "  --listen ADDR:PORT    default: all addresses, first free port from 7411\n"
	    "  --endpoint HOST:PORT  where they are; without it they are learned\n"
	    "  --tcp                 by TCP and not UDP\n"
	    "  --proxy HOST:PORT     call through this SOCKS5 proxy, such as Tor's\n"
	    "  --relay TICKET|@FILE  by a relay, with a ticket of its operator\n"
	    "\n"
	    "Example:\n"
	    "  quietline path add oslo --listen 198.51.100.7:7411\n"
	    "  quietline path add oslo --relay @oslo.ticket\n",
	    path_add_run },
	{ "path list", "LINE", "List the paths of a line, and how each is.",
	    "Example:\n"
	    "  quietline path list oslo\n",
	    path_list_run },
	{ "path remove", "LINE N", "Remove a path; not the last one.",
	    "N is its number, which `quietline path list` shows.\n"
	    "\n"
	    "Example:\n"
	    "  quietline path remove oslo 2\n",
	    path_remove_run },
	{ "send", "LINE [TEXT | -] [options]", "Send a message.",
	    "Prints its reference once it is safely stored here; it goes out by itself,\n"
	    "also after a restart.  TEXT - is standard input.\n"
	    "\n"
	    "  -s, --subject S       up to 1 KiB\n"
	    "  -f, --file F          attach a file of any size; may be repeated\n"
	    "  -p, --precedence P    routine (the default), priority, immediate or flash\n"
	    "  --re REF              about that message\n"
	    "  --withdraws REF       takes back one of ours; with a text, a subject or a file\n"
	    "                        it is replaced by that\n"
	    "  --point POINT         belongs to that point, such as us/p1; may be repeated\n"
	    "  --mark M              \"you only\", principal, \"in substance\" or\n"
	    "                        \"may be quoted\"\n"
	    "  --language L          such as ko, ar, en\n" FILL_HELP
	    "  --wait W              until it is delivered or acknowledged\n"
	    "  --timeout S           stop waiting after S seconds, with exit code 5\n" SPEAK_HELP
	    "\n"
	    "Example:\n"
	    "  quietline send oslo \"Your patrol is 2 km past the marker.\" -p immediate\n"
	    "  quietline send oslo --file report.pdf --subject \"The report\" --wait delivered\n",
	    send_run },
	{ "read", "LINE [--since REF|TIME] [--follow] [--limit N]",
	    "Read what both sides said, in order of time.",
	    "Shows the last 20 messages, what is still arriving, and receipts.\n"
	    "\n"
	    "  --since REF|TIME      all after us/12, or from 2026-11-22T09:30:00Z on\n"
	    "  -n, --limit N         the last N; 0 is all\n"
	    "  -f, --follow          stay, and show what comes\n"
	    "\n"
	    "Example:\n"
	    "  quietline read oslo --limit 5 --follow\n",
	    read_run },
	{ "draft list", "[LINE] [--all]", "List the drafts that wait.",
	    "A draft is made by any command that speaks, with --draft.\n"
	    "\n"
	    "  --all                 those that were released or recalled too\n"
	    "\n"
	    "Example:\n"
	    "  quietline draft list oslo\n",
	    draft_list_run },
	{ "draft show", "N [--version V] [--diff]",
	    "Show what a draft says, and what was done with it.",
	    "  --version V           that version; the last one without it\n"
	    "  --diff                what changed from the version before\n"
	    "\n"
	    "Example:\n"
	    "  quietline draft show 3 --diff\n",
	    draft_show_run },
	{ "draft get", "N [I] [-o FILE]",
	    "Save a file of a draft, to look at it.",
	    "I counts from 1, which is the default.  FILE - is standard output.\n"
	    "\n"
	    "  -o, --output FILE     default: the name that it is to be sent by\n"
	    "\n"
	    "Example:\n"
	    "  quietline draft get 3 1 -o map.png\n",
	    draft_get_run },
	{ "draft comment", "N TEXT", "Comment on a draft.",
	    "Comments stay on this side.\n"
	    "\n"
	    "Example:\n"
	    "  quietline draft comment 3 \"Say which patrol.\"\n",
	    draft_comment_run },
	{ "draft release", "N [--version V] [--emergency]", "Release a draft.",
	    "Once all have released it that the rule of the line asks for, it is said,\n"
	    "and does not change any more.  Whoever wrote the version is not one of\n"
	    "them.  A new version begins without releases.\n"
	    "\n"
	    "  --version V           the version that you read; without it, the last one\n"
	    "                        is shown first\n"
	    "  --emergency           alone, where the rule lets; both sides see that\n"
	    "\n"
	    "Example:\n"
	    "  quietline draft release 3 --version 2\n",
	    draft_release_run },
	{ "draft recall", "N", "Take a draft back before it is released.",
	    "By whoever wrote it, a releaser or a head.\n"
	    "\n"
	    "Example:\n"
	    "  quietline draft recall 3\n",
	    draft_recall_run },
	{ "rule show", "LINE", "Show who must release what on a line.",
	    "Example:\n"
	    "  quietline rule show oslo\n",
	    rule_show_run },
	{ "rule set", "LINE WHAT ROLE=N... [--emergency]",
	    "Set who must release what on a line.",
	    "WHAT is routine, priority, immediate or flash, for messages of that\n"
	    "precedence, or other, for all else that is said.  From then on it takes a\n"
	    "draft, and so many of each role beside its writer.\n"
	    "\n"
	    "  --emergency           one may release it alone, marked for both sides\n"
	    "\n"
	    "Example:\n"
	    "  quietline rule set oslo flash releaser=2 --emergency\n"
	    "  quietline rule set oslo other head=1 releaser=1\n",
	    rule_set_run },
	{ "rule clear", "LINE [WHAT]", "Take a rule away, or all of a line's.",
	    "Example:\n"
	    "  quietline rule clear oslo flash\n",
	    rule_clear_run },
	{ "translate", "LINE REF [TEXT | -] [--language L]",
	    "Put a translation beside a message; or show those there are.",
	    "Of either side's message, by either side's interpreters; both sides see it,\n"
	    "marked as unofficial, and the original stays as it is.\n"
	    "\n"
	    "  -l, --language L      into which, such as ko, ar, en\n" SPEAK_HELP
	    "\n"
	    "Example:\n"
	    "  quietline translate oslo them/7 \"Your patrol turned back.\" --language en\n",
	    translate_run },
	{ "pass", "LINE [REF TO --mark M]",
	    "Pass a message of LINE on to the line TO; or show what was.",
	    "An act of its own, which names the mark that the message has. One marked \"you\n"
	    "only\" is not passed on; one marked \"in substance\" in your own words only.\n"
	    "Its files stay here. Where it went, when and by whom only this side knows.\n"
	    "\n"
	    "  -m, --mark M          the message's own mark: principal, \"in substance\",\n"
	    "                        \"may be quoted\" or none\n"
	    "  -t, --text T          your own words instead of its text; - is standard input\n"
	    "  -s, --subject S       with your own words\n"
	    "  --language L          of your own words\n"
	    "  -p, --precedence P    routine (the default), priority, immediate or flash\n" SPEAK_HELP
	    "\n"
	    "Example:\n"
	    "  quietline pass oslo them/7 lima --mark \"may be quoted\"\n",
	    pass_run },
	{ "get", "LINE REF [N] [-o FILE]",
	    "Save a file that came with a message.",
	    "N counts from 1, which is the default.  FILE - is standard output.\n"
	    "\n"
	    "  -o, --output FILE     default: the name that its sender gave it\n"
	    "\n"
	    "Example:\n"
	    "  quietline get oslo them/7 1 -o report.pdf\n",
	    get_run },
	{ "ack", "LINE REF", "Acknowledge a message: a person has taken note.",
	    "Example:\n"
	    "  quietline ack oslo them/7\n",
	    ack_run },
	{ "events", "[--follow]", "Show everything that happened.",
	    "  -f, --follow          stay, and show what happens\n"
	    "\n"
	    "Example:\n"
	    "  quietline events --follow\n",
	    events_run },
	{ "drill", "LINE [--timeout S]",
	    "Send a test message; the other post answers it by itself.",
	    "  --timeout S           wait that long for the answer (default 60)\n"
	    "\n"
	    "Example:\n"
	    "  quietline drill oslo\n",
	    drill_run },
	{ "drill set", "LINE [--every SPAN|off] [--at HH:MM] [--within SPAN]",
	    "Have drills go by themselves, or show when they do.",
	    "Each carries a few harmless sentences.  Their post answers; what it does not\n"
	    "answer in time is missed, which is an alarm with its likely cause.\n"
	    "\n"
	    "  --every SPAN          10s to 31d, such as 12h; off: none any more\n"
	    "  --at HH:MM            the time of day, UTC, that they are counted from\n"
	    "  --within SPAN         answered later is missed (default 10m, or half of a\n"
	    "                        shorter interval)\n"
	    "\n"
	    "Example:\n"
	    "  quietline drill set oslo --every 12h --at 06:00 --within 10m\n",
	    drill_set_run },
	{ "drill ack", "LINE [REF]",
	    "Tell the other side that a person saw their drill.",
	    "REF is that of an event or of `drill record`; without it the last one.\n"
	    "\n"
	    "Example:\n"
	    "  quietline drill ack oslo\n",
	    drill_ack_run },
	{ "drill record", "LINE [--last N]",
	    "Show how the drills of a line went, by months and one by one.",
	    "Each side counts its own, and tells the other when a month has ended.\n"
	    "\n"
	    "  --last N              the last N drills (default 10)\n"
	    "\n"
	    "Example:\n"
	    "  quietline drill record oslo --last 50\n",
	    drill_record_run },
	{ "watch take", "[NOTE]", "Take the watch here.",
	    "Whoever has it answers for what waits.  It is a matter of this side alone;\n"
	    "what the other side is told is `watch on`, `off` and `decline`.\n"
	    "\n"
	    "Example:\n"
	    "  quietline watch take\n",
	    watch_take_run },
	{ "watch hand-over", "TITLE [NOTE]", "Hand the watch over to somebody.",
	    "What waits is kept with it.  The watch stays with whoever hands it over until\n"
	    "the other takes it with `quietline watch take`.\n"
	    "\n"
	    "Example:\n"
	    "  quietline watch hand-over \"night watch\" \"Oslo answers by nine.\"\n",
	    watch_hand_over_run },
	{ "watch leave", "[NOTE]", "Leave the watch to nobody.",
	    "Example:\n"
	    "  quietline watch leave \"Closed until Monday.\"\n",
	    watch_leave_run },
	{ "watch show", "", "Say who has the watch here, and how much waits.",
	    "Example:\n"
	    "  quietline watch show\n",
	    watch_show_run },
	{ "watch log", "[--last N]",
	    "Show how the watch went from hand to hand.",
	    "With each hand-over stands what waited then.\n"
	    "\n"
	    "  --last N              the last N entries (default 10)\n"
	    "\n"
	    "Example:\n"
	    "  quietline watch log\n",
	    watch_log_run },
	{ "roster show", "[LINE]",
	    "Show whom an alarm wakes, and in which order.",
	    "With LINE: what the other side has told of theirs, where the line says so.\n"
	    "\n"
	    "Example:\n"
	    "  quietline roster show\n",
	    roster_show_run },
	{ "roster set", "PLACE...", "Make the watch list.",
	    "A place is a title; @ and hours (UTC) may follow, and @ and two times between\n"
	    "which it stands.  An alarm wakes who has the watch, then those whose hours\n"
	    "these are, then the others.\n"
	    "\n"
	    "Example:\n"
	    "  quietline roster set head@06:00-22:00 \"night watch@22:00-06:00\"\n",
	    roster_set_run },
	{ "roster clear", "", "Have no watch list.",
	    "Example:\n"
	    "  quietline roster clear\n",
	    roster_clear_run },
	{ "service", "LINE [TEXT] [--last N] [--follow]",
	    "Talk to the operators of the other side, apart from the record.",
	    "\"Do you see the second path?\" \"Now I do.\"  It is in no `read`, and both sides\n"
	    "forget it after a week.  Without TEXT: what was said lately.\n"
	    "\n"
	    "  --last N              the last N (default 20)\n"
	    "  -f, --follow          go on with what comes\n"
	    "\n"
	    "Example:\n"
	    "  quietline service oslo \"We restart our router at noon.\"\n",
	    service_run },
	{ "waiting", "", "Show all that waits for a person here.",
	    "Messages from priority up that nobody acknowledged, drafts to release, points\n"
	    "that are due, what the other side proposed, alarms; and who must act.\n"
	    "\n"
	    "Example:\n"
	    "  quietline waiting\n",
	    waiting_run },
	{ "watch", "[LINE] on|off|decline [--until TIME]",
	    "Say whether somebody is on watch here, on a line or on all.",
	    "The other side is told at once, or as soon as it is heard again.  Whatever\n"
	    "they send is stored here all the same; they know what to expect.\n"
	    "\n"
	    "  --until TIME          decline until then: 2026-11-22T18:00:00Z, or 18:00 for\n"
	    "                        the next time that it is 18:00 UTC\n"
	    "\n"
	    "Example:\n"
	    "  quietline watch off\n"
	    "  quietline watch oslo decline --until 18:00\n",
	    watch_run },
	{ "version", "", "Print the version.",
	    "Example:\n"
	    "  quietline version\n",
	    version_run },
	{ "point raise", "LINE TITLE [TEXT|-] [options]",
	    "Raise a point with the other side.",
	    "A point stays until both sides close it: each says where it stands, and\n"
	    "changes only that.  `quietline send LINE --point us/p1 ...` says that a\n"
	    "message belongs to it.\n"
	    "\n"
	    "  --deadline T          this side's own: 2026-12-01, 18:00 (UTC)\n"
	    "  -l, --language TAG    of title and text, such as ko\n" SPEAK_HELP
	    "\n"
	    "Example:\n"
	    "  quietline point raise oslo \"stop testing\" --deadline 2026-12-01\n",
	    point_raise_run },
	{ "point stand", "LINE POINT STANDING [NOTE|-] [options]",
	    "Say where this side stands on a point.",
	    "STANDING is raised, heard, under-study, accepted, declined, reserved or\n"
	    "closed.  The other side's own stays as it is.\n"
	    "\n"
	    "  --deadline T          this side's own from now on; none: no more.  What is\n"
	    "                        not said anew stays\n"
	    "  -l, --language TAG    of the note\n" SPEAK_HELP "\n"
	    "Example:\n"
	    "  quietline point stand oslo them/p1 under-study \"an answer by Friday\"\n",
	    point_stand_run },
	{ "point public", "LINE [POINT] [TEXT|-] --said T --who W --source S",
	    "Enter what was said in public.",
	    "So that nobody takes for a message what was said to others.  Each side may\n"
	    "write its own reading of it beside it.\n"
	    "\n"
	    "  --said T              when: 2026-11-22 or 2026-11-22T18:00:00Z\n"
	    "  --who W               who said it\n"
	    "  --source S            where it can be read or heard\n"
	    "  -l, --language TAG    of the words\n" SPEAK_HELP "\n"
	    "Example:\n"
	    "  quietline point public oslo us/p1 --said 2026-11-22 --who \"a minister\" \\\n"
	    "      --source \"evening news\" \"We shall not wait.\"\n",
	    point_public_run },
	{ "point reading", "LINE ENTRY TEXT|- [options]",
	    "Write this side's reading of what was said in public.",
	    "The last one counts; an empty TEXT takes it back.\n"
	    "\n"
	    "  -l, --language TAG    of the text\n" SPEAK_HELP "\n"
	    "Example:\n"
	    "  quietline point reading oslo them/e1 \"Said to voters, not to you.\"\n",
	    point_reading_run },
	{ "point list", "LINE [--open] [--mine] [--due]",
	    "Show the points of a line.",
	    "  --open   those that not both sides have closed\n"
	    "  --mine   those that this side raised\n"
	    "  --due    those with a deadline of this side that is near or has passed\n"
	    "\n"
	    "Example:\n"
	    "  quietline point list oslo --open\n",
	    point_list_run },
	{ "point show", "LINE POINT",
	    "Show a point, its history and all that belongs to it.",
	    "Example:\n"
	    "  quietline point show oslo us/p1\n",
	    point_show_run },
	{ "alarm list", "[--all]", "Show what rings, or waits for a person.",
	    "  --all   those too that have ended\n"
	    "\n"
	    "Example:\n"
	    "  quietline alarm list\n",
	    alarm_list_run },
	{ "alarm ack", "N... | --all", "Acknowledge alarms: they ring no more.",
	    "A message's alarm ends too when the message is acknowledged, which its sender\n"
	    "is told; of an alarm nobody else is told.\n"
	    "\n"
	    "  --all   all that ring\n"
	    "\n"
	    "Example:\n"
	    "  quietline alarm ack 12\n",
	    alarm_ack_run },
	{ "alarm test", "", "Ring, and say by what it could be heard.",
	    "By what alarms are heard stands in quietline.conf, in the post's folder:\n"
	    "\n"
	    "  alarm {\n"
	    "      bell = \"/dev/tty1\"       # or \"foreground\", or \"none\"\n"
	    "      sound = \"plughw:0,0\"     # a device of ALSA\n"
	    "      command = { \"/usr/local/bin/wake\", \"duty\" }\n"
	    "      names = false            # true: the command is told who and whom\n"
	    "      delay = 0                # 0 to N seconds, at random\n"
	    "  }\n"
	    "\n"
	    "Example:\n"
	    "  quietline alarm test\n",
	    alarm_test_run },
	{ "alarm set", "[WHAT=HOW...] [options]", "Say what rings, and how.",
	    "WHAT is flash, immediate, priority or routine (a message that arrives), drill\n"
	    "(one of ours that was not answered), fault, silent (a line), deadline.  HOW is\n"
	    "not, once or until-acknowledged; flash is always the last.  Without a word it\n"
	    "shows what is set.\n"
	    "\n"
	    "  --repeat S      ring again after S seconds (60)\n"
	    "  --step S        wake the next one after S seconds (300)\n"
	    "  --silent S      a line is silent for too long after S seconds (900)\n"
	    "  --wake TITLE    whom to wake, where there is no roster; again for the next\n"
	    "  --wake-nobody   nobody in particular\n"
	    "\n"
	    "Example:\n"
	    "  quietline alarm set priority=until-acknowledged --wake \"Duty officer\"\n",
	    alarm_set_run },
	{ "alarm silence", "--until T | --off", "Silence all alarms but flash.",
	    "  --until T   until then: 2026-11-22T18:00:00Z, or 18:00 (the next one, UTC);\n"
	    "              24 hours at most\n"
	    "  --off       not any more\n"
	    "\n"
	    "Example:\n"
	    "  quietline alarm silence --until 06:00\n",
	    alarm_silence_run },
	{ "form list", "[LINE]",
	    "Show the forms of a line, or those to begin with.",
	    "Without LINE: the forms that came with the post, which nobody has proposed\n"
	    "yet.\n"
	    "\n"
	    "Example:\n"
	    "  quietline form list oslo\n",
	    form_list_run },
	{ "form show", "LINE N | NAME [--file]", "Show a form.",
	    "Of a line by its number, or by its name one that came with the post.\n"
	    "\n"
	    "  --file   as the file that it is, to change it and propose that\n"
	    "\n"
	    "Example:\n"
	    "  quietline form show cease-fire-proposal --file > ours.form\n",
	    form_show_run },
	{ "form propose", "LINE FILE|- | LINE --shipped NAME",
	    "Propose a form to the other side.",
	    "It is used once both sides agree to it; a changed form is a new one.  Of a\n"
	    "form that came with the post let somebody read each text whose language is\n"
	    "his own: no native speaker has reviewed those that are marked unreviewed.\n"
	    "\n"
	    "  --shipped NAME        one that came with the post\n"
	    "  --languages A,B       of those that it has, one or two\n" SPEAK_HELP
	    "\n"
	    "Example:\n"
	    "  quietline form propose oslo --shipped exercise --languages en,ko\n",
	    form_propose_run },
	{ "form agree", "LINE N [options]",
	    "Agree to a form that they propose.",
	    SPEAK_HELP "\n"
		       "Example:\n"
		       "  quietline form agree oslo 3\n",
	    form_agree_run },
	{ "form decline", "LINE N [options]",
	    "Decline a form that they propose.",
	    SPEAK_HELP "\n"
		       "Example:\n"
		       "  quietline form decline oslo 3\n",
	    form_decline_run },
	{ "form withdraw", "LINE N [options]",
	    "Take back a form that this side proposes.",
	    SPEAK_HELP "\n"
		       "Example:\n"
		       "  quietline form withdraw oslo 4\n",
	    form_withdraw_run },
	{ "form retire", "LINE N [options]",
	    "End the use of a form that both agreed to.",
	    "Messages that were sent by it stay as they were.\n"
	    "\n" SPEAK_HELP "\n"
	    "Example:\n"
	    "  quietline form retire oslo 3\n",
	    form_retire_run },
	{ "willing ask", "LINE QUESTION yes|no|- [options]",
	    "Ask whether both sides are willing, and say so for this one.",
	    "Both sides learn whether both say yes, and nothing else: who says no learns\n"
	    "nothing.  One question may begin on a day (UTC); it runs to the end of the\n"
	    "next.  The side that is asked knows the result first.\n"
	    "\n"
	    "  -                     read the answer from standard input: what stands on\n"
	    "                        a command's line is seen by others of this machine\n" SPEAK_HELP
	    "\n"
	    "Example:\n"
	    "  quietline willing ask oslo \"Would you accept talks in Bern?\" -\n",
	    willing_ask_run },
	{ "willing answer", "LINE [N] yes|no|- [options]",
	    "Answer their question, hidden as theirs is.",
	    "Without N that which waits, after it was shown.  The rest goes by itself.\n"
	    "\n" SPEAK_HELP "\n"
	    "Example:\n"
	    "  quietline willing answer bern -\n",
	    willing_answer_run },
	{ "willing show", "LINE [N]",
	    "Show the questions of willingness, and what came of them.",
	    "Whose step is missing, where one runs; and what a result is worth.\n"
	    "\n"
	    "Example:\n"
	    "  quietline willing show oslo\n",
	    willing_show_run },
	{ "delegate add", "TITLE --role R... [--name N] [--passphrase-file F]",
	    "Let somebody hold this post.",
	    "TITLE is who they are here, and, where a line's terms say so, at the other\n"
	    "side.  Roles: head (all), drafter, releaser (speaks), interpreter, watch,\n"
	    "reader; --role may be given several times.  The passphrase is asked for.\n"
	    "\n"
	    "Example:\n"
	    "  quietline delegate add \"night watch\" --role watch --role drafter\n",
	    delegate_add_run },
	{ "delegate list", "", "List the delegates.",
	    "Example:\n"
	    "  quietline delegate list\n",
	    delegate_list_run },
	{ "delegate show", "TITLE", "Show one delegate.",
	    "Example:\n"
	    "  quietline delegate show head\n",
	    delegate_show_run },
	{ "delegate set", "TITLE [--role R...] [--name N]",
	    "Give a delegate other roles, or another name.",
	    "The roles given replace those that were.\n"
	    "\n"
	    "Example:\n"
	    "  quietline delegate set \"night watch\" --role watch\n",
	    delegate_set_run },
	{ "delegate passphrase",
	    "TITLE [--old-passphrase-file F] [--passphrase-file F | --none]",
	    "Give a delegate a new passphrase.",
	    "Ends every session of theirs.  Everybody may set their own, and is asked for\n"
	    "the old one where they are signed in; a head may set that of anybody else.\n"
	    "--none takes it away: they cannot sign in then.\n"
	    "\n"
	    "  --old-passphrase-file F   read the old passphrase from F instead\n"
	    "  --passphrase-file F       read the new passphrase from F instead\n"
	    "\n"
	    "Example:\n"
	    "  quietline delegate passphrase \"night watch\"\n",
	    delegate_passphrase_run },
	{ "delegate revoke", "TITLE", "End what a delegate may do, at once.",
	    "Every session of theirs ends.  What they wrote stays under their title,\n"
	    "which nobody gets again.\n"
	    "\n"
	    "Example:\n"
	    "  quietline delegate revoke \"night watch\"\n",
	    delegate_revoke_run },
	{ "delegate owner", "TITLE | --none",
	    "Say as whom the post's user speaks without signing in.",
	    "The user of the machine that runs the post speaks as this delegate.  With\n"
	    "--none everybody must sign in.\n"
	    "\n"
	    "Example:\n"
	    "  quietline delegate owner --none\n",
	    delegate_owner_run },
	{ "sign-in", "TITLE [--passphrase-file F] [--print]",
	    "Speak as a delegate, for twelve hours.",
	    "Until sign-out every command of this user in this post's folder speaks as\n"
	    "TITLE.  --print keeps nothing, and prints what goes into $QUIETLINE_SESSION\n"
	    "for the commands of one terminal.\n"
	    "\n"
	    "Example:\n"
	    "  quietline sign-in \"night watch\"\n"
	    "  export QUIETLINE_SESSION=$(quietline sign-in head --print)\n",
	    sign_in_run },
	{ "sign-out", "[--everywhere]", "End the session.",
	    "--everywhere ends every session of this delegate.\n"
	    "\n"
	    "Example:\n"
	    "  quietline sign-out\n",
	    sign_out_run },
	{ "who", "", "Say as whom you speak.",
	    "Example:\n"
	    "  quietline who\n",
	    who_run },
	{ "help", "[COMMAND]", "Explain a command, or list them all.",
	    "Example:\n"
	    "  quietline help line offer\n",
	    help_run },
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

/* Words that take another: "line offer". */
static bool
is_group(const char *word)
{
	const size_t len = strlen(word);

	for (size_t i = 0; i < command_count; i++)
		if (strncmp(commands[i].name, word, len) == 0 &&
		    commands[i].name[len] == ' ')
			return true;
	return false;
}

/* "watch take" is a command of two words, "watch" one of one. */
static bool
is_named(const struct command *command, char **argv, int words)
{
	const size_t len = strlen(argv[0]);

	if (words == 1)
		return strcmp(command->name, argv[0]) == 0;
	return strncmp(command->name, argv[0], len) == 0 &&
	    command->name[len] == ' ' &&
	    strcmp(command->name + len + 1, argv[1]) == 0;
}

const struct command *
command_find(int argc, char **argv, int *words)
{
	for (*words = argc > 1 ? 2 : 1; argc > 0; (*words)--) {
		for (size_t i = 0; i < command_count; i++)
			if (is_named(&commands[i], argv, *words))
				return &commands[i];
		if (*words == 1)
			break;
	}
	return NULL;
}

/* Those whose names begin with prefix. */
static void
print_commands(const char *prefix)
{
	for (size_t i = 0; i < command_count; i++)
		if (strncmp(commands[i].name, prefix, strlen(prefix)) == 0)
			printf("  %-19s %s\n", commands[i].name,
			    commands[i].summary);
}

/* What is said of some groups before their commands. */
static const struct {
	const char *group;
	const char *say;
} groups[] = {
	{ "line",
	    "A line is begun in a ceremony of three files: offer, accept, finish "
	    "on both\nsides, confirm on both sides.\n\n" },
	{ "alarm", "An alarm rings until a person has seen to it.\n\n" },
	{ "roster",
	    "The roster says who is to be woken, in which order and at what "
	    "hours.\n\n" },
	{ "path",
	    "A line has up to four paths; it is up while one of them is.\n\n" },
	{ "form",
	    "A form is a text with fields, in a language of each side, to which "
	    "both sides\nagreed: it is sent by its number, and cannot be "
	    "misread.\n\n" },
	{ "draft",
	    "A draft is kept here until those have released it whom the rule of its "
	    "line\nasks for.\n\n" },
	{ "rule",
	    "A rule says who must release what is said on a line, beside its "
	    "writer.\n\n" },
	{ "willing",
	    "Both sides answer one question, hidden, and learn only whether both "
	    "said yes.\n\n" },
	{ "delegate",
	    "Delegates are the people who hold the post; their roles say what each "
	    "may do.\n\n" },
};
_Static_assert(LINE_PATHS_MAX == 4, "what people are told of paths");

static void
print_group(const char *group)
{
	char *prefix = cli_format("%s ", group), *word = strdup(group);
	const struct command *command;
	int words;

	/* "drill" is a command too, and has an example of its own. */
	if (word != NULL &&
	    (command = command_find(1, &word, &words)) != NULL) {
		cli_print_help(command);
		printf("\n");
	}
	free(word);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (strcmp(groups[i].group, group) == 0)
			printf("%s", groups[i].say);
	print_commands(prefix);
	printf("\nquietline %s COMMAND --help explains one, with an "
	       "example.\n",
	    group);
	free(prefix);
}

/* Says what may follow the first word of a group. */
static int
refuse_group(const char *group)
{
	const char *members[GROUP_MAX];
	struct word_list list = { .words = members };
	char choice[GROUP_SAY_BYTES];
	const size_t len = strlen(group);

	for (size_t i = 0; i < command_count && list.count < GROUP_MAX; i++)
		if (strncmp(commands[i].name, group, len) == 0 &&
		    commands[i].name[len] == ' ')
			members[list.count++] = commands[i].name + len + 1;
	word_choice(&list, choice, sizeof(choice));
	cli_error("%s takes %s (see: quietline %s --help)", group, choice,
	    group);
	return CLI_USAGE;
}

/* The first words of all commands, as people look for them. */
static const struct {
	const char *say;
	const char *words[8];
} sections[] = {
	{ "The post",
	    { "init", "up", "down", "status", "events", "version", "help" } },
	{ "Lines to other posts", { "line", "path" } },
	{ "Messages", { "send", "read", "get", "ack", "translate", "pass" } },
	{ "What both sides work on", { "point", "form", "willing" } },
	{ "Who may do what",
	    { "delegate", "sign-in", "sign-out", "who", "draft", "rule" } },
	{ "Who is awake",
	    { "waiting", "watch", "roster", "alarm", "drill", "service" } },
};

/* "  path               add, list, remove". */
static void
print_verbs(const char *group)
{
	const size_t len = strlen(group);
	const char *comma = "";

	printf("  %-19s ", group);
	for (size_t i = 0; i < command_count; i++) {
		if (strncmp(commands[i].name, group, len) != 0 ||
		    commands[i].name[len] != ' ')
			continue;
		printf("%s%s", comma, commands[i].name + len + 1);
		comma = ", ";
	}
	printf("\n");
}

/* A command in a line, and another one of those that begin with its name. */
static void
print_word(const char *word)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, word) == 0)
			printf("  %-19s %s\n", word, commands[i].summary);
	if (is_group(word))
		print_verbs(word);
}

static void
print_overview(void)
{
	printf("quietline: a hotline between two posts whose wire looks the "
	       "same, said or unsaid.\n");
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		printf("%s:\n", sections[i].say);
		for (const char *const *word = sections[i].words; *word != NULL;
		     word++)
			print_word(*word);
	}
	printf(
	    "quietline help COMMAND explains one, with an example; quietline "
	    "help line, the\ncommands of line.  A post is a folder: --post "
	    "DIR, $QUIETLINE_POST, or quietline\nin $XDG_DATA_HOME or "
	    "~/.local/share.\n"
	    "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 the "
	    "post is not running,\n4 it is locked or sealed, 5 timed out "
	    "while waiting.\n");
}

int
help_run(struct cli *cli, int argc, char **argv)
{
	const struct command *command;
	int words;
	int count = cli_parse(cli, argc, argv, NULL, 0, 0, 2);

	if (count == -1)
		return CLI_USAGE;
	if (count == 0) {
		print_overview();
		return CLI_DONE;
	}
	if (count == 1 && is_group(argv[0])) {
		print_group(argv[0]);
		return CLI_DONE;
	}
	if ((command = command_find(count, argv, &words)) == NULL) {
		cli->command = NULL;
		return cli_usage(cli, "there is no command %s%s%s", argv[0],
		    count == 2 ? " " : "", count == 2 ? argv[1] : "");
	}
	cli_print_help(command);
	return CLI_DONE;
}

int
version_run(struct cli *cli, int argc, char **argv)
{
	if (cli_parse(cli, argc, argv, NULL, 0, 0, 0) == -1)
		return CLI_USAGE;
	if (cli->json)
		printf("{\"version\":\"%s\"}\n", QUIETLINE_VERSION);
	else
		printf("quietline %s\n", QUIETLINE_VERSION);
	return CLI_DONE;
}

/* Options before the command: --post DIR, --json, --help, --version.  The
 * arguments taken, or -1 after having said what is wrong. */
static int
take_leading(struct cli *cli, int argc, char **argv, bool *done)
{
	int at = 0;

	for (; at < argc && argv[at][0] == '-'; at++) {
		if (strcmp(argv[at], "--json") == 0) {
			cli->json = true;
		} else if (strcmp(argv[at], "--post") == 0 && at + 1 < argc) {
			cli->post = argv[++at];
		} else if (strncmp(argv[at], "--post=", 7) == 0) {
			cli->post = argv[at] + 7;
		} else if (strcmp(argv[at], "--post") == 0) {
			(void)cli_usage(cli, "--post needs a value");
			return -1;
		} else if (strcmp(argv[at], "--help") == 0 ||
		    strcmp(argv[at], "-h") == 0) {
			print_overview();
			*done = true;
		} else if (strcmp(argv[at], "--version") == 0) {
			printf("quietline %s\n", QUIETLINE_VERSION);
			*done = true;
		} else {
			(void)cli_usage(cli, "unknown option %s", argv[at]);
			return -1;
		}
	}
	return at;
}

int
command_run(int argc, char **argv)
{
	struct cli cli = { 0 };
	bool done = false;
	int words;
	int at = take_leading(&cli, argc, argv, &done);

	if (at == -1)
		return CLI_USAGE;
	if (done)
		return CLI_DONE;
	if (at == argc)
		return cli_usage(&cli, "what to do? give a command");
	cli.command = command_find(argc - at, argv + at, &words);
	if (at + 1 < argc && is_group(argv[at]) &&
	    (strcmp(argv[at + 1], "--help") == 0 ||
		strcmp(argv[at + 1], "-h") == 0)) {
		print_group(argv[at]);
		return CLI_DONE;
	}
	if (cli.command == NULL && is_group(argv[at]))
		return refuse_group(argv[at]);
	if (cli.command == NULL)
		return cli_usage(&cli, "there is no command %s", argv[at]);
	/* getopt wants a name before the arguments: the command's last word. */
	at += words - 1;
	return cli.command->run(&cli, argc - at, argv + at);
}
