/* For boards and their tests, not for devices: they have one configuration, and it is constant. */
#ifndef NFR_STORE_CHECK_H
#define NFR_STORE_CHECK_H

#include "nfr_store.h"

/* Whether geometry, slots and buffer are such as nfr_store.h and port.h ask for; nfr_store_mount takes that for granted. */
bool nfr_store_is_config(const struct nfr_store_config *config);

#endif
