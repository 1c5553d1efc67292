/* Whether a board's constants can work. */
#include "nfr_store_check.h"

#include "journal_block.h"

static bool is_power_of_two(uint32_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

static bool is_flash(const struct nfr_flash *flash, uint32_t most_blocks) {
  return flash != NULL && is_power_of_two(flash->unit_bytes) && flash->unit_bytes <= 32 &&
         is_power_of_two(flash->block_bytes) && flash->block_bytes >= 1024 && flash->block_bytes <= 256u << 10 &&
         flash->bytes / flash->block_bytes >= 2 && flash->bytes / flash->block_bytes <= most_blocks;
}

bool nfr_store_is_config(const struct nfr_store_config *config) {
  if (config == NULL || !is_flash(config->journal, NFR_JOURNAL_MAX_BLOCKS) || !is_flash(config->blobs, 65535)) return false;
  uint32_t align = config->journal->unit_bytes < 8 ? 8 : config->journal->unit_bytes;
  if (config->journal->block_bytes < 64 * align || config->journal->bytes > 65536u * align) return false;
  return config->slots >= 8 && config->slots <= 4096 && is_power_of_two(config->buffer_bytes) &&
         config->buffer_bytes >= NFR_STORE_MIN_BUFFER &&
         config->buffer_bytes >= (config->blobs->bytes / config->blobs->block_bytes + 7) / 8 * 2;
}

