#include "semihosting.h"

#include <string.h>

enum {
  SYS_OPEN = 0x01,
  SYS_CLOSE = 0x02,
  SYS_WRITE0 = 0x04,
  SYS_WRITE = 0x05,
  SYS_READ = 0x06,
  SYS_GET_CMDLINE = 0x15,
  SYS_EXIT_EXTENDED = 0x20,
  ADP_STOPPED_APPLICATION_EXIT = 0x20026,
};

static int call(int operation, const void *argument) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

int semihosting_open(const char *path, enum semihosting_mode mode) {
  const uint32_t block[3] = {(uint32_t)path, (uint32_t)mode, (uint32_t)strlen(path)};
  return call(SYS_OPEN, block);
}

size_t semihosting_read(int file, void *data, size_t bytes) {
  size_t have = 0;
  while (have < bytes) {
    const uint32_t block[3] = {(uint32_t)file, (uint32_t)data + have, bytes - have};
    uint32_t missing = (uint32_t)call(SYS_READ, block); /* the call returns what it did not read */
    if (missing >= bytes - have) break;
    have = bytes - missing;
  }
  return have;
}

int semihosting_write(int file, const void *data, size_t bytes) {
  const uint32_t block[3] = {(uint32_t)file, (uint32_t)data, bytes};
  return call(SYS_WRITE, block) == 0 ? 0 : -1;
}

int semihosting_close(int file) {
  const uint32_t block[1] = {(uint32_t)file};
  return call(SYS_CLOSE, block);
}

int semihosting_command_line(char *text, size_t bytes) {
  uint32_t block[2] = {(uint32_t)text, bytes};
  return call(SYS_GET_CMDLINE, block) == 0 ? 0 : -1;
}

void semihosting_print(const char *text) {
  (void)call(SYS_WRITE0, text);
}

_Noreturn void semihosting_exit(uint32_t code) {
  const uint32_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, code};
  for (;;) (void)call(SYS_EXIT_EXTENDED, block);
}
