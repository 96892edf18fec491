#include "bell/room.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "bell/sound.h"
#include "bell/terminal.h"
#include "proc/room.h"
#include "proc/say_alarm.h"
#include "proc/say_bell.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MEANS(which) (1u << (which))

/* A ring as it was told, and how it goes. */
struct ring {
	bool open;  /* keeper is still to be told how it went */
	bool waits; /* for its delay to pass */
	bool asked; /* the runner */
	struct alarm_ring told;
	char line[DESK_LINE_NAME_BYTES_MAX + 1];
	char title[ALARM_TITLE_BYTES_MAX + 1];
	uint32_t means; /* that worked */
	char say[ALARM_SAY_BYTES_MAX + 1];
	size_t said;
};

struct bell_room {
	struct room room;
	enum walls walls;
	bool configured;
	bool names;
	bool runs; /* the owner wants a command run */
	uint64_t delay_s;
	struct doors doors;
	struct terminal terminal;
	struct sound sound;
	bool has_sound; /* the owner wants one */
	struct ring ring;
	struct loop_timer delay;
	struct loop_timer step; /* of the sound */
};

/* -- what keeper is told ---------------------------------------------------- */

static uint32_t
means_of(const struct bell_room *own)
{
	uint32_t means = 0;

	if (terminal_is_there(&own->terminal))
		means |= MEANS(ALARM_MEANS_TERMINAL);
	if (own->sound.library != NULL)
		means |= MEANS(ALARM_MEANS_SOUND);
	if (own->runs && room_has(&own->room, PROC_RUNNER))
		means |= MEANS(ALARM_MEANS_COMMAND);
	return means;
}

static void
say_more(char *say, size_t bytes, size_t *len, const char *what)
{
	int rc;

	if (what[0] == '\0' || *len >= bytes)
		return;
	rc = snprintf(say + *len, bytes - *len, "%s%s", *len > 0 ? "; " : "",
	    what);
	if (rc > 0)
		*len += (size_t)rc;
}

/* Why nobody would hear it. */
static void
explain(const struct bell_room *own, char say[ALARM_SAY_BYTES_MAX + 1])
{
	size_t len = 0;

	say[0] = '\0';
	say_more(say, ALARM_SAY_BYTES_MAX + 1, &len, own->terminal.say);
	if (len > 0 && !own->has_sound && !own->runs)
		say_more(say, ALARM_SAY_BYTES_MAX + 1, &len,
		    "quietline.conf names nothing else");
	say_more(say, ALARM_SAY_BYTES_MAX + 1, &len, own->sound.say);
	if (own->runs)
		say_more(say, ALARM_SAY_BYTES_MAX + 1, &len,
		    "what runs the command has ended: start the post again");
	if (len == 0)
		say_more(say, ALARM_SAY_BYTES_MAX + 1, &len,
		    "quietline.conf names no bell, no sound and no command");
}

static struct text
text_of(const char *string)
{
	const size_t len = strlen(string);

	return (struct text){ len > 0 ? string : NULL,
		len < ALARM_SAY_BYTES_MAX ? len : ALARM_SAY_BYTES_MAX };
}

static void
tell_state(struct bell_room *own)
{
	struct alarm_bell bell = { .means = means_of(own),
		.names = own->names };
	char say[ALARM_SAY_BYTES_MAX + 1];
	struct writer w;

	if (!own->configured || !room_has(&own->room, PROC_KEEPER))
		return;
	if (bell.means == 0) {
		explain(own, say);
		bell.say = text_of(say);
	}
	room_compose(&own->room, PROC_KEEPER, &w);
	field_encode(&w, &say_alarm_bell, &bell);
	room_post(&own->room, PROC_KEEPER, PMSG_BELL, 0, &w);
}

static void
end_ring(struct bell_room *own)
{
	struct ring *ring = &own->ring;
	struct alarm_rang rang = { .number = ring->told.number,
		.means = ring->means };
	struct writer w;

	if (!ring->open)
		return;
	ring->open = false;
	if (ring->means == 0 && ring->said == 0)
		explain(own, ring->say);
	rang.say = text_of(ring->say);
	room_compose(&own->room, PROC_KEEPER, &w);
	field_encode(&w, &say_alarm_rang, &rang);
	room_post(&own->room, PROC_KEEPER, PMSG_RANG, 0, &w);
}

/* -- ringing ---------------------------------------------------------------- */

static void
note(struct ring *ring, const char *what)
{
	say_more(ring->say, sizeof(ring->say), &ring->said, what);
}

static void
end_if_done(struct bell_room *own)
{
	if (own->sound.pcm == NULL && !own->ring.asked)
		end_ring(own);
}

static void
on_step(void *ctx)
{
	struct bell_room *own = ctx;
	const uint64_t now_ns = clock_now_ns();
	bool more = false;

	if (own->sound.pcm == NULL)
		return;
	if (sound_step(&own->sound, now_ns, &more) != OK)
		note(&own->ring, own->sound.say);
	else if (!more)
		own->ring.means |= MEANS(ALARM_MEANS_SOUND);
	if (more)
		loop_timer_set(&own->step,
		    now_ns + (uint64_t)ALARM_SOUND_STEP_MS * CLOCK_NS_PER_MS);
	else
		end_if_done(own);
}

static void
ring_sound(struct bell_room *own)
{
	const uint64_t now_ns = clock_now_ns();

	if (!own->has_sound || own->sound.pcm != NULL)
		return;
	if (own->sound.library == NULL ||
	    sound_begin(&own->sound, now_ns) != OK) {
		note(&own->ring, own->sound.say);
		return;
	}
	loop_timer_set(&own->step, now_ns);
}

static void
ring_command(struct bell_room *own)
{
	struct writer w;

	if (!own->runs)
		return;
	if (!room_has(&own->room, PROC_RUNNER)) {
		note(&own->ring,
		    "what runs the command has ended: start the post again");
		return;
	}
	room_compose(&own->room, PROC_RUNNER, &w);
	field_encode(&w, &say_alarm_ring, &own->ring.told);
	room_post(&own->room, PROC_RUNNER, PMSG_RUN, 0, &w);
	own->ring.asked = true;
}

static void
ring_now(void *ctx)
{
	struct bell_room *own = ctx;
	struct ring *ring = &own->ring;

	ring->waits = false;
	switch (terminal_ring(&own->terminal)) {
	case OK:
		ring->means |= MEANS(ALARM_MEANS_TERMINAL);
		break;
	case ERR_NOT_FOUND: /* which matters where nothing else is heard */
		break;
	default:
		note(ring, own->terminal.say);
	}
	ring_sound(own);
	ring_command(own);
	end_if_done(own);
}

/* At random: whoever sees a pager's own traffic shall not learn the moment at
 * which something arrived. */
static uint64_t
draw_delay_ns(const struct bell_room *own)
{
	uint64_t drawn;

	rng_fill(rng_kernel(), &drawn, sizeof(drawn));
	return drawn % (own->delay_s * CLOCK_NS_PER_S + 1);
}

static void
copy(char *to, size_t bytes, struct text *text)
{
	assert(text->len < bytes);
	if (text->len > 0)
		memcpy(to, text->data, text->len);
	to[text->len] = '\0';
	text->data = text->len > 0 ? to : NULL;
}

static int
on_ring(void *ctx, const struct pmsg *msg)
{
	struct bell_room *own = ctx;
	const bool waits = own->ring.waits;
	struct ring *ring = &own->ring;
	struct alarm_ring told;
	struct reader r;
	int rc;

	buf_read(&r, msg->body, msg->len);
	if ((rc = field_decode(&r, &say_alarm_ring, &told)) != OK ||
	    (rc = buf_is_spent(&r)) != OK)
		return rc;
	/* What is known of the one before is said; what it began goes on. */
	if (!waits)
		end_ring(own);
	*ring = (struct ring){ .open = true, .told = told };
	copy(ring->line, sizeof(ring->line), &ring->told.line);
	copy(ring->title, sizeof(ring->title), &ring->told.title);
	if (own->delay_s == 0) {
		ring_now(own);
		return OK;
	}
	ring->waits = true;
	/* More of the same does not put it off. */
	if (!waits)
		loop_timer_set(&own->delay,
		    clock_now_ns() + draw_delay_ns(own));
	return OK;
}

static int
on_quiet(void *ctx, const struct pmsg *msg)
{
	struct bell_room *own = ctx;

	(void)msg;
	loop_timer_set(&own->delay, UINT64_MAX);
	/* Nobody asks how it went any more. */
	if (own->ring.waits)
		own->ring.open = own->ring.waits = false;
	if (own->sound.pcm != NULL) {
		own->ring.means |= MEANS(ALARM_MEANS_SOUND);
		sound_end(&own->sound);
	}
	loop_timer_set(&own->step, UINT64_MAX);
	end_if_done(own);
	return OK;
}

static int
on_ran(void *ctx, const struct pmsg *msg)
{
	struct bell_room *own = ctx;
	struct ring *ring = &own->ring;
	char say[128];
	enum pmsg_ran how;
	unsigned code;

	if (pmsg_decode_ran(&how, &code, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	say[0] = '\0';
	switch (how) {
	case PMSG_RAN_WELL:
	case PMSG_RAN_STILL: /* at work already */
		ring->means |= MEANS(ALARM_MEANS_COMMAND);
		break;
	case PMSG_RAN_BADLY:
		(void)snprintf(say, sizeof(say), "the command ended with %u",
		    code);
		break;
	case PMSG_RAN_SIGNAL:
		(void)snprintf(say, sizeof(say),
		    "the command was ended by a signal");
		break;
	case PMSG_RAN_NOT:
		(void)snprintf(say, sizeof(say),
		    "the command could not be run");
		break;
	case PMSG_RAN_OVER:
		(void)snprintf(say, sizeof(say),
		    "the command had not ended after %d s, and was ended",
		    ALARM_COMMAND_MS_MAX / 1000);
		break;
	case PMSG_RAN_COUNT:
		break;
	}
	if (say[0] != '\0')
		log_warnx("%s", say);
	note(ring, say);
	ring->asked = false;
	end_if_done(own);
	return OK;
}

/* -- beginning -------------------------------------------------------------- */

static void
take_config(struct bell_room *own, const struct bell_config *config)
{
	char device[ALARM_CONFIG_TEXT_BYTES_MAX + 1];
	struct text text = config->sound;

	own->names = config->names;
	own->runs = config->runs;
	own->delay_s = config->delay_s;
	terminal_init(&own->terminal, config->terminal);
	own->doors.terminal = terminal_path(&own->terminal);
	own->has_sound = text.len > 0;
	own->doors.sound = own->has_sound;
	if (!own->has_sound)
		return;
	copy(device, sizeof(device), &text);
	if (sound_init(&own->sound, device) != OK)
		log_warnx("%s", own->sound.say);
}

/* Once in a bell's life, before any other message. */
static int
on_config(void *ctx, const struct pmsg *msg)
{
	struct bell_room *own = ctx;
	struct bell_config config = { .words = 0 };
	struct reader r;
	int rc;

	if (own->configured)
		return ERR_STATE;
	buf_read(&r, msg->body, msg->len);
	if ((rc = field_decode(&r, &say_bell_config, &config)) != OK ||
	    (rc = buf_is_spent(&r)) != OK)
		return rc;
	take_config(own, &config);
	own->room.doors = &own->doors;
	room_confine(&own->room, own->walls);
	own->configured = true;
	room_say_ready(&own->room);
	return OK;
}

static void
on_joined(void *ctx, enum proc_role role)
{
	(void)role;
	tell_state(ctx);
}

static void
on_lost(void *ctx, enum proc_role role)
{
	struct bell_room *own = ctx;

	if (role != PROC_RUNNER)
		return;
	if (own->ring.asked) {
		own->ring.asked = false;
		note(&own->ring,
		    "what runs the command has ended: start the post again");
		end_if_done(own);
	}
	tell_state(own);
}

static void
on_end(void *ctx)
{
	struct bell_room *own = ctx;

	sound_close(&own->sound);
}

static const struct pmsg_rule rules[] = {
	{ PMSG_BELL_CONFIG, PROC_PARENT, PMSG_ALARM_BYTES_MAX, 0, on_config },
	{ PMSG_RING, PROC_KEEPER, PMSG_ALARM_BYTES_MAX, 0, on_ring },
	{ PMSG_QUIET, PROC_KEEPER, 0, PMSG_EXACT, on_quiet },
	{ PMSG_RAN, PROC_RUNNER, 2, PMSG_EXACT, on_ran },
};

int
bell_main(enum walls walls)
{
	static const struct room_hooks hooks = { .on_joined = on_joined,
		.on_lost = on_lost,
		.on_end = on_end };
	struct bell_room own = { .walls = walls };

	room_init(&own.room, PROC_BELL,
	    (struct pmsg_rules){ rules, sizeof(rules) / sizeof(rules[0]) },
	    hooks, &own);
	loop_timer_init(&own.room.loop, &own.delay, ring_now, &own);
	loop_timer_init(&own.room.loop, &own.step, on_step, &own);
	return room_run(&own.room);
}
