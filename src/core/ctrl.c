#include "core/ctrl.h"

/* Said on the wire as they are. */
_Static_assert(WHY_GOODBYE == 2 && WHY_SEALED == 3,
    "GOODBYE's values are the protocol's");
_Static_assert(WATCH_DECLINED == 3 && POST_SEALED == 2 && STORE_FULL == 2,
    "STATUS's values are the protocol's");

/* Whose journal a HAVE speaks of: the one of the side that reads it. */
enum { SIDE_READER = 0 };

static void
encode_have(struct writer *w, const struct have *have)
{
	size_t i;

	buf_put_u8(w, SIDE_READER);
	for (i = 0; i < CLASS_COUNT; i++) {
		buf_put_varint(w, have->at[i].n);
		buf_put_varint(w, have->at[i].offset);
	}
	buf_put_varint(w, have->credit);
}

static int
decode_have(struct reader *r, struct have *have)
{
	size_t i;

	if (buf_get_u8(r) != SIDE_READER)
		return ERR_FORMAT;
	for (i = 0; i < CLASS_COUNT; i++) {
		have->at[i].n = buf_get_varint(r);
		have->at[i].offset = buf_get_varint(r);
	}
	have->credit = buf_get_varint(r);
	return buf_is_spent(r);
}

static void
encode_status(struct writer *w, uint64_t number, const struct status *status)
{
	buf_put_u64(w, number);
	buf_put_u64(w, status->journal_end);
	buf_put_u32(w, status->heard_ms_ago);
	buf_put_u8(w, (uint8_t)status->watch);
	buf_put_u8(w, (uint8_t)status->post);
	buf_put_u8(w, (uint8_t)status->store);
	buf_put_u64(w, (uint64_t)status->declined_until_ms);
	buf_put_u32(w, status->running_ms);
}

static int
decode_status(struct reader *r, uint64_t *number, struct status *status)
{
	*number = buf_get_u64(r);
	status->journal_end = buf_get_u64(r);
	status->heard_ms_ago = buf_get_u32(r);
	status->watch = (enum watch_state)buf_get_choice(r, WATCH_DECLINED + 1);
	status->post = (enum post_state)buf_get_choice(r, POST_SEALED + 1);
	status->store = (enum store_state)buf_get_choice(r, STORE_FULL + 1);
	status->declined_until_ms = (int64_t)buf_get_u64(r);
	status->running_ms = buf_get_u32(r);
	/* One encoding: a time only where there is one to say. */
	if (*number == 0 || status->declined_until_ms < 0 ||
	    status->declined_until_ms > WATCH_UNTIL_MS_MAX ||
	    (status->declined_until_ms != 0 && status->watch != WATCH_DECLINED))
		return ERR_FORMAT;
	return buf_is_spent(r);
}

static int
decode_goodbye(struct reader *r, enum line_why *why)
{
	*why = (enum line_why)buf_get_choice(r, WHY_SEALED + 1);
	if (*why != WHY_GOODBYE && *why != WHY_SEALED)
		return ERR_FORMAT;
	return buf_is_spent(r);
}

void
ctrl_encode(struct writer *w, const struct ctrl *ctrl)
{
	buf_put_u8(w, (uint8_t)ctrl->kind);
	switch (ctrl->kind) {
	case CTRL_HAVE:
		encode_have(w, &ctrl->have);
		break;
	case CTRL_STATUS:
		encode_status(w, ctrl->number, &ctrl->status);
		break;
	case CTRL_GOODBYE:
		buf_put_u8(w, (uint8_t)ctrl->why);
		break;
	}
}

int
ctrl_decode(struct ctrl *ctrl, const uint8_t *body, size_t len)
{
	struct reader r;
	uint8_t kind;

	buf_read(&r, body, len);
	kind = buf_get_u8(&r);
	if (!buf_is_readable(&r))
		return ERR_FORMAT;
	switch (kind) {
	case CTRL_HAVE:
		ctrl->kind = CTRL_HAVE;
		return decode_have(&r, &ctrl->have);
	case CTRL_STATUS:
		ctrl->kind = CTRL_STATUS;
		return decode_status(&r, &ctrl->number, &ctrl->status);
	case CTRL_GOODBYE:
		ctrl->kind = CTRL_GOODBYE;
		return decode_goodbye(&r, &ctrl->why);
	}
	return ERR_NOT_FOUND;
}
