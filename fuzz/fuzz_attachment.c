/* An attachment's file that something else has written to: pieces are read as
 * they were sealed, or not at all.  The script writes pieces, bends, cuts and
 * moves bytes of the file, and reads. */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "crypto/crypto.h"
#include "keeper/attachment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PIECES = 3, WRITES_MAX = 64 };

/* What was sealed once.  Who can write to the file can put back what a piece held
 * at an earlier writing; that the whole is the newest, the attachment's hash says. */
struct sealed {
	unsigned piece;
	bool last;
	uint8_t fill;
	size_t len;
};

struct scene {
	struct attachment_file file;
	struct sealed sealed[WRITES_MAX];
	unsigned writes;
	struct reader r;
	uint8_t plain[PIECE_PLAIN_BYTES];
};

static char folder[64];
static int folder_fd = -1;

static void
erase(void)
{
	(void)rmdir(folder);
}

static void
prepare(void)
{
	const char *tmp = getenv("TMPDIR");

	crypto_init();
	snprintf(folder, sizeof(folder), "%s/quietline-fuzz-XXXXXX",
	    tmp != NULL && strlen(tmp) < 32 ? tmp : "/tmp");
	assert(mkdtemp(folder) != NULL);
	(void)atexit(erase);
	folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert(folder_fd >= 0);
}

static void
write_piece(struct scene *scene, unsigned piece)
{
	struct sealed *sealed;

	if (scene->writes == WRITES_MAX)
		return;
	sealed = &scene->sealed[scene->writes++];
	sealed->piece = piece;
	sealed->fill = buf_get_u8(&scene->r);
	sealed->last = sealed->fill & 1;
	sealed->len = sealed->last ? buf_get_u8(&scene->r) : PIECE_PLAIN_BYTES;
	memset(scene->plain, sealed->fill, sealed->len);
	assert(attachment_write(&scene->file, piece, sealed->last, scene->plain,
		   sealed->len) == OK);
}

/* What is read was sealed as that piece, whoever was at the file since. */
static void
read_piece(struct scene *scene, unsigned piece, bool last)
{
	const size_t len = last ? buf_get_u8(&scene->r) : PIECE_PLAIN_BYTES;
	const struct sealed *sealed;

	if (attachment_read(&scene->file, piece, last, scene->plain, len) != OK)
		return;
	for (size_t i = 1; i < len; i++)
		assert(scene->plain[i] == scene->plain[0]);
	for (unsigned i = 0; i < scene->writes; i++) {
		sealed = &scene->sealed[i];
		if (sealed->piece == piece && sealed->last == last &&
		    sealed->len == len &&
		    (len == 0 || sealed->fill == scene->plain[0]))
			return;
	}
	assert(!"a piece was read that nobody sealed");
}

/* Bytes of the script, over bytes of the file. */
static void
meddle(struct scene *scene, int fd)
{
	const off_t at =
	    buf_get_u32(&scene->r) % (PIECES * ATTACHMENT_SEALED_BYTES + 64);
	size_t len = buf_get_u8(&scene->r);
	const uint8_t *bytes;

	if (len > buf_left(&scene->r))
		len = buf_left(&scene->r);
	bytes = buf_get_slice(&scene->r, len);
	if (len > 0)
		assert(pwrite(fd, bytes, len, at) == (ssize_t)len);
}

/* One piece's bytes, over another's place. */
static void
move(int fd, unsigned from, unsigned to)
{
	static uint8_t bytes[ATTACHMENT_SEALED_BYTES];
	const ssize_t len = pread(fd, bytes, sizeof(bytes),
	    (off_t)from * ATTACHMENT_SEALED_BYTES);

	if (len > 0)
		assert(pwrite(fd, bytes, (size_t)len,
			   (off_t)to * ATTACHMENT_SEALED_BYTES) == len);
}

static void
happen(struct scene *scene, int fd, uint8_t what)
{
	const unsigned piece = (what >> 3) % PIECES;

	switch (what & 7) {
	case 0:
	case 1:
		write_piece(scene, piece);
		break;
	case 2:
		meddle(scene, fd);
		break;
	case 3:
		assert(ftruncate(fd,
			   buf_get_u32(&scene->r) %
			       (PIECES * ATTACHMENT_SEALED_BYTES)) == 0);
		break;
	case 4:
		move(fd, piece, (what >> 5) % PIECES);
		break;
	case 5:
		read_piece(scene, piece, true);
		break;
	default:
		read_piece(scene, piece, false);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scene scene;
	struct rng_seeded seeded;
	char name[ATTACHMENT_FILE_NAME_BYTES];
	int fd, rc;

	if (folder_fd < 0)
		prepare();
	scene.writes = 0;
	buf_read(&scene.r, data, size);
	rc = attachment_create(&scene.file, folder_fd,
	    rng_from_seed(&seeded, 1));
	assert(rc == OK);
	memcpy(name, scene.file.name, sizeof(name));
	fd = openat(folder_fd, name, O_RDWR | O_CLOEXEC);
	assert(fd >= 0);
	while (buf_left(&scene.r) > 0)
		happen(&scene, fd, buf_get_u8(&scene.r));
	close(fd);
	attachment_close(&scene.file);
	attachment_remove(folder_fd, name);
	return 0;
}
