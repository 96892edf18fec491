/* Runs each function that touches a secret under memcheck, and says as TAP
 * whether a secret decided where it went: test/constant/time.sh. */
#include <stdio.h>

#include <valgrind/valgrind.h>

#include "cases.h"
#include "crypto/crypto.h"
#include "secret.h"

struct outcome {
	unsigned number;
	unsigned failed;
};

static void
try_case(struct outcome *outcome, const struct constant_case *one)
{
	const unsigned before = secret_reports();
	const bool kept = one->run();
	const unsigned reports = secret_reports() - before;
	const bool ok = kept && (reports > 0) == one->is_control;

	outcome->number++;
	outcome->failed += !ok;
	printf("%sok %u - %s%s\n", ok ? "" : "not ", outcome->number,
	    one->is_control ? "reported as it must be: " : "", one->name);
	if (!kept)
		printf("# the secret got lost on the way\n");
	if ((reports > 0) != one->is_control)
		printf("# reports: %u\n", reports);
	fflush(stdout);
}

static void
try_all(struct outcome *outcome, const struct constant_case *table,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		try_case(outcome, &table[i]);
}

int
main(void)
{
	struct outcome outcome = { 0, 0 };

	if (!RUNNING_ON_VALGRIND) {
		fprintf(stderr,
		    "constant: runs under valgrind only "
		    "(test/constant/time.sh)\n");
		return 2;
	}
	crypto_init();
	try_all(&outcome, cases_control, cases_control_count);
	try_all(&outcome, cases_crypto, cases_crypto_count);
	try_all(&outcome, cases_core, cases_core_count);
	try_all(&outcome, cases_keeper, cases_keeper_count);
	printf("1..%u\n", outcome.number);
	return outcome.failed > 0;
}
