/* A hostile flash and any calls on it: whatever stands on flash, the store and the lifecycle stay in their memory, read flash through
 * the port and inside its regions, and every job ends.
 *
 * An input says which geometry, then how the journal looks (records with right CRCs, so that most of it is read; blocks, ENDs,
 * and bytes changed afterwards), then which calls follow. `mapped` is memory that nobody may touch.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "crc32.h"
#include "journal.h"
#include "journal_image.h"
#include "nfr_lifecycle.h"

enum { SLOTS = 24, JOURNAL_MAX = 8192, BLOBS_MAX = 16384, MAX_CALLS = 60, MAX_STEPS = 4000 };

static struct { unsigned long images, mounted, calls, completed; } count;

static void fail(const char *what) {
  fprintf(stderr, "store_fuzz: %s\n", what);
  abort();
}

/* ---- the input ---- */

struct input { const uint8_t *at; size_t left; };

static uint8_t byte(struct input *in) {
  if (in->left == 0) return 0;
  in->left--;
  return *in->at++;
}

static uint16_t word(struct input *in) {
  uint16_t low = byte(in);
  return (uint16_t)(low | byte(in) << 8);
}

/* ---- the port ---- */

struct region { struct nfr_flash flash; uint8_t *bytes; };

static void check_range(const struct region *region, uint32_t offset, uint32_t bytes) {
  if (offset > region->flash.bytes || bytes > region->flash.bytes - offset) fail("flash is used outside of its region");
}

static int flash_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
  struct region *region = context;
  check_range(region, offset, bytes);
  memcpy(data, region->bytes + offset, bytes);
  return NFR_OK;
}

static int flash_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
  struct region *region = context;
  check_range(region, offset, bytes);
  if (offset % region->flash.unit_bytes != 0 || bytes % region->flash.unit_bytes != 0) fail("a program call is not aligned");
  memcpy(region->bytes + offset, data, bytes);
  return NFR_OK;
}

static int flash_erase(void *context, uint32_t block) {
  struct region *region = context;
  if (block >= region->flash.bytes / region->flash.block_bytes) fail("a block outside of the region is erased");
  memset(region->bytes + (size_t)block * region->flash.block_bytes, 0xff, region->flash.block_bytes);
  return NFR_OK;
}

/* A digest that costs little: the bytes' CRC, eight times. */
static int hash_begin(void *context, struct nfr_sha256 *hash) {
  (void)context;
  hash->opaque[0] = 0;
  return NFR_OK;
}

static int hash_update(void *context, struct nfr_sha256 *hash, const void *data, size_t bytes) {
  (void)context;
  hash->opaque[0] = nfr_crc32((uint32_t)hash->opaque[0], data, bytes);
  return NFR_OK;
}

static int hash_finish(void *context, struct nfr_sha256 *hash, uint8_t digest[32]) {
  (void)context;
  uint32_t crc = (uint32_t)hash->opaque[0];
  for (unsigned i = 0; i < 8; i++) memcpy(digest + 4 * i, &crc, 4);
  return NFR_OK;
}

static const struct nfr_crypto crypto = {.sha256_begin = hash_begin, .sha256_update = hash_update, .sha256_finish = hash_finish};

/* ---- the world ---- */

struct world {
  struct region journal, blobs;
  struct nfr_store_config config;
  struct nfr_store *store; /* on the heap, with the index, so that ASan sees their ends */
  uint8_t *journal_bytes, *blob_bytes;
  uint64_t buffer[512 / 8];
};

/* Content of the blob that a number stands for: 1 … 3,000 bytes. */
static uint32_t blob_of(uint8_t number, uint8_t data[3072], uint8_t digest[32]) {
  uint32_t bytes = 1 + number * 11u;
  for (uint32_t i = 0; i < bytes; i++) data[i] = (uint8_t)(number + i);
  struct nfr_sha256 hash;
  (void)hash_begin(NULL, &hash);
  (void)hash_update(NULL, &hash, data, bytes);
  (void)hash_finish(NULL, &hash, digest);
  return bytes;
}

static void set_region(struct region *region, uint8_t *bytes, uint32_t block_bytes, uint32_t blocks, uint8_t choice) {
  static const uint16_t units[] = {1, 4, 8, 16, 32};
  static void *untouchable;
  if (untouchable == NULL) untouchable = mmap(NULL, 1 << 16, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  region->bytes = bytes;
  region->flash = (struct nfr_flash){.context = region, .bytes = block_bytes * blocks, .block_bytes = block_bytes, .unit_bytes = units[choice % 5],
                                     .rewrites = choice & 8, .mapped = untouchable, .read = flash_read, .program = flash_program, .erase = flash_erase};
  memset(bytes, choice & 16 ? 0x5a : 0xff, region->flash.bytes);
}

static void open_world(struct world *w, struct input *in) {
  w->journal_bytes = malloc(JOURNAL_MAX);
  w->blob_bytes = malloc(BLOBS_MAX);
  w->store = calloc(1, sizeof *w->store);
  uint16_t *index = malloc(SLOTS * sizeof *index);
  uint8_t journal = byte(in), blobs = byte(in);
  set_region(&w->journal, w->journal_bytes, 2048, 2 + journal / 32 % 3, journal);
  set_region(&w->blobs, w->blob_bytes, 1024, 4 + blobs / 32 % 8, blobs);
  w->config = (struct nfr_store_config){.journal = &w->journal.flash, .blobs = &w->blobs.flash, .crypto = &crypto, .device = 5, .index = index,
                                        .slots = SLOTS, .buffer_bytes = sizeof w->buffer, .buffer = (uint8_t *)w->buffer};
}

static void close_world(struct world *w) {
  free(w->config.index);
  free(w->store);
  free(w->blob_bytes);
  free(w->journal_bytes);
}

/* ---- the image ---- */

/* A record that is likely to be taken for one: fields from the input, sizes near those of the region. */
static void add_record(struct world *w, struct journal_image *image, struct input *in) {
  uint8_t content[NFR_RECORD_MAX_CONTENT] = {0}, length = 0, type = (uint8_t)(1 + byte(in) % 4);
  uint16_t slot = type == NFR_RECORD_SETTINGS ? 0 : (uint16_t)(1 + byte(in) % (SLOTS - 1));
  if (type == NFR_RECORD_BLOB) {
    uint8_t number = byte(in), state = byte(in), data[3072], bits[NFR_STORE_MAX_CHUNKS / 8] = {byte(in)};
    struct nfr_blob blob = {.bytes = blob_of(number, data, blob.digest), .offset = word(in) * 32u, .copy = state & 64 ? word(in) * 32u : UINT32_MAX,
                            .frontier = word(in) * 32u, .state = (uint8_t)(1 + state % 4), .chunk_log2 = 9};
    if (state & 32) blob.bytes = word(in) * 40u + 1;
    uint32_t region = w->blobs.flash.bytes;
    if (!(state & 16)) blob.offset %= region; /* mostly inside */
    if (state & 128 && blob.offset + blob.bytes <= region) memcpy(w->blob_bytes + blob.offset, data, blob.bytes < sizeof data ? blob.bytes : 0);
    if (nfr_blob_chunks(blob.bytes, blob.chunk_log2) > NFR_STORE_MAX_CHUNKS) return;
    length = nfr_blob_encode(&blob, bits, content);
  } else if (type == NFR_RECORD_NAME) {
    struct nfr_name name = {.length = 2, .failures = byte(in), .floor = byte(in), .text = {'n', (char)('a' + byte(in) % 4)}};
    for (unsigned place = 0; place < 3; place++) {
      struct nfr_version *version = &name.versions[place];
      *version = (struct nfr_version){.state = byte(in) % 10, .strikes = byte(in) % 5, .counter = byte(in), .epoch = byte(in) % 4};
      for (unsigned i = 0; i < 6; i++) version->blobs[i] = byte(in) % 2 ? NFR_STORE_NONE : (uint16_t)(byte(in) % 32);
    }
    length = nfr_name_encode(&name, content);
  } else if (type == NFR_RECORD_SETTINGS) {
    struct nfr_settings settings = {.key_list = byte(in), .epoch = byte(in) % 4, .generation = byte(in), .restart_is_planned = byte(in) % 2};
    length = nfr_settings_encode(&settings, content);
  } else {
    uint32_t frontier = word(in) * 32u;
    memcpy(content, &frontier, length = 4);
  }
  if (byte(in) % 16 == 0) length = byte(in) % NFR_RECORD_MAX_CONTENT;
  if (image->position + 8 + length + 400 < w->journal.flash.block_bytes) image_record(image, slot, type, content, length);
}

static void make_image(struct world *w, struct input *in) {
  struct journal_image image;
  image_clear(&image, &w->config, w->journal_bytes, (uint8_t)(byte(in) % 8 == 0 ? 1 : 2));
  uint32_t blocks = w->journal.flash.bytes / w->journal.flash.block_bytes, block = 0;
  image_block(&image, block, true);
  for (unsigned i = byte(in) % 24; i != 0; i--) add_record(w, &image, in);
  image_end(&image, word(in) * 32u);
  for (unsigned i = byte(in) % 12; i != 0; i--) {
    uint8_t what = byte(in);
    if (what % 16 == 0 && block + 1 < blocks) image_block(&image, ++block, what & 16);
    else add_record(w, &image, in);
    if (what & 32) image_record(&image, NFR_STORE_NONE, NFR_RECORD_SEAL, NULL, 0);
  }
  for (unsigned i = byte(in) % 4; i != 0; i--) w->journal_bytes[word(in) % w->journal.flash.bytes] = byte(in);
}

/* ---- calls ---- */

static int run(struct world *w, int err, uint8_t steps) {
  unsigned most = steps & 1 ? MAX_STEPS : steps; /* to the end, or given up on the way */
  for (unsigned i = 0; err == NFR_STORE_MORE && i < most; i++) {
    err = nfr_store_step(w->store, 64u << (steps & 7u));
    if (i + 1 == MAX_STEPS) fail("a job does not end");
  }
  return err;
}

static void install(struct world *w, struct input *in) {
  uint8_t data[3072], digest[32], number = byte(in), steps = byte(in), chunks = byte(in);
  uint32_t bytes = blob_of(number, data, digest);
  if (run(w, nfr_store_begin(w->store, digest, bytes, 9), steps) != NFR_OK) return;
  if (steps & 2) data[bytes / 2] ^= 1; /* arrives broken */
  for (uint32_t chunk = 0; (chunk = nfr_store_missing(w->store, chunk)) < (bytes + 511) / 512 && chunks != 0; chunk++, chunks--) {
    uint32_t left = bytes - chunk * 512;
    if (nfr_store_write(w->store, chunk, data + chunk * 512, left < 512 ? left : 512) != NFR_OK) return;
  }
  if (run(w, nfr_store_finish(w->store), (uint8_t)(steps | 1)) == NFR_OK) count.completed++;
}

static void look(struct world *w) {
  struct nfr_blob blob;
  struct nfr_name name;
  struct nfr_store_usage usage;
  uint8_t bytes[64];
  for (uint16_t slot = 0; nfr_store_next_blob(w->store, &slot, &blob) == NFR_OK;) {
    uint16_t found;
    if (blob.state != NFR_BLOB_BAD && nfr_store_find(w->store, blob.digest, &found) != NFR_OK) fail("a blob that is listed is not found");
    (void)!nfr_store_read(w->store, slot, 0, bytes, blob.bytes < sizeof bytes ? blob.bytes : sizeof bytes);
  }
  for (uint16_t slot = 0; nfr_lifecycle_next(w->store, &slot, &name) == NFR_OK;) {
    int place = nfr_lifecycle_serving(w->store, slot);
    if (place > NFR_PLACE_PREVIOUS) fail("an unknown place serves");
  }
  if (nfr_store_usage(w->store, &usage) == NFR_OK && (usage.free > usage.bytes || usage.largest > usage.bytes)) fail("more is free than there is");
}

static void lifecycle(struct world *w, struct input *in) {
  static const uint8_t firmware[2][16] = {"one", "two"};
  uint8_t what = byte(in);
  uint16_t slot = byte(in) % 32, blob = byte(in) % 32;
  char text[2] = {'n', (char)('a' + what % 4)};
  struct nfr_why why = {.reason = byte(in) % 26, .place = byte(in) % 4};
  enum nfr_place place;
  bool keeps;
  uint32_t floor;
  switch (what / 4 % 9) {
  case 0: (void)!nfr_lifecycle_boot(w->store, (enum nfr_reset)(why.reason % 9), firmware[what & 1]); break;
  case 1: (void)!nfr_lifecycle_fetch(w->store, text, 2, why.reason, blob, &slot); break;
  case 2: (void)!nfr_lifecycle_attach(w->store, slot, why.place + 1u, blob); break;
  case 3: (void)!nfr_lifecycle_event(w->store, slot, (enum nfr_event)(blob % (NFR_EVENT_COUNT + 1)), why); break;
  case 4:
    for (unsigned i = 0; nfr_lifecycle_tend(w->store) == NFR_STORE_MORE; i++)
      if (i > 3 * SLOTS) fail("tending does not end");
    break;
  case 5: (void)!nfr_lifecycle_unchecked(w->store, &slot, &place); break;
  case 6: (void)!nfr_lifecycle_set_key_list(w->store, blob, why.reason); break;
  case 7: (void)!nfr_lifecycle_set_generation(w->store, why.reason); break;
  default: (void)!nfr_lifecycle_confirm_preview(w->store, slot, &floor, &keeps); break;
  }
}

static void call(struct world *w, struct input *in) {
  uint16_t slot = 0;
  uint8_t what = byte(in), argument;
  count.calls++;
  switch (what % 14) {
  case 0:
  case 1: install(w, in); break;
  case 2: look(w); break;
  case 3:
  case 4: lifecycle(w, in); break;
  case 5: argument = byte(in); (void)run(w, nfr_store_room(w->store, argument * 40u, argument % 8), byte(in)); break;
  case 6: argument = byte(in); (void)run(w, nfr_store_verify(w->store, argument % 32), byte(in)); break;
  case 7: (void)!nfr_store_free(w->store, byte(in) % 32); break;
  case 8: (void)!nfr_store_pin(w->store, byte(in) % 32, NULL); break;
  case 9: (void)!nfr_store_unpin(w->store, byte(in) % 32); break;
  case 10: (void)!nfr_store_prepare(w->store, 1 + byte(in) % 4); break;
  case 11: (void)!nfr_store_scrub(w->store, byte(in) * 8u, &slot); break;
  case 12: (void)!nfr_store_sync(w->store); break;
  default:
    if (what & 128) nfr_store_cancel(w->store);
    else (void)!nfr_store_mount(w->store, &w->config);
  }
}

static void report(void) {
  printf("histories: %lu images, %lu mounted (%.0f %%), %lu calls, %lu blobs completed\n", count.images, count.mounted,
         100.0 * (double)count.mounted / (double)(count.images ? count.images : 1), count.calls, count.completed);
  if (count.images >= 1000 && count.mounted * 10 < count.images * 3) fail("less than 30 % of the images were mounted");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static bool is_told;
  if (!is_told) atexit(report);
  is_told = true;
  struct input in = {data, size};
  struct world w;
  open_world(&w, &in);
  make_image(&w, &in);
  count.images++;
  if (nfr_store_mount(w.store, &w.config) == NFR_OK) count.mounted++;
  else if (nfr_store_format(w.store, &w.config) != NFR_OK) fail("flash that works cannot be formatted");
  for (unsigned i = 0; i < MAX_CALLS && in.left != 0; i++) call(&w, &in);
  close_world(&w);
  return 0;
}
