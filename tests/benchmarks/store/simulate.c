/* nfr-store-sim: what the store costs on modelled flash, one JSON object a line. Deterministic.
 *   nfr-store-sim steady CHIP BYTES REPLACEMENTS uniform|cold     replacing capsules in a blob region of BYTES, 70 % full
 *   nfr-store-sim boot CAPSULES BYTES FILE                        mounting; FILE: the journal that took the most to read
 *   nfr-store-sim swap CHIP                                       flash time of the commits that swap versions
 * CHIP: of nfr_flash_standards. */
#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FULL_PERCENT 70u
#define MAX_CAPSULES 256u

static struct device device;

static const struct nfr_flash_standard *chip_of(const char *name) {
  for (unsigned i = 0; i < NFR_FLASH_STANDARDS; i++)
    if (strcmp(nfr_flash_standards[i].name, name) == 0) return &nfr_flash_standards[i];
  (void)fprintf(stderr, "nfr-store-sim: no chip is named %s\n", name);
  exit(2);
}

static uint32_t number_of(const char *text) { return (uint32_t)strtoul(text, NULL, 0); }

/* The chip with a blob region of `bytes`, and a journal that has room for its capsules (SPEC §3). */
static struct nfr_flash_model_config sized(const struct nfr_flash_standard *standard, uint32_t bytes) {
  struct nfr_flash_model_config chip = nfr_flash_model_standard(standard);
  chip.blob_blocks = bytes / chip.blobs.block_bytes;
  uint32_t room = 16384 + bytes / 512, half = chip.journal.block_bytes - 320;
  chip.journal_blocks = 2;
  while (chip.journal_blocks < 32 && chip.journal_blocks / 2 * half / 4 * 3 < room) chip.journal_blocks += 2;
  return chip;
}

/* ---- steady replacement ---- */

struct history {
  uint32_t capsules, replaced, refused;
  uint64_t live; /* bytes of the blobs of all versions that are kept */
  struct { uint32_t confirmed, previous; } bytes[MAX_CAPSULES];
};

/* Manifest to 1 KB, model 5 … 300 KB (as many of 5 to 10 as of 10 to 20 …), vectors 1 … 20 KB. */
static struct version_bytes draw_version(void) {
  struct version_bytes bytes = {.manifest = device_draw(&device, 300, 1024), .vectors = device_draw(&device, 1 << 10, 20 << 10)};
  do {
    uint32_t octave = 5120u << device_draw(&device, 0, 5);
    bytes.model = octave + device_draw(&device, 0, octave - 1);
  } while (bytes.model > 300u << 10);
  return bytes;
}

static uint32_t sum(const struct version_bytes *bytes) { return bytes->manifest + bytes->model + bytes->vectors; }

static bool install(struct history *history, uint32_t number, const struct version_bytes *bytes) {
  if (!device_install(&device, number, bytes)) return false;
  history->live += sum(bytes);
  history->live -= history->bytes[number].previous;
  history->bytes[number].previous = history->bytes[number].confirmed;
  history->bytes[number].confirmed = sum(bytes);
  return true;
}

/* Capsules with two versions each, until the region is full enough. */
static void fill_region(struct history *history, uint64_t full) {
  for (;;) {
    struct version_bytes one = draw_version(), two = draw_version();
    if (history->live + sum(&one) + sum(&two) > full) break;
    if (history->capsules == MAX_CAPSULES) break;
    if (!install(history, history->capsules, &one) || !install(history, history->capsules, &two)) break;
    history->capsules++;
  }
}

/* A new version of one capsule that leaves the region as full as it was, within 2 % of it. */
static void replace(struct history *history, uint64_t full, uint32_t capsules) {
  uint32_t number = device_draw(&device, 0, capsules - 1);
  struct version_bytes bytes;
  uint64_t live;
  uint32_t tries = 0;
  do {
    if (++tries > 1000) return; /* this capsule's sizes do not allow it */
    bytes = draw_version();
    live = history->live + sum(&bytes) - history->bytes[number].previous;
  } while (live > full || (live < full / 100 * 97 && live < history->live));
  if (install(history, number, &bytes)) history->replaced++;
  else history->refused++;
}

struct wear { double mean; uint32_t max, min; };

static struct wear wear_of(enum nfr_flash_region region) {
  const struct nfr_flash *flash = nfr_flash_model_flash(device.model, region);
  uint32_t blocks = flash->bytes / flash->block_bytes;
  struct wear wear = {.min = UINT32_MAX};
  for (uint32_t block = 0; block < blocks; block++) {
    uint32_t erases = nfr_flash_model_wear(device.model, region, block);
    wear.mean += erases;
    if (erases > wear.max) wear.max = erases;
    if (erases < wear.min) wear.min = erases;
  }
  wear.mean /= blocks;
  return wear;
}

static int steady(const char *name, uint32_t bytes, uint32_t replacements, const char *workload) {
  struct nfr_flash_model_config chip = sized(chip_of(name), bytes);
  struct history history = {0};
  uint64_t full = (uint64_t)bytes * FULL_PERCENT / 100;
  device_open(&device, &chip, DEVICE_SLOTS);
  fill_region(&history, full);
  uint64_t payload = device.payload, journal = nfr_flash_model_counts(device.model, NFR_FLASH_JOURNAL).bytes_programmed;
  uint64_t blobs = nfr_flash_model_counts(device.model, NFR_FLASH_BLOBS).bytes_programmed;
  uint32_t rooms = device.rooms, hot = strcmp(workload, "cold") == 0 ? history.capsules / 2 : history.capsules;
  for (uint32_t i = 0; i < replacements; i++) replace(&history, full, hot);
  payload = device.payload - payload;
  journal = nfr_flash_model_counts(device.model, NFR_FLASH_JOURNAL).bytes_programmed - journal;
  blobs = nfr_flash_model_counts(device.model, NFR_FLASH_BLOBS).bytes_programmed - blobs;
  struct wear b = wear_of(NFR_FLASH_BLOBS), j = wear_of(NFR_FLASH_JOURNAL);
  (void)printf("{\"kind\":\"steady\",\"chip\":\"%s\",\"workload\":\"%s\",\"block_bytes\":%u,\"unit_bytes\":%u,\"blob_bytes\":%u,\"journal_block_bytes\":%u,"
               "\"journal_blocks\":%u,\"capsules\":%u,\"replaced\":%u,\"refused\":%u,\"rooms\":%u,\"full\":%.4f,\"payload\":%llu,"
               "\"blob_programmed\":%llu,\"journal_programmed\":%llu,\"amplification\":%.4f,\"blob_wear_mean\":%.2f,\"blob_wear_max\":%u,"
               "\"blob_wear_min\":%u,\"journal_wear_mean\":%.2f,\"journal_wear_max\":%u}\n",
               name, workload, chip.blobs.block_bytes, chip.blobs.unit_bytes, bytes, chip.journal.block_bytes, chip.journal_blocks, history.capsules,
               history.replaced, history.refused, device.rooms - rooms, (double)history.live / bytes, (unsigned long long)payload,
               (unsigned long long)blobs, (unsigned long long)journal, (double)(blobs + journal) / (double)payload, b.mean, b.max, b.min, j.mean,
               j.max);
  device_close(&device);
  return 0;
}

/* ---- boot ---- */

/* Bytes of flash that mounting a copy of the device's flash reads, of both regions. */
static uint64_t mount_copy(struct nfr_flash_model *copy, uint64_t *blob_bytes_read) {
  static struct nfr_store store;
  static uint16_t index[DEVICE_SLOTS];
  struct nfr_store_config config = device.config;
  MUST(nfr_flash_model_copy(copy, device.model));
  config.journal = nfr_flash_model_flash(copy, NFR_FLASH_JOURNAL);
  config.blobs = nfr_flash_model_flash(copy, NFR_FLASH_BLOBS);
  config.index = index;
  uint64_t journal = nfr_flash_model_counts(copy, NFR_FLASH_JOURNAL).bytes_read;
  uint64_t blobs = nfr_flash_model_counts(copy, NFR_FLASH_BLOBS).bytes_read, operations = nfr_flash_model_operations(copy);
  MUST(nfr_store_mount(&store, &config));
  if (store.live != device.store.live || nfr_flash_model_operations(copy) != operations) {
    (void)fprintf(stderr, "nfr-store-sim: mounting wrote, or found another store\n");
    exit(1);
  }
  *blob_bytes_read = nfr_flash_model_counts(copy, NFR_FLASH_BLOBS).bytes_read - blobs;
  return nfr_flash_model_counts(copy, NFR_FLASH_JOURNAL).bytes_read - journal + *blob_bytes_read;
}

static void save_journal(const char *file) {
  FILE *stream = fopen(file, "wb");
  const struct nfr_flash *journal = device.config.journal;
  size_t written = stream ? fwrite(nfr_flash_model_bytes(device.model, NFR_FLASH_JOURNAL), 1, journal->bytes, stream) : 0;
  if (written != journal->bytes || fclose(stream)) {
    (void)fprintf(stderr, "nfr-store-sim: cannot write %s\n", file);
    exit(1);
  }
}

static int boot(uint32_t capsules, uint32_t bytes, const char *file) {
  struct nfr_flash_model_config chip = nfr_flash_model_standard(chip_of("nor-4k-journal-of-16"));
  chip.blob_blocks = bytes / chip.blobs.block_bytes;
  struct nfr_flash_model *copy;
  device_open(&device, &chip, 257);
  MUST(nfr_flash_model_new(&chip, &copy));
  for (uint32_t i = 0; i < capsules; i++) {
    struct version_bytes version = {.manifest = 600, .model = 8000, .vectors = 2000};
    if (!device_install(&device, i, &version)) exit(1);
  }
  uint64_t blob_read, most_blob_read = 0, read = mount_copy(copy, &most_blob_read), least = read, most = 0;
  for (uint64_t generation = 1; generation <= 3000; generation++) { /* the chain grows, and shrinks in snapshots */
    MUST(nfr_lifecycle_set_generation(&device.store, generation));
    read = mount_copy(copy, &blob_read);
    if (read < least) least = read;
    if (blob_read > most_blob_read) most_blob_read = blob_read;
    if (read > most) {
      most = read;
      save_journal(file);
    }
  }
  (void)printf("{\"kind\":\"boot\",\"capsules\":%u,\"blob_bytes\":%u,\"journal_block_bytes\":%u,\"journal_blocks\":%u,\"live\":%u,"
               "\"read_least\":%llu,\"read_most\":%llu,\"blob_read\":%llu}\n",
               capsules, bytes, chip.journal.block_bytes, chip.journal_blocks, device.store.live, (unsigned long long)least,
               (unsigned long long)most, (unsigned long long)most_blob_read);
  nfr_flash_model_delete(copy);
  device_close(&device);
  return 0;
}

/* ---- swaps ---- */

/* Flash time of one event, with the journal prepared. */
static uint64_t timed(uint16_t slot, enum nfr_event event) {
  int err;
  do err = nfr_store_prepare(&device.store, 4);
  while (err == NFR_STORE_MORE);
  MUST(err);
  uint64_t us = device_busy_us(&device);
  device_event(&device, slot, event);
  return device_busy_us(&device) - us;
}

static void keep_most(uint64_t *most, uint64_t value) {
  if (value > *most) *most = value;
}

/* The longest of many: a record may begin anywhere in a page. */
static int swap(const char *name) {
  struct nfr_flash_model_config chip = sized(chip_of(name), 2u << 20);
  const struct version_bytes version = {.manifest = 600, .model = 8000, .vectors = 2000};
  uint64_t trial = 0, confirm = 0, roll_back = 0, unprepared = 0;
  device_open(&device, &chip, 257);
  if (!device_install(&device, 0, &version) || !device_install(&device, 0, &version)) exit(1);
  for (unsigned i = 0; i < 200; i++) {
    uint16_t slot = device_fetch(&device, i % 3, &version, NFR_STATE_TESTING);
    if (slot == NFR_STORE_NONE) exit(1);
    if (i % 2 == 0) {
      keep_most(&trial, timed(slot, NFR_EVENT_TEST_PASSED));
      keep_most(&confirm, timed(slot, NFR_EVENT_CONFIRM));
      if (i % 4 == 0 && i > 6) keep_most(&roll_back, timed(slot, NFR_EVENT_ROLL_BACK));
    } else { /* what preparing is for */
      uint64_t us = device_busy_us(&device);
      device_event(&device, slot, NFR_EVENT_TEST_PASSED);
      keep_most(&unprepared, device_busy_us(&device) - us);
      device_event(&device, slot, NFR_EVENT_CONFIRM);
    }
  }
  (void)printf("{\"kind\":\"swap\",\"chip\":\"%s\",\"journal_block_bytes\":%u,\"unit_bytes\":%u,\"page_us\":%u,\"erase_us\":%u,\"trial_us\":%llu,"
               "\"confirm_us\":%llu,\"roll_back_us\":%llu,\"unprepared_us\":%llu}\n",
               name, chip.journal.block_bytes, chip.journal.unit_bytes, chip.journal.program_page_us, chip.journal.erase_block_us,
               (unsigned long long)trial, (unsigned long long)confirm, (unsigned long long)roll_back, (unsigned long long)unprepared);
  device_close(&device);
  return 0;
}

int main(int count, char **arguments) {
  if (count == 6 && strcmp(arguments[1], "steady") == 0)
    return steady(arguments[2], number_of(arguments[3]), number_of(arguments[4]), arguments[5]);
  if (count == 5 && strcmp(arguments[1], "boot") == 0) return boot(number_of(arguments[2]), number_of(arguments[3]), arguments[4]);
  if (count == 3 && strcmp(arguments[1], "swap") == 0) return swap(arguments[2]);
  (void)fprintf(stderr, "usage: see simulate.c\n");
  return 2;
}
