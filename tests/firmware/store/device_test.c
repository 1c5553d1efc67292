/* A device for managed code: a life from blobs to rollback with resets in between, trust, and what it refuses. */
#include "../capsule/rules.h"
#include "capsule_support.h"
#include "interop/nfr_device.h"
#include "nfr_flash_model.h"

#define OK(call) assert_int_equal((call), NFR_OK)
#define FAILS(error, call) assert_int_equal((call), error)
#define NAME ((const uint8_t *)CAPSULE_NAME)

enum { ARENA = 256, POOL = 512, SLOTS = 64, BUFFER = 512, NAME_LENGTH = sizeof CAPSULE_NAME - 1, CHUNK = 9 };

static const uint8_t firmware_a[16] = "firmware a", firmware_b[16] = "firmware b";

struct fixture {
  struct nfr_flash_model *model;
  struct nfr_native *native;
  struct nfr_device *device;
  uint32_t device_bytes;
  uint64_t arena[ARENA / 8], pool[POOL / 8];
  uint8_t list[8192];
  uint32_t list_bytes;
  uint64_t seed;
  struct nfr_native_report report;
  struct nfr_device_name name;
};

/* ---- bed ---- */

static void start(struct fixture *f) {
  struct test_key root = toy_key(1);
  uint32_t bytes = (uint32_t)nfr_native_size();
  OK(nfr_native_init_with(f->native, bytes, f->arena, ARENA, f->pool, POOL, root.public_key, &toy_crypto));
  const struct nfr_device_config config = {
      .journal = nfr_flash_model_flash(f->model, NFR_FLASH_JOURNAL),
      .blobs = nfr_flash_model_flash(f->model, NFR_FLASH_BLOBS),
      .identity = 0x1122334455667788,
      .slots = SLOTS,
      .buffer_bytes = BUFFER,
  };
  OK(nfr_device_init(f->device, f->device_bytes, f->native, &config));
}

/* RAM is lost. */
static int reboot_with(struct fixture *f, enum nfr_reset cause, const uint8_t *firmware) {
  nfr_flash_model_power_on(f->model, ++f->seed);
  memset(f->device, 0xa5, f->device_bytes);
  start(f);
  OK(nfr_device_mount(f->device));
  return nfr_device_boot(f->device, cause, firmware);
}

static void reboot(struct fixture *f) {
  OK(reboot_with(f, NFR_RESET_POWER_ON, firmware_a));
}

static int set_up(void **state) {
  struct fixture *f = calloc(1, sizeof *f);
  struct nfr_flash_model_config config = nfr_flash_model_standard(&nfr_flash_standards[0]);
  config.mapped = config.fenced = true;
  OK(nfr_flash_model_new(&config, &f->model));
  f->native = calloc(1, (size_t)nfr_native_size());
  f->device_bytes = (uint32_t)nfr_device_size(SLOTS, BUFFER);
  f->device = malloc(f->device_bytes);
  start(f);
  FAILS(NFR_ERR_EMPTY, nfr_device_mount(f->device));
  OK(nfr_device_format(f->device));
  OK(nfr_device_boot(f->device, NFR_RESET_POWER_ON, firmware_a));
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  nfr_device_end(f->device);
  assert_int_equal(nfr_flash_model_violations(f->model), 0);
  nfr_flash_model_delete(f->model);
  free(f->device);
  free(f->native);
  free(f);
  return 0;
}

static uint64_t operations(const struct fixture *f) {
  return nfr_flash_model_operations(f->model);
}

/* ---- what an agent does ---- */

static int run(struct fixture *f, int err) {
  while (err == NFR_DEVICE_MORE) err = nfr_device_step(f->device, 1000);
  return err;
}

static void digest_of(struct fixture *f, const void *bytes, size_t count, uint8_t digest[32]) {
  OK(nfr_device_hash(f->device, bytes, 0, (uint32_t)count, digest));
}

static int write_missing(struct fixture *f, const void *bytes, uint32_t count) {
  int chunks = nfr_device_chunk_count(f->device), log2 = nfr_device_chunk_log2(f->device), err = NFR_OK;
  for (int chunk = 0; !err && (chunk = nfr_device_missing(f->device, (uint32_t)chunk)) < chunks;) {
    if (chunk < 0) return chunk;
    uint32_t at = (uint32_t)chunk << log2, size = 1u << log2;
    err = nfr_device_write(f->device, (uint32_t)chunk, bytes, at, size < count - at ? size : count - at);
  }
  return err;
}

static int put(struct fixture *f, const void *bytes, size_t count) {
  uint8_t digest[32];
  digest_of(f, bytes, count, digest);
  int err = run(f, nfr_device_begin(f->device, digest, (uint32_t)count, CHUNK));
  if (err || nfr_device_blob_state(f->device, digest) == NFR_BLOB_COMPLETE) return err;
  err = write_missing(f, bytes, (uint32_t)count);
  return err ? err : run(f, nfr_device_finish(f->device));
}

static int make_list(struct fixture *f, uint32_t version, const char *prefix) {
  struct test_key root = toy_key(1), publisher = toy_key(2);
  struct list_sample list = {.version = version};
  list_add(&list, &publisher, prefix);
  f->list_bytes = (uint32_t)list_write(&list, &root, f->list);
  return NFR_OK;
}

static int use_list(struct fixture *f, uint32_t version) {
  OK(make_list(f, version, "house/"));
  return nfr_device_use_key_list(f->device, f->list, f->list_bytes);
}

static int find(struct fixture *f) {
  return nfr_device_find_name(f->device, NAME, NAME_LENGTH, &f->name);
}

static uint32_t slot_of(struct fixture *f) {
  int slot = find(f);
  assert_true(slot > 0);
  return (uint32_t)slot;
}

static int apply(struct fixture *f, enum nfr_event event) {
  return nfr_device_apply(f->device, slot_of(f), event, 0, 0, 0);
}

static int fetch(struct fixture *f, const struct capsule *c) {
  uint8_t digest[32];
  digest_of(f, c->manifest, c->manifest_bytes, digest);
  return nfr_device_fetch(f->device, NAME, NAME_LENGTH, CAPSULE_COUNTER, digest);
}

static int attach(struct fixture *f, unsigned kind, const void *bytes, size_t count) {
  uint8_t digest[32];
  digest_of(f, bytes, count, digest);
  return nfr_device_attach(f->device, slot_of(f), kind, digest);
}

static int finish_version(struct fixture *f, int version) {
  int err;
  if (version < 0) return version;
  while ((err = nfr_device_version_step(f->device, (uint32_t)version, 1, &f->report)) == NFR_NATIVE_MORE)
    assert_int_equal(nfr_device_version_handle(f->device, (uint32_t)version), 0); /* nobody infers on what is not tested */
  return err;
}

static int test_candidate(struct fixture *f, int *version) {
  *version = nfr_device_version_test(f->device, slot_of(f), NFR_PLACE_CANDIDATE);
  return finish_version(f, *version);
}

static int stage(struct fixture *f, const struct capsule *c) {
  int err = put(f, c->manifest, c->manifest_bytes);
  if (!err) err = fetch(f, c) > 0 ? NFR_OK : fetch(f, c);
  if (!err) err = put(f, c->model.bytes, c->model.count);
  if (!err) err = attach(f, NFR_SECTION_MODEL, c->model.bytes, c->model.count);
  if (!err) err = put(f, c->vectors, c->vectors_bytes);
  if (!err) err = attach(f, NFR_SECTION_VECTORS, c->vectors, c->vectors_bytes);
  if (!err) err = put(f, CAPSULE_LABELS, sizeof CAPSULE_LABELS - 1);
  if (!err) err = attach(f, NFR_SECTION_LABELS, CAPSULE_LABELS, sizeof CAPSULE_LABELS - 1);
  return err ? err : apply(f, NFR_EVENT_FETCHED);
}

static void install(struct fixture *f, const struct capsule *c) {
  int version;
  OK(stage(f, c));
  OK(test_candidate(f, &version));
  OK(apply(f, NFR_EVENT_CONFIRM));
  OK(nfr_device_version_close(f->device, (uint32_t)version));
}

/* One inference of the version that serves, answers as the peer's. */
static void infer(struct fixture *f, int version, const struct model *model) {
  int8_t input[MODEL_ELEMENTS], expected[MODEL_CLASSES], output[MODEL_CLASSES];
  struct peer peer;
  int handle = nfr_device_version_handle(f->device, (uint32_t)version), err = NFR_NATIVE_MORE;
  assert_true(handle > 0);
  peer_open(&peer, model);
  OK(nfr_native_reset(f->native, handle));
  for (unsigned i = 0; i < MODEL_ELEMENTS; i++) input[i] = (int8_t)(37 * i);
  peer_run(&peer, input, expected, NULL);
  OK(nfr_native_write_input(f->native, handle, 0, input, 0, sizeof input));
  OK(nfr_native_begin(f->native, handle));
  while (err == NFR_NATIVE_MORE) err = nfr_native_step(f->native, handle, 0);
  OK(err);
  OK(nfr_native_read_output(f->native, handle, 0, output, 0, sizeof output));
  assert_memory_equal(output, expected, sizeof output);
}

/* Opens what serves and asks it. */
static void assert_serves(struct fixture *f, enum nfr_place place, const struct model *model) {
  FAILS((int)place, nfr_device_serving(f->device, slot_of(f)));
  int version = nfr_device_version_open(f->device, slot_of(f), place);
  OK(finish_version(f, version));
  infer(f, version, model);
  OK(nfr_device_version_close(f->device, (uint32_t)version));
}

static void assert_state(struct fixture *f, enum nfr_place place, enum nfr_state state) {
  slot_of(f);
  assert_int_equal(f->name.versions[place].state, state);
}

/* ---- a life ---- */

static void test_a_life_with_a_reset_in_each_step(void **state) {
  struct fixture *f = *state;
  struct capsule first = *capsule_make(7), second = *capsule_make(8);
  int version;
  OK(use_list(f, 1));
  reboot(f);
  assert_int_equal(nfr_device_key_list_version(f->device), 1);
  OK(put(f, first.manifest, first.manifest_bytes));
  reboot(f);
  assert_true(fetch(f, &first) > 0);
  reboot(f);
  assert_state(f, NFR_PLACE_CANDIDATE, NFR_STATE_FETCHING);
  assert_int_equal(f->name.versions[NFR_PLACE_CANDIDATE].is_complete, 1);
  /* a section that is begun, attached, cut in the midst, and finished after the reset */
  uint8_t digest[32];
  digest_of(f, first.vectors, first.vectors_bytes, digest);
  OK(run(f, nfr_device_begin(f->device, digest, (uint32_t)first.vectors_bytes, CHUNK)));
  OK(attach(f, NFR_SECTION_VECTORS, first.vectors, first.vectors_bytes));
  assert_int_equal(nfr_device_blob_state(f->device, digest), NFR_BLOB_WRITING);
  reboot(f);
  slot_of(f);
  assert_int_equal(f->name.versions[NFR_PLACE_CANDIDATE].is_complete, 0);
  FAILS(NFR_ERR_NOT_FOUND, apply(f, NFR_EVENT_FETCHED));
  OK(stage(f, &first));
  reboot(f);
  assert_state(f, NFR_PLACE_CANDIDATE, NFR_STATE_STAGED);
  version = nfr_device_version_test(f->device, slot_of(f), NFR_PLACE_CANDIDATE);
  assert_int_equal(nfr_device_version_handle(f->device, (uint32_t)version), 0);
  assert_state(f, NFR_PLACE_CANDIDATE, NFR_STATE_TESTING);
  reboot(f);
  assert_state(f, NFR_PLACE_CANDIDATE, NFR_STATE_STAGED);
  assert_int_equal(f->name.versions[NFR_PLACE_CANDIDATE].attempts, 1);
  OK(test_candidate(f, &version));
  infer(f, version, &first.model);
  reboot(f);
  assert_state(f, NFR_PLACE_CANDIDATE, NFR_STATE_TRIAL);
  assert_serves(f, NFR_PLACE_CANDIDATE, &first.model);
  OK(apply(f, NFR_EVENT_CONFIRM));
  reboot(f);
  assert_serves(f, NFR_PLACE_CONFIRMED, &first.model);
  OK(stage(f, &second));
  reboot(f);
  assert_serves(f, NFR_PLACE_CONFIRMED, &first.model);
  OK(test_candidate(f, &version));
  OK(apply(f, NFR_EVENT_CONFIRM));
  reboot(f);
  assert_serves(f, NFR_PLACE_CONFIRMED, &second.model);
  OK(apply(f, NFR_EVENT_ROLL_BACK));
  reboot(f);
  assert_serves(f, NFR_PLACE_CONFIRMED, &first.model);
  assert_int_equal(f->name.rejected_reason, NFR_REASON_OPERATOR);
  digest_of(f, second.manifest, second.manifest_bytes, digest);
  assert_memory_equal(f->name.rejected, digest, 32);
  FAILS(NFR_REASON_ALREADY_REJECTED, nfr_device_may_fetch(f->device, NAME, NAME_LENGTH, digest, CAPSULE_COUNTER));
}

static void test_strikes_return_to_the_confirmed_version(void **state) {
  struct fixture *f = *state;
  struct capsule first = *capsule_make(7), second = *capsule_make(8);
  int version;
  OK(use_list(f, 1));
  install(f, &first);
  OK(stage(f, &second));
  OK(test_candidate(f, &version));
  for (unsigned strike = 1; strike <= NFR_LIFECYCLE_STRIKES; strike++) {
    assert_state(f, NFR_PLACE_CANDIDATE, NFR_STATE_TRIAL);
    assert_int_equal(f->name.versions[NFR_PLACE_CANDIDATE].strikes, strike - 1);
    OK(reboot_with(f, NFR_RESET_WATCHDOG, firmware_a));
  }
  assert_serves(f, NFR_PLACE_CONFIRMED, &first.model);
  assert_int_equal(f->name.rejected_reason, NFR_REASON_WATCHDOG);
}

/* Numbers from 128 are managed code's (PROTOCOL.md): the store keeps them as they are. */
static void test_reasons_of_managed_code_are_kept(void **state) {
  struct fixture *f = *state;
  struct capsule first = *capsule_make(7), second = *capsule_make(8), third = *capsule_make(9);
  const struct capsule *candidates[] = {&second, &third};
  const enum nfr_event events[] = {NFR_EVENT_STRIKE, NFR_EVENT_ROLL_BACK};
  int version;
  OK(use_list(f, 1));
  install(f, &first);
  for (unsigned i = 0; i < 2; i++) {
    uint32_t reason = i == 0 ? 134 : UINT8_MAX;
    OK(stage(f, candidates[i]));
    OK(test_candidate(f, &version));
    OK(nfr_device_version_close(f->device, (uint32_t)version));
    for (unsigned n = 0; n < (i == 0 ? NFR_LIFECYCLE_STRIKES : 1); n++)
      OK(nfr_device_apply(f->device, slot_of(f), events[i], reason, 7, NFR_PLACE_CANDIDATE));
    reboot(f);
    assert_serves(f, NFR_PLACE_CONFIRMED, &first.model);
    assert_state(f, NFR_PLACE_CANDIDATE, NFR_STATE_NONE);
    assert_int_equal(f->name.rejected_reason, reason);
    assert_int_equal(f->name.rejected_detail, 7);
  }
}

static void test_another_firmware_checks_what_is_confirmed(void **state) {
  struct fixture *f = *state;
  struct capsule c = *capsule_make(7);
  OK(use_list(f, 1));
  install(f, &c);
  FAILS(NFR_ERR_NOT_FOUND, nfr_device_unchecked(f->device));
  OK(reboot_with(f, NFR_RESET_SOFTWARE, firmware_b));
  FAILS(NFR_ERR_NOT_FOUND, nfr_device_serving(f->device, slot_of(f)));
  FAILS((int)(slot_of(f) * 4 + NFR_PLACE_CONFIRMED), nfr_device_unchecked(f->device));
  int version = nfr_device_version_test(f->device, slot_of(f), NFR_PLACE_CONFIRMED);
  OK(finish_version(f, version));
  OK(nfr_device_version_close(f->device, (uint32_t)version));
  assert_serves(f, NFR_PLACE_CONFIRMED, &c.model);
}

static void test_two_versions_are_open_and_five_are_not(void **state) {
  struct fixture *f = *state;
  struct capsule first = *capsule_make(7), second = *capsule_make(8);
  int candidate, others[3];
  OK(use_list(f, 1));
  install(f, &first);
  int serving = nfr_device_version_open(f->device, slot_of(f), NFR_PLACE_CONFIRMED);
  OK(finish_version(f, serving));
  OK(stage(f, &second));
  OK(test_candidate(f, &candidate));
  assert_int_not_equal(candidate, serving);
  infer(f, serving, &first.model);
  infer(f, candidate, &second.model);
  infer(f, serving, &first.model);
  for (unsigned i = 0; i < 2; i++) others[i] = nfr_device_version_open(f->device, slot_of(f), NFR_PLACE_CANDIDATE);
  FAILS(NFR_ERR_NO_MEMORY, nfr_device_version_open(f->device, slot_of(f), NFR_PLACE_CANDIDATE));
  OK(nfr_device_version_close(f->device, (uint32_t)others[0]));
  FAILS(others[0], nfr_device_version_open(f->device, slot_of(f), NFR_PLACE_CANDIDATE));
  assert_true(others[1] >= 0);
  int handle = nfr_device_version_handle(f->device, (uint32_t)serving);
  OK(nfr_device_mount(f->device)); /* closes them all */
  FAILS(0, nfr_device_version_handle(f->device, (uint32_t)serving));
  FAILS(NFR_ERR_ARGUMENT, nfr_native_begin(f->native, handle));
}

/* What is open gives way: a version is not refused for the memory that the one holds which it replaces. */
static void test_a_version_fits_that_needs_the_whole_pool(void **state) {
  struct fixture *f = *state;
  struct nfr_native_summary summary;
  struct capsule c = *capsule_make(7);
  OK(use_list(f, 1));
  install(f, &c);
  int serving = nfr_device_version_open(f->device, slot_of(f), NFR_PLACE_CONFIRMED);
  OK(finish_version(f, serving)); /* its state is in the pool */
  put32(sample_find(&c.sample, 0x8006, 0)->value, POOL);
  capsule_sign(&c);
  OK(nfr_device_verify(f->device, c.manifest, (uint32_t)c.manifest_bytes, &summary));
  assert_string_equal(summary.deficit, "");
  OK(summary.fits);
  put32(sample_find(&c.sample, 0x8006, 0)->value, POOL + 1);
  capsule_sign(&c);
  OK(nfr_device_verify(f->device, c.manifest, (uint32_t)c.manifest_bytes, &summary));
  assert_string_equal(summary.deficit, "state 513 needed, 512 free");
  FAILS(NFR_ERR_NO_MEMORY, summary.fits);
}

/* ---- trust ---- */

static void test_key_lists_only_go_on(void **state) {
  struct fixture *f = *state;
  struct nfr_native_summary summary;
  struct capsule c = *capsule_make(7);
  FAILS(NFR_ERR_SIGNATURE, nfr_device_verify(f->device, c.manifest, (uint32_t)c.manifest_bytes, &summary));
  assert_int_equal(summary.error, NFR_ERR_SIGNATURE);
  assert_int_equal(nfr_device_key_list_version(f->device), 0);
  OK(use_list(f, 5));
  OK(nfr_device_verify(f->device, c.manifest, (uint32_t)c.manifest_bytes, &summary));
  uint64_t before = operations(f);
  OK(use_list(f, 5)); /* the very same */
  FAILS(NFR_ERR_ROLLBACK, use_list(f, 4));
  OK(make_list(f, 6, "house/"));
  f->list[f->list_bytes - 1] ^= 1;
  FAILS(NFR_ERR_SIGNATURE, nfr_device_use_key_list(f->device, f->list, f->list_bytes));
  FAILS(NFR_ERR_CORRUPT, nfr_device_use_key_list(f->device, f->list, 5000));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_use_key_list(f->device, NULL, 100));
  assert_true(operations(f) == before);
  OK(nfr_device_verify(f->device, c.manifest, (uint32_t)c.manifest_bytes, &summary));
  reboot(f);
  assert_int_equal(nfr_device_key_list_version(f->device), 5);
  FAILS(NFR_ERR_ROLLBACK, use_list(f, 4));
  OK(make_list(f, 9, "garden/"));
  OK(nfr_device_use_key_list(f->device, f->list, f->list_bytes));
  FAILS(NFR_ERR_SIGNATURE, nfr_device_verify(f->device, c.manifest, (uint32_t)c.manifest_bytes, &summary));
  reboot(f);
  assert_int_equal(nfr_device_key_list_version(f->device), 9);
  FAILS(NFR_ERR_SIGNATURE, nfr_device_verify(f->device, c.manifest, (uint32_t)c.manifest_bytes, &summary));
}

static void test_a_key_list_beside_a_blob_that_is_written(void **state) {
  struct fixture *f = *state;
  struct capsule c = *capsule_make(7);
  uint8_t digest[32];
  digest_of(f, c.vectors, c.vectors_bytes, digest);
  OK(run(f, nfr_device_begin(f->device, digest, (uint32_t)c.vectors_bytes, CHUNK)));
  OK(nfr_device_write(f->device, 0, c.vectors, 0, c.vectors_bytes < 512 ? (uint32_t)c.vectors_bytes : 512));
  int missing = nfr_device_missing(f->device, 0);
  OK(use_list(f, 1));
  assert_int_equal(nfr_device_missing(f->device, 0), missing);
  OK(write_missing(f, c.vectors, (uint32_t)c.vectors_bytes));
  OK(run(f, nfr_device_finish(f->device)));
  uint8_t read[4096];
  OK(nfr_device_read(f->device, digest, 0, read, 1, (uint32_t)c.vectors_bytes));
  assert_memory_equal(read + 1, c.vectors, c.vectors_bytes);
  /* a job of another is not disturbed */
  FAILS(NFR_DEVICE_MORE, nfr_device_begin(f->device, (const uint8_t[32]){1}, 700, CHUNK));
  FAILS(NFR_ERR_BUSY, use_list(f, 2));
  OK(use_list(f, 1)); /* the list in force needs no job */
  assert_int_equal(nfr_device_key_list_version(f->device), 1);
  OK(run(f, NFR_DEVICE_MORE));
  assert_int_equal(nfr_device_chunk_count(f->device), 2);
  OK(use_list(f, 2));
  assert_int_equal(nfr_device_chunk_count(f->device), 2);
}

/* After any cut the old list or the new one is in force, and the call can be made again. */
static void test_a_key_list_is_cut_at_every_operation(void **state) {
  struct fixture *f = *state;
  unsigned cuts = 0, kept = 0, died = 0;
  uint32_t version = 1;
  OK(use_list(f, version));
  for (bool is_cut = true; is_cut; cuts += is_cut) {
    nfr_flash_model_cut(f->model, cuts + 1, (enum nfr_flash_cut)(NFR_CUT_BEFORE + cuts % 3));
    int err = use_list(f, version + 1);
    is_cut = !nfr_flash_model_is_on(f->model);
    if (!is_cut) OK(err);
    died += nfr_device_step(f->device, 0) == NFR_ERR_PORT;
    reboot(f);
    uint32_t now = (uint32_t)nfr_device_key_list_version(f->device);
    assert_true(now == version || now == version + 1);
    kept += now == version;
    OK(use_list(f, version + 1));
    assert_int_equal(nfr_device_key_list_version(f->device), version + 1);
    version++;
    assert_true(cuts < 200);
  }
  print_message("%u cuts, %u times the old list, %u times the journal died\n", cuts, kept, died);
  assert_true(cuts > 5 && kept > 2 && kept < cuts);
}

static void test_a_key_list_that_rotted_is_asked_for_again(void **state) {
  struct fixture *f = *state;
  OK(use_list(f, 3));
  const uint8_t *blobs = nfr_flash_model_bytes(f->model, NFR_FLASH_BLOBS);
  uint32_t at = 0;
  while (memcmp(blobs + at, f->list, f->list_bytes) != 0) at += 32;
  nfr_flash_model_flip(f->model, NFR_FLASH_BLOBS, at + 70, 2);
  assert_true(reboot_with(f, NFR_RESET_POWER_ON, firmware_a) < 0);
  assert_int_equal(nfr_device_key_list_version(f->device), 0);
  uint64_t before = operations(f);
  FAILS(NFR_ERR_ROLLBACK, use_list(f, 2)); /* its version counts all the same */
  assert_true(operations(f) == before);
  FAILS(NFR_ERR_CORRUPT, nfr_device_scrub(f->device, 8192));
  OK(use_list(f, 3));
  reboot(f);
  assert_int_equal(nfr_device_key_list_version(f->device), 3);
}

static void test_sections_of_a_manifest(void **state) {
  struct fixture *f = *state;
  struct capsule c = *capsule_make(7);
  struct nfr_native_summary summary;
  uint8_t digest[32], expected[32];
  uint32_t count = (uint32_t)c.manifest_bytes;
  FAILS(NFR_ERR_SIGNATURE, nfr_device_section(f->device, c.manifest, count, NFR_SECTION_MODEL, digest));
  OK(use_list(f, 1));
  for (unsigned round = 0; round < 2; round++) {
    FAILS((int)c.model.count, nfr_device_section(f->device, c.manifest, count, NFR_SECTION_MODEL, digest));
    digest_of(f, c.model.bytes, c.model.count, expected);
    assert_memory_equal(digest, expected, 32);
    FAILS(NFR_ERR_NOT_FOUND, nfr_device_section(f->device, c.manifest, count, NFR_SECTION_MANAGED, digest));
    OK(nfr_device_verify(f->device, c.manifest, count, &summary));
    assert_int_equal(summary.section_bytes[NFR_SECTION_LABELS], sizeof CAPSULE_LABELS - 1);
  }
  FAILS(NFR_ERR_ARGUMENT, nfr_device_section(f->device, c.manifest, count, 0, digest));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_section(f->device, c.manifest, count, 6, digest));
  c.manifest[count - 1] ^= 1; /* what was verified says nothing of these bytes */
  FAILS(NFR_ERR_SIGNATURE, nfr_device_section(f->device, c.manifest, count, NFR_SECTION_MODEL, digest));
  c.manifest[count - 1] ^= 1;
  OK(make_list(f, 2, "garden/")); /* nor do keys that are not in force any more */
  OK(nfr_device_use_key_list(f->device, f->list, f->list_bytes));
  FAILS(NFR_ERR_SIGNATURE, nfr_device_section(f->device, c.manifest, count, NFR_SECTION_MODEL, digest));
}

/* ---- settings, figures, wrong calls ---- */

static void test_settings_survive(void **state) {
  struct fixture *f = *state;
  struct nfr_device_settings settings;
  OK(nfr_device_set_generation(f->device, 3, 1));
  OK(nfr_device_set_time(f->device, 5, 2));
  FAILS(NFR_ERR_ROLLBACK, nfr_device_set_generation(f->device, 0xffffffff, 0));
  reboot(f);
  OK(nfr_device_settings(f->device, &settings));
  assert_int_equal(settings.generation_low, 3);
  assert_int_equal(settings.generation_high, 1);
  assert_int_equal(settings.time_low, 5);
  assert_int_equal(settings.time_high, 2);
}

static void test_figures(void **state) {
  struct fixture *f = *state;
  struct nfr_device_usage usage;
  struct capsule c = *capsule_make(7);
  OK(put(f, c.model.bytes, c.model.count));
  OK(nfr_device_usage(f->device, &usage));
  assert_int_equal(usage.bytes, 32 * 4096);
  assert_int_equal(usage.slots, SLOTS);
  assert_int_equal(usage.slots_used, 2);
  assert_true(usage.garbage >= c.model.count);
  OK(run(f, nfr_device_room(f->device, 31 * 4096, 1)));
  OK(nfr_device_usage(f->device, &usage));
  assert_int_equal(usage.garbage, 0);
  while (nfr_device_prepare(f->device, 2) == NFR_DEVICE_MORE) continue;
  assert_int_equal(nfr_device_crc32(0, (const uint8_t *)"x123456789", 1, 9), 0xcbf43926u);
  assert_int_equal(nfr_device_crc32(nfr_device_crc32(0, (const uint8_t *)"1234", 0, 4), (const uint8_t *)"56789", 0, 5), 0xcbf43926u);
}

static void test_names_one_after_the_other(void **state) {
  struct fixture *f = *state;
  struct capsule c = *capsule_make(7);
  FAILS(NFR_ERR_NOT_FOUND, nfr_device_next_name(f->device, 0, &f->name));
  OK(put(f, c.manifest, c.manifest_bytes));
  uint8_t digest[32];
  digest_of(f, c.manifest, c.manifest_bytes, digest);
  int first = nfr_device_fetch(f->device, NAME, NAME_LENGTH, CAPSULE_COUNTER, digest);
  int second = nfr_device_fetch(f->device, NAME, NAME_LENGTH - 1, CAPSULE_COUNTER, digest);
  FAILS(first, nfr_device_next_name(f->device, 0, &f->name));
  assert_int_equal(f->name.length, NAME_LENGTH);
  assert_memory_equal(f->name.text, CAPSULE_NAME, NAME_LENGTH);
  FAILS(second, nfr_device_next_name(f->device, (uint32_t)first, &f->name));
  assert_memory_equal(f->name.versions[NFR_PLACE_CANDIDATE].manifest, digest, 32);
  FAILS(NFR_ERR_NOT_FOUND, nfr_device_next_name(f->device, (uint32_t)second, &f->name));
  FAILS(NFR_ERR_NOT_FOUND, nfr_device_next_name(f->device, 0x10000, &f->name));
  FAILS(NFR_ERR_NOT_FOUND, nfr_device_fetch(f->device, NAME, 3, 1, (const uint8_t[32]){9}));
}

static void test_wrong_calls(void **state) {
  struct fixture *f = *state;
  struct nfr_device *d = f->device;
  struct capsule c = *capsule_make(7);
  OK(put(f, c.manifest, c.manifest_bytes));
  uint32_t slot = (uint32_t)fetch(f, &c);
  const enum nfr_event internal[] = {NFR_EVENT_FETCH, NFR_EVENT_ATTACH, NFR_EVENT_STRIKE_OUT, NFR_EVENT_RESET_QUIET, NFR_EVENT_RESET_ABNORMAL,
                                     NFR_EVENT_RESET_OUT, NFR_EVENT_FIRMWARE, NFR_EVENT_DAMAGE, NFR_EVENT_COUNT};
  for (unsigned i = 0; i < sizeof internal / sizeof internal[0]; i++) FAILS(NFR_ERR_ARGUMENT, nfr_device_apply(d, slot, internal[i], 0, 0, 0));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_apply(d, slot, NFR_EVENT_FETCH_FAILED, UINT8_MAX + 1, 0, 0));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_apply(d, slot, NFR_EVENT_FETCH_FAILED, NFR_REASON_DIGEST, 65536, 0));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_apply(d, slot, NFR_EVENT_CHECK_PASSED, 0, 0, 3));
  FAILS(NFR_ERR_NOT_FOUND, nfr_device_apply(d, slot + 65536, NFR_EVENT_WITHDRAW, 0, 0, 0));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_begin(d, NULL, 10, CHUNK));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_begin(d, (const uint8_t[32]){1}, 10, CHUNK + 256));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_write(d, 0, NULL, 0, 10));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_write(d, 0, c.manifest, 0, 10)); /* nothing was begun */
  FAILS(NFR_ERR_ARGUMENT, nfr_device_finish(d));
  FAILS(NFR_ERR_NOT_FOUND, nfr_device_blob_state(d, (const uint8_t[32]){1}));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_room(d, 1, 65536));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_version_open(d, slot + 65536, 0));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_version_open(d, slot, 3));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_version_step(d, 4, 0, &f->report));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_version_step(d, 0, 0, &f->report));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_version_handle(d, 4));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_boot(d, 8, firmware_a));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_boot(d, -1, firmware_a));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_usage(d, (void *)(f->list + 1)));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_mount(NULL));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_size(7, 512));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_size(64, 256));
  FAILS(NFR_ERR_NOT_FOUND, nfr_device_version_open(d, slot, NFR_PLACE_CANDIDATE));
  FAILS(NFR_ERR_STATE, nfr_device_version_test(d, slot, NFR_PLACE_CONFIRMED));
  struct nfr_native_summary summary;
  OK(use_list(f, 1));
  OK(nfr_native_verify(f->native, c.manifest, (uint32_t)c.manifest_bytes, &summary));
  nfr_device_end(d);
  nfr_device_end(d);
  FAILS(NFR_ERR_SIGNATURE, nfr_native_verify(f->native, c.manifest, (uint32_t)c.manifest_bytes, &summary)); /* the list lay in its memory */
  FAILS(NFR_ERR_ARGUMENT, nfr_device_step(d, 0));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_mount(d));
  FAILS(NFR_ERR_ARGUMENT, nfr_device_verify(d, c.manifest, 10, &summary));
  assert_int_equal(summary.error, NFR_ERR_ARGUMENT);
}

static void test_without_power_nothing_is_said_to_be_done(void **state) {
  struct fixture *f = *state;
  struct capsule c = *capsule_make(7);
  OK(use_list(f, 1));
  install(f, &c);
  int version = nfr_device_version_open(f->device, slot_of(f), NFR_PLACE_CONFIRMED);
  OK(finish_version(f, version));
  nfr_flash_model_cut(f->model, 1, NFR_CUT_BEFORE);
  for (unsigned round = 0; round < 3; round++) {
    assert_true(nfr_device_set_generation(f->device, 9, 0) < 0);
    assert_true(nfr_device_set_time(f->device, 1, round + 1) < 0);
    assert_true(use_list(f, 2) < 0);
  }
  infer(f, version, &c.model);                         /* what is open is in place and needs no journal */
  OK(nfr_device_version_close(f->device, (uint32_t)version));
  reboot(f);
  assert_serves(f, NFR_PLACE_CONFIRMED, &c.model);
}

/* Power that goes while the journal moves on can leave a process without anything that it can read. */
static void test_a_journal_that_has_died(void **state) {
  struct fixture *f = *state;
  struct capsule c = *capsule_make(7);
  uint32_t generation = 0;
  OK(use_list(f, 1));
  install(f, &c);
  for (unsigned n = 1;; n++) {
    assert_true(n < 1000);
    uint32_t slot = slot_of(f);
    int version = nfr_device_version_open(f->device, slot, NFR_PLACE_CONFIRMED);
    OK(finish_version(f, version));
    nfr_flash_model_cut(f->model, n, NFR_CUT_BEFORE);
    while (nfr_device_set_generation(f->device, ++generation, 0) == NFR_OK) continue;
    bool has_died = nfr_device_step(f->device, 0) == NFR_ERR_PORT;
    if (has_died) {
      infer(f, version, &c.model);
      FAILS(NFR_ERR_PORT, nfr_device_serving(f->device, slot));
      FAILS(NFR_ERR_PORT, nfr_device_version_open(f->device, slot, NFR_PLACE_CONFIRMED));
      FAILS(NFR_ERR_PORT, nfr_device_version_step(f->device, (uint32_t)version, 0, &f->report));
      FAILS(0, nfr_device_version_handle(f->device, (uint32_t)version)); /* an error of a step closes it */
    }
    reboot(f);
    assert_serves(f, NFR_PLACE_CONFIRMED, &c.model);
    if (has_died) return;
  }
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  print_message("a device takes %d bytes with %d slots and a buffer of %d\n", nfr_device_size(SLOTS, BUFFER), SLOTS, BUFFER);
  const struct CMUnitTest tests[] = {
      TEST(test_a_life_with_a_reset_in_each_step), TEST(test_strikes_return_to_the_confirmed_version),
      TEST(test_reasons_of_managed_code_are_kept),
      TEST(test_another_firmware_checks_what_is_confirmed), TEST(test_two_versions_are_open_and_five_are_not),
      TEST(test_a_version_fits_that_needs_the_whole_pool),
      TEST(test_key_lists_only_go_on), TEST(test_a_key_list_beside_a_blob_that_is_written),
      TEST(test_a_key_list_is_cut_at_every_operation), TEST(test_a_key_list_that_rotted_is_asked_for_again),
      TEST(test_sections_of_a_manifest), TEST(test_settings_survive), TEST(test_figures), TEST(test_names_one_after_the_other),
      TEST(test_wrong_calls), TEST(test_without_power_nothing_is_said_to_be_done),
      TEST(test_a_journal_that_has_died),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
