/* Chips that tests iterate over. Times are typical ones of data sheets: SPI NOR (W25Q, GD25Q), STM32L4, F7, H7. */
#include "nfr_flash_model.h"

/* block, unit, page, rewrites, page program us, block erase us */
#define NOR_1K {1024, 1, 256, true, 700, 30000}
#define NOR_2K {2048, 1, 256, true, 700, 30000}
#define NOR_4K {4096, 1, 256, true, 700, 45000}
#define ENCRYPTED_16 {4096, 16, 256, false, 700, 45000}
#define ENCRYPTED_32 {4096, 32, 256, false, 700, 45000}
#define ECC_2K {2048, 8, 64, false, 660, 22000}
#define WORDS_32K {32768, 4, 256, true, 1024, 250000}
#define ECC_64K {65536, 8, 256, false, 2880, 500000}
#define ECC_128K {131072, 32, 32, false, 100, 1000000}
#define WORDS_256K {262144, 4, 256, true, 1024, 1000000}

const struct nfr_flash_standard nfr_flash_standards[NFR_FLASH_STANDARDS] = {
  {"nor-4k", NOR_4K, NOR_4K, 8, 32, false},
  {"nor-4k-journal-of-2", NOR_4K, NOR_4K, 2, 32, false},
  {"nor-4k-journal-of-4", NOR_4K, NOR_4K, 4, 24, false},
  {"nor-4k-journal-of-16", NOR_4K, NOR_4K, 16, 32, false},
  {"nor-2k-1k", NOR_2K, NOR_1K, 16, 96, false},
  {"encrypted-4k-16", ENCRYPTED_16, ENCRYPTED_16, 4, 32, false},
  {"encrypted-4k-32", ENCRYPTED_32, ENCRYPTED_32, 4, 32, false},
  {"ecc-2k-8", ECC_2K, ECC_2K, 8, 64, false},
  {"words-32k-4", WORDS_32K, WORDS_32K, 2, 8, false},
  {"ecc-64k-8", ECC_64K, ECC_64K, 2, 6, false},
  {"ecc-128k-32", ECC_128K, ECC_128K, 2, 5, false},
  {"words-256k-4", WORDS_256K, WORDS_256K, 2, 4, false},
  {"mixed-32k-256k", WORDS_32K, WORDS_256K, 2, 4, false},
  {"mixed-4k-256k", NOR_4K, WORDS_256K, 16, 4, true},
};

struct nfr_flash_model_config nfr_flash_model_standard(const struct nfr_flash_standard *standard) {
  return (struct nfr_flash_model_config){
    .journal = standard->journal,
    .blobs = standard->blobs,
    .journal_blocks = standard->journal_blocks,
    .blob_blocks = standard->blob_blocks,
    .two_chips = standard->two_chips,
    .seed = 1,
  };
}
