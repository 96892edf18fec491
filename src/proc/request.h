/* Owns what desk asks of keeper, and what keeper answers. */
#ifndef PROC_REQUEST_H
#define PROC_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/cadence.h"
#include "core/event.h"
#include "core/record.h"
#include "limits.h"
#include "proc/say_alarm.h"
#include "proc/say_delegate.h"
#include "proc/say_draft.h"
#include "proc/say_disclosure.h"
#include "proc/say_drill.h"
#include "proc/say_form.h"
#include "proc/say_message.h"
#include "proc/say_point.h"
#include "proc/say_watch.h"
#include "proc/say_willing.h"
#include "proc/say_rule.h"
#include "proc/text.h"

/*
 * Every request is answered by one reply or by several, all but the last with
 * `more` set.
 */
enum request_sizes {
	REQUEST_ATTACHMENT_PIECE_BYTES = 64 * 1024,
	REQUEST_SAY_BYTES = 512,
	REQUEST_HASH_BYTES = 32,
	REQUEST_WORDS = 5,
	REQUEST_WORD_BYTES = 16,
	REQUEST_NAME_BYTES_MAX = 255,
};

enum request_kind {
	REQUEST_STATUS,	     /* -> one REPLY_POST, then REPLY_LINE a line */
	REQUEST_OFFER,	     /* offer: -> REPLY_CEREMONY with file */
	REQUEST_ACCEPT,	     /* accept: -> REPLY_CEREMONY with file, terms */
	REQUEST_FINISH,	     /* finish: -> REPLY_CEREMONY with words, and file
				(reveal) where this side offered */
	REQUEST_CONFIRM,     /* confirm: -> REPLY_DONE */
	REQUEST_LINE_SHOW,   /* line: -> REPLY_LINE */
	REQUEST_LINE_CLOSE,  /* line: -> REPLY_DONE */
	REQUEST_PATH_ADD,    /* line, way: -> REPLY_PATH */
	REQUEST_PATH_LIST,   /* line: -> REPLY_PATH each, then REPLY_DONE */
	REQUEST_PATH_REMOVE, /* line, way.path: -> REPLY_DONE */
	REQUEST_ROAMING,     /* line, roams: -> REPLY_DONE */
	REQUEST_CADENCE,     /* line, cadence: -> REPLY_TERMS */
	REQUEST_UPLOAD_OPEN, /* -> REPLY_UPLOAD with id */
	REQUEST_UPLOAD_DATA, /* upload, data -> REPLY_DONE once it is taken */
	REQUEST_UPLOAD_DONE, /* upload -> REPLY_UPLOAD with bytes and hash */
	REQUEST_UPLOAD_DROP, /* upload -> REPLY_DONE */
	REQUEST_SEND,	     /* send: -> REPLY_SENT, after the sync */
	REQUEST_READ,	     /* read: -> REPLY_MESSAGE each, oldest first,
				then REPLY_DONE; with ref: that one alone */
	REQUEST_GET,	 /* get: -> REPLY_DATA, one piece of an attachment */
	REQUEST_ACK,	 /* line, ref -> REPLY_DONE */
	REQUEST_DRILL,	 /* line -> REPLY_SENT */
	REQUEST_WATCH,	 /* line (absent: all), watch -> REPLY_DONE */
	REQUEST_HISTORY, /* line, days -> REPLY_DAY each, oldest first, then
				REPLY_DONE */
	REQUEST_EVENTS,	 /* events: -> REPLY_EVENT each, then REPLY_DONE;
				keeper also tells each new event unasked, as
				REPLY_EVENT with id 0 */
	REQUEST_DOWN,	 /* -> REPLY_DONE; keeper tells the parent */

	/* From here on request.c's table says what each asks and is answered
	 * with: one REPLY_VIEW, or as many as a list has and REPLY_DONE, or
	 * REPLY_DONE alone.  New ones come last. */
	REQUEST_DELEGATE_ADD,	     /* delegate -> its view */
	REQUEST_DELEGATE_LIST,	     /* -> each view */
	REQUEST_DELEGATE_SHOW,	     /* name -> its view */
	REQUEST_DELEGATE_SET,	     /* name, delegate -> its view */
	REQUEST_DELEGATE_PASSPHRASE, /* name, delegate -> its view */
	REQUEST_DELEGATE_REVOKE,     /* name -> its view */
	REQUEST_DELEGATE_OWNER, /* delegate: whom the post's user is -> DONE */
	REQUEST_SIGN_IN,	/* delegate -> session, with its token */
	REQUEST_SIGN_OUT,	/* delegate -> DONE */
	REQUEST_WHO,		/* -> session */
	REQUEST_WAITING,	/* -> each view of what waits */
	REQUEST_ALARM_LIST,	/* alarm_list -> each alarm */
	REQUEST_ALARM_SHOW,	/* n -> alarm */
	REQUEST_ALARM_ACK,	/* n (0: all that are live) -> DONE */
	REQUEST_ALARM_TEST,	/* -> alarm */
	REQUEST_ALARM_RULES,	/* -> alarm_rules */
	REQUEST_ALARM_SET,	/* alarm_rules -> alarm_rules */
	REQUEST_ALARM_SILENCE,	/* alarm_silence -> alarm_rules */
	REQUEST_TRANSLATE,	/* line, ref, translation -> its view */
	REQUEST_TRANSLATION_LIST, /* line, ref -> each translation */
	REQUEST_PASS,		  /* line (to which), pass -> SENT */
	REQUEST_PASSED_LIST,	/* line (from which) -> each that was passed */
	REQUEST_POINT_RAISE,	/* line, raise -> point */
	REQUEST_POINT_STAND,	/* line, ref, stand -> point */
	REQUEST_POINT_LIST,	/* line, points -> each point */
	REQUEST_POINT_SHOW,	/* line, ref -> point */
	REQUEST_POINT_HISTORY,	/* line, ref -> each standing */
	REQUEST_POINT_MESSAGES, /* line, ref -> each message's reference */
	REQUEST_PUBLIC_ADD,	/* line, public -> its view */
	REQUEST_PUBLIC_LIST,	/* line, publics -> each view */
	REQUEST_PUBLIC_READING, /* line, ref, reading -> public */
	REQUEST_WILLING_ASK,	/* line, willing -> its view */
	REQUEST_WILLING_ANSWER, /* line, n, willing -> its view */
	REQUEST_WILLING_LIST,	/* line -> each view */
	REQUEST_WILLING_SHOW,	/* line, n -> its view */
	REQUEST_FORM_SHIPPED,	/* -> each form that came with the post */
	REQUEST_FORM_SHIPPED_SHOW, /* name -> form */
	REQUEST_FORM_PROPOSE,	   /* line, form_propose -> form */
	REQUEST_FORM_LIST,	   /* line -> each form, without its texts */
	REQUEST_FORM_SHOW,	   /* line, n -> form */
	REQUEST_FORM_ANSWER,	   /* line, n, form_answer -> form */
	REQUEST_DISCLOSURE,	   /* line -> disclosure */
	REQUEST_DISCLOSURE_SET,	   /* line, disclosure -> disclosure */
	REQUEST_MARK_READ,	   /* line, ref: a person read it -> DONE */
	REQUEST_WATCH_SHOW,	   /* -> its view: who has it */
	REQUEST_WATCH_TAKE,	   /* watch -> its view */
	REQUEST_WATCH_HAND_OVER,   /* watch -> its view */
	REQUEST_WATCH_LEAVE,	   /* watch -> its view */
	REQUEST_WATCH_LOG,	   /* last -> each duty view */
	REQUEST_ROSTER_SHOW,	   /* -> roster */
	REQUEST_ROSTER_SET,	   /* roster -> roster */
	REQUEST_ROSTER_HEARD,	   /* line -> heard */
	REQUEST_DRILL_PLAN,	   /* line -> plan */
	REQUEST_DRILL_SET,	   /* line, plan -> plan */
	REQUEST_DRILL_LIST,	   /* line, last -> each drill view */
	REQUEST_DRILL_ACK,	   /* line, drill_ack -> DONE */
	REQUEST_DRILL_MONTHS,	   /* line -> each month view */
	REQUEST_SERVICE_SAY,	   /* line, service -> its view */
	REQUEST_SERVICE_LIST,	   /* line, last -> each service view */
	REQUEST_DRAFT_LIST,    /* draft -> each draft, without what it says */
	REQUEST_DRAFT_SHOW,    /* n, draft -> draft */
	REQUEST_DRAFT_HISTORY, /* n -> each act */
	REQUEST_DRAFT_COMMENT, /* n, draft -> draft */
	REQUEST_DRAFT_RELEASE, /* n, draft -> draft */
	REQUEST_DRAFT_RECALL,  /* n -> draft */
	REQUEST_DRAFT_GET,     /* n, get -> DATA, one piece of a file */
	REQUEST_RULE_LIST,     /* line -> each rule */
	REQUEST_RULE_SET,      /* line, rule -> rule */
	REQUEST_COUNT,
};

/* One way to the peer, as people give it. */
struct request_way {
	uint32_t path;	    /* its number; from 1 */
	struct text listen; /* "ADDR:PORT", "[ADDR]:PORT"; absent: any */
	/* "HOST:PORT", "tcp:HOST:PORT"; absent: the peer is learned.  In the
	 * ceremony that of this side, for the peer; later that of the peer. */
	struct text endpoint;
	bool tcp;
	struct text proxy;  /* "HOST:PORT" of a SOCKS5 proxy; absent: none */
	struct text ticket; /* of a relay; absent: none */
};

struct upload_use {
	uint64_t upload;
	struct text name;
	struct text type;
};

/* Whoever asks.  All zero is the user that the post runs as. */
struct asker {
	bool is_stranger; /* another user of the machine */
	bool has_token;	  /* of a session, which then says who it is */
	uint8_t token[SESSION_TOKEN_BYTES];
};

/* Where a number of a draft stands: keep it as a new one. */
#define DRAFT_NEW UINT64_MAX

struct request {
	enum request_kind kind;
	uint32_t id; /* desk's; copied to each reply */
	struct asker asker;
	/* Of what speaks for this side.  0: do it; DRAFT_NEW: keep it as a new
	 * draft; else keep it as a new version of that draft. */
	uint64_t draft;
	bool emergency; /* one releases it alone, where the line's rule lets */

	/* Whichever the kind names. */
	struct text line; /* the peer's name as this side gave it */
	struct text ref;  /* "us/12", "them/p3" or 16 hex digits of an id */
	struct text name; /* of a thing of this post: a delegate, a form */
	uint64_t n;	  /* the number of a thing: a draft, an alarm */
	struct {
		uint64_t after; /* the cursor of the last row seen; 0: none */
		uint32_t limit; /* rows; never 0 */
	} page;
	union request_ask {
		struct delegate_ask delegate;
		struct alarm_list_ask alarm_list;
		struct alarm_rules alarm_rules;
		struct alarm_silence_ask alarm_silence;
		struct form_propose_ask form_propose;
		struct form_answer_ask form_answer;
		struct disclosure_ask disclosure;
		struct translation_ask translation;
		struct pass_ask pass;
		struct point_raise raise;
		struct point_stand stand;
		struct point_filter points;
		struct point_public public;
		struct point_reading reading;
		struct public_filter publics;
		struct willing_ask willing;
		struct watch_ask watch;
		struct roster_say roster;
		struct last_ask last;
		struct plan_ask plan;
		struct drill_ack_ask drill_ack;
		struct service_ask service;
		struct draft_ask draft;
		struct rule_ask rule;
	} ask;

	struct request_way way; /* offer, accept; of a path */
	struct cadence cadence; /* of a line; slot_us 0: what is proposed is
				   taken back */
	bool roams;

	struct {			/* offer, accept */
		struct cadence cadence; /* offer */
		uint8_t accept;		/* offer: 0 text, 1 images, 2 any */
		struct text file;	/* accept, finish: the ceremony file */
		bool look;    /* accept: show the terms, change nothing */
		bool by_hand; /* finish: the files travelled by hand, secret */
		struct text words[REQUEST_WORDS]; /* confirm: as heard */
	} ceremony;

	uint64_t upload;
	struct text data;

	struct { /* send */
		/* Becomes the record's id, drawn by who asks: asked twice, it
		 * is sent once, and both get the same REPLY_SENT.  All zero:
		 * keeper draws one. */
		uint8_t id[RECORD_ID_BYTES];
		struct text subject;
		struct text text;
		struct text language;
		uint8_t precedence;    /* 0 routine .. 3 flash */
		uint8_t mark;	       /* 0 none, 1 you only, 2 principal,
				       3 in substance, 4 may be quoted */
		struct text re;	       /* a reference */
		struct text withdraws; /* a reference, of our own */
		size_t attachments;
		struct upload_use attachment[ATTACHMENTS_MAX];
		size_t points;
		struct text point[RECORD_POINTS_MAX]; /* references */
		/* Its number, which the text fills in; 0: none. */
		uint64_t form;
	} send;

	struct {		       /* read */
		struct text since_ref; /* after this one (exclusive) */
		int64_t since_ms;      /* at or after; INT64_MIN: absent */
		uint32_t limit;	       /* the last so many; 0: all */
		bool oldest; /* the first so many instead, for reading on */
	} read;

	struct { /* get: piece of attachment n (from 1) */
		uint32_t n;
		uint64_t offset;
	} get;

	struct { /* watch: on, off or declined */
		enum watch_state state;
		int64_t until_ms; /* declined; 0: no end */
	} watch;

	uint32_t days; /* history: the last so many, from 1 */

	struct { /* events after this sequence number */
		uint64_t after;
		uint32_t limit;
	} events;
};

enum reply_kind {
	REPLY_ERROR, /* err, say */
	REPLY_DONE,
	REPLY_POST,
	REPLY_LINE,
	REPLY_CEREMONY,
	REPLY_PATH,
	REPLY_TERMS,
	REPLY_UPLOAD,
	REPLY_SENT,
	REPLY_MESSAGE,
	REPLY_DATA,
	REPLY_DAY,
	REPLY_EVENT,
	REPLY_VIEW, /* about, cursor, view */
	REPLY_COUNT,
};

struct attachment_view {
	struct text name;
	struct text type;
	uint64_t bytes;
	uint64_t bytes_here;		  /* stored so far, durable */
	uint8_t hash[REQUEST_HASH_BYTES]; /* BLAKE2b-256; whole ones only */
	bool whole;
};

/* Wall times are milliseconds since 1970 UTC; 0 is "not (yet)". */
struct message_view {
	bool from_us;
	uint64_t serial; /* 0: not yet numbered */
	uint64_t n;	 /* in its side's journal; 0: not yet */
	uint8_t id[RECORD_ID_BYTES];
	int64_t sent_ms;
	int64_t stored_ms; /* here, durable */
	uint8_t precedence;
	uint8_t mark;
	bool drill;
	bool arriving; /* theirs, on its way: text and sums not known yet */
	struct text subject;
	struct text text;
	struct text language;
	char re[REQUEST_REF_BYTES]; /* "" where absent */
	char withdraws[REQUEST_REF_BYTES];
	char withdrawn_by[REQUEST_REF_BYTES];
	int64_t delivered_ms;
	int64_t read_ms;
	int64_t acknowledged_ms;
	/* Ours, under way: bytes of it that the peer durably holds, of all. */
	uint64_t bytes_held;
	uint64_t bytes_total;
	struct message_more more;
	size_t attachments;
	struct attachment_view attachment[ATTACHMENTS_MAX];
};

/* One path of a line, as this side has it. */
struct path_view {
	uint32_t path; /* its number, from 1; 0: none */
	bool tcp;
	bool relayed;	      /* endpoint is that of a relay */
	struct text listen;   /* absent: not bound */
	struct text endpoint; /* where it goes; absent: the peer is learned */
	struct text proxy;    /* absent: none */
	struct text at;	      /* the address that frames go to; absent: none */
	struct text fault;    /* why it has no socket; absent: it has */
	enum path_state state;
	int64_t heard_wall_ms; /* 0: never */
	uint32_t rtt_us;       /* 0: not known */
};

/* What becomes of a line's cadence. */
enum terms_state {
	TERMS_SETTLED,	/* nothing is proposed */
	TERMS_PROPOSED, /* by this side, by theirs, or by both */
	TERMS_AGREED,	/* the line is about to change over */
};

struct terms_view {
	enum terms_state state;
	struct cadence ours;   /* that we propose; slot_us 0: nothing */
	struct cadence theirs; /* that they propose, or that was agreed */
	struct text
	    say; /* all of it in words, and what to do; absent: settled */
};

struct line_view {
	struct text name;
	struct text id; /* hex */
	struct line_report report;
	struct status peer; /* as last heard; zeros before */
	struct cadence cadence;
	uint8_t accept;
	bool offered; /* we are A */
	bool by_hand;
	bool closed;
	struct text endpoint; /* ours, on our card */
	struct text fault;    /* absent: none */
	/* What must be done next in the ceremony, in words; absent: done. */
	struct text next_step;
	uint64_t outbox_messages; /* accepted, not yet delivered */
	uint64_t outbox_bytes;
	bool paused; /* the peer takes no more: its disk is full */
	int64_t heard_wall_ms;
	bool roams;
	struct terms_view terms;
	size_t paths;
	struct path_view path[LINE_PATHS_MAX];
	enum watch_state our_watch; /* theirs is in peer */
	int64_t our_declined_until_ms;
	/* Records that they have raised, by their word, and that are not here. */
	uint64_t missing;
	int64_t missing_since_ms;
};

/* One day of a line, as either side found it.  Silence of which is not known yet
 * what it was is untold. */
struct day_view {
	uint32_t date; /* days since 1970, UTC */
	bool has_ours;
	bool has_theirs; /* they tell it when it has ended */
	struct day ours;
	struct day theirs;
};

struct event_view {
	uint64_t seq; /* counts from 1 for the life of the post */
	int64_t wall_ms;
	struct text line; /* absent: of the whole post */
	/* A stable word: "line", "message", "receipt", "drill", "fault",
	 * "watch", "transfer", "store", "post". */
	struct text kind;
	struct text ref; /* of the message it is about; absent: none */
	struct text say; /* one sentence for people */
	/* A stable word for programs: a state, "delivered", "acknowledged". */
	struct text what;
};

struct reply {
	enum reply_kind kind;
	uint32_t id;
	bool more;
	bool cut; /* REPLY_DONE: there is more, for another request to ask */

	int err;	 /* REPLY_ERROR: an ERR_* */
	struct text say; /* REPLY_ERROR: one sentence, what to do */

	struct {
		struct text name;
		enum post_state state;
		enum store_state store;
		uint64_t alarms; /* that are live */
		/* Why nobody would hear one; absent: somebody would. */
		struct text unheard;
	} post;
	struct line_view line;
	struct {
		struct text file;
		struct text peer_name; /* what the other side calls itself */
		struct cadence cadence;
		uint8_t accept;
		struct text listen;
		struct text
		    words[REQUEST_WORDS]; /* to read to the other side */
		size_t word_count;
	} ceremony;
	struct path_view path;
	struct terms_view terms;
	struct {
		uint64_t id;
		uint64_t bytes;
		uint8_t hash[REQUEST_HASH_BYTES];
	} upload;
	struct {
		uint64_t serial; /* 0: not yet */
		uint8_t id[RECORD_ID_BYTES];
		uint64_t bytes;		/* of the whole record */
		uint64_t bytes_ahead;	/* before it and with it, undelivered */
		struct cadence cadence; /* at which they go */
		struct status peer;	/* who is on watch there */
	} sent;
	struct message_view message;
	struct {
		struct text data;
		uint64_t offset;
		uint64_t total;
	} data;
	struct day_view day;
	struct event_view event;

	/* The request whose view this is: not always the one that was asked, for
	 * an act that is kept as a draft is answered with the draft. */
	enum request_kind about;
	uint64_t
	    cursor; /* of a row of a list: where the next page begins after */
	union reply_view {
		struct delegate_view delegate;
		struct session_view session;
		struct waiting_view waiting;
		struct watch_view watch;
		struct duty_view duty;
		struct roster_say roster;
		struct roster_heard heard;
		struct plan_view plan;
		struct drill_view drill;
		struct month_view month;
		struct service_view service;
		struct alarm_view alarm;
		struct alarm_rules alarm_rules;
		struct translation_view translation;
		struct passed_view passed;
		struct point_view point;
		struct standing_view standing;
		struct public_view public;
		struct point_message_view point_message;
		struct willing_view willing;
		struct form_view form;
		struct disclosure_view disclosure;
		struct draft_view draft;
		struct act_view act;
		struct rule_view rule;
	} view;
};

/* Bytes that the longest request or reply may take encoded. */
enum { REQUEST_BYTES_MAX = TEXT_BYTES_MAX + 128 * 1024 };

struct layout;
struct writer;

/* The tables of what a kind asks, and of the views that answer it; NULL: none. */
const struct layout *request_ask_layout(enum request_kind kind);
const struct layout *request_view_layout(enum request_kind kind);

/* Encodes; the writer fails where there is no room. */
void request_encode(struct writer *w, const struct request *request);
void reply_encode(struct writer *w, const struct reply *reply);

/*
 * Decodes into views of bytes, which must outlive them.  OK, or ERR_FORMAT for
 * anything out of its layout or over a limit of limits.h.
 */
MUST_CHECK int request_decode(struct request *request, const uint8_t *bytes,
    size_t len);
MUST_CHECK int reply_decode(struct reply *reply, const uint8_t *bytes,
    size_t len);

#endif
