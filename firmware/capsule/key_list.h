/* Inside the capsule: who may sign what. */
#ifndef NFR_KEY_LIST_H
#define NFR_KEY_LIST_H

#include "nfr_capsule.h"

#define NFR_KEY_ID_BYTES 8u

/* SHA-256 of `count` bytes in one call. NFR_OK or PORT. */
NFR_CHECK_RESULT int nfr_digest(const struct nfr_crypto *crypto, const void *bytes, size_t count, uint8_t digest[32]);

/* The entry of the key with this id: 64 bytes of key, then its prefixes. Null in *entry when there is none. */
NFR_CHECK_RESULT int nfr_key_list_find(const struct nfr_crypto *crypto, const struct nfr_key_list *list,
                                       const uint8_t id[NFR_KEY_ID_BYTES], const uint8_t **entry);

bool nfr_key_list_is_revoked(const struct nfr_key_list *list, const uint8_t id[NFR_KEY_ID_BYTES]);

/* One of the entry's prefixes covers the name (SPEC §4). */
bool nfr_key_covers(const uint8_t *entry, struct nfr_text name);

#endif
