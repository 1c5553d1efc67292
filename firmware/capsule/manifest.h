/* Inside the capsule: the processing TLVs as bytes (SPEC §2, §3). Readers of a validated one check nothing again. */
#ifndef NFR_MANIFEST_H
#define NFR_MANIFEST_H

#include "nfr_capsule.h"

#define NFR_PRE_HEADER_BYTES 12u
#define NFR_AFFINE_BYTES 16u
#define NFR_PRE_MAX_SHIFT 40u
#define NFR_POST_BYTES 20u
#define NFR_POST_THRESHOLD 1u
#define NFR_POST_DEBOUNCE 2u
#define NFR_POST_LABELS 4u
#define NFR_POST_MAX_TOP 8u
#define NFR_POST_MAX_WINDOW 16u

/* Rules M29 to M35; at least one affine is there. */
NFR_CHECK_RESULT int nfr_pre_validate(const uint8_t *pre, size_t length);

/* Rules M36 to M41; NFR_POST_BYTES are there. */
NFR_CHECK_RESULT int nfr_post_validate(const uint8_t *post);

#endif
