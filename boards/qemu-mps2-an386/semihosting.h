/* Files, console and exit through the debugger: Arm's "Semihosting for AArch32 and AArch64", calls by BKPT 0xAB. */
#ifndef NFR_SEMIHOSTING_H
#define NFR_SEMIHOSTING_H

#include <stddef.h>
#include <stdint.h>

enum semihosting_mode { SEMIHOSTING_READ = 1 /* "rb" */, SEMIHOSTING_WRITE = 5 /* "wb" */ };

/* A handle >= 0, or -1. */
int semihosting_open(const char *path, enum semihosting_mode mode);

/* Bytes read; fewer only at the end of the file. */
size_t semihosting_read(int file, void *data, size_t bytes);

/* 0, or -1 when not all was written. */
int semihosting_write(int file, const void *data, size_t bytes);

/* 0, or -1. */
int semihosting_close(int file);

/* The command line, words separated by blanks, in text[bytes]. 0, or -1 when it is longer. */
int semihosting_command_line(char *text, size_t bytes);

void semihosting_print(const char *text);
_Noreturn void semihosting_exit(uint32_t code);

#endif
