#include "keeper/waiting.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "keeper/agenda.h"
#include "keeper/alarm.h"
#include "keeper/drafting.h"
#include "keeper/duty.h"
#include "keeper/pact.h"
#include "keeper/ref.h"
#include "keeper/willing.h"

bool
waiting_add(struct waiting_list *list, const struct waiting_about *about,
    const char *format, ...)
{
	struct waiting_item item = { .kind = about->kind,
		.line = about->line != NULL ? about->line->name : "",
		.ref = about->ref != NULL ? about->ref : "",
		.who = about->who,
		.since_ms = about->since_ms,
		.due_ms = about->due_ms };
	char say[WAITING_SAY_BYTES];
	va_list args;

	if (list->count >= list->most)
		return false;
	va_start(args, format);
	vsnprintf(say, sizeof(say), format, args);
	va_end(args);
	item.say = say;
	list->count++;
	if (list->on_item != NULL)
		list->on_item(list->ctx, &item);
	return list->count < list->most;
}

/* -- messages ---------------------------------------------------------------- */

static const char *
name_class(int64_t class)
{
	return class_name(class > 0 && class < CLASS_COUNT
		? (enum record_class)class
		: CLASS_PRIORITY);
}

static int
add_messages(struct keeper *keeper, struct waiting_list *list,
    const struct post_line *line)
{
	struct query q = store_query(&keeper->store, STMT_WAITING_MESSAGES);
	struct waiting_about about = { .kind = WAITING_MESSAGE,
		.line = line,
		.who = "the watch" };
	uint8_t id[RECORD_ID_BYTES];
	char ref[REQUEST_REF_BYTES];
	const char *class;
	uint64_t serial;
	bool more = true;

	query_bind_int(&q, line->id);
	while (more && query_next(&q)) {
		serial = (uint64_t)query_int(&q);
		query_bytes(&q, id, sizeof(id));
		class = name_class(query_int(&q));
		about.since_ms = query_int(&q);
		memset(ref, 0, sizeof(ref));
		ref_format(ref, SIDE_THEM, serial, id);
		about.ref = ref;
		more = waiting_add(list, &about,
		    "Message %s from %s (%s) is not acknowledged.", ref,
		    line->name, class);
	}
	return query_end(&q);
}

static int
message_waiting(struct keeper *keeper, struct waiting_list *list)
{
	int rc = OK;

	for (size_t i = 0; rc == OK && i < LINES_MAX; i++) {
		if (post_line_is_active(&keeper->lines[i]))
			rc = add_messages(keeper, list, &keeper->lines[i]);
	}
	return rc;
}

/* -- all owners -------------------------------------------------------------- */

/* What rings stands first. */
static int (*const owners[])(struct keeper *keeper,
    struct waiting_list *list) = {
	alarm_waiting,
	drafting_waiting,
	agenda_waiting,
	duty_waiting,
	willing_waiting,
	pact_waiting,
	message_waiting,
};

enum { OWNERS = sizeof(owners) / sizeof(owners[0]) };

_Static_assert((int)OWNERS *(int)WAITING_EACH_MAX <= (int)WAITING_MAX,
    "the last has its share");

int
waiting_collect(struct keeper *keeper, struct waiting_list *list)
{
	const size_t most = list->most;
	int rc = OK;

	for (size_t i = 0; rc == OK && list->count < most && i < OWNERS; i++) {
		list->most = list->count + WAITING_EACH_MAX;
		if (list->most > most)
			list->most = most;
		rc = owners[i](keeper, list);
	}
	list->most = most;
	return rc;
}

int
waiting_count(struct keeper *keeper, size_t *count)
{
	struct waiting_list list = { .most = WAITING_MAX };
	const int rc = waiting_collect(keeper, &list);

	*count = list.count;
	return rc;
}

/* -- telling people ---------------------------------------------------------- */

struct telling {
	struct keeper *keeper;
	struct reply reply;
	uint64_t skip; /* of an earlier page */
	uint32_t rows;
};

/* The item as it is shown; views of its texts. */
static void
show(struct waiting_view *view, const struct waiting_item *item)
{
	*view = (struct waiting_view){ .kind = (uint8_t)item->kind,
		.line = text_of(item->line),
		.who = text_of(item->who),
		.since_ms = item->since_ms,
		.due_ms = item->due_ms,
		.say = text_of(item->say) };
	snprintf(view->ref, sizeof(view->ref), "%s", item->ref);
}

static void
tell(void *ctx, const struct waiting_item *item)
{
	struct telling *telling = ctx;

	telling->reply.cursor++;
	if (telling->reply.cursor <= telling->skip)
		return;
	telling->rows++;
	show(&telling->reply.view.waiting, item);
	post_reply(telling->keeper, &telling->reply);
}

void
waiting_on_request(struct keeper *keeper, const struct request *request)
{
	struct telling telling = { .keeper = keeper,
		.reply = { .kind = REPLY_VIEW,
		    .id = request->id,
		    .about = request->kind,
		    .more = true },
		.skip = request->page.after };
	struct waiting_list list = { .on_item = tell,
		.ctx = &telling,
		.most = WAITING_MAX };
	int rc;

	if (request->page.limit != 0 &&
	    telling.skip + request->page.limit < WAITING_MAX)
		list.most = (size_t)telling.skip + request->page.limit;
	rc = waiting_collect(keeper, &list);
	post_reply_list(keeper, request, rc,
	    telling.rows == request->page.limit);
}
