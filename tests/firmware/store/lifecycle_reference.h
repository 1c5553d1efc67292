/* What the lifecycle should do, written down a second time: not as a table but as rules on what a name has, with ids of
 * firmwares instead of epochs and numbers of versions instead of slots. And the world in which both live. */
#ifndef NFR_TEST_LIFECYCLE_REFERENCE_H
#define NFR_TEST_LIFECYCLE_REFERENCE_H

#include "ram_journal.h"
#include "store/nfr_lifecycle.h"

enum {
  NAMES = 3,
  VERSIONS = 5, /* of each name */
  FIRMWARES = 3,
  ABSENT = -1,
  MANIFEST_SLOT = 16, /* + name × VERSIONS + version */
  MODEL_SLOT = 32,    /* the same */
  LABELS_SLOT = 48,   /* shared by all */
  KEYS_SLOT = 50,     /* and the next */
};

static const uint32_t version_counter[VERSIONS] = {1, 1, 1, 2, 2};
static const char *const name_text[NAMES] = {"house/kws", "house/kwt", "x"};

enum op_kind { OP_FETCH, OP_ATTACH, OP_EVENT, OP_TEND, OP_PLAN, OP_RESET, OP_KEYS, OP_GENERATION, OP_TIME, OP_BLOB, OP_KINDS };

/* One step of a history; what a kind does not need is 0. */
struct op {
  uint8_t kind, name, version, section; /* section: 0 manifest, 1 model, 5 labels */
  uint8_t event, reason, place;
  uint8_t state;           /* BLOB: enum nfr_blob_state, 0: no blob any more */
  uint8_t cause, firmware; /* RESET, and the reset after a cut: cause; RESET: firmware */
  uint8_t cut, cut_is_after;             /* the n-th commit of this step loses the power; 0: none */
  uint8_t cut_again, cut_again_is_after; /* the same in the boot that follows a cut */
  uint16_t detail;
  uint32_t value;
};

enum phase { PHASE_FETCHING, PHASE_STAGED, PHASE_TESTING, PHASE_TRIAL };

struct held { /* a version in a place */
  int version; /* ABSENT */
  bool has_model, has_labels;
  bool is_checked; /* by this firmware */
  bool is_banned;
  enum phase phase; /* of a candidate */
  unsigned strikes, attempts, reason;
};

struct ref_name {
  int slot; /* ABSENT: there is no such name */
  struct held confirmed, candidate, previous;
  uint32_t floor;
  unsigned failures, rejected_reason, rejected_detail;
  int rejected_digest; /* seed of its manifest; 0: not known */
};

struct reference {
  struct ref_name names[NAMES];
  int firmware; /* ABSENT before the first boot */
  bool is_planned;
  uint16_t key_list;
  uint32_t key_list_version;
  uint64_t generation, time;
  uint8_t blobs[RAM_SLOTS]; /* states */
};

enum outcome { REFUSED, NOTHING, WRITES, WRITES_MORE };

void reference_start(struct reference *reference);

/* A step that is not RESET. */
enum outcome reference_step(struct reference *reference, const struct op *op);

/* A boot of which `commits` records at most were written. Returns how many it would write. */
unsigned reference_boot(struct reference *reference, unsigned cause, int firmware, unsigned commits);

/* enum nfr_place, or ABSENT. */
int reference_serving(const struct reference *reference, unsigned name);

uint16_t manifest_slot(unsigned name, int version);
uint16_t model_slot(unsigned name, int version);

/* Null when the records say what the reference does, else where they differ. */
const char *reference_compare(const struct reference *reference, const struct ram_journal *journal);

#endif
