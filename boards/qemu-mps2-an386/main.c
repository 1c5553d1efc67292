/* nfr-runner on the bare core: jobs are one file, their results another; their paths are the second and third word of the
 * command line. Exit codes as on the host: 0 done, 2 bad job; 3 is a fault (startup.c). */
#include <string.h>

#include "runner.h"
#include "semihosting.h"

#define PLAN_ROOM (8u << 20)
#define ARENA_ROOM (6u << 20)
#define STATE_ROOM (1u << 20)
#define PAINT 0xa5a5a5a5u

extern uint32_t nfr_stack_bottom[];

__attribute__((section(".buffers"), aligned(16))) static uint8_t plan_buffer[PLAN_ROOM];
__attribute__((section(".buffers"), aligned(16))) static uint8_t arena_buffer[ARENA_ROOM];
__attribute__((section(".buffers"), aligned(16))) static uint8_t state_buffer[STATE_ROOM];
static struct nfr_runner runner;

struct files {
  int job, result;
  size_t used[NFR_RUNNER_BUFFERS];
  const uint32_t *stack_base; /* the runner's stack pointer when it painted */
};

static size_t read_job(void *context, void *data, size_t bytes) {
  return semihosting_read(((struct files *)context)->job, data, bytes);
}

static bool write_result(void *context, const void *data, size_t bytes) {
  return semihosting_write(((struct files *)context)->result, data, bytes) == 0;
}

static uint8_t *resize(void *context, enum nfr_runner_buffer which, size_t bytes) {
  uint8_t *const buffers[NFR_RUNNER_BUFFERS] = {plan_buffer, arena_buffer, state_buffer};
  const size_t rooms[NFR_RUNNER_BUFFERS] = {PLAN_ROOM, ARENA_ROOM, STATE_ROOM};
  size_t *used = &((struct files *)context)->used[which];
  if (bytes > rooms[which]) return NULL;
  if (bytes > *used) memset(buffers[which] + *used, 0, bytes - *used);
  *used = bytes;
  return buffers[which];
}

/* Paints all that lies below this function's own frame; what is called next from the same place uses it. */
__attribute__((noinline)) static void stack_paint(void *context) {
  const uint32_t *base = __builtin_frame_address(0);
  ((struct files *)context)->stack_base = base;
  for (volatile uint32_t *p = nfr_stack_bottom; p < base - 8; p++) *p = PAINT;
}

__attribute__((noinline)) static uint32_t stack_used(void *context) {
  const uint32_t *base = ((struct files *)context)->stack_base, *p = nfr_stack_bottom;
  while (p < base && *p == PAINT) p++;
  return (uint32_t)(base - p) * 4u;
}

/* The next word of a command line, ended in place; empty when there is none. */
static char *next_word(char **line) {
  char *word = *line + strspn(*line, " ");
  char *end = word + strcspn(word, " ");
  *line = *end ? end + 1 : end;
  *end = 0;
  return word;
}

int main(void) {
  char line[1024];
  if (semihosting_command_line(line, sizeof line)) return 2;
  char *rest = line;
  (void)next_word(&rest);
  const char *job = next_word(&rest), *result = next_word(&rest);

  struct files files = {.job = semihosting_open(job, SEMIHOSTING_READ)};
  files.result = files.job < 0 ? -1 : semihosting_open(result, SEMIHOSTING_WRITE);
  if (files.result < 0) {
    semihosting_print("nfr-runner: usage: nfr-runner <job file> <result file>\n");
    return 2;
  }
  const struct nfr_runner_port port = {.context = &files,
                                       .read = read_job,
                                       .write = write_result,
                                       .resize = resize,
                                       .stack_paint = stack_paint,
                                       .stack_used = stack_used};
  int outcome;
  do {
    outcome = nfr_runner_job(&runner, &port);
  } while (outcome == NFR_RUNNER_DONE);
  if (outcome == NFR_RUNNER_END) outcome = NFR_RUNNER_DONE;
  if (semihosting_close(files.result)) outcome = NFR_RUNNER_BAD_PORT;
  if (outcome) semihosting_print("nfr-runner: the job is broken, too large for this board, or cannot be answered\n");
  return outcome ? 2 : 0;
}
