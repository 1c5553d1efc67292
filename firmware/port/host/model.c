/* Construction, copies, faults, counts. */
#define _GNU_SOURCE
#include "model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOST_PAGE 4096u
#define MAX_REGION_BYTES (1u << 31)

/* ---- construction ---- */

static bool is_power_of_two(uint32_t x) { return x != 0 && (x & (x - 1)) == 0; }

static uint32_t log2_of(uint32_t power) { return (uint32_t)__builtin_ctz(power); }

static bool is_valid(const struct nfr_flash_geometry *g, uint32_t blocks) {
  return is_power_of_two(g->block_bytes) && g->block_bytes >= 1024 && g->block_bytes <= 256u << 10 && is_power_of_two(g->unit_bytes) &&
         g->unit_bytes <= 32 && is_power_of_two(g->page_bytes) && g->page_bytes >= g->unit_bytes &&
         g->page_bytes <= 1024 && blocks > 0 && blocks <= 65535 && (uint64_t)blocks * g->block_bytes <= MAX_REGION_BYTES;
}

static size_t region_bytes(const struct nfr_flash_geometry *g, uint32_t blocks) { return blocks ? (size_t)blocks * g->block_bytes : 0; }

static size_t up(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

/* The file, locked until it is closed: two chips on one file would write over each other. A new one gets all its room now: a page that
 * finds none later is a SIGBUS. */
static int open_file(struct nfr_flash_model *model, const char *name, bool *is_new) {
  struct stat status;
  model->file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (model->file < 0) return NFR_ERR_PORT;
  /* Not flock: tools that inspect the file of a device that runs (.NET locks what it reads so) are welcome. */
  struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fcntl(model->file, F_OFD_SETLK, &all)) return errno == EAGAIN || errno == EACCES ? NFR_ERR_BUSY : NFR_ERR_PORT;
  if (fstat(model->file, &status)) return NFR_ERR_PORT;
  *is_new = status.st_size == 0;
  if (!*is_new) return (uint64_t)status.st_size == model->image_bytes ? NFR_OK : NFR_ERR_ARGUMENT;
  if (posix_fallocate(model->file, 0, (off_t)model->image_bytes) == 0) return NFR_OK;
  int err = ftruncate(model->file, 0); /* not half a chip */
  (void)err;
  return NFR_ERR_NO_SPACE;
}

/* The image: anonymous, a file, or (fenced) one mapping to write and one to read and execute. */
static int map_image(struct nfr_flash_model *model, const struct nfr_flash_model_config *config, bool *is_new) {
  int file = -1, result = NFR_ERR_PORT;
  *is_new = true;
  if (config->file) {
    int err = open_file(model, config->file, is_new);
    if (err) return err;
    file = model->file;
  } else if (config->fenced) {
    file = memfd_create("nfr_flash_model", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, (off_t)model->image_bytes)) goto done;
  }
  result = NFR_ERR_NO_MEMORY;
  void *image = mmap(NULL, model->image_bytes, PROT_READ | PROT_WRITE, file >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, file, 0);
  if (image == MAP_FAILED) goto done;
  model->image = model->view = image;
  if (config->fenced) {
    model->view_protection = PROT_READ | PROT_EXEC;
    void *view = mmap(NULL, model->image_bytes, model->view_protection, MAP_SHARED, file, 0);
    if (view == MAP_FAILED) { /* a file system without execution */
      model->view_protection = PROT_READ;
      view = mmap(NULL, model->image_bytes, model->view_protection, MAP_SHARED, file, 0);
    }
    if (view == MAP_FAILED) goto done;
    model->view = view;
  }
  result = NFR_OK;
done:
  if (file >= 0 && file != model->file) (void)close(file);
  return result;
}

static void set_up_region(struct nfr_flash_model *model, enum nfr_flash_region which, const struct nfr_flash_geometry *geometry,
                          uint32_t blocks, bool is_mapped) {
  struct region *region = &model->regions[which];
  region->model = model;
  region->which = which;
  region->geometry = *geometry;
  region->block_count = blocks;
  region->unit_shift = log2_of(geometry->unit_bytes);
  region->block_shift = log2_of(geometry->block_bytes);
  size_t start = which == NFR_FLASH_JOURNAL ? 0 : model->regions[NFR_FLASH_JOURNAL].flash.bytes;
  region->bytes = model->image + start;
  uint32_t pages_of_256 = geometry->page_bytes >= 256 ? 1u : 256u / geometry->page_bytes;
  region->flash = (struct nfr_flash){
    .context = region,
    .bytes = (uint32_t)region_bytes(geometry, blocks),
    .block_bytes = geometry->block_bytes,
    .unit_bytes = geometry->unit_bytes,
    .rewrites = geometry->rewrites,
    .mapped = is_mapped ? model->view + start : NULL,
    .program_stall_us = pages_of_256 * geometry->program_page_us,
    .erase_stall_us = geometry->erase_block_us,
    .read = flash_read,
    .program = flash_program,
    .erase = flash_erase,
  };
}

/* Second faces, states and blocks of both regions in one mapping, zero until they are touched. */
static int map_other(struct nfr_flash_model *model) {
  size_t at[2][3], bytes = 0;
  for (unsigned i = 0; i < 2; i++) {
    struct region *region = &model->regions[i];
    size_t needs[3] = {region->flash.bytes, region->flash.bytes >> region->unit_shift, region->block_count * sizeof(struct block)};
    for (unsigned k = 0; k < 3; k++) {
      at[i][k] = bytes;
      bytes += up(needs[k], HOST_PAGE);
    }
  }
  void *other = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (other == MAP_FAILED) return NFR_ERR_NO_MEMORY;
  model->other = other;
  model->other_bytes = bytes;
  for (unsigned i = 0; i < 2; i++) {
    struct region *region = &model->regions[i];
    region->pending = model->other + at[i][0];
    region->states = model->other + at[i][1];
    region->blocks = (struct block *)(void *)(model->other + at[i][2]);
    for (uint32_t b = 0; b < region->block_count; b++)
      region->blocks[b] = (struct block){.erases_left = UINT32_MAX, .programs_left = UINT32_MAX, .is_changed = true};
  }
  return NFR_OK;
}

/* Bytes that stand there already say which units are erased. */
static void take_states(struct region *region, uint32_t offset, uint32_t bytes) {
  uint8_t blank[32];
  memset(blank, 0xff, sizeof blank);
  if (bytes == 0) return;
  uint32_t last = (offset + bytes - 1) >> region->unit_shift;
  for (uint32_t unit = offset >> region->unit_shift; unit <= last; unit++) {
    bool is_blank = memcmp(region->bytes + ((size_t)unit << region->unit_shift), blank, region->geometry.unit_bytes) == 0;
    region->states[unit] = is_blank && !region->model->noise ? UNIT_ERASED : UNIT_STABLE;
  }
  for (uint32_t block = offset >> region->block_shift; block <= (offset + bytes - 1) >> region->block_shift; block++)
    flash_changed(region, block);
}

static int build(struct nfr_flash_model *model, const struct nfr_flash_model_config *config) {
  bool is_new;
  model->self = calloc(1, sizeof *model->self);
  if (!model->self) return NFR_ERR_NO_MEMORY;
  model->self->references = 1;
  model->image_bytes = region_bytes(&config->journal, config->journal_blocks) + region_bytes(&config->blobs, config->blob_blocks);
  int err = map_image(model, config, &is_new);
  if (err) return err;
  bool is_mapped = config->mapped || config->fenced;
  set_up_region(model, NFR_FLASH_JOURNAL, &config->journal, config->journal_blocks, is_mapped);
  if (config->blob_blocks > 0) set_up_region(model, NFR_FLASH_BLOBS, &config->blobs, config->blob_blocks, is_mapped);
  err = map_other(model);
  if (err) return err;
  for (unsigned i = 0; i < 2; i++) {
    struct region *region = &model->regions[i];
    for (uint32_t block = 0; is_new && block < region->block_count; block++) flash_fill_erased(region, block);
    if (!is_new) take_states(region, 0, region->flash.bytes);
  }
  return NFR_OK;
}

int nfr_flash_model_new(const struct nfr_flash_model_config *config, struct nfr_flash_model **result) {
  *result = NULL;
  if (!is_valid(&config->journal, config->journal_blocks)) return NFR_ERR_ARGUMENT;
  if (config->blob_blocks > 0 && !is_valid(&config->blobs, config->blob_blocks)) return NFR_ERR_ARGUMENT;
  if (config->file && config->noise) return NFR_ERR_ARGUMENT;
  if (config->fenced && config->two_chips && region_bytes(&config->journal, config->journal_blocks) % HOST_PAGE) return NFR_ERR_ARGUMENT;
  struct nfr_flash_model *model = calloc(1, sizeof *model);
  if (!model) return NFR_ERR_NO_MEMORY;
  model->file = -1;
  model->noise = config->noise;
  model->fenced = config->fenced;
  model->two_chips = config->two_chips;
  model->is_on = true;
  model->random = flash_seed(config->seed);
  model->noise_key = flash_random(model);
  int err = build(model, config);
  if (err) {
    nfr_flash_model_delete(model);
    return err;
  }
  *result = model;
  return NFR_OK;
}

static void release(struct identity *identity) {
  if (identity && --identity->references == 0) free(identity);
}

void nfr_flash_model_delete(struct nfr_flash_model *model) {
  if (!model) return;
  if (model->view && model->view != model->image) (void)munmap(model->view, model->image_bytes);
  if (model->image) (void)munmap(model->image, model->image_bytes);
  if (model->other) (void)munmap(model->other, model->other_bytes);
  if (model->file >= 0) (void)close(model->file);
  release(model->self);
  release(model->base);
  free(model);
}

/* ---- copies ---- */

static void copy_block(struct region *to, const struct region *from, uint32_t block) {
  size_t at = (size_t)block << from->block_shift, bytes = from->geometry.block_bytes, units = flash_units_of_block(from);
  memcpy(to->bytes + at, from->bytes + at, bytes);
  memcpy(to->states + block * units, from->states + block * units, units);
  if (from->blocks[block].is_special) memcpy(to->pending + at, from->pending + at, bytes);
  to->blocks[block] = from->blocks[block];
  to->blocks[block].is_changed = false;
}

static bool is_same_chip(const struct nfr_flash_model *a, const struct nfr_flash_model *b) {
  for (unsigned i = 0; i < 2; i++) {
    const struct nfr_flash_geometry *g = &a->regions[i].geometry, *h = &b->regions[i].geometry;
    if (a->regions[i].block_count != b->regions[i].block_count || g->block_bytes != h->block_bytes || g->unit_bytes != h->unit_bytes ||
        g->page_bytes != h->page_bytes || g->rewrites != h->rewrites)
      return false;
  }
  return a->noise == b->noise;
}

int nfr_flash_model_copy(struct nfr_flash_model *to, const struct nfr_flash_model *from) {
  if (to == from) return NFR_OK;
  if (!is_same_chip(to, from)) return NFR_ERR_ARGUMENT;
  bool is_base = to->base == from->self && to->base_version == from->version;
  for (unsigned i = 0; i < 2; i++) {
    struct region *region = &to->regions[i];
    for (uint32_t block = 0; block < region->block_count; block++)
      if (!is_base || region->blocks[block].is_changed) copy_block(region, &from->regions[i], block);
    region->counts = from->regions[i].counts;
  }
  from->self->references++;
  release(to->base);
  to->base = from->self;
  to->base_version = from->version;
  to->version++;
  to->is_on = from->is_on;
  to->random = from->random;
  to->noise_key = from->noise_key;
  memcpy(to->violation, from->violation, sizeof to->violation);
  to->until_cut = 0;
  return NFR_OK;
}

/* ---- faults ---- */

void nfr_flash_model_set_bad(struct nfr_flash_model *model, enum nfr_flash_region which, uint32_t block, uint32_t erases,
                             uint32_t programs) {
  struct region *region = &model->regions[which];
  region->blocks[block].erases_left = erases;
  region->blocks[block].programs_left = programs;
  flash_changed(region, block);
}

void nfr_flash_model_flip(struct nfr_flash_model *model, enum nfr_flash_region which, uint32_t offset, unsigned bit) {
  struct region *region = &model->regions[which];
  region->bytes[offset] ^= (uint8_t)(1u << (bit & 7u));
  flash_changed(region, offset >> region->block_shift);
}

void nfr_flash_model_put(struct nfr_flash_model *model, enum nfr_flash_region which, uint32_t offset, const void *data, uint32_t bytes) {
  struct region *region = &model->regions[which];
  memcpy(region->bytes + offset, data, bytes);
  take_states(region, offset, bytes);
}

/* ---- what was observed ---- */

const struct nfr_flash *nfr_flash_model_flash(const struct nfr_flash_model *model, enum nfr_flash_region region) {
  return &model->regions[region].flash;
}

const uint8_t *nfr_flash_model_bytes(const struct nfr_flash_model *model, enum nfr_flash_region region) {
  return model->regions[region].bytes;
}

struct nfr_flash_counts nfr_flash_model_counts(const struct nfr_flash_model *model, enum nfr_flash_region region) {
  return model->regions[region].counts;
}

uint64_t nfr_flash_model_operations(const struct nfr_flash_model *model) {
  return model->regions[0].counts.operations + model->regions[1].counts.operations;
}

uint32_t nfr_flash_model_wear(const struct nfr_flash_model *model, enum nfr_flash_region region, uint32_t block) {
  return model->regions[region].blocks[block].erases;
}

uint64_t nfr_flash_model_violations(const struct nfr_flash_model *model) {
  return model->regions[0].counts.violations + model->regions[1].counts.violations;
}

const char *nfr_flash_model_violation(const struct nfr_flash_model *model) { return model->violation; }
