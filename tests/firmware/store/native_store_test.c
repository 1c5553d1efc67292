/* Capsules in place: real bytes on the flash model, whose mapped flash cannot be read while it is programmed. */
#include "blob_support.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../capsule/rules.h"
#include "capsule_support.h"
#include "interop/nfr_native_store.h"

#define NAME CAPSULE_NAME
#define LABELS CAPSULE_LABELS
#define OK(call) assert_int_equal((call), NFR_OK)
#define FAILS(error, call) assert_int_equal((call), error)

enum { ARENA = 256, POOL = 512, CASES = CAPSULE_CASES, COUNTER = CAPSULE_COUNTER };

static const uint8_t firmware_a[16] = "firmware a", firmware_b[16] = "firmware b";

struct fixture {
  struct bed bed;
  struct nfr_native *native;
  uint64_t arena[ARENA / 8], pool[POOL / 8];
  uint8_t list[8192];
  struct nfr_store *store;
  struct nfr_native_version version;
  struct nfr_native_report report;
  uint16_t slot; /* of the name */
};

static struct content content; /* large */

static uint16_t store_bytes(struct fixture *f, const void *bytes, size_t count) {
  content_make(&content, 0, 1);
  content.bytes = (uint32_t)count;
  memcpy(content.data, bytes, count);
  struct nfr_sha256 hash;
  OK(toy_crypto.sha256_begin(NULL, &hash));
  OK(toy_crypto.sha256_update(NULL, &hash, bytes, count));
  OK(toy_crypto.sha256_finish(NULL, &hash, content.digest));
  int slot = bed_install(&f->bed, &content);
  assert_true(slot > 0);
  return (uint16_t)slot;
}

static int event(struct fixture *f, enum nfr_event what) {
  return nfr_lifecycle_event(f->store, f->slot, what, (struct nfr_why){.reason = NFR_REASON_NONE});
}

static void stage(struct fixture *f, struct capsule *c) {
  OK(nfr_lifecycle_fetch(f->store, NAME, sizeof NAME - 1, COUNTER, store_bytes(f, c->manifest, c->manifest_bytes), &f->slot));
  OK(nfr_lifecycle_attach(f->store, f->slot, NFR_SECTION_MODEL, store_bytes(f, c->model.bytes, c->model.count)));
  if (c->vectors_bytes != 0) OK(nfr_lifecycle_attach(f->store, f->slot, NFR_SECTION_VECTORS, store_bytes(f, c->vectors, c->vectors_bytes)));
  OK(nfr_lifecycle_attach(f->store, f->slot, NFR_SECTION_LABELS, store_bytes(f, LABELS, sizeof LABELS - 1)));
  OK(event(f, NFR_EVENT_FETCHED));
}

static struct nfr_flash_model_config chip(void) {
  struct nfr_flash_model_config config = nfr_flash_model_standard(&nfr_flash_standards[0]);
  config.mapped = config.fenced = true;
  return config;
}

static void open_native(struct fixture *f) {
  struct test_key root = toy_key(1), publisher = toy_key(2);
  struct list_sample list = {.version = 1};
  uint32_t bytes = (uint32_t)nfr_native_size();
  f->native = calloc(1, bytes);
  OK(nfr_native_init_with(f->native, bytes, f->arena, ARENA, f->pool, POOL, root.public_key, &toy_crypto));
  list_add(&list, &publisher, "house/");
  OK(nfr_native_set_key_list(f->native, f->list, (uint32_t)list_write(&list, &root, f->list), 0));
}

static int set_up(void **state) {
  struct fixture *f = calloc(1, sizeof *f);
  struct nfr_flash_model_config config = chip();
  bed_new(&f->bed, &config);
  f->store = &f->bed.store;
  OK(nfr_lifecycle_boot(f->store, NFR_RESET_POWER_ON, firmware_a));
  open_native(f);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  nfr_native_version_close(&f->version);
  bed_delete(&f->bed);
  free(f->native);
  free(f);
  return 0;
}

static unsigned pins(const struct fixture *f) {
  unsigned count = 0;
  for (unsigned i = 0; i < NFR_STORE_MAX_PINS; i++) count += f->store->pins[i] != 0;
  return count;
}

/* Steps to the end. */
static int finish(struct fixture *f, int err, uint32_t budget) {
  for (unsigned slices = 0; err == NFR_NATIVE_MORE; slices++) {
    assert_true(slices < 10000);
    err = nfr_native_version_step(&f->version, budget, &f->report);
  }
  return err;
}

static int test_place(struct fixture *f, enum nfr_place place) {
  return finish(f, nfr_native_version_test(&f->version, f->native, f->store, f->slot, place), 0);
}

static int test_candidate(struct fixture *f) {
  return test_place(f, NFR_PLACE_CANDIDATE);
}

static struct nfr_name name_of(struct fixture *f) {
  struct nfr_name name;
  OK(nfr_lifecycle_name(f->store, f->slot, &name));
  return name;
}

static void assert_rejected(struct fixture *f, enum nfr_reason reason) {
  struct nfr_name name = name_of(f);
  assert_int_equal(name.versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_NONE);
  assert_int_equal(name.rejected.reason, reason);
  assert_int_equal(name.failures, reason == NFR_REASON_DAMAGED ? 0 : 1); /* flash is nobody's failure */
  assert_int_equal(pins(f), 0);
}

/* Installs and confirms the capsule; leaves it closed. */
static void install(struct fixture *f, struct capsule *c) {
  stage(f, c);
  OK(test_candidate(f));
  OK(event(f, NFR_EVENT_CONFIRM));
  nfr_native_version_close(&f->version);
}

/* Two inferences in slices, answers as the peer's. `between`: after each slice. */
static void infer(struct fixture *f, const struct model *model, uint32_t budget, void (*between)(struct fixture *f)) {
  struct peer peer;
  peer_open(&peer, model);
  OK(nfr_native_reset(f->native, f->version.handle));
  for (unsigned round = 0; round < 2; round++) {
    int8_t input[MODEL_ELEMENTS], expected[MODEL_CLASSES], output[MODEL_CLASSES];
    for (unsigned i = 0; i < MODEL_ELEMENTS; i++) input[i] = (int8_t)(37 * i + 11 * round);
    peer_run(&peer, input, expected, NULL);
    OK(nfr_native_write_input(f->native, f->version.handle, 0, input, 0, sizeof input));
    OK(nfr_native_begin(f->native, f->version.handle));
    int err;
    while ((err = nfr_native_step(f->native, f->version.handle, budget)) == NFR_NATIVE_MORE) {
      if (between != NULL) between(f);
    }
    OK(err);
    OK(nfr_native_read_output(f->native, f->version.handle, 0, output, 0, sizeof output));
    assert_memory_equal(output, expected, sizeof output);
  }
}

/* ---- the way ---- */

static void test_from_flash_to_answers(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  stage(f, c);
  FAILS(NFR_ERR_NOT_FOUND, nfr_native_version_open(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE));
  FAILS(NFR_NATIVE_MORE, nfr_native_version_test(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE));
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_TESTING);
  assert_int_equal(pins(f), 4);
  OK(finish(f, NFR_NATIVE_MORE, 0));
  assert_int_equal(f->report.case_index, CASES - 1);
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_TRIAL);
  assert_int_equal(pins(f), 3); /* without the vectors */
  infer(f, &c->model, 0, NULL);
  OK(event(f, NFR_EVENT_CONFIRM)); /* what is open stays open */
  infer(f, &c->model, 0, NULL);
  char label[65];
  assert_int_equal(nfr_native_label(f->native, f->version.handle, 2, label, sizeof label), 5);
  nfr_native_version_close(&f->version);
  nfr_native_version_close(&f->version);
  assert_int_equal(pins(f), 0);
  /* after a reset: activation without a test */
  bed_reset(&f->bed, 3);
  OK(nfr_lifecycle_boot(f->store, NFR_RESET_POWER_ON, firmware_a));
  FAILS(NFR_ERR_STATE, nfr_native_version_open(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE));
  OK(finish(f, nfr_native_version_open(&f->version, f->native, f->store, f->slot, NFR_PLACE_CONFIRMED), 0));
  assert_int_equal(pins(f), 3);
  infer(f, &c->model, 0, NULL);
  OK(nfr_native_version_step(&f->version, 0, &f->report));
}

static void test_wrong_answers_name_the_operator(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  char text[96];
  c->vectors[24 + 24 * 2 + 16 + 4] ^= 1; /* case 2: checksum of its second operator */
  sample_set_section(&c->sample, NFR_SECTION_VECTORS, c->vectors, c->vectors_bytes);
  capsule_sign(c);
  stage(f, c);
  FAILS(NFR_ERR_SELF_TEST, test_candidate(f));
  assert_int_equal(f->report.case_index, 2);
  assert_int_equal(f->report.source_op, 20);
  assert_rejected(f, NFR_REASON_SELF_TEST);
  nfr_reason_text(name_of(f).rejected.reason, name_of(f).rejected.detail, text, sizeof text);
  assert_string_equal(text, "its answers differ from the golden vectors (case 2, operator 20)");
  FAILS(NFR_ERR_ARGUMENT, nfr_native_version_step(&f->version, 0, &f->report));
}

static void test_wrong_output(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  c->vectors[24 + 12] ^= 1;
  sample_set_section(&c->sample, NFR_SECTION_VECTORS, c->vectors, c->vectors_bytes);
  capsule_sign(c);
  stage(f, c);
  FAILS(NFR_ERR_SELF_TEST, test_candidate(f));
  assert_int_equal(name_of(f).rejected.detail, nfr_detail_of_test(0, -1));
}

/* ---- what is refused ---- */

static void test_no_vectors(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  c->vectors_bytes = 0;
  sample_remove(&c->sample, 0x8010, 1);
  capsule_sign(c);
  stage(f, c);
  FAILS(NFR_ERR_ARGUMENT, test_candidate(f));
  assert_rejected(f, NFR_REASON_NO_VECTORS);
}

static void test_sections_of_another_capsule(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  capsule_sign(c);
  model_write(&c->model, 8); /* what comes is not what was signed */
  stage(f, c);
  FAILS(NFR_ERR_CORRUPT, test_candidate(f));
  assert_rejected(f, NFR_REASON_CORRUPT);
}

static void test_sections_that_the_manifest_does_not_name(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  OK(nfr_lifecycle_fetch(f->store, NAME, sizeof NAME - 1, COUNTER, store_bytes(f, c->manifest, c->manifest_bytes), &f->slot));
  OK(nfr_lifecycle_attach(f->store, f->slot, NFR_SECTION_BASELINE, store_bytes(f, "extra", 5)));
  stage(f, c);
  FAILS(NFR_ERR_CORRUPT, test_candidate(f));
  assert_rejected(f, NFR_REASON_CORRUPT);
}

static void test_a_section_is_not_attached(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  capsule_add_section(c, NFR_SECTION_BASELINE, "baseline", 8);
  capsule_sign(c);
  stage(f, c);
  FAILS(NFR_ERR_CORRUPT, test_candidate(f));
  assert_rejected(f, NFR_REASON_CORRUPT);
}

static void test_a_manifest_of_another_name(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  sample_set_text(&c->sample, 0x8001, "house/kwt");
  capsule_sign(c);
  stage(f, c);
  FAILS(NFR_ERR_CORRUPT, test_candidate(f));
  assert_rejected(f, NFR_REASON_CORRUPT);
}

static void test_a_manifest_with_another_counter(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  put32(sample_find(&c->sample, 0x8003, 0)->value, COUNTER + 1);
  capsule_sign(c);
  stage(f, c);
  FAILS(NFR_ERR_CORRUPT, test_candidate(f));
  assert_rejected(f, NFR_REASON_CORRUPT);
}

static void test_a_wrong_signature(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  c->manifest[c->manifest_bytes - 1] ^= 1;
  stage(f, c);
  FAILS(NFR_ERR_SIGNATURE, test_candidate(f));
  assert_rejected(f, NFR_REASON_SIGNATURE);
}

static uint32_t offset_of(struct fixture *f, uint16_t slot) {
  struct nfr_blob blob;
  OK(nfr_store_blob(f->store, slot, &blob));
  return blob.offset;
}

static void test_flash_has_rotted(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  install(f, c);
  stage(f, capsule_make(8));
  nfr_flash_model_flip(f->bed.model, NFR_FLASH_BLOBS, offset_of(f, name_of(f).versions[NFR_PLACE_CANDIDATE].blobs[NFR_SECTION_MODEL]) + 100, 3);
  FAILS(NFR_ERR_CORRUPT, test_candidate(f));
  assert_rejected(f, NFR_REASON_DAMAGED);
  assert_int_equal(nfr_lifecycle_serving(f->store, f->slot), NFR_PLACE_CONFIRMED);
}

static void test_a_cancelled_job_proves_nothing(void **state) {
  struct fixture *f = *state;
  stage(f, capsule_make(7));
  nfr_flash_model_flip(f->bed.model, NFR_FLASH_BLOBS, offset_of(f, name_of(f).versions[NFR_PLACE_CANDIDATE].blobs[0]) + 9, 3);
  FAILS(NFR_NATIVE_MORE, nfr_native_version_test(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE));
  FAILS(NFR_NATIVE_MORE, nfr_native_version_step(&f->version, 1, &f->report));
  nfr_store_cancel(f->store);
  FAILS(NFR_ERR_CORRUPT, finish(f, NFR_NATIVE_MORE, 0));
  assert_rejected(f, NFR_REASON_DAMAGED);
}

static void test_it_waits_for_others(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  install(f, c);
  OK(finish(f, nfr_native_version_open(&f->version, f->native, f->store, f->slot, NFR_PLACE_CONFIRMED), 0));
  struct nfr_native_version serving = f->version;
  int8_t input[MODEL_ELEMENTS] = {0};
  OK(nfr_native_write_input(f->native, serving.handle, 0, input, 0, sizeof input));
  OK(nfr_native_begin(f->native, serving.handle));
  FAILS(NFR_NATIVE_MORE, nfr_native_step(f->native, serving.handle, 1));
  c = capsule_make(8);
  stage(f, c);
  /* the store has another job */
  FAILS(NFR_NATIVE_MORE, nfr_native_version_test(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE));
  FAILS(NFR_STORE_MORE, nfr_store_verify(f->store, serving.slots[1]));
  FAILS(NFR_ERR_BUSY, nfr_native_version_step(&f->version, 0, &f->report));
  OK(bed_run(&f->bed, NFR_STORE_MORE));
  /* the arena is another's */
  FAILS(NFR_ERR_BUSY, finish(f, NFR_NATIVE_MORE, 0));
  FAILS(NFR_ERR_BUSY, nfr_native_version_step(&f->version, 0, &f->report));
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_TESTING);
  while (nfr_native_step(f->native, serving.handle, 0) == NFR_NATIVE_MORE) continue;
  OK(finish(f, NFR_NATIVE_MORE, 0));
  infer(f, &c->model, 0, NULL);
  nfr_native_version_close(&serving);
  infer(f, &c->model, 0, NULL);
}

static void test_too_little_memory_is_nobodys_fault(void **state) {
  struct fixture *f = *state;
  stage(f, capsule_make(7));
  FAILS(NFR_NATIVE_MORE, nfr_native_version_test(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE));
  struct nfr_native_board board = {.target = "host", .stack_bytes = 1, .managed_heap_bytes = 1, .capabilities = 0};
  OK(nfr_native_set_board(f->native, &board));
  FAILS(NFR_ERR_NO_MEMORY, finish(f, NFR_NATIVE_MORE, 0));
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_TESTING);
  assert_int_equal(pins(f), 0);
  board.stack_bytes = 4096;
  OK(nfr_native_set_board(f->native, &board));
  OK(test_candidate(f));
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].attempts, 2);
}

static void test_removed_meanwhile(void **state) {
  struct fixture *f = *state;
  stage(f, capsule_make(7));
  FAILS(NFR_NATIVE_MORE, nfr_native_version_test(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE));
  OK(event(f, NFR_EVENT_WITHDRAW));
  FAILS(NFR_ERR_STATE, nfr_native_version_step(&f->version, 0, &f->report));
  assert_int_equal(pins(f), 0);
  assert_int_equal(name_of(f).failures, 0);
  FAILS(NFR_ERR_STATE, nfr_native_version_test(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE));
  stage(f, capsule_make(8));
  OK(event(f, NFR_EVENT_WITHDRAW));
  OK(event(f, NFR_EVENT_REMOVE));
  FAILS(NFR_ERR_NOT_FOUND, nfr_native_version_test(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE));
}

static void test_flash_that_is_not_mapped(void **state) {
  struct fixture *f = *state;
  stage(f, capsule_make(7));
  struct nfr_flash away = *f->bed.config.blobs;
  away.mapped = NULL;
  f->bed.config.blobs = &away;
  FAILS(NFR_ERR_UNSUPPORTED, nfr_native_version_test(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE));
  f->bed.config.blobs = nfr_flash_model_flash(f->bed.model, NFR_FLASH_BLOBS);
  assert_int_equal(pins(f), 0);
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_STAGED);
}

/* ---- another firmware ---- */

static void test_checks_after_a_change_of_firmware(void **state) {
  struct fixture *f = *state;
  uint16_t slot;
  enum nfr_place place;
  struct capsule *c = capsule_make(7);
  install(f, c);
  install(f, capsule_make(8));
  FAILS(NFR_ERR_STATE, nfr_native_version_open(&f->version, f->native, f->store, f->slot, NFR_PLACE_PREVIOUS));
  bed_reset(&f->bed, 5);
  OK(nfr_lifecycle_boot(f->store, NFR_RESET_SOFTWARE, firmware_b));
  FAILS(NFR_ERR_NOT_FOUND, nfr_native_version_open(&f->version, f->native, f->store, f->slot, NFR_PLACE_CONFIRMED));
  OK(nfr_lifecycle_unchecked(f->store, &slot, &place));
  struct nfr_native_board board = {.target = "another-target", .stack_bytes = 4096};
  OK(nfr_native_set_board(f->native, &board));
  FAILS(NFR_ERR_UNSUPPORTED, test_place(f, place)); /* this firmware cannot run it */
  assert_int_equal(name_of(f).versions[NFR_PLACE_CONFIRMED].state, NFR_STATE_REJECTED);
  OK(nfr_lifecycle_unchecked(f->store, &slot, &place));
  assert_int_equal(place, NFR_PLACE_PREVIOUS);
  strcpy(board.target, "host");
  OK(nfr_native_set_board(f->native, &board));
  OK(test_place(f, place));
  assert_int_equal(nfr_lifecycle_serving(f->store, f->slot), NFR_PLACE_PREVIOUS);
  infer(f, &capsule_make(7)->model, 0, NULL);
}

/* ---- flash and inference take turns ---- */

/* Records, programs, erases, garbage freed. */
static void disturb(struct fixture *f) {
  static uint32_t seed = 1000;
  content_make(&content, seed++, 3000);
  int slot = bed_install(&f->bed, &content);
  if (slot == NFR_ERR_NO_SPACE) OK(bed_run(&f->bed, nfr_store_room(f->store, 3000, 1)));
  else assert_true(slot > 0);
  OK(nfr_lifecycle_set_generation(f->store, seed));
  assert_true(nfr_store_prepare(f->store, 1) >= 0);
}

static void test_flash_between_slices(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  stage(f, c);
  FAILS(NFR_NATIVE_MORE, nfr_native_version_test(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE));
  unsigned slices = 0;
  int err;
  while ((err = nfr_native_version_step(&f->version, 1, &f->report)) == NFR_NATIVE_MORE) {
    slices++;
    if (f->store->job.kind == NFR_JOB_NONE) disturb(f);
  }
  OK(err);
  assert_true(slices > 20);
  uint64_t before = nfr_flash_model_operations(f->bed.model), erases = nfr_flash_model_counts(f->bed.model, NFR_FLASH_BLOBS).erases;
  for (unsigned round = 0; round < 8; round++) infer(f, &c->model, 1, disturb);
  print_message("self-test in %u slices; %llu flash operations, %llu of them erases of the blob region, between the slices of 16 inferences in place\n", slices,
                (unsigned long long)(nfr_flash_model_operations(f->bed.model) - before),
                (unsigned long long)(nfr_flash_model_counts(f->bed.model, NFR_FLASH_BLOBS).erases - erases));
  assert_true(nfr_flash_model_counts(f->bed.model, NFR_FLASH_BLOBS).erases > erases + 32);
}

static void test_closed_between_any_slices(void **state) {
  struct fixture *f = *state;
  struct capsule *c = capsule_make(7);
  stage(f, c);
  for (unsigned stop = 0;; stop++) {
    int err = nfr_native_version_test(&f->version, f->native, f->store, f->slot, NFR_PLACE_CANDIDATE);
    for (unsigned i = 0; i < stop && err == NFR_NATIVE_MORE; i++) err = nfr_native_version_step(&f->version, 1, &f->report);
    if (err == NFR_OK) break;
    FAILS(NFR_NATIVE_MORE, err);
    nfr_native_version_close(&f->version);
    assert_int_equal(pins(f), 0);
    assert_int_equal(f->store->job.kind, NFR_JOB_NONE);
    assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_TESTING);
    assert_true(stop < 1000);
  }
  infer(f, &c->model, 0, NULL);
}

static void touched(int number) {
  (void)number;
  _exit(42);
}

static void infer_in_the_midst(void *context, enum nfr_flash_region region, bool is_erase) {
  struct fixture *f = context;
  (void)region, (void)is_erase;
  int err = nfr_native_step(f->native, f->version.handle, 0);
  (void)err;
}

/* In a process of its own: 42 when fenced flash was touched. */
static int status_of(struct fixture *f, bool in_the_midst) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    signal(SIGSEGV, touched);
    if (in_the_midst) nfr_flash_model_on_operation(f->bed.model, infer_in_the_midst, f);
    int err = nfr_lifecycle_set_generation(f->store, 99);
    if (!in_the_midst) err |= nfr_native_step(f->native, f->version.handle, 0);
    _exit(err == NFR_OK ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_the_fence_bites(void **state) {
  struct fixture *f = *state;
  int8_t input[MODEL_ELEMENTS] = {0};
  stage(f, capsule_make(7));
  OK(test_candidate(f));
  OK(nfr_native_write_input(f->native, f->version.handle, 0, input, 0, sizeof input));
  OK(nfr_native_begin(f->native, f->version.handle));
  assert_int_equal(status_of(f, false), 0);
  assert_int_equal(status_of(f, true), 42);
}

static void test_wrong_calls(void **state) {
  struct fixture *f = *state;
  stage(f, capsule_make(7));
  FAILS(NFR_ERR_ARGUMENT, nfr_native_version_test(&f->version, NULL, f->store, f->slot, NFR_PLACE_CANDIDATE));
  FAILS(NFR_ERR_ARGUMENT, nfr_native_version_test(&f->version, f->native, NULL, f->slot, NFR_PLACE_CANDIDATE));
  FAILS(NFR_ERR_ARGUMENT, nfr_native_version_open(&f->version, f->native, NULL, f->slot, NFR_PLACE_CANDIDATE));
  FAILS(NFR_ERR_ARGUMENT, nfr_native_version_test(&f->version, f->native, f->store, f->slot, (enum nfr_place)3));
  FAILS(NFR_ERR_STATE, nfr_native_version_test(&f->version, f->native, f->store, f->slot, NFR_PLACE_CONFIRMED));
  FAILS(NFR_ERR_ARGUMENT, nfr_native_version_step(&f->version, 0, &f->report)); /* closed */
  FAILS(NFR_ERR_ARGUMENT, nfr_native_version_step(NULL, 0, &f->report));
  FAILS(NFR_ERR_ARGUMENT, nfr_native_version_step(&f->version, 0, NULL));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_from_flash_to_answers), TEST(test_wrong_answers_name_the_operator), TEST(test_wrong_output), TEST(test_no_vectors),
      TEST(test_sections_of_another_capsule), TEST(test_sections_that_the_manifest_does_not_name), TEST(test_a_section_is_not_attached),
      TEST(test_a_manifest_of_another_name), TEST(test_a_manifest_with_another_counter),
      TEST(test_a_wrong_signature), TEST(test_flash_has_rotted), TEST(test_a_cancelled_job_proves_nothing), TEST(test_it_waits_for_others),
      TEST(test_too_little_memory_is_nobodys_fault), TEST(test_removed_meanwhile), TEST(test_flash_that_is_not_mapped),
      TEST(test_checks_after_a_change_of_firmware), TEST(test_flash_between_slices), TEST(test_closed_between_any_slices),
      TEST(test_the_fence_bites), TEST(test_wrong_calls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
