/* Owns how a line's report and status stand in messages between the rooms. */
#include "proc/report.h"

void
report_encode(struct writer *w, const struct line_report *report)
{
	size_t i;

	buf_put_u8(w, (uint8_t)report->state);
	buf_put_u8(w, (uint8_t)report->why);
	buf_put_u64(w, report->heard_ms_ago);
	buf_put_u32(w, report->rtt_us);
	buf_put_u64(w, report->frames_sent);
	buf_put_u64(w, report->frames_taken);
	buf_put_u64(w, report->frames_refused);
	buf_put_u64(w, report->sessions);
	buf_put_u64(w, report->slots_missed);
	buf_put_bool(w, report->was_post);
	buf_put_bool(w, report->judged);
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		buf_put_u8(w, (uint8_t)report->path[i].state);
		buf_put_u64(w, report->path[i].heard_ms_ago);
		buf_put_u32(w, report->path[i].rtt_us);
	}
}

void
report_decode(struct reader *r, struct line_report *report)
{
	struct path_report *path;
	size_t i;

	report->state = (enum line_state)buf_get_choice(r, LINE_STATE_COUNT);
	report->why = (enum line_why)buf_get_choice(r, WHY_COUNT);
	report->heard_ms_ago = buf_get_u64(r);
	report->rtt_us = buf_get_u32(r);
	report->frames_sent = buf_get_u64(r);
	report->frames_taken = buf_get_u64(r);
	report->frames_refused = buf_get_u64(r);
	report->sessions = buf_get_u64(r);
	report->slots_missed = buf_get_u64(r);
	report->was_post = buf_get_bool(r);
	report->judged = buf_get_bool(r);
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		path = &report->path[i];
		path->state =
		    (enum path_state)buf_get_choice(r, PATH_STATE_COUNT);
		path->heard_ms_ago = buf_get_u64(r);
		path->rtt_us = buf_get_u32(r);
	}
}

void
report_encode_status(struct writer *w, const struct status *status)
{
	buf_put_u64(w, status->journal_end);
	buf_put_u32(w, status->heard_ms_ago);
	buf_put_u8(w, (uint8_t)status->watch);
	buf_put_u8(w, (uint8_t)status->post);
	buf_put_u8(w, (uint8_t)status->store);
	buf_put_u64(w, (uint64_t)status->declined_until_ms);
	buf_put_u32(w, status->running_ms);
}

void
report_decode_status(struct reader *r, struct status *status)
{
	status->journal_end = buf_get_u64(r);
	status->heard_ms_ago = buf_get_u32(r);
	status->watch = (enum watch_state)buf_get_choice(r, WATCH_DECLINED + 1);
	status->post = (enum post_state)buf_get_choice(r, POST_SEALED + 1);
	status->store = (enum store_state)buf_get_choice(r, STORE_FULL + 1);
	status->declined_until_ms = (int64_t)buf_get_u64(r);
	status->running_ms = buf_get_u32(r);
}
