/* The keys and the model that manifest_fuzz knows. */
#include "manifest_fuzz.h"

#include "builder.h"
#include "native_model.h"

size_t fuzz_write_keys(uint8_t *bytes) {
  struct test_key root = toy_key(1), publisher = toy_key(2), anyone = toy_key(3), revoked = toy_key(4);
  struct list_sample list = {.version = 3};
  list_add(&list, &publisher, "house/");
  list_add(&list, &anyone, "");
  list_add(&list, &revoked, "");
  list.revoked_count = 1;
  key_id_of(&revoked, list.revoked[0]);
  return list_write(&list, &root, bytes);
}

void fuzz_write_model(struct model *model) {
  model_write(model, 7);
}
