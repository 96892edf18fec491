#include "core/class.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
classes_have_names_in_order_of_rank(void **state)
{
	static const char *const names[CLASS_COUNT] = { "notes", "flash",
		"immediate", "priority", "routine" };

	(void)state;
	for (unsigned i = 0; i < CLASS_COUNT; i++)
		assert_string_equal(class_name((enum record_class)i), names[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_have_names_in_order_of_rank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
