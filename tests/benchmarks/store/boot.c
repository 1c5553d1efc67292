/* store-boot.elf: mounts a store on the bare core, its journal in RAM, and says what was read.
 * Command line: store-boot <journal file of nfr-store-sim boot> <bytes of the blob region> <slots>. tests/bench counts instructions
 * between nfr_bench_begin and nfr_bench_end. The blob region is not there at all: reading it is counted, and fails. */
#include <string.h>

#include "nfr_store.h"
#include "semihosting.h"

#define JOURNAL_ROOM (1u << 20)
#define BLOCK 4096u
#define SLOTS 1025u
#define DEVICE_ID UINT64_C(0x5eed) /* as in device.h */

__attribute__((section(".buffers"), aligned(16))) static uint8_t journal_bytes[JOURNAL_ROOM];
static struct nfr_store store;
static uint16_t index_of_slots[SLOTS];
static uint64_t buffer[128];

struct counter { const uint8_t *bytes; uint32_t read, reads, written; };

static int read_flash(void *context, uint32_t offset, void *data, uint32_t bytes) {
  struct counter *counter = context;
  counter->read += bytes;
  counter->reads++;
  if (!counter->bytes) return NFR_ERR_PORT;
  memcpy(data, counter->bytes + offset, bytes);
  return NFR_OK;
}

static int program_flash(void *context, uint32_t offset, const void *data, uint32_t bytes) {
  (void)offset, (void)data;
  ((struct counter *)context)->written += bytes;
  return NFR_ERR_PORT;
}

static int erase_flash(void *context, uint32_t block) {
  (void)block;
  ((struct counter *)context)->written += BLOCK;
  return NFR_ERR_PORT;
}

/* Marks for the plugin. */
void nfr_bench_begin(void);
void nfr_bench_end(void);
__attribute__((noinline)) void nfr_bench_begin(void) { __asm__ volatile("" ::: "memory"); }
__attribute__((noinline)) void nfr_bench_end(void) { __asm__ volatile("" ::: "memory"); }

static void put(const char *name, uint32_t value) {
  char text[48], digits[12];
  size_t at = 0;
  do digits[at++] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  size_t to = strlen(name);
  memcpy(text, name, to);
  while (at > 0) text[to++] = digits[--at];
  text[to++] = '\n';
  text[to] = 0;
  semihosting_print(text);
}

/* The next word of a command line, ended in place; empty when there is none. */
static char *next_word(char **line) {
  char *word = *line + strspn(*line, " ");
  char *end = word + strcspn(word, " ");
  *line = *end ? end + 1 : end;
  *end = 0;
  return word;
}

static uint32_t number_of(const char *digits) {
  uint32_t number = 0;
  while (*digits >= '0' && *digits <= '9') number = number * 10 + (uint32_t)(*digits++ - '0');
  return number;
}

int main(void) {
  char line[512];
  if (semihosting_command_line(line, sizeof line)) return 2;
  char *rest = line;
  (void)next_word(&rest);
  int file = semihosting_open(next_word(&rest), SEMIHOSTING_READ);
  if (file < 0) return 2;
  size_t bytes = semihosting_read(file, journal_bytes, JOURNAL_ROOM);
  uint32_t blob_bytes = number_of(next_word(&rest)), slots = number_of(next_word(&rest));
  if (bytes == 0 || bytes % BLOCK != 0 || slots > SLOTS) return 2;

  struct counter journal_counter = {.bytes = journal_bytes}, blob_counter = {0};
  struct nfr_flash journal = {.context = &journal_counter, .bytes = (uint32_t)bytes, .block_bytes = BLOCK, .unit_bytes = 1, .rewrites = true,
                              .read = read_flash, .program = program_flash, .erase = erase_flash};
  struct nfr_flash blobs = journal;
  blobs.context = &blob_counter;
  blobs.bytes = blob_bytes;
  struct nfr_crypto crypto = {0};
  struct nfr_store_config config = {.journal = &journal, .blobs = &blobs, .crypto = &crypto, .device = DEVICE_ID, .index = index_of_slots,
                                    .slots = (uint16_t)slots, .buffer_bytes = sizeof buffer, .buffer = (uint8_t *)buffer};
  nfr_bench_begin();
  int err = nfr_store_mount(&store, &config);
  nfr_bench_end();
  put("error ", (uint32_t)-err);
  put("read ", journal_counter.read);
  put("reads ", journal_counter.reads);
  put("blobs ", blob_counter.read);
  put("written ", journal_counter.written + blob_counter.written);
  put("live ", store.live);
  return err ? 1 : 0;
}
