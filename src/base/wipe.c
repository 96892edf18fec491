#include "base/wipe.h"

#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

void
wipe(void *secret, size_t len)
{
	if (len > 0)
		explicit_bzero(secret, len);
}

bool
wipe_equal(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *x = a;
	const volatile uint8_t *y = b;
	uint8_t differs = 0;

	for (size_t i = 0; i < len; i++)
		differs |= x[i] ^ y[i];
	return differs == 0;
}

void *
wipe_new(size_t len)
{
	void *secret;

	assert(len > 0);
	secret = mmap(NULL, len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret == MAP_FAILED)
		fatal("wipe: no memory for secrets");
	/* Unlocked, a secret could reach the swap and outlive its wiping. */
	if (mlock(secret, len) != 0)
		fatal("wipe: cannot lock memory (raise the limit, ulimit -l)");
	if (madvise(secret, len, MADV_DONTDUMP) != 0)
		fatal("wipe: cannot keep memory out of core dumps");
	/* A process that is only started needs none of its parent's. */
	if (madvise(secret, len, MADV_WIPEONFORK) != 0)
		fatal("wipe: cannot keep memory from children");
	return secret;
}

/* Memory that the kernel itself has no map of; NULL: it has no such memory. */
static void *
map_hidden(size_t len)
{
#ifdef SYS_memfd_secret
	void *secret = MAP_FAILED;
	int fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);

	if (fd == -1)
		return NULL;
	if (ftruncate(fd, (off_t)len) == 0)
		secret =
		    mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (secret == MAP_FAILED)
		return NULL;
	if (madvise(secret, len, MADV_DONTFORK) == 0)
		return secret;
	(void)munmap(secret, len);
#else
	(void)len;
#endif
	return NULL;
}

void *
wipe_new_hidden(size_t len)
{
	void *secret;

	assert(len > 0);
	secret = map_hidden(len);
	return secret != NULL ? secret : wipe_new(len);
}

void
wipe_free(void *secret, size_t len)
{
	if (secret == NULL)
		return;
	wipe(secret, len);
	/* Only a wrong address or length fails here: our bug. */
	if (munmap(secret, len) != 0)
		fatal("wipe: cannot give memory back");
}
