/* What a process needs besides the rooms' own functions to use libnfr by P/Invoke. */
#ifndef NFR_HOST_H
#define NFR_HOST_H

#include <stddef.h>

/* Bytes of a struct nfr_engine: a managed caller allocates it without knowing its fields. */
size_t nfr_host_engine_bytes(void);

#endif
