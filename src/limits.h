/* Owns every number that bounds something: value, unit, reason. */
#ifndef LIMITS_H
#define LIMITS_H

#include <stdint.h>

/* The wire image of a line; both are fixed in its terms. */
enum limits_frame {
	/* Below, a handshake would take more than six parts. */
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
};

enum limits_line {
	/* One UDP path a line. */
	LINE_PATHS_MAX = 1,
	/* Lines of one post: each costs up to 4 MiB in wire. */
	LINES_MAX = 16,
	/* Everything wire keeps of a line, whatever passes. */
	LINE_BYTES_MAX = 4 * 1024 * 1024,
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
	/* A record's header: all of the above but the text, with room. */
	RECORD_HEADER_BYTES_MAX = 32 * 1024,
	RECORD_ID_BYTES = 16,
	/* Records of one class that may be on their way at once, so that frames
	 * fill although each is small. */
	RECORDS_OPEN_MAX = 16,
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
	/* A check word as heard, with room for mishearing. */
	DESK_WORD_BYTES_MAX = 64,
	/* Segments of the longest path. */
	DESK_SEGMENTS_MAX = 10,
	/* Messages asked of keeper at once while reading on: each may hold
	 * TEXT_BYTES_MAX, and desk's memory stays flat. */
	DESK_READ_PAGE = 8,
	/* Messages of one answer that counts from the end. */
	DESK_READ_MAX = 1000,
	DESK_EVENTS_PAGE = 256,
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
	/* Descriptors on their way: one a line, and the channels. */
	CHANNEL_FDS_MAX = 32,
	/* Happenings handled before the loop asks the kernel again. */
	LOOP_BATCH_MAX = 16,
	/* Messages of one channel handled before others have their turn. */
	LINK_MESSAGES_A_TURN = 16,
};

#endif
