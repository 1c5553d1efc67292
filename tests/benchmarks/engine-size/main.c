/* Uses what a device uses, so that the linker keeps exactly that; never run. */
#include "nfr_capsule.h"
#include "nfr_engine.h"

int nfr_size_entry(struct nfr_engine *engine, const struct nfr_crypto *crypto, const struct nfr_key_list *keys,
                   struct nfr_manifest *manifest, const struct nfr_board *board, const uint8_t *bytes, size_t count,
                   void *arena, void *state);

__attribute__((used)) int nfr_size_entry(struct nfr_engine *engine, const struct nfr_crypto *crypto,
                                         const struct nfr_key_list *keys, struct nfr_manifest *manifest,
                                         const struct nfr_board *board, const uint8_t *bytes, size_t count, void *arena,
                                         void *state) {
  struct nfr_deficit deficit;
  struct nfr_tensor_view view;
  int err = nfr_manifest_verify(crypto, keys, bytes, count, manifest);
  if (err) return err;
  err = nfr_fits(manifest, board, &deficit);
  if (err) return err;
  err = nfr_engine_load(engine, bytes, count, arena, count, state, count, 0);
  if (err) return err;
  err = nfr_engine_input(engine, 0, &view);
  if (err) return err;
  err = nfr_engine_begin(engine);
  if (err) return err;
  do err = nfr_engine_step(engine, NFR_ENGINE_DEFAULT_BUDGET);
  while (err == NFR_ENGINE_MORE);
  return err ? err : nfr_engine_output(engine, 0, &view);
}
