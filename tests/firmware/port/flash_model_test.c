/* The flash model without power cuts: geometries, what it refuses and notices, bad blocks, bit rot, noise, files, copies, counts. */
#define _GNU_SOURCE
#include "flash_support.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static uint8_t data[1024], other[1024], back[1024];

static void programs_and_reads_on_every_chip(void **state) {
  (void)state;
  for (unsigned i = 0; i < NFR_FLASH_STANDARDS; i++) {
    struct nfr_flash_model_config config = nfr_flash_model_standard(&nfr_flash_standards[i]);
    struct nfr_flash_model *model = make(&config);
    for (unsigned r = 0; r < 2; r++) {
      const struct nfr_flash *flash = nfr_flash_model_flash(model, r);
      uint32_t end = flash->bytes - 1024;
      pattern(data, sizeof data, 3);
      assert_int_equal(erase(flash, flash->bytes / flash->block_bytes - 1), NFR_OK);
      assert_int_equal(program(flash, end, data, 1024), NFR_OK);
      assert_int_equal(read_back(flash, end, back, 1024), NFR_OK);
      assert_memory_equal(data, back, 1024);
      assert_int_equal(read_back(flash, end + 5, back, 7), NFR_OK);
      assert_memory_equal(data + 5, back, 7);
      assert_int_equal(erase(flash, flash->bytes / flash->block_bytes - 1), NFR_OK);
      assert_int_equal(read_back(flash, end, back, 1024), NFR_OK);
      for (unsigned k = 0; k < 1024; k++) assert_int_equal(back[k], 0xff);
      assert_int_equal(program(flash, end, data, 1024), NFR_OK);
      assert_null(flash->mapped);
      assert_true(flash->program_stall_us > 0 && flash->erase_stall_us >= 22000);
    }
    assert_int_equal(nfr_flash_model_violations(model), 0);
    assert_string_equal(nfr_flash_model_violation(model), "");
    nfr_flash_model_delete(model);
  }
}

static void bad_calls_are_violations(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("ecc-64k-8");
  struct nfr_flash_model *model = make(&config);
  const struct nfr_flash *flash = nfr_flash_model_flash(model, NFR_FLASH_JOURNAL);
  assert_int_equal(program(flash, 4, data, 8), NFR_ERR_PORT);
  assert_int_equal(program(flash, 8, data, 12), NFR_ERR_PORT);
  assert_int_equal(program(flash, flash->bytes - 8, data, 16), NFR_ERR_PORT);
  assert_int_equal(program(flash, 0xfffffff8u, data, 16), NFR_ERR_PORT);
  assert_int_equal(read_back(flash, flash->bytes - 1, back, 2), NFR_ERR_PORT);
  assert_int_equal(read_back(flash, flash->bytes, back, 0), NFR_OK);
  assert_int_equal(erase(flash, 2), NFR_ERR_PORT);
  assert_int_equal(nfr_flash_model_violations(model), 6);
  assert_non_null(strstr(nfr_flash_model_violation(model), "program out of range or unaligned at 0x4 of the journal region (block 0 + 0x4)"));
  assert_int_equal(nfr_flash_model_operations(model), 0);
  nfr_flash_model_delete(model);
}

static void refuses_bad_configurations(void **state) {
  (void)state;
  struct nfr_flash_model *model;
  struct nfr_flash_model_config good = chip("nor-4k"), config = good;
  config.journal.block_bytes = 5000;
  assert_int_equal(nfr_flash_model_new(&config, &model), NFR_ERR_ARGUMENT);
  assert_null(model);
  config = good;
  config.blobs.unit_bytes = 64;
  assert_int_equal(nfr_flash_model_new(&config, &model), NFR_ERR_ARGUMENT);
  config = good;
  config.journal_blocks = 0;
  assert_int_equal(nfr_flash_model_new(&config, &model), NFR_ERR_ARGUMENT);
  config = good;
  config.noise = true;
  config.file = "/dev/null/none";
  assert_int_equal(nfr_flash_model_new(&config, &model), NFR_ERR_ARGUMENT);
  config.noise = false;
  assert_int_equal(nfr_flash_model_new(&config, &model), NFR_ERR_PORT);
}

static void a_second_program_is_poison_where_units_are_written_once(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("ecc-64k-8");
  struct nfr_flash_model *model = make(&config);
  const struct nfr_flash *flash = nfr_flash_model_flash(model, NFR_FLASH_BLOBS);
  pattern(data, 24, 1);
  assert_int_equal(program(flash, 0, data, 24), NFR_OK);
  assert_int_equal(program(flash, 8, data + 8, 8), NFR_ERR_PORT); /* the same bytes */
  unsigned failed = 0, right = 0;
  for (unsigned i = 0; i < 100; i++) {
    if (read_back(flash, 8, back, 8)) failed++;
    else right += memcmp(back, data + 8, 8) == 0;
  }
  assert_in_range(failed, 1, 99);
  assert_int_equal(right, 0);
  assert_int_equal(read_back(flash, 0, back, 8), NFR_OK); /* its neighbours are well */
  assert_memory_equal(back, data, 8);
  assert_int_equal(read_back(flash, 16, back, 8), NFR_OK);
  assert_memory_equal(back, data + 16, 8);
  assert_int_equal(nfr_flash_model_counts(model, NFR_FLASH_BLOBS).refused, 1);
  assert_int_equal(nfr_flash_model_violations(model), 0);
  assert_int_equal(erase(flash, 0), NFR_OK);
  assert_int_equal(program(flash, 8, data + 8, 8), NFR_OK);
  assert_int_equal(read_back(flash, 8, back, 8), NFR_OK);
  assert_memory_equal(back, data + 8, 8);
  nfr_flash_model_delete(model);
}

static void other_bytes_are_a_violation_where_units_may_be_rewritten(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("nor-4k");
  struct nfr_flash_model *model = make(&config);
  const struct nfr_flash *flash = nfr_flash_model_flash(model, NFR_FLASH_BLOBS);
  pattern(data, 300, 1);
  assert_int_equal(program(flash, 100, data, 300), NFR_OK);
  assert_int_equal(program(flash, 100, data, 300), NFR_OK);
  assert_int_equal(nfr_flash_model_violations(model), 0);
  memcpy(other, data, 300);
  other[7] = 0x0f;
  other[8] = 0x33;
  assert_int_equal(program(flash, 100, other, 300), NFR_OK);
  assert_int_equal(nfr_flash_model_violations(model), 2);
  assert_non_null(strstr(nfr_flash_model_violation(model), "other bytes onto a programmed unit at 0x6b of the blob region"));
  assert_int_equal(read_back(flash, 100, back, 300), NFR_OK);
  assert_int_equal(back[7], data[7] & 0x0f);
  assert_int_equal(back[8], data[8] & 0x33);
  nfr_flash_model_delete(model);
}

static void blocks_go_bad(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("nor-4k");
  struct nfr_flash_model *model = make(&config);
  const struct nfr_flash *flash = nfr_flash_model_flash(model, NFR_FLASH_BLOBS);
  nfr_flash_model_set_bad(model, NFR_FLASH_BLOBS, 3, 2, UINT32_MAX);
  assert_int_equal(erase(flash, 3), NFR_OK);
  assert_int_equal(erase(flash, 3), NFR_OK);
  assert_int_equal(erase(flash, 3), NFR_ERR_PORT);
  assert_int_equal(erase(flash, 3), NFR_ERR_PORT);
  assert_int_equal(erase(flash, 4), NFR_OK);
  nfr_flash_model_set_bad(model, NFR_FLASH_BLOBS, 5, UINT32_MAX, 3);
  pattern(data, 1024, 1);
  assert_int_equal(program(flash, 5 * 4096, data, 1024), NFR_ERR_PORT); /* the fourth page */
  assert_int_equal(read_back(flash, 5 * 4096, back, 768), NFR_OK);
  assert_memory_equal(back, data, 768);
  assert_int_equal(program(flash, 5 * 4096 + 2048, data, 1), NFR_ERR_PORT);
  assert_int_equal(nfr_flash_model_violations(model), 0);
  assert_true(nfr_flash_model_is_on(model));
  nfr_flash_model_delete(model);
}

static void bits_rot(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("nor-4k");
  struct nfr_flash_model *model = make(&config);
  const struct nfr_flash *flash = nfr_flash_model_flash(model, NFR_FLASH_BLOBS);
  pattern(data, 16, 1);
  assert_int_equal(program(flash, 0, data, 16), NFR_OK);
  nfr_flash_model_flip(model, NFR_FLASH_BLOBS, 9, 6);
  assert_int_equal(read_back(flash, 0, back, 16), NFR_OK);
  assert_int_equal(back[9], data[9] ^ 0x40);
  back[9] = data[9];
  assert_memory_equal(back, data, 16);
  nfr_flash_model_delete(model);
}

static void erased_encrypted_flash_is_noise(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("encrypted-4k-16");
  config.noise = true;
  struct nfr_flash_model *model = make(&config);
  const struct nfr_flash *flash = nfr_flash_model_flash(model, NFR_FLASH_BLOBS);
  assert_int_equal(read_back(flash, 0, data, 1024), NFR_OK);
  unsigned blank = 0;
  for (unsigned i = 0; i < 1024; i++) blank += data[i] == 0xff;
  assert_in_range(blank, 0, 20);
  assert_int_equal(read_back(flash, 1024, other, 1024), NFR_OK);
  assert_memory_not_equal(data, other, 16);
  assert_int_equal(read_back(flash, 0, other, 1024), NFR_OK);
  assert_memory_equal(data, other, 1024); /* it holds still */
  assert_int_equal(erase(flash, 0), NFR_OK);
  assert_int_equal(read_back(flash, 0, other, 1024), NFR_OK);
  assert_memory_not_equal(data, other, 16); /* another erase, another noise */
  pattern(data, 32, 1);
  assert_int_equal(program(flash, 0, data, 32), NFR_OK);
  assert_int_equal(read_back(flash, 0, back, 48), NFR_OK);
  assert_memory_equal(back, data, 32);
  assert_memory_equal(back + 32, other + 32, 16);
  nfr_flash_model_delete(model);
}

static void a_file_keeps_the_bytes(void **state) {
  (void)state;
  char name[256];
  const char *folder = getenv("TMPDIR");
  assert_in_range(snprintf(name, sizeof name, "%s/nfr-flash-XXXXXX", folder != NULL ? folder : "/tmp"), 1, sizeof name - 1);
  int file = mkstemp(name);
  assert_true(file >= 0);
  (void)close(file);
  (void)unlink(name);
  struct nfr_flash_model_config config = chip("nor-4k-journal-of-2");
  config.file = name;
  config.mapped = true;
  struct nfr_flash_model *model = make(&config);
  pattern(data, 64, 9);
  assert_int_equal(program(nfr_flash_model_flash(model, NFR_FLASH_JOURNAL), 4096, data, 64), NFR_OK);
  assert_int_equal(program(nfr_flash_model_flash(model, NFR_FLASH_BLOBS), 256, data + 1, 63), NFR_OK);
  nfr_flash_model_delete(model);

  FILE *stream = fopen(name, "rb");
  assert_non_null(stream);
  assert_int_equal(fseek(stream, 4096, SEEK_SET), 0);
  assert_int_equal(fread(back, 1, 64, stream), 64);
  assert_memory_equal(back, data, 64);
  assert_int_equal(fseek(stream, 2 * 4096 + 256, SEEK_SET), 0);
  assert_int_equal(fread(back, 1, 63, stream), 63);
  assert_memory_equal(back, data + 1, 63);
  (void)fclose(stream);

  model = make(&config);
  const struct nfr_flash *flash = nfr_flash_model_flash(model, NFR_FLASH_BLOBS);
  assert_memory_equal(flash->mapped + 256, data + 1, 63);
  assert_int_equal(program(flash, 0, data, 64), NFR_OK); /* still erased */
  assert_int_equal(program(flash, 256, data + 1, 63), NFR_OK);
  assert_int_equal(nfr_flash_model_violations(model), 0);
  assert_int_equal(program(flash, 256, data, 1), NFR_OK); /* still programmed */
  assert_int_equal(nfr_flash_model_violations(model), 1);
  nfr_flash_model_delete(model);

  struct stat status;
  assert_int_equal(stat(name, &status), 0);
  assert_int_equal(status.st_size, (2 + 32) * 4096);
  config.blob_blocks = 31;
  assert_int_equal(nfr_flash_model_new(&config, &model), NFR_ERR_ARGUMENT);
  (void)unlink(name);
}

static void a_file_is_one_chips(void **state) {
  (void)state;
  char name[] = "/tmp/nfr-flash-XXXXXX";
  int file = mkstemp(name);
  assert_true(file >= 0);
  (void)close(file);
  struct nfr_flash_model_config config = chip("nor-4k-journal-of-2");
  config.file = name;
  struct nfr_flash_model *model = make(&config), *second;
  assert_int_equal(nfr_flash_model_new(&config, &second), NFR_ERR_BUSY);
  assert_null(second);
  int reader = open(name, O_RDONLY | O_CLOEXEC);
  assert_true(reader >= 0);
  assert_int_equal(flock(reader, LOCK_SH | LOCK_NB), 0); /* as .NET reads: capsule store inspect */
  (void)close(reader);
  nfr_flash_model_delete(model);
  nfr_flash_model_delete(make(&config));
  (void)unlink(name);
}

enum { REFUSED = 0, TAKEN = 1, NO_MOUNT = 77 };

static bool put(const char *file, const char *format, unsigned id) {
  FILE *stream = fopen(file, "w");
  if (stream == NULL) return false;
  bool is_put = fprintf(stream, format, id) > 0;
  return fclose(stream) == 0 && is_put;
}

/* A small file system that this process alone sees: root's, or of a user namespace in which this user is root. */
static bool mount_small(const char *folder) {
  unsigned user = getuid(), group = getgid();
  if (unshare(CLONE_NEWNS) && (unshare(CLONE_NEWUSER | CLONE_NEWNS) || !put("/proc/self/setgroups", "deny", 0) ||
                               !put("/proc/self/uid_map", "0 %u 1", user) || !put("/proc/self/gid_map", "0 %u 1", group)))
    return false;
  return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount("none", folder, "tmpfs", 0, "size=65536") == 0;
}

/* In a process of its own: what is to be found out is that it does not die. */
static int make_on_a_full_disk(const char *folder) {
  struct stat status;
  char name[64];
  struct nfr_flash_model *model;
  if (!mount_small(folder)) return NO_MOUNT;
  (void)snprintf(name, sizeof name, "%s/flash", folder);
  struct nfr_flash_model_config config = chip("nor-4k-journal-of-2");
  config.file = name;
  int err = nfr_flash_model_new(&config, &model);
  return err == NFR_ERR_NO_SPACE && stat(name, &status) == 0 && status.st_size == 0 ? REFUSED : TAKEN;
}

static void a_full_disk_is_an_error_and_leaves_no_half_chip(void **state) {
  (void)state;
  char folder[] = "/tmp/nfr-flash-XXXXXX";
  assert_non_null(mkdtemp(folder));
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) _exit(make_on_a_full_disk(folder));
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  (void)rmdir(folder);
  if (WIFEXITED(status) && WEXITSTATUS(status) == NO_MOUNT) {
    print_message("no file system may be mounted here: a full disk was left out\n");
    skip();
  }
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), REFUSED);
}

static void a_copy_is_the_same_and_independent(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("nor-4k");
  struct nfr_flash_model *from = make(&config), *to = make(&config);
  const struct nfr_flash *flash = nfr_flash_model_flash(from, NFR_FLASH_BLOBS), *copy = nfr_flash_model_flash(to, NFR_FLASH_BLOBS);
  pattern(data, 1024, 5);
  assert_int_equal(program(flash, 3 * 4096, data, 1024), NFR_OK);
  for (unsigned round = 0; round < 3; round++) { /* the first copies everything, the others what changed */
    assert_int_equal(nfr_flash_model_copy(to, from), NFR_OK);
    assert_memory_equal(nfr_flash_model_bytes(to, NFR_FLASH_BLOBS), nfr_flash_model_bytes(from, NFR_FLASH_BLOBS), flash->bytes);
    assert_memory_equal(nfr_flash_model_bytes(to, NFR_FLASH_JOURNAL), nfr_flash_model_bytes(from, NFR_FLASH_JOURNAL), 8 * 4096);
    assert_int_equal(nfr_flash_model_operations(to), nfr_flash_model_operations(from));
    assert_int_equal(erase(copy, 3), NFR_OK);
    assert_int_equal(nfr_flash_model_wear(to, NFR_FLASH_BLOBS, 3), 1);
    assert_int_equal(program(copy, 7 * 4096, data, 64), NFR_OK);
    nfr_flash_model_flip(to, NFR_FLASH_JOURNAL, 77, 0);
    nfr_flash_model_set_bad(to, NFR_FLASH_BLOBS, 9, 0, 0);
  }
  assert_int_equal(nfr_flash_model_wear(from, NFR_FLASH_BLOBS, 3), 0);
  assert_int_equal(erase(flash, 9), NFR_OK);
  assert_int_equal(program(flash, 20 * 4096, data, 8), NFR_OK); /* the base changes */
  assert_int_equal(nfr_flash_model_copy(to, from), NFR_OK);
  assert_memory_equal(nfr_flash_model_bytes(to, NFR_FLASH_BLOBS), nfr_flash_model_bytes(from, NFR_FLASH_BLOBS), flash->bytes);
  assert_int_equal(erase(copy, 9), NFR_OK);
  assert_int_equal(program(copy, 20 * 4096 + 8, data, 8), NFR_OK);
  assert_int_equal(nfr_flash_model_violations(to), 0);
  config = chip("nor-4k-journal-of-2");
  struct nfr_flash_model *different = make(&config);
  assert_int_equal(nfr_flash_model_copy(different, from), NFR_ERR_ARGUMENT);
  nfr_flash_model_delete(from); /* a copy outlives it */
  from = make(&(struct nfr_flash_model_config){.journal = config.journal, .blobs = config.blobs, .journal_blocks = 8, .blob_blocks = 32});
  assert_int_equal(nfr_flash_model_copy(to, from), NFR_OK);
  assert_memory_equal(nfr_flash_model_bytes(to, NFR_FLASH_BLOBS), nfr_flash_model_bytes(from, NFR_FLASH_BLOBS), 32 * 4096);
  nfr_flash_model_delete(from);
  nfr_flash_model_delete(to);
  nfr_flash_model_delete(different);
}

static void counts_and_the_clock(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("mixed-4k-256k");
  struct nfr_flash_model *model = make(&config);
  const struct nfr_flash *journal = nfr_flash_model_flash(model, NFR_FLASH_JOURNAL), *blobs = nfr_flash_model_flash(model, NFR_FLASH_BLOBS);
  assert_int_equal(program(journal, 200, data, 600), NFR_OK); /* 56 + 256 + 256 + 32 */
  assert_int_equal(erase(journal, 2), NFR_OK);
  assert_int_equal(erase(journal, 2), NFR_OK);
  assert_int_equal(program(blobs, 0, data, 256), NFR_OK);
  assert_int_equal(read_back(blobs, 0, back, 100), NFR_OK);
  struct nfr_flash_counts j = nfr_flash_model_counts(model, NFR_FLASH_JOURNAL), b = nfr_flash_model_counts(model, NFR_FLASH_BLOBS);
  assert_int_equal(j.programs, 4);
  assert_int_equal(j.erases, 2);
  assert_int_equal(j.operations, 6);
  assert_int_equal(j.bytes_programmed, 600);
  assert_int_equal(j.busy_us, 4 * 700 + 2 * 45000);
  assert_int_equal(b.busy_us, 1024);
  assert_int_equal(b.bytes_read, 100);
  assert_int_equal(b.reads, 1);
  assert_int_equal(nfr_flash_model_operations(model), 7);
  assert_int_equal(nfr_flash_model_wear(model, NFR_FLASH_JOURNAL, 2), 2);
  assert_int_equal(nfr_flash_model_wear(model, NFR_FLASH_JOURNAL, 1), 0);
  nfr_flash_model_delete(model);
}

static void foreign_bytes_can_be_put_there(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("ecc-64k-8");
  struct nfr_flash_model *model = make(&config);
  const struct nfr_flash *flash = nfr_flash_model_flash(model, NFR_FLASH_JOURNAL);
  pattern(data, 64, 1);
  memset(data + 16, 0xff, 8);
  nfr_flash_model_put(model, NFR_FLASH_JOURNAL, 4, data, 64);
  assert_int_equal(read_back(flash, 4, back, 64), NFR_OK);
  assert_memory_equal(back, data, 64);
  assert_int_equal(program(flash, 72, data, 8), NFR_OK);
  assert_int_equal(program(flash, 0, data, 8), NFR_ERR_PORT);
  nfr_flash_model_delete(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(programs_and_reads_on_every_chip),
    cmocka_unit_test(bad_calls_are_violations),
    cmocka_unit_test(refuses_bad_configurations),
    cmocka_unit_test(a_second_program_is_poison_where_units_are_written_once),
    cmocka_unit_test(other_bytes_are_a_violation_where_units_may_be_rewritten),
    cmocka_unit_test(blocks_go_bad),
    cmocka_unit_test(bits_rot),
    cmocka_unit_test(erased_encrypted_flash_is_noise),
    cmocka_unit_test(a_file_keeps_the_bytes),
    cmocka_unit_test(a_file_is_one_chips),
    cmocka_unit_test(a_full_disk_is_an_error_and_leaves_no_half_chip),
    cmocka_unit_test(a_copy_is_the_same_and_independent),
    cmocka_unit_test(counts_and_the_clock),
    cmocka_unit_test(foreign_bytes_can_be_put_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
