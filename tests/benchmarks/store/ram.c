/* What the store's caller supplies for 64 capsules of three blobs each; tests/bench reads the sizes of these. Never linked. */
#include "interop/device.h"
#include "nfr_store.h"

extern struct nfr_store nfr_ram_store;
extern uint16_t nfr_ram_index[257];
extern unsigned char nfr_ram_device[sizeof(struct nfr_device)];
struct nfr_store nfr_ram_store;
uint16_t nfr_ram_index[257];
unsigned char nfr_ram_device[sizeof(struct nfr_device)];
