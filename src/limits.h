/* Owns every number that bounds something: value, unit, reason. */
#ifndef LIMITS_H
#define LIMITS_H

#include <stdint.h>

/* The wire image of a line; both are fixed in its terms. */
enum limits_frame {
	/* Below, a handshake message would take more than ten frames. */
	FRAME_BYTES_MIN = 256,
	/* Fits IPv6's smallest link (1280) with its headers. */
	FRAME_BYTES_MAX = 1232,
	/* Random for every frame: no state to lose in a crash. */
	FRAME_NONCE_BYTES = 24,
	FRAME_TAG_BYTES = 16,
	FRAME_CTR_BYTES = 8,
	/* Everything of a frame that is not records. */
	FRAME_OVERHEAD_BYTES =
	    FRAME_NONCE_BYTES + FRAME_TAG_BYTES + FRAME_CTR_BYTES,
	FRAME_RECORDS_BYTES_MAX = FRAME_BYTES_MAX - FRAME_OVERHEAD_BYTES,
	/* type(1) length(2). */
	FRAME_RECORD_HEAD_BYTES = 3,
};

enum limits_slot {
	/* Below, a general-purpose kernel no longer keeps the pace. */
	SLOT_US_MIN = 250,
	/* Above, a restart would take minutes to be noticed. */
	SLOT_US_MAX = 2000000,
	/* A frame is filled and sealed this long before its moment, or a quarter
	 * of the slot if that is less. */
	SLOT_GUARD_US = 2000,
	/* Wire begins nothing else so long before a moment, since it must be done
	 * by then, and wakes this early, since a long sleep ends late; it sleeps
	 * again, short and exact; and spins the last stretch, since spinning
	 * costs.  Half of the guard, if that is less. */
	SLOT_HOLD_US = 200,
	/* A frame is made in less; it waits if a moment is nearer. */
	SLOT_MAKE_US = 60,
	/* Longer than nearly all sleeps end late; a quarter of the guard, if that is
	 * less. */
	SLOT_SPIN_US = 100,
};

enum limits_line {
	/* Paths of one side: each carries the full cadence, and more than a few are
	 * cut together. */
	LINE_PATHS_MAX = 4,
	/* Lines of one post: each costs up to LINE_TALK_BYTES_MAX at talk, in wire. */
	LINES_MAX = 16,
	/* Everything wire keeps of a line, whatever passes, at any cadence; and at
	 * the default one, so that LINES_MAX fit what a user may lock. */
	LINE_BYTES_MAX = 4 * 1024 * 1024,
	LINE_TALK_BYTES_MAX = 448 * 1024,
};

enum limits_replay {
	/* Counters below the largest that are still told apart: four seconds of
	 * the fastest cadence, far above what a network reorders. */
	REPLAY_WINDOW = 4096,
};

/* Connections that carry frames. */
enum limits_tcp {
	/* Accepted for one path: the peer's, its next one, and two of strangers. */
	TCP_ACCEPTED_MAX = 4,
	/* One more is accepted in this time: strangers cost no more. */
	ACCEPT_EVERY_MS = 1000,
	/* Connections that the kernel holds until they are accepted. */
	TCP_BACKLOG = 16,
	/* Bytes that may wait to leave: a few frames; what finds no room is lost,
	 * not late. */
	TCP_UNSENT_BYTES = 4 * FRAME_BYTES_MAX,
	/* What left and is not acknowledged so long ends the connection: the peer
	 * may have moved. */
	TCP_SILENT_MS = 20000,
	/* How often wire looks for those that have gone quiet. */
	STALE_LOOK_MS = 1000,
	/* A connection that lived so long ends for the first time again: it is
	 * dialed anew in RESOLVE_MS_MIN. */
	DIAL_CALM_MS = 10000,
	/* Two names, eight addresses, and a proxy that is far away. */
	DIAL_TIMEOUT_MS = 240000,
};

/* Acknowledgements, loss and resending. */
enum limits_ack {
	/* The body of an ACK record: small beside any frame. */
	ACK_BYTES_MAX = 40,
	/* How far below its largest counter an ACK looks. */
	ACK_SPAN = 512,
	/* Frames whose content is remembered until it is known to be there. */
	ACK_FRAMES_MAX = 4096,
	/* Slots of so many seconds: the longest way there and back.  And not fewer
	 * than an ACK looks back. */
	ACK_FRAMES_S = 4,
	ACK_FRAMES_MIN = ACK_SPAN,
	/* Later counters acknowledged before a frame counts as lost. */
	ACK_REORDER_MAX = 3,
	/* Slots granted beyond the round trip before a frame counts as lost.  What
	 * is lost shows sooner by later frames; this is for acknowledgements that
	 * are: one in five lost, every second frame carrying one, ten slots without
	 * any come once in 300 times, six once in 30. */
	ACK_SLACK_SLOTS = 10,
	/* The round trip that is assumed until one has been measured. */
	ACK_FIRST_RTT_MS = 500,
};

/* Records on their way, in wire's memory. */
enum limits_stream {
	/* type(1) length(2) stream(8) offset(8) flags(1). */
	CHUNK_HEAD_BYTES = FRAME_RECORD_HEAD_BYTES + 17,
	CHUNK_BYTES_MAX = FRAME_RECORDS_BYTES_MAX - CHUNK_HEAD_BYTES,
	/* A chunk is not cut into pieces smaller than this. */
	CHUNK_SPLIT_BYTES_MIN = 64,
	/* Chunks that one side may have sent beyond the other's HAVE, for each
	 * class; the receiver keeps room for exactly as many, so that what is
	 * needed next always finds room.  As many as there are slots in so many
	 * seconds, within bounds: the most sum up to below 1 MiB, the least leave
	 * room for RECORDS_OPEN_MAX short records. */
	CHUNKS_S = 2,
	CHUNKS_ROUTINE_S = 4,
	CHUNKS_NOTES_MIN = 24,
	CHUNKS_NOTES_MAX = 48,
	CHUNKS_FLASH_MIN = 24,
	CHUNKS_FLASH_MAX = 64,
	CHUNKS_IMMEDIATE_MIN = 24,
	CHUNKS_IMMEDIATE_MAX = 64,
	CHUNKS_PRIORITY_MIN = 32,
	CHUNKS_PRIORITY_MAX = 96,
	CHUNKS_ROUTINE_MIN = 64,
	CHUNKS_ROUTINE_MAX = 560,
	CHUNKS_MAX = CHUNKS_NOTES_MAX + CHUNKS_FLASH_MAX +
	    CHUNKS_IMMEDIATE_MAX + CHUNKS_PRIORITY_MAX + CHUNKS_ROUTINE_MAX,
	/* The keeper is asked for more when so much of a class's room is free. */
	STREAM_REFILL_DIVISOR = 4,
};

/* Boot and rekey; each time is the longer of seconds and slots. */
enum limits_handshake {
	BOOT_BESIDE_S = 5,
	BOOT_BESIDE_SLOTS = 20,
	/* Beside a live session, boot frames take one slot of so many. */
	BOOT_BESIDE_SHARE = 8,
	/* At most one handshake computed in this time. */
	HANDSHAKE_INTERVAL_MS = 1000,
	/* Slots granted beyond the round trip before the parts of a rekey are sent
	 * once more: it must come to its end where half of them are lost. */
	HANDSHAKE_ROUND_SLACK_SLOTS = 4,
	/* An attempt that stays unanswered so long is replaced by a higher; ten
	 * small parts each way, half of them lost, need most of it. */
	HANDSHAKE_RETRY_S = 10,
	HANDSHAKE_RETRY_SLOTS = 256,
	REKEY_S = 120,
	REKEY_SLOTS = 120,
	/* The key before is kept so long for frames still under way. */
	KEY_PREVIOUS_S = 10,
	KEY_PREVIOUS_SLOTS = 20,
	/* A session that hears nothing so long is over. */
	SESSION_SILENT_S = 180,
	SESSION_SILENT_SLOTS = 60,
	/* A key is never older than this. */
	KEY_AGE_S = 600,
	KEY_AGE_SLOTS = 600,
	/* What is left of a frame beside a part of a handshake. */
	HANDSHAKE_PART_MARGIN_BYTES = 120,
};

/* What each side tells of itself. */
enum limits_ctrl {
	/* HAVE and status are said again after so many frames. */
	CTRL_EVERY_FRAMES = 16,
	GOODBYE_FRAMES = 5,
	/* Nothing heard for so long is called silence. */
	SILENCE_S = 5,
	SILENCE_SLOTS = 10,
	REPORT_EVERY_MS = 1000,
};

/* Journals: what a record may hold. */
enum limits_record {
	/* Longer texts go as an attachment. */
	TEXT_BYTES_MAX = 1024 * 1024,
	SUBJECT_BYTES_MAX = 1024,
	/* BCP 47 recommends room for 35. */
	LANGUAGE_BYTES_MAX = 35,
	ATTACHMENTS_MAX = 64,
	ATTACHMENT_NAME_BYTES_MAX = 255,
	ATTACHMENT_TYPE_BYTES_MAX = 127,
	/* Who said something in public, and where; who wrote. */
	LABEL_BYTES_MAX = 255,
	/* What a record says that goes as a note, ahead of every message: short,
	 * so that a flash is never kept waiting. */
	NOTE_TEXT_BYTES_MAX = 4 * 1024,
	/* A form says it twice, in two languages. */
	FORM_TEXT_BYTES_MAX = 16 * 1024,
	DRILL_TEXT_BYTES_MAX = 512,
	SERVICE_TEXT_BYTES_MAX = 1024,
	/* Points that one message may belong to. */
	RECORD_POINTS_MAX = 4,
	/* A step of a comparison of willingness: eleven group elements and
	 * scalars are the most. */
	WILLING_STEPS = 4,
	WILLING_DATA_BYTES_MAX = 512,
	/* A question that is answered with yes or no. */
	WILLING_QUESTION_BYTES_MAX = 1024,
	/* A record's header: all of the above but the text, with room. */
	RECORD_HEADER_BYTES_MAX = 32 * 1024,
	RECORD_ID_BYTES = 16,
	/* A day of the line's record of its availability. */
	DAY_SECONDS = 86400,
	/* 9999-12-31, as days since 1970: the last date that is written in ten
	 * characters. */
	DATE_MAX = 2932896,
	/* The months between the same bounds, as year * 12 and the month from 0. */
	MONTH_MIN = 1970 * 12,
	MONTH_MAX = 9999 * 12 + 11,
	/* Records of one class that may be on their way at once, so that frames
	 * fill although each is small. */
	RECORDS_OPEN_MAX = 16,
};

/* Forms: texts with fields that both sides agreed to. */
enum limits_form {
	FORM_NAME_BYTES_MAX = 40,
	/* More is no form but a questionnaire. */
	FORM_FIELDS_MAX = 16,
	FORM_FIELD_BYTES_MAX = 32, /* of its name */
	FORM_CHOICES_MAX = 8,
	FORM_LANGUAGES_MAX = 8, /* of a file */
	/* Of what is agreed: each side's, or one that both speak. */
	FORM_AGREED_LANGUAGES_MAX = 2,
	FORM_TITLE_BYTES_MAX = 200,
	FORM_BODY_BYTES_MAX = 4096, /* its text in one language */
	/* Fields may stand in a title and text more than once. */
	FORM_PLACES_MAX = 32,
	/* What is filled in, or is said for a choice. */
	FORM_VALUE_BYTES_MAX = 500,
	/* A text with its fields filled in. */
	FORM_SAID_BYTES_MAX =
	    FORM_BODY_BYTES_MAX + FORM_PLACES_MAX * FORM_VALUE_BYTES_MAX,
	/* Four digits, read aloud without a slip; half of them are a side's. */
	FORM_NUMBER_MAX = 9999,
	/* Two sentences with a command in each. */
	FORM_SAY_BYTES_MAX = 512,
	/* Open proposals of disclosure that one request answers: each side needs
	 * three. */
	DISCLOSURE_ANSWERS_MAX = 64,
};

enum limits_log {
	/* A longer line is cut: nothing that arrives may swamp the log. */
	LOG_LINE_BYTES_MAX = 1024,
};

/* The API that desk serves. */
enum limits_desk {
	/* Open HTTP connections; more wait in the listening socket. */
	DESK_CONNECTIONS_MAX = 64,
	/* A JSON body: a text of TEXT_BYTES_MAX may take six characters a byte
	 * escaped, with room for the other fields. */
	DESK_BODY_BYTES_MAX = 6 * TEXT_BYTES_MAX + 128 * 1024,
	/* A ceremony file is below 1 KiB; room for later versions. */
	DESK_CEREMONY_FILE_BYTES_MAX = 16 * 1024,
	/* A card has one byte for the length of a name. */
	DESK_LINE_NAME_BYTES_MAX = 255,
	/* Host names (253) and a port, as text. */
	DESK_ADDRESS_BYTES_MAX = 300,
	/* A relay's ticket as text: names of hosts, and a hundred digits. */
	DESK_TICKET_BYTES_MAX = 512,
	/* A check word as heard, with room for mishearing. */
	DESK_WORD_BYTES_MAX = 64,
	/* Segments of the longest path. */
	DESK_SEGMENTS_MAX = 10,
	/* Messages asked of keeper at once while reading on: each may hold
	 * TEXT_BYTES_MAX, and desk's memory stays flat. */
	DESK_READ_PAGE = 8,
	/* Messages of one answer that counts from the end. */
	DESK_READ_MAX = 1000,
	DESK_READ_DEFAULT = 50,
	DESK_EVENTS_PAGE = 256,
	/* Rows of a list, where nothing says how many. */
	DESK_LIST_DEFAULT = 100,
	/* How long a request outlasts a keeper that restarts. */
	DESK_KEEPER_WAIT_S = 10,
	/* A follower hears an empty line this often: a reader that went away
	 * is noticed by it. */
	DESK_BEAT_S = 15,
	/* A connection that says nothing ends. */
	DESK_IDLE_S = 60,
};

/* What passes between the rooms and the parent. */
enum limits_proc {
	/* Queued for one receiver: beyond, it does not read and is lost.  Room
	 * for 1 MiB of every line that a stopped keeper leaves behind, and for
	 * a page of long messages. */
	CHANNEL_OUT_BYTES_MAX = 32 * 1024 * 1024,
	/* Above this, a sender that can wait should. */
	CHANNEL_OUT_BYTES_HIGH = 1024 * 1024,
	/* Two of the longest messages, so that reading goes on. */
	CHANNEL_IN_BYTES = 2 * (TEXT_BYTES_MAX + 256 * 1024),
	/* Read from one channel before others have their turn. */
	CHANNEL_READ_BYTES = 128 * 1024,
	/* Descriptors on their way: one a path, and the channels. */
	CHANNEL_FDS_MAX = LINES_MAX * LINE_PATHS_MAX + 32,
	/* Happenings handled before the loop asks the kernel again. */
	LOOP_BATCH_MAX = 16,
};

/* Bounds too wide for an enum. */
/* So that sums of a whole record never overflow: 256 TiB each. */
#define ATTACHMENT_BYTES_MAX ((uint64_t)1 << 48)
/* The last moment that has a four-digit year: a time to be shown. */
#define WATCH_UNTIL_MS_MAX INT64_C(253402300799999)

/* The keeper's store. */
enum limits_store {
	/* Argon2id, libsodium's "moderate": about a second and 256 MiB. */
	KEYRING_PASSES = 3,
	KEYRING_MEMORY_BYTES = 256 * 1024 * 1024,
	/* What a keys file may ask for at most: a damaged one must not hang. */
	KEYRING_PASSES_MAX = 64,
	KEYRING_MEMORY_BYTES_MAX = 1024 * 1024 * 1024,
	/* Longer helps nobody. */
	PASSPHRASE_BYTES_MAX = 1024,
	/* Let go when the disk is full, so that boot and sync still work. */
	RESERVE_BYTES = 1024 * 1024,
	/* Below this much free, nothing is accepted from people or the peer. */
	DISK_FULL_BYTES = 8 * 1024 * 1024,
	/* Below this much, nothing at all is taken from the peer: what is left is for
	 * booting, and for what our own people said. */
	DISK_NOTES_BYTES = 4 * 1024 * 1024,
	/* Below this much, both are told. */
	DISK_NEARLY_FULL_BYTES = 64 * 1024 * 1024,
	/* The most that is promised to a peer at once. */
	CREDIT_BYTES_MAX = 1024 * 1024 * 1024,
	/* How long a disk's free space is believed. */
	DISK_LOOK_MS = 1000,
	/* What has arrived is synced when it is so much, or waits so long. */
	FLUSH_BYTES = 64 * 1024,
	FLUSH_MS = 50,
	/* A file that could not be written is tried again after this. */
	FLUSH_RETRY_MS = 1000,
	/* Pages in the store's log before they are moved to its file (1 MiB). */
	WAL_PAGES_MAX = 1000,
	/* Attachments are sealed in pieces of this size. */
	PIECE_PLAIN_BYTES = 64 * 1024,
	/* Bytes handed to wire at once. */
	PIECE_OUT_BYTES_MAX = 32 * 1024,
	/* What wire may hand in ahead of a sync, for a line. */
	INBOX_BYTES_MAX = 2 * 1024 * 1024,
	/* Events kept; the oldest go. */
	EVENTS_MAX = 100000,
	/* Events or messages sent to a desk for one request. */
	EVENTS_REPLY_MAX = 1000,
	/* Beyond so much text, a reply to `read` is cut: far below what a channel
	 * holds, above a page of usual messages. */
	READ_BYTES_MAX = 4 * 1024 * 1024,
	/* Uploads that no message took yet (the oldest goes), and those not yet
	 * done. */
	UPLOADS_MAX = 256,
	UPLOADS_OPEN_MAX = 32,
	/* How long a reply to `send` waits for a number, and how many do. */
	SEND_WAIT_MS = 5000,
	SENDS_WAITING_MAX = 64,
	/* Messages, and bytes of text, that share a sync: more wait for the next. */
	SENDS_TOGETHER_MAX = 64,
	SENDS_TOGETHER_BYTES_MAX = 1024 * 1024,
	/* Events that records are missing are this far apart: the peer says what it
	 * has raised, and may lie. */
	MISSING_EVERY_MS = 60000,
	/* How long a reply to a ceremony request waits for its socket. */
	SOCKET_WAIT_MS = 5000,
	/* Drills that may wait for their answer at once: four a line. */
	DRILLS_MAX = 64,
	/* Slots in which a closed line still says goodbye. */
	CLOSE_SLOTS = 20,
};

/* The record of how a line was, day by day. */
enum limits_calendar {
	/* More than a year, so that a year can be looked back upon. */
	CALENDAR_DAYS_MAX = 400,
	CALENDAR_DAYS_DEFAULT = 14,
	/* Booked at least so often: what a crash leaves unbooked counts as the
	 * post being down. */
	CALENDAR_BOOK_S = 120,
	/* Reports come every second or two; where none came for so long, the
	 * machine slept. */
	CALENDAR_GAP_S = 60,
	/* The wall clock was set, if it went so much another way. */
	CALENDAR_JUMP_MS = 2000,
	/* Days told in one transaction. */
	CALENDAR_SAY_MAX = 16,
};

/* The watch: people in shifts, drills, and operators' small talk. */
enum limits_watch {
	/* As a label: titles are delegates'. */
	WATCH_TITLE_BYTES_MAX = 255,
	/* What one shift writes for the next: a screen of text. */
	DUTY_NOTE_BYTES_MAX = 4096,
	/* Open items that are kept with a hand-over, one by one; more are counted. */
	DUTY_ITEMS_MAX = 32,
	/* Entries of the watch log that stay: three a day for a year, and more. */
	DUTY_LOG_MAX = 2000,
	/* People of a watch list. */
	ROSTER_MAX = 32,
	/* "22:00-06:00". */
	ROSTER_HOURS_BYTES = 11,
	/* As the peer is told of it: a note's text. */
	ROSTER_TEXT_BYTES_MAX = 4096,
	/* Of a schedule: the shortest is for trying it out, the longest a month. */
	DRILL_EVERY_S_MIN = 10,
	DRILL_EVERY_S_MAX = 31 * DAY_SECONDS,
	DRILL_AT_BYTES = 5, /* "06:00" */
	/* Answered later is missed, where nothing else is said; or half of a
	 * shorter schedule's interval. */
	DRILL_WITHIN_S = 600,
	/* A moment that has passed so long ago is not made up for. */
	DRILL_LATE_MS = 60000,
	DRILL_CAUSE_BYTES_MAX = 255,
	/* Drills of a line that stay, of both sides: two a day for years; the months'
	 * sums stay longer. */
	DRILLS_KEPT_MAX = 10000,
	/* The service channel forgets what is older, or more. */
	SERVICE_DAYS = 7,
	SERVICE_KEPT_MAX = 1000,
	/* A person types no faster: so many at once, then one in this time. */
	SERVICE_BURST = 10,
	SERVICE_EVERY_MS = 1000,
	/* How often what is old is looked for. */
	SERVICE_LOOK_MS = 60000,
	/* Things that wait, in one list; counted no further. */
	WAITING_MAX = 1000,
	/* Of one kind: much of one hides nothing of the others. */
	WAITING_EACH_MAX = 140,
	WAITING_SAY_BYTES = 256,
};

/* Points: what was raised, and where each side stands on it. */
enum limits_point {
	/* A deadline is told when it is so near: a day to act. */
	POINT_NEAR_MS = 24 * 3600 * 1000,
	/* Deadlines go by the wall clock, which may be set: looked at so often. */
	POINT_LOOK_MS = 3600 * 1000,
	/* Deadlines told before others have their turn. */
	POINT_TOLD_MAX = 16,
	/* A list's answer is cut behind so much text: far below what a channel
	 * holds. */
	POINT_PAGE_BYTES = 96 * 1024,
	/* Of a title, in an event. */
	POINT_TITLE_SAID_BYTES = 200,
};

/* Which room the processor serves first. */
enum limits_rank {
	/* As of nice(2), where wire may not go before all others. */
	RANK_WIRE_NICE = -15,
	RANK_OTHERS_NICE = 5,
	/* The shortest turn that the kernel grants. */
	RANK_SLICE_NS = 100000,
};

/* What the parent does for the rooms. */
enum limits_parent {
	/* A room that ended starts again at once; one that ends again and again
	 * waits, twice as long each time, so that it costs nothing. */
	RESTART_MS_MIN = 100,
	RESTART_MS_MAX = 5000,
	/* Having lived so long, the next end is a first one again. */
	RESTART_CALM_MS = 10000,
	/* Leave is taken in a few frames, and two seconds is the longest slot. */
	GOODBYE_MS_MAX = 5000,
	/* Rooms that were asked to end, and do not, are ended. */
	END_MS_MAX = 3000,
	/* Searched for a free port where none is named, from the first one. */
	PORT_FIRST = 7411,
	PORTS_TRIED_MAX = 100,
	/* A name that was not found, or an address that this machine has not got
	 * (yet), is tried again. */
	RESOLVE_MS_MIN = 1000,
	RESOLVE_MS_MAX = 60000,
	/* Resolvers take long where the network is bad. */
	RESOLVE_TIMEOUT_MS = 30000,
	/* A name that was found is looked up again, heard or not. */
	RESOLVE_AGAIN_MS = 60000,
	/* A burst is read late, not lost, while slots have precedence. */
	SOCKET_RECV_BYTES = 1024 * 1024,
	/* A few frames: what the link does not take is lost, not late. */
	SOCKET_SEND_BYTES = 64 * 1024,
	/* A post that was killed lets go of its lock within this. */
	LOCK_WAIT_MS = 1000,
};

/* The card: what one side may say of itself in the ceremony. */
enum limits_card {
	/* One byte of length each. */
	CARD_NAME_BYTES_MAX = 255,
	CARD_ENDPOINT_BYTES_MAX = 255,
};

/* Delegates: the people who hold the post. */
enum limits_delegate {
	DELEGATE_TITLE_BYTES_MAX = 64, /* a label: it stands in lists */
	DELEGATE_NAME_BYTES_MAX = 255,
	/* A watch of people, and their forerunners: lists are read at one go. */
	DELEGATES_MAX = 256,
	SESSION_TOKEN_BYTES = 32,
	SESSIONS_MAX = 64,
	/* So that nobody keeps the others out. */
	SESSIONS_EACH_MAX = 8,
	/* A shift, and the hand-over at its ends. */
	SESSION_S = 12 * 60 * 60,
	/* Argon2id of a delegate's passphrase: a tenth of a second, for keeper
	 * does nothing else meanwhile. */
	DELEGATE_STRETCH_PASSES = 3,
	DELEGATE_STRETCH_BYTES = 64 * 1024 * 1024,
	/* Wrong passphrases of one title before each makes it wait twice as long,
	 * from this long to that. */
	SIGN_IN_FAILURES = 5,
	SIGN_IN_PAUSE_S = 1,
	SIGN_IN_PAUSE_S_MAX = 15 * 60,
};

/* The relay: a program of its own, that knows no line's keys. */
enum limits_relay {
	/* Beside the first port of posts. */
	RELAY_PORT = 7412,
	/* Lines held where --lines says nothing: a few MiB. */
	RELAY_LINES_DEFAULT = 1000,
	/* 100 MiB of lines: beyond, a second relay is the better idea. */
	RELAY_LINES_MAX = 100000,
	/* What a line takes, but for the frames that wait. */
	RELAY_LINE_BYTES_MAX = 1024,
	/* Frames that wait for a leg's slots: two are usual, four is what a stall
	 * of a few slots leaves. */
	RELAY_WAITING_MAX = 4,
	/* Frames in the pool for each line: two a leg. */
	RELAY_POOL_FRAMES_PER_LINE = 4,
	/* A leg that in so many slots never ran empty makes all wait for nothing:
	 * one frame is let go. */
	RELAY_STANDING_SLOTS = 1024,
	/* A leg sends for so long after its post was heard: as long as the post's
	 * session may live. */
	RELAY_SEND_S = 180,
	/* A leg not heard for so long is forgotten. */
	RELAY_IDLE_S = 600,
	/* Tokens that a leg knows again: what an echo on the way repeats. */
	RELAY_SEEN_MAX = 64,
	/* Datagrams read or sent with one call. */
	RELAY_BATCH_MAX = 128,
	/* Slots' moments are taken as the next tick of a clock as fast as the
	 * shortest slot, so that legs share calls; a sleep ends that late anyway. */
	RELAY_TICK_US = SLOT_US_MIN,
	/* What comes in 20 ms to ten thousand lines at talk, in kernel memory. */
	RELAY_RECV_BYTES = 8 * 1024 * 1024,
	/* Batches read before slots have their turn. */
	RELAY_READS_MAX = 4,
	/* Datagrams of random bytes from one key of the kernel's. */
	RELAY_RESEED_FILLS = 64,
	/* TCP connections; each costs 3 KiB. */
	RELAY_CONNECTIONS_MAX = 4096,
	/* Those that have shown no ticket; a newer one takes the oldest's place. */
	RELAY_STRANGERS_MAX = 64,
	/* Longer than the bound of silence in the longest slots, after which a post
	 * that moved is taken at its new place. */
	RELAY_STRANGER_S = 30,
	/* Connections accepted before slots have their turn. */
	RELAY_ACCEPTS_MAX = 16,
	/* A few frames: what a slow TCP peer does not take is lost, not late. */
	RELAY_TCP_SEND_BYTES = 16 * 1024,
	RELAY_BACKLOG = 64,
	/* Numbers in a file for --refuse, and its size. */
	RELAY_REFUSED_MAX = 65536,
	RELAY_REFUSED_FILE_BYTES_MAX = 1024 * 1024,
};

/* Alarms, and the bell that rings them. */
enum limits_alarm {
	/* As long as a line's name may be. */
	ALARM_TITLE_BYTES_MAX = 255,
	ALARM_SAY_BYTES_MAX = 512,
	/* Longer lists are nobody's watch. */
	ALARM_TITLES_MAX = 16,
	/* Alarms whose turns are kept in memory; what is beyond waits in the store
	 * until one of these has ended. */
	ALARM_LIVE_MAX = 64,
	/* Ended ones that are kept; the oldest go. */
	ALARM_KEPT_MAX = 10000,
	/* A bell is not rung again before, whatever arrives: a flood of messages
	 * must not start as many commands. */
	ALARM_CALM_MS = 2000,
	/* Where nothing else is set: seconds between two rings, until the next one
	 * is woken, and of silence before a line's is an alarm. */
	ALARM_REPEAT_S = 60,
	ALARM_STEP_S = 300,
	ALARM_SILENT_S = 900,
	/* More often rings over its own command; a day is as good as not at all. */
	ALARM_REPEAT_S_MIN = 5,
	ALARM_SPAN_S_MAX = 86400,
	/* Who silences for longer has forgotten it. */
	ALARM_SILENCE_S_MAX = 86400,
	/* Alarms of one answer. */
	ALARM_LIST_MAX = 1000,
	/* A command that rings has this long, and then a second to end. */
	ALARM_COMMAND_MS_MAX = 30000,
	ALARM_COMMAND_END_MS = 1000,
	/* Arguments of the command, and bytes of the configuration's texts. */
	ALARM_COMMAND_WORDS_MAX = 32,
	ALARM_CONFIG_TEXT_BYTES_MAX = 1024,
	/* A random delay of more than an hour is no alarm. */
	ALARM_DELAY_S_MAX = 3600,
	/* The tone: three beeps of two pitches, then stillness. */
	ALARM_TONE_RATE = 48000,
	ALARM_TONE_MS = 2400,
	/* A sound device that takes nothing for so long does not work. */
	ALARM_SOUND_STALL_MS = 5000,
	/* How often it is handed more, and how much it may hold. */
	ALARM_SOUND_STEP_MS = 50,
	ALARM_SOUND_BUFFER_MS = 200,
	/* As of nice(2): the last of all. */
	RANK_BELL_NICE = 19,
};

/* Drafts and the rules of their release. */
enum limits_draft {
	/* Kinds of releases that one rule can ask for, and how many of each: more
	 * hands than these never come together in time. */
	RULE_NEEDS_MAX = 3,
	RULE_COUNT_MAX = 9,
	/* Any rule met, and those whose roles it does not ask for any more. */
	DRAFT_RELEASES_MAX = 32,
	/* A rule, or where a draft stands, in words. */
	RULE_SAY_BYTES = 512,
	/* Not released and not recalled, of one post: more is no overview. */
	DRAFTS_OPEN_MAX = 1000,
	DRAFT_VERSIONS_MAX = 200,
	/* Comments and releases of one draft, over all of its versions. */
	DRAFT_ACTS_MAX = 2000,
	DRAFT_COMMENT_BYTES_MAX = 4 * 1024,
	/* How it begins, in a list. */
	DRAFT_TITLE_BYTES_MAX = 80,
	/* Fields of what is to be said, beside its text, their names and values. */
	DRAFT_LINES_MAX = 48,
	DRAFT_NAME_BYTES_MAX = 96,
	DRAFT_VALUE_BYTES_MAX = 1024,
	/* BLAKE2b-256 in hex. */
	DRAFT_HASH_BYTES_MAX = 64,
	/* Rows of a list or a history at once: some 100 KiB. */
	DRAFT_PAGE_MAX = 50,
};

/* Rounds of willingness. */
enum limits_willing {
	/* Where one stands, in words. */
	WILLING_SAY_BYTES = 512,
	/* When one is over is a matter of the wall clock, which may be set. */
	WILLING_LOOK_EVERY_MS = 3600 * 1000,
	/* What keeper tells at once: questions and words of so many are 100 KiB. */
	WILLING_PAGE_ROWS = 64,
};

/* A handshake message is no place for payloads; ours have none. */
enum limits_noise { NOISE_PAYLOAD_BYTES_MAX = 2048 };

#endif
