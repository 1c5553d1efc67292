/* A journal in RAM for tests of the lifecycle: fast, and it can be cut before and after each commit. It implements what
 * firmware/store/journal.h declares, so that a test links lifecycle*.c and record.c and nothing else of the store. */
#ifndef NFR_TEST_RAM_JOURNAL_H
#define NFR_TEST_RAM_JOURNAL_H

#include <setjmp.h>

#include "store/journal.h"

enum { RAM_SLOTS = 64 };

struct ram_journal {
  struct nfr_store store; /* first: the lifecycle gets its address */
  struct nfr_store_config config;
  struct { uint8_t type, length, content[NFR_RECORD_MAX_CONTENT]; } slots[RAM_SLOTS];
  unsigned commits;       /* that took effect, since ram_clear_commits */
  unsigned attempts;      /* commits that were begun */
  unsigned cut_at;        /* 0: never; else the n-th commit is cut, counted by `attempts` */
  bool cut_is_after;      /* it takes effect, and its caller never hears of it */
  jmp_buf *power_lost;    /* where a cut goes */
  int fails_with;         /* error of the next commits, 0: none */
};

void ram_format(struct ram_journal *journal);
void ram_clear_commits(struct ram_journal *journal);

/* A blob's record; digest: all bytes `seed`. */
void ram_put_blob(struct ram_journal *journal, uint16_t slot, uint8_t seed, enum nfr_blob_state state);
void ram_put_name(struct ram_journal *journal, uint16_t slot, const struct nfr_name *name);
void ram_free(struct ram_journal *journal, uint16_t slot);

#endif
