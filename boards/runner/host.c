/* nfr-runner on the host: job after job from stdin, results to stdout, until the input ends. Exit code 2: a bad job. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"

#define MAX_REGION ((size_t)256 << 20) /* of arena or state; a plan that asks for more gets NO_MEMORY */

struct buffer {
  uint8_t *data;
  size_t used, room;
};

static size_t read_stdin(void *context, void *data, size_t bytes) {
  (void)context;
  return fread(data, 1, bytes, stdin);
}

static bool write_stdout(void *context, const void *data, size_t bytes) {
  (void)context;
  return fwrite(data, 1, bytes, stdout) == bytes;
}

static uint8_t *resize(void *context, enum nfr_runner_buffer which, size_t bytes) {
  struct buffer *buffer = (struct buffer *)context + which;
  if (bytes > MAX_REGION) return NULL;
  if (bytes > buffer->room || buffer->data == NULL) {
    size_t room = bytes > 2 * buffer->room ? bytes : 2 * buffer->room;
    room = (room | 15u) + 1u;
    uint8_t *data = aligned_alloc(16, room);
    if (data == NULL) return NULL;
    if (buffer->used) memcpy(data, buffer->data, buffer->used);
    free(buffer->data);
    buffer->data = data;
    buffer->room = room;
  }
  if (bytes > buffer->used) memset(buffer->data + buffer->used, 0, bytes - buffer->used);
  buffer->used = bytes;
  return buffer->data;
}

int main(void) {
  struct buffer buffers[NFR_RUNNER_BUFFERS] = {0};
  const struct nfr_runner_port port = {
      .context = buffers, .read = read_stdin, .write = write_stdout, .resize = resize};
  struct nfr_runner *runner = malloc(sizeof *runner);
  int outcome = runner == NULL ? NFR_RUNNER_BAD_PORT : NFR_RUNNER_DONE;
  while (outcome == NFR_RUNNER_DONE) {
    outcome = nfr_runner_job(runner, &port);
    if (fflush(stdout) != 0) outcome = NFR_RUNNER_BAD_PORT;
  }
  if (outcome == NFR_RUNNER_BAD_JOB) fputs("nfr-runner: the input is not a job, is cut short, or is above 64 MiB\n", stderr);
  if (outcome == NFR_RUNNER_BAD_PORT) fputs("nfr-runner: out of memory, or the result could not be written\n", stderr);
  free(runner);
  for (unsigned i = 0; i < NFR_RUNNER_BUFFERS; i++) free(buffers[i].data);
  return outcome == NFR_RUNNER_END ? 0 : 2;
}
