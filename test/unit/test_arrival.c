#include "keeper/arrival.h"

#include "forge.h"

/* The head of a message of theirs, which says that a file goes with it. */
static void
arrive_with(struct twin_side *to, enum accept accept, const char *type)
{
	struct record record = forge_record(RECORD_MESSAGE, 1);
	struct line_event event = { .kind = LINE_EVENT_DATA };
	uint8_t head[RECORD_HEAD_BYTES_MAX];
	struct writer w;

	record.precedence = PRECEDENCE_PRIORITY;
	record.serial = 1;
	record.attachments = 1;
	record.attachment[0] = (struct record_attachment){ 70000, { "a", 1 },
		{ type, strlen(type) } };
	forge_line(to)->card.accept = accept;
	twin_other(to)->mute = true;
	buf_write(&w, head, sizeof(head));
	record_encode_head(&w, &record);
	event.piece = (struct piece){ .class = CLASS_PRIORITY,
		.n = 1,
		.data = head,
		.len = w.len };
	keeper_on_line_event(to->keeper, to->line, &event, to->twin->now);
	twin_run(to->twin);
}

static bool
is_refused(struct twin_side *to)
{
	const size_t messages = twin_read(to);

	/* What is taken has begun to arrive, and is no fault. */
	assert_int_equal(messages,
	    twin_has_event(to, "fault", "fault") ? 0 : 1);
	return messages == 0;
}

static void
arrival_takes_any_file_where_terms_say_any(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];

	arrive_with(b, ACCEPT_ANY, "application/x-anything");
	assert_false(is_refused(b));
}

static void
arrival_takes_an_image_where_terms_say_images(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];

	arrive_with(b, ACCEPT_IMAGES, "image/png");
	assert_false(is_refused(b));
}

static void
arrival_refuses_another_file_where_terms_say_images(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];

	arrive_with(b, ACCEPT_IMAGES, "application/pdf");
	assert_true(is_refused(b));
}

static void
arrival_refuses_what_only_begins_like_an_image(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];

	arrive_with(b, ACCEPT_IMAGES, "image/");
	assert_true(is_refused(b));
}

static void
arrival_refuses_what_is_nearly_called_an_image(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];

	arrive_with(b, ACCEPT_IMAGES, "images/png");
	assert_true(is_refused(b));
}

static void
arrival_refuses_any_file_where_terms_say_text(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];

	arrive_with(b, ACCEPT_TEXT, "text/plain");
	assert_true(is_refused(b));
}

static void
arrival_refuses_an_image_where_terms_say_text(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];

	arrive_with(b, ACCEPT_TEXT, "image/png");
	assert_true(is_refused(b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(arrival_takes_any_file_where_terms_say_any),
		FORGE_CLAIM(arrival_takes_an_image_where_terms_say_images),
		FORGE_CLAIM(
		    arrival_refuses_another_file_where_terms_say_images),
		FORGE_CLAIM(arrival_refuses_what_only_begins_like_an_image),
		FORGE_CLAIM(arrival_refuses_what_is_nearly_called_an_image),
		FORGE_CLAIM(arrival_refuses_any_file_where_terms_say_text),
		FORGE_CLAIM(arrival_refuses_an_image_where_terms_say_text),
	};

	return cmocka_run_group_tests_name("arrival", tests, NULL, NULL);
}
