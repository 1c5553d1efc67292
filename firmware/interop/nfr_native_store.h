/* Capsules in place: opens a version of a name from the store's mapped flash, tests it, and tells the lifecycle.
 *
 * Opening and testing go in slices. Between two slices anything may run: inferences of other capsules, flash operations,
 * other functions of the store; only the version's blobs stay where they are (pinned) until it is closed. A slice
 * itself writes nothing to flash but a record (its verdict, a blob found broken), as its last deed: nothing executes in place
 * while that happens, as every flash operation is a call of its own.
 *
 * Untrusted: every byte of flash. It is hashed through the port before it is read where it is mapped; manifest and record must
 * agree in name, counter and sections.
 */
#ifndef NFR_NATIVE_STORE_H
#define NFR_NATIVE_STORE_H

#include "nfr_native.h"
#include "store/nfr_lifecycle.h"

#define NFR_NATIVE_HELD 4u /* blobs of a version that are held: manifest, model, labels, vectors */

/* A version that is being opened, or open. In the caller's memory; all zero: none. */
struct nfr_native_version {
  struct nfr_native *native;
  struct nfr_store *store;
  const uint8_t *mapped[NFR_NATIVE_HELD]; /* null: not pinned */
  uint32_t bytes[NFR_NATIVE_HELD];
  uint16_t slots[NFR_NATIVE_HELD]; /* NFR_STORE_NONE: there is none */
  uint16_t name;                   /* slot */
  uint8_t place, phase;            /* private */
  uint8_t next;                    /* blob that is being verified */
  bool is_test;
  int handle; /* > 0 once it is open: for nfr_native_begin and all others */
};

/* Starts to open the version that serves (nfr_lifecycle_serving gives its place; STATE when another one does). Pins its
 * blobs. MORE: call nfr_native_version_step.
 * UNSUPPORTED: the blob region is not mapped. NO_MEMORY: 24 blobs are pinned. NOT_FOUND: a blob is not there. */
NFR_CHECK_RESULT int nfr_native_version_open(struct nfr_native_version *version, struct nfr_native *native, struct nfr_store *store,
                                             uint16_t name, enum nfr_place place);

/* The same to test it: a candidate that is STAGED or TESTING (a record is written: TESTING), or a confirmed or previous version, whichever
 * firmware has checked it. Errors as above; STATE when there is no such version. */
NFR_CHECK_RESULT int nfr_native_version_test(struct nfr_native_version *version, struct nfr_native *native, struct nfr_store *store,
                                             uint16_t name, enum nfr_place place);

/* A slice of about `budget` instructions (0 = 200,000), but for the manifest's signature, which takes one of its own. MORE: call again.
 * NFR_OK: it is open; a test has been passed and the lifecycle knows it (TEST_PASSED, CHECK_PASSED).
 * BUSY: another capsule has the arena, or the store another job: call again later.
 * Any other error: it is closed. After a test the lifecycle knows why (TEST_FAILED, CHECK_FAILED; a blob that is broken on flash is
 * dealt with as nfr_lifecycle_tend does), unless the error says nothing of the capsule: NO_MEMORY (what is open leaves too little: close
 * something, or report DOES_NOT_FIT), PORT, ARGUMENT. A candidate stays TESTING then.
 * report: always written; after SELF_TEST it names case and operator. */
NFR_CHECK_RESULT int nfr_native_version_step(struct nfr_native_version *version, uint32_t budget, struct nfr_native_report *report);

/* Closes it, whatever it is doing, and lets go of its blobs. */
void nfr_native_version_close(struct nfr_native_version *version);

/* Whether it is being opened or tested, or open. */
bool nfr_native_version_is_used(const struct nfr_native_version *version);

/* Its handle once it is open and tested; 0 before, and when it is closed. */
int nfr_native_version_handle(const struct nfr_native_version *version);

#endif
