/* Owns the slot clock of one path: when a frame is made and when it leaves. */
#include "wire/pacer.h"

#include "base/clock.h"
#include "base/wipe.h"
#include "limits.h"

#include <assert.h>
#include <string.h>

static void
enter_slot(struct pacer *pacer, uint64_t slot)
{
	unsigned i;

	pacer->slot = slot;
	for (i = 0; i < PACER_WAITING_MAX; i++)
		pacer->moment_ns[i] =
		    cadence_moment_ns(pacer->cadence, pacer->key, slot + i);
}

void
pacer_init(struct pacer *pacer, struct cadence cadence,
    const uint8_t key[CADENCE_KEY_BYTES], uint64_t now_ns)
{
	*pacer = (struct pacer){ .cadence = cadence };
	memcpy(pacer->key, key, CADENCE_KEY_BYTES);
	enter_slot(pacer, cadence_slot_at(cadence, now_ns) + 1);
}

void
pacer_wipe(struct pacer *pacer)
{
	wipe(pacer, sizeof(*pacer));
}

void
pacer_skip(struct pacer *pacer, uint64_t now_ns)
{
	uint64_t slot = cadence_slot_at(pacer->cadence, now_ns);

	if (slot <= pacer->slot)
		return;
	pacer->missed += slot - pacer->slot;
	enter_slot(pacer, slot);
}

uint64_t
pacer_next_make_ns(const struct pacer *pacer)
{
	if (pacer->waiting == PACER_WAITING_MAX)
		return UINT64_MAX;
	return pacer->moment_ns[pacer->waiting] -
	    cadence_guard_ns(pacer->cadence);
}

uint64_t
pacer_next_send_ns(const struct pacer *pacer)
{
	return pacer->waiting == 0 ? UINT64_MAX : pacer->moment_ns[0];
}

void
pacer_on_made(struct pacer *pacer)
{
	assert(pacer->waiting < PACER_WAITING_MAX);
	pacer->waiting++;
}

void
pacer_on_sent(struct pacer *pacer)
{
	assert(pacer->waiting > 0);
	pacer->waiting--;
	enter_slot(pacer, pacer->slot + 1);
}

static uint64_t
half_guard_ns(const struct pacer *pacer)
{
	return cadence_guard_ns(pacer->cadence) / 2;
}

/* So long before its moment, or half of its guard if that is less. */
static uint64_t
before_send_ns(const struct pacer *send, uint64_t us)
{
	uint64_t before_ns = us * CLOCK_NS_PER_US;

	if (send == NULL || send->waiting == 0)
		return UINT64_MAX;
	if (before_ns > half_guard_ns(send))
		before_ns = half_guard_ns(send);
	return pacer_next_send_ns(send) - before_ns;
}

/* A frame that is due may be made unless a moment is near, or it waited long. */
static bool
may_make(const struct pacer *make, const struct pacer *send, uint64_t now_ns)
{
	uint64_t make_ns;

	if (make == NULL)
		return false;
	make_ns = pacer_next_make_ns(make);
	if (make_ns > now_ns)
		return false;
	return now_ns < before_send_ns(send, SLOT_MAKE_US) ||
	    now_ns - make_ns >= half_guard_ns(make);
}

enum deed
pacer_choose(const struct pacer *make, const struct pacer *send,
    uint64_t now_ns)
{
	if (may_make(make, send, now_ns))
		return DEED_MAKE;
	return before_send_ns(send, SLOT_HOLD_US) <= now_ns ? DEED_SEND
							    : DEED_NONE;
}

uint64_t
pacer_next_deed_ns(const struct pacer *make, const struct pacer *send)
{
	uint64_t make_ns = make == NULL ? UINT64_MAX : pacer_next_make_ns(make);
	uint64_t hold_ns = before_send_ns(send, SLOT_HOLD_US);

	return hold_ns < make_ns ? hold_ns : make_ns;
}

uint64_t
pacer_spin_from_ns(const struct pacer *send)
{
	const uint64_t quarter_ns = half_guard_ns(send) / 2;
	const uint64_t spin_ns = (uint64_t)SLOT_SPIN_US * CLOCK_NS_PER_US;

	assert(send->waiting > 0);
	return pacer_next_send_ns(send) -
	    (quarter_ns < spin_ns ? quarter_ns : spin_ns);
}
