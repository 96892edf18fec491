#include "keeper/post.h"

#include <dirent.h>
#include <sqlite3.h>

#include "forge.h"
#include "keeper/inbox.h"

/* Files in a side's attachments folder. */
static size_t
count_files(const struct twin_side *side)
{
	char path[128];
	struct dirent *entry;
	size_t count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/attachments", side->folder);
	assert_non_null(folder = opendir(path));
	while ((entry = readdir(folder)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

enum { ATTACHED = 3, EACH_BYTES = 100 };

/* A whole message with attachments, of this text. */
static struct line_event
make_message(uint8_t *bytes, size_t cap, const char *text, size_t len)
{
	struct record record = forge_record(RECORD_MESSAGE, 1);
	uint8_t plain[EACH_BYTES] = { 0 }, hash[HASH_BYTES];
	const struct hash_part part = { plain, sizeof(plain) };
	struct writer w;

	record.serial = 1;
	record.text_bytes = (uint32_t)len;
	record.attachments = ATTACHED;
	for (size_t i = 0; i < ATTACHED; i++)
		record.attachment[i] = (struct record_attachment){ EACH_BYTES,
			{ "map", 3 }, { "image/png", 9 } };
	hash_parts(hash, &part, 1);
	buf_write(&w, bytes, cap);
	record_encode_head(&w, &record);
	buf_put_bytes(&w, text, len);
	buf_put_zeros(&w, ATTACHED * EACH_BYTES);
	for (size_t i = 0; i < ATTACHED; i++)
		buf_put_bytes(&w, hash, sizeof(hash));
	assert_true(buf_is_sound(&w));
	return (struct line_event){ .kind = LINE_EVENT_DATA,
		.piece = { .class = CLASS_ROUTINE,
		    .n = 1,
		    .data = bytes,
		    .len = w.len,
		    .fin = true } };
}

static void
arrive(struct twin_side *side, const struct line_event *event)
{
	keeper_on_line_event(side->keeper, side->line, event, side->twin->now);
	twin_run(side->twin);
}

static void
set_pages(struct twin_side *side, const char *text)
{
	assert_int_equal(sqlite3_exec(side->keeper->store.db[STORE_RECORD],
			     text, NULL, NULL, NULL),
	    SQLITE_OK);
}

static void
post_keeps_the_files_of_what_it_commits(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	uint8_t bytes[4096];
	struct line_event event = make_message(bytes, sizeof(bytes), "ok", 2);

	arrive(a, &event);
	assert_int_equal(count_files(a), ATTACHED);
	twin_restart(a);
	assert_int_equal(count_files(a), ATTACHED);
	assert_int_equal(twin_read(a), 1);
	assert_false(a->replies[0].reply.message.arriving);
}

static void
post_deletes_the_files_of_what_it_rolls_back(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	uint8_t bytes[4096];
	struct line_event event = make_message(bytes, sizeof(bytes), "\xff", 1);

	for (int i = 0; i < 3; i++) {
		arrive(a, &event);
		assert_true(twin_has_event(a, "fault", "fault"));
		assert_int_equal(count_files(a), 0);
		twin_run(twin);
	}
	event = make_message(bytes, sizeof(bytes), "ok", 2);
	arrive(a, &event);
	assert_int_equal(count_files(a), ATTACHED);
	assert_int_equal(twin_read(a), 1);
}

/* However long the disk is full, and however often it is tried. */
static void
post_leaves_nothing_behind_on_a_full_disk(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	static char text[TEXT_BYTES_MAX / 2];
	static uint8_t bytes[TEXT_BYTES_MAX];
	struct line_event event;

	memset(text, 'x', sizeof(text));
	event = make_message(bytes, sizeof(bytes), text, sizeof(text));
	set_pages(a, "PRAGMA max_page_count = 1");
	arrive(a, &event);
	for (int i = 0; i < 20; i++) {
		twin->now.now_ns += (uint64_t)FLUSH_RETRY_MS * CLOCK_NS_PER_MS;
		keeper_on_time(a->keeper, twin->now);
		assert_int_equal(count_files(a), 0);
		assert_int_equal(a->last[LINE_ORDER_HAVE]
				     .order.have.at[CLASS_ROUTINE]
				     .n,
		    0);
	}
	assert_false(keeper_has_failed(a->keeper));
	assert_int_equal(twin_read(a), 0);
	set_pages(a, "PRAGMA max_page_count = 1000000");
	twin->now.now_ns += (uint64_t)FLUSH_RETRY_MS * CLOCK_NS_PER_MS;
	keeper_on_time(a->keeper, twin->now);
	assert_int_equal(twin_read(a), 1);
	assert_int_equal(count_files(a), ATTACHED);
	assert_int_equal(a->last[LINE_ORDER_HAVE]
			     .order.have.at[CLASS_ROUTINE]
			     .n,
	    1);
}

/* A fault in what follows, after a half of it was synced. */
static void
post_deletes_the_files_of_a_record_that_turned_out_bad(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	uint8_t bytes[4096];
	struct line_event event = make_message(bytes, sizeof(bytes), "ok", 2);
	const size_t len = event.piece.len;

	event.piece.len = len - 100;
	event.piece.fin = false;
	arrive(a, &event);
	assert_int_equal(count_files(a), ATTACHED);
	bytes[len - 1] ^= 1; /* a hash */
	event.piece.offset = event.piece.len;
	event.piece.data = bytes + event.piece.len;
	event.piece.len = 100;
	event.piece.fin = true;
	arrive(a, &event);
	assert_true(twin_has_event(a, "fault", "fault"));
	assert_int_equal(a->last[LINE_ORDER_HAVE]
			     .order.have.at[CLASS_ROUTINE]
			     .n,
	    0);
	assert_int_equal(count_files(a), 0);
	assert_int_equal(twin_read(a), 0);
	assert_int_equal(a->last[LINE_ORDER_FAULT]
			     .order.have.at[CLASS_ROUTINE]
			     .offset,
	    0);
}

static void
post_finds_lines_by_what_they_are(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request close = twin_request(a, REQUEST_LINE_CLOSE);

	assert_null(post_find_line(a->keeper, 0));
	assert_null(post_find_line(a->keeper, a->line + 1));
	assert_null(post_find_name(a->keeper, twin_text("brav")));
	assert_null(post_find_name(a->keeper, twin_text("bravo2")));
	assert_null(post_find_name(a->keeper, twin_text("Bravo")));
	assert_null(post_find_name(a->keeper, (struct text){ NULL, 0 }));
	assert_ptr_equal(post_find_name(a->keeper, twin_text("bravo")),
	    forge_line(a));
	assert_true(post_line_is_active(forge_line(a)));
	twin_ask(a, &close);
	assert_null(post_find_name(a->keeper, twin_text("bravo")));
	assert_false(post_line_is_active(forge_line(a)));
}

static void
post_says_a_fault_once(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	for (int i = 0; i < 10; i++)
		post_fault(a->keeper, forge_line(a), "something is odd");
	assert_int_equal(forge_count(a, "fault", "fault"), 1);
	post_fault(a->keeper, forge_line(a), "something else is odd");
	assert_int_equal(forge_count(a, "fault", "fault"), 2);
}

/* A file that somebody deleted stops its class, and no other. */
static void
post_says_that_a_message_cannot_be_read(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(a, REQUEST_SEND);
	char command[128];

	keeper_on_wire_lost(a->keeper);
	request.send.precedence = PRECEDENCE_FLASH;
	request.send.attachments = 1;
	request.send.attachment[0].upload = twin_upload(a, 100000, 7);
	request.send.attachment[0].name = twin_text("map");
	request.send.attachment[0].type = twin_text("image/png");
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
	assert_int_equal(twin_send(a, "passes", PRECEDENCE_ROUTINE)->reply.kind,
	    REPLY_SENT);
	snprintf(command, sizeof(command), "rm %s/attachments/*", a->folder);
	assert_int_equal(system(command), 0);
	for (int i = 0; i < 3; i++)
		twin_reboot(twin);
	assert_int_equal(forge_count(a, "fault", "fault"), 1);
	assert_false(keeper_has_failed(a->keeper));
	assert_int_equal(twin_read(b), 1);
	assert_memory_equal(b->replies[0].file, "passes", 6);
}

/* And one that was deleted while it was arriving. */
static void
post_says_that_what_arrives_is_fetched_again(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	uint8_t bytes[4096];
	struct line_event event = make_message(bytes, sizeof(bytes), "ok", 2);
	const size_t len = event.piece.len;
	char command[128];

	event.piece.len = len - 300;
	event.piece.fin = false;
	arrive(a, &event);
	snprintf(command, sizeof(command), "rm %s/attachments/*", a->folder);
	assert_int_equal(system(command), 0);
	event.piece.offset = event.piece.len;
	event.piece.data = bytes + event.piece.len;
	event.piece.len = 300;
	event.piece.fin = true;
	twin_restart(a);
	arrive(a, &event);
	assert_int_equal(forge_count(a, "fault", "fault"), 1);
	assert_int_equal(a->last[LINE_ORDER_HAVE]
			     .order.have.at[CLASS_ROUTINE]
			     .n,
	    0);
	assert_int_equal(a->last[LINE_ORDER_FAULT].order.fault, FAULT_STORE);
	assert_int_equal(twin_read(a), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(post_keeps_the_files_of_what_it_commits),
		FORGE_CLAIM(post_deletes_the_files_of_what_it_rolls_back),
		FORGE_CLAIM(post_leaves_nothing_behind_on_a_full_disk),
		FORGE_CLAIM(
		    post_deletes_the_files_of_a_record_that_turned_out_bad),
		FORGE_CLAIM(post_finds_lines_by_what_they_are),
		FORGE_CLAIM(post_says_a_fault_once),
		FORGE_CLAIM(post_says_that_a_message_cannot_be_read),
		FORGE_CLAIM(post_says_that_what_arrives_is_fetched_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
