/* Owns what a keeper holds in memory: the post, and each of its lines. */
#ifndef KEEPER_POST_H
#define KEEPER_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ceremony.h"
#include "core/class.h"
#include "core/event.h"
#include "core/handshake.h"
#include "core/record.h"
#include "core/ticket.h"
#include "crypto/hash.h"
#include "keeper/attachment.h"
#include "keeper/disk.h"
#include "keeper/keeper.h"
#include "keeper/store.h"
#include "keeper/upload.h"
#include "limits.h"
#include "proc/say_alarm.h"

enum post_sizes {
	POST_NAME_BYTES = 256, /* a name and its NUL */
	POST_SAY_BYTES = 512,
	POST_SEGMENTS_MAX = 128,
	SOCKET_WAITS_MAX = LINES_MAX * LINE_PATHS_MAX,
};

enum side { SIDE_US = 0, SIDE_THEM = 1 };

/* The end of our journal, as the store has it. */
struct journal {
	uint64_t end;	     /* n of the last numbered record */
	uint64_t serial_end; /* of the last numbered message */
	uint64_t last[CLASS_COUNT];
	uint64_t unnumbered; /* records that wait for a number */
	/* The peer's HAVE came since the store was opened, and fits. */
	bool may_number;
	/* It did not fit: this store is older than what the peer holds. */
	bool is_behind;
};

/* Our messages that are not delivered yet. */
struct waiting {
	bool known; /* else they are to be counted in the store */
	uint64_t messages;
	uint64_t bytes[CLASS_COUNT]; /* of records beyond what the peer holds */
};

/* What wire wants of our journal, and how far it has got it. */
struct outbox {
	bool wanted;
	struct want want;
	/* What the peer durably holds; zeros until it has said so. */
	struct have held;
	struct waiting waiting;
};

/* Bytes that wire handed in, in front of the next sync. */
struct segment {
	enum record_class class;
	uint64_t n;
	uint64_t offset;
	size_t at; /* in fresh */
	size_t len;
	bool fin;
};

/* One class of the peer's journal.  A unit is what is taken at once: the first
 * ten bytes of a head, its rest, the text, a piece of an attachment, the
 * trailer. */
struct inbox {
	uint64_t last; /* n of the last whole record */
	uint64_t n;    /* of the one that is arriving; 0: none */
	uint64_t got;  /* bytes of it, taken into units */
	int64_t row;   /* of its record; 0 until the head is whole */
	struct record_layout layout; /* once the head is whole */
	struct hash_stream hash;     /* of the attachment under way */
	uint8_t *part;		     /* the unit under way */
	size_t part_len;
	size_t part_cap;
	size_t part_synced; /* bytes of it that are rows in the store */
	struct attachment_file file; /* of the attachment under way */
	/* There was no room for what wire handed in; wire still has it, and hands
	 * it in again when asked. */
	bool missed;
	/* Where that began, until wire hands it in again: whatever lies behind
	 * it was under way before wire was asked.  n is 0: nothing. */
	struct position gap;
	/* Where the class stood at the last sync, what HAVE says. */
	struct position synced;
	uint64_t synced_n; /* the record that synced.offset is of */
};

/* An attempt of ours at a handshake, A. */
struct asked {
	bool open;
	struct attempt attempt;
	uint8_t used[KDF_BYTES];
	struct handshake handshake;
};

struct continuity {
	uint8_t cur[KDF_BYTES];
	uint8_t prev[KDF_BYTES];
	bool proved;
	/* X of the live session, and that of the one that A has keys for but
	 * has not heard the peer use. */
	uint8_t exporter[KDF_BYTES];
	uint8_t exporter_next[KDF_BYTES];
	/* The last attempt that was finished (A) or confirmed (B). */
	struct attempt done;
};

/* One path of a line. */
struct way {
	bool used;
	bool tcp;
	/* It goes where the peer's card says; else to endpoint. */
	bool by_card;
	char listen[POST_NAME_BYTES];
	char endpoint[POST_NAME_BYTES]; /* HOST:PORT; "" for none */
	char proxy[POST_NAME_BYTES];
	bool has_ticket;
	struct ticket ticket;
	struct origin last; /* where a peer without endpoint was last heard */
	/* Why it has no socket; "": it has, or is about to. */
	char fault[POST_NAME_BYTES];
	int64_t heard_wall_ms;
};

/* What was proposed of a cadence, and not withdrawn. */
struct proposal {
	bool open;
	uint8_t id[RECORD_ID_BYTES];
	struct cadence cadence;
};

/* The cadence of a line, and what is to become of it. */
struct terms {
	struct cadence cadence; /* in force */
	uint32_t number;	/* of it: 0 in the ceremony */
	/* Boot frames of this size are taken too: of the cadence that was
	 * before, or that was agreed; 0: none. */
	uint16_t also_frame_bytes;
	struct proposal ours;
	struct proposal theirs;
	bool agreed; /* to theirs, by us; they have not changed over yet */
	/* It changed over, and has made no keys of a boot since. */
	bool awaits_boot;
	/* What wire is still to be told, once the store has it. */
	bool also_is_new;
	bool all_is_new;
};

/* Who is on watch on one side. */
struct watch {
	enum watch_state state;
	int64_t
	    until_ms; /* declined: until then, by the wall clock; 0: no end */
};

/* What a line discloses: bits of enum disclosure. */
struct disclosing {
	uint32_t agreed;
	uint32_t ours; /* that this side proposes */
	uint32_t theirs;
};

/* How many records of the peer are here, whole. */
struct arrived {
	bool known; /* else they are to be counted in the store */
	uint64_t records;
};

/* Records that the peer has raised, by its STATUS, and that are not here. */
struct missing {
	uint64_t records;
	int64_t since_ms;  /* by the wall clock */
	uint64_t moved_ns; /* since then nothing of its journal came */
	uint64_t next_ns;  /* it is not told before */
	bool told;
};

/* The last silence of which nobody said before that it would come. */
struct silence {
	bool asks; /* whether it was the path or the post */
	uint64_t since_ns;
	uint64_t ended_ns; /* 0: it lasts */
};

/* What of a line's time is not booked yet: since the mark it has been `part`. */
struct calendar {
	bool loaded;
	bool attached; /* a report came of the wire that is there */
	unsigned part;
	struct moment seen; /* when somebody looked last */
	uint64_t mark_ns;
	uint64_t due_ns;   /* when it is booked, whatever happens */
	int64_t down_ms;   /* before this start, still to be booked */
	bool pends;	   /* some silence has not been judged */
	bool unsaid;	   /* days that ended may wait to be told */
	int64_t said_date; /* when that was last looked for */
};

/* One place of the watch list: whom to wake, and when. */
struct roster_place {
	char title[POST_NAME_BYTES];
	/* Minutes of a UTC day; both the same: all of it. */
	unsigned from_min;
	unsigned to_min;
	/* By the wall clock; 0: no bound. */
	int64_t from_ms;
	int64_t until_ms;
};

struct roster {
	size_t places;
	struct roster_place place[ROSTER_MAX];
	uint64_t version; /* counts the changes in this process */
};

/* When drills go by themselves; by the wall clock, UTC. */
struct drill_plan {
	bool loaded;
	int64_t every_ms; /* 0: not */
	int64_t at_ms;	  /* of a day */
	int64_t within_ms;
	int64_t last_ms;   /* the last moment that is done with */
	uint64_t fired_ns; /* the last drill of it in this process; 0: none */
	bool missed;	   /* the last drill was, and is not answered since */
};

/* The service channel of a line. */
struct service {
	uint64_t free_ns; /* from then on nothing is counted */
	uint64_t look_ns; /* what is old is not looked for before */
};

/* Who has the watch here. */
struct duty {
	char who[POST_NAME_BYTES]; /* "": nobody */
	int64_t since_ms;
	char to[POST_NAME_BYTES]; /* handed over to; "": not */
	int64_t handed_ms;
	uint64_t n; /* of the last entry in the watch log */
};

/* Whether a line is silent for so long that it is an alarm. */
enum mute {
	MUTE_UNKNOWN, /* it was not heard of since the start */
	MUTE_NOT,
	MUTE_IS,
};

/* One line. */
struct post_line {
	uint32_t id; /* 0: no line here */
	char name[POST_NAME_BYTES];
	struct ceremony ceremony; /* all of its keys */
	struct card card;
	struct card peer_card; /* from finish on */
	bool by_hand;
	bool roams;
	struct way way[LINE_PATHS_MAX];
	struct terms terms;
	struct continuity continuity;
	struct asked asked[2]; /* boot, rekey */

	struct line_report report;
	bool has_report;
	struct status peer;
	struct disclosing disclosure;
	struct watch watch;	 /* ours */
	struct watch peer_watch; /* theirs, as the store has it */
	uint64_t watch_looked_ns;
	struct arrived arrived;
	struct missing missing;
	struct silence silence;
	struct calendar calendar;
	int64_t heard_wall_ms;
	bool paused; /* the peer takes nothing for the moment */
	char fault[POST_SAY_BYTES];
	struct status said; /* what we last told wire to say of us */
	uint64_t drop_ns;   /* closed: says goodbye until then; 0: not */

	struct journal journal;
	struct outbox outbox;
	struct drill_plan plan;
	uint32_t month_said; /* up to which months of drills were told */
	struct service service;
	uint64_t roster_version; /* of which the peer knows what it may */
	bool roster_told; /* it was told so, and not that there is none */
	struct inbox inbox[CLASS_COUNT];
	uint8_t *fresh;
	size_t fresh_len;
	size_t fresh_cap;
	struct segment segment[POST_SEGMENTS_MAX];
	size_t segments;
	uint64_t flush_ns; /* UINT64_MAX: nothing to sync */
	/* The peer broke the rules: what wire hands in is of the session that is to
	 * end, until wire says that it has. */
	bool refuses;
	uint64_t credit_said;
	enum mute mute;
	uint64_t
	    unheard_ns; /* not heard since the start, looked at then; 0: is */
};

struct draft;

/* Messages that were asked for and share the next sync. */
struct send_group {
	struct draft *drafts[SENDS_TOGETHER_MAX];
	size_t count;
	size_t bytes; /* of their texts */
	uint64_t due_ns;
};

/* A reply to `send` that waits for a number. */
struct send_wait {
	uint32_t request;
	uint32_t line;
	int64_t row;
	uint64_t until_ns; /* 0: free */
};

/* A reply to `offer`, `accept` or `path add` that waits for its socket. */
struct socket_wait {
	bool used;
	bool abandoned; /* answered: what the parent will say is of no path */
	uint32_t request;
	uint32_t line;
	unsigned path;
	uint64_t until_ns;
	uint8_t file[CEREMONY_FILE_BYTES_MAX];
	size_t file_len; /* 0: of `path add` */
};

/* A drill of ours that was not answered yet. */
struct drill_wait {
	uint32_t line; /* 0: free */
	uint8_t id[RECORD_ID_BYTES];
	uint64_t asked_ns; /* 0: before this process */
	uint64_t until_ns; /* then it is missed */
};

/* An alarm that is live. */
struct ringing {
	uint64_t number;
	enum alarm_what what;
	bool once;
	uint32_t line;	/* 0: of none */
	int64_t age_ms; /* when it was read from the store */
	uint64_t read_ns;
	uint64_t next_ns; /* its next ring */
	uint64_t times;
	uint64_t step;
};

/* The bell as it was heard of last. */
struct bell {
	bool there;
	uint32_t means;			   /* set of enum alarm_means */
	bool names;			   /* wanted */
	char say[ALARM_SAY_BYTES_MAX + 1]; /* why nobody would hear it */
	/* Why nobody heard it when it rang last; "": somebody did. */
	char unheard[ALARM_SAY_BYTES_MAX + 1];
};

/* What wakes people. */
struct wake {
	uint8_t rings[ALARM_WHAT_COUNT]; /* enum alarm_rings */
	uint32_t repeat_s;
	uint32_t step_s;
	uint32_t silent_s;
	int64_t silenced_until_ms; /* by the wall clock; 0: not */
	size_t titles;
	char title[ALARM_TITLES_MAX][ALARM_TITLE_BYTES_MAX + 1];
};

struct alarms {
	struct wake wake;
	struct bell bell;
	/* The most urgent first; read again from the store when stale. */
	struct ringing live[ALARM_LIVE_MAX];
	size_t live_count;
	bool stale;
	uint64_t count;	  /* of all that are live */
	uint64_t calm_ns; /* nothing rings before */
	bool rings;	  /* the bell was told to, and not to be quiet */
};

/* A delegate, for the length of the request that it asks; id 0: nobody. */
struct who {
	uint32_t id;
	uint32_t roles; /* bits of enum delegate_role */
	char title[DELEGATE_TITLE_BYTES_MAX + 1];
	char name[DELEGATE_NAME_BYTES_MAX + 1];
	bool by_session;
	uint8_t session[HASH_BYTES];
	int64_t until_ms; /* of the session */
};

/* What is carried out for a draft (keeper/errand): a trial where paper is 0. */
struct errand {
	bool on;       /* replies are kept here */
	bool appended; /* a record to the journal, of the try that was last */
	int err;       /* it was refused: why, in words; OK: not */
	char say[REQUEST_SAY_BYTES];
	uint64_t paper;	    /* that is released */
	const char *author; /* the writer of that version */
	bool emergency;
	size_t uploads; /* the files of that version */
	struct upload *upload;
};

struct keeper {
	char name[POST_NAME_BYTES];
	int folder_fd;
	int attachments_fd;
	struct store store;
	struct disk disk;
	struct rng rng;
	struct keeper_ops ops;
	void *ctx;
	struct moment now;
	bool wire; /* attached */
	/* The request under way is released by one alone. */
	bool is_emergency;
	struct errand errand;
	uint64_t event_seq; /* the last event that was told */
	struct post_line lines[LINES_MAX];
	struct uploads uploads;
	/* Files that the transaction under way has made. */
	struct attachment_batch made;
	struct send_group group;
	struct send_wait sends[SENDS_WAITING_MAX];
	struct socket_wait sockets[SOCKET_WAITS_MAX];
	struct drill_wait drills[DRILLS_MAX];
	struct who who;
	struct keyring_cost passphrase_cost; /* of new ones of delegates */
	uint64_t sign_in_ns;		     /* no passphrase is tried before */
	struct roster roster;
	struct duty duty;
	struct alarms alarms;
	/* When deadlines of points are looked at, by the wall clock; 0: at once. */
	int64_t deadline_ms;
	/* When rounds of willingness are looked at; UINT64_MAX: none runs. */
	uint64_t rounds_due_ns;
};

/* Lines that are not closed. */
struct post_line *post_find_line(struct keeper *keeper, uint32_t id);
struct post_line *post_find_name(struct keeper *keeper, struct text name);
/* Confirmed, and not closing: wire has it. */
bool post_line_is_active(const struct post_line *line);
struct cadence post_line_cadence(const struct post_line *line);
enum line_role post_line_role(const struct post_line *line);

/* Reads every line of the store into memory. */
MUST_CHECK int post_load(struct keeper *keeper);
/* Reads one that was just added. */
MUST_CHECK int post_load_line(struct keeper *keeper, uint32_t id);
/* Frees and wipes what a line has in memory. */
void post_forget_line(struct post_line *line);

/*
 * Runs fn in a transaction of record.db.  Where it fails, what memory says of
 * the line's journals (NULL: of none) is read from the store again, and the files it made are
 * deleted.  A full disk is tried once more with the reserve.  After success the
 * new events are told.
 */
MUST_CHECK int post_commit(struct keeper *keeper, struct post_line *line,
    int (*fn)(void *ctx), void *ctx);

/* Keeps the line's fault in words, and an event of it.  Opens a transaction. */
void post_fault(struct keeper *keeper, struct post_line *line, const char *say);

/* Tells wire the keys and the terms of an active line; what it has of the line
 * goes on where only also_frame_bytes is new. */
void post_tell_line(struct keeper *keeper, const struct post_line *line);
/* Tells wire all that it must know of an active line. */
void post_attach(struct keeper *keeper, struct post_line *line);
/* Tells wire what we say of ourselves, if that changed. */
void post_tell_status(struct keeper *keeper, struct post_line *line);

/* Hands the request to its handler, without asking who may. */
void keeper_carry_out(struct keeper *keeper, const struct request *request);

/* The line of a request; NULL where there is none, and the request is answered:
 * so. */
struct post_line *post_ask_line(struct keeper *keeper,
    const struct request *request);
/* The same, of a line that is active. */
struct post_line *post_ask_active(struct keeper *keeper,
    const struct request *request);

/* The one door for replies. */
void post_reply(struct keeper *keeper, const struct reply *reply);
void post_reply_error(struct keeper *keeper, uint32_t request, int err,
    const char *format, ...) PRINTF_LIKE(4, 5);
void post_reply_done(struct keeper *keeper, uint32_t request);
/* The row that a list begins behind. */
int64_t post_list_after(const struct request *request);
/* A list of which the last so many can be asked for: `back` finds the row before
 * them for a line and how many, of which there are `most` at the most; `list` has
 * the rows of a line behind one, up to a limit. */
struct post_last {
	enum stmt back;
	uint64_t most;
	enum stmt list;
};
/* Begins it for a page of the request: true; false: the request is answered. */
bool post_list_last(struct keeper *keeper, const struct post_line *line,
    const struct request *request, struct post_last last, struct query *q);
/* The end of a list, of which there is more where it was cut; a failure instead,
 * but for ERR_NOT_FOUND: no row is behind the last. */
void post_reply_list(struct keeper *keeper, const struct request *request,
    int rc, bool cut);
/* There is no open line of that name. */
void post_reply_no_line(struct keeper *keeper, uint32_t request);
/* The store said no: the reason in words. */
void post_reply_store(struct keeper *keeper, uint32_t request, int err);

/* A text view of a string. */
struct text text_of(const char *string);

#endif
