/* Writes the seed corpus of plan_fuzz: plan_seeds <folder>. Each kind alone, with int8 and with int16 activations where
 * it has the choice, then graphs of several operators, then streamed chains. The files follow from this source alone. */
#include <stdio.h>

#include "chain_gen.h"

enum { GRAPHS = 8, CHAINS = 8 };

static struct plan_gen gen;
static uint8_t plan[GEN_CONSTANTS + 16384];

static int write_plan(const char *folder, const char *name) {
  char path[512];
  size_t bytes = plan_gen_finish(&gen, plan, sizeof plan);
  snprintf(path, sizeof path, "%s/%s.plan", folder, name);
  FILE *file = bytes > 0 ? fopen(path, "wb") : NULL;
  if (file == NULL || fwrite(plan, 1, bytes, file) != bytes || fclose(file) != 0) {
    fprintf(stderr, "plan_seeds: %s cannot be made\n", path);
    return 1;
  }
  return 0;
}

static bool make_chain(uint64_t seed) {
  struct chain_gen chain;
  plan_gen_start(&gen, seed);
  return chain_gen_members(&gen, &chain, 2 + (unsigned)(seed % 5)) && chain_gen_rows(&gen, &chain) > 0 &&
         chain_gen_stream(&gen, &chain, 1 + gen_below(&gen, chain_gen_rows(&gen, &chain)));
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  char name[32];
  for (unsigned i = 0; i < plan_gen_kind_count; i++)
    for (uint8_t type = NFR_TYPE_INT8; type <= NFR_TYPE_INT16; type++) {
      plan_gen_start(&gen, 100u + i);
      gen.plain = true;
      gen.type = type;
      plan_gen_add(&gen, plan_gen_kinds[i], NULL, 0);
      snprintf(name, sizeof name, "kind-%02u-int%u", plan_gen_kinds[i], type == NFR_TYPE_INT8 ? 8 : 16);
      if (write_plan(argv[1], name)) return 1;
    }
  for (unsigned graph = 0; graph < GRAPHS; graph++) {
    plan_gen_start(&gen, 1000u + graph);
    for (uint16_t op = 0; op < 5; op++)
      plan_gen_add(&gen, plan_gen_kinds[gen_below(&gen, plan_gen_kind_count)], NULL, op);
    snprintf(name, sizeof name, "graph-%u", graph);
    if (write_plan(argv[1], name)) return 1;
  }
  uint64_t seed = 2000;
  for (unsigned chain = 0; chain < CHAINS; chain++, seed++) {
    while (!make_chain(seed)) seed++;
    snprintf(name, sizeof name, "chain-%u", chain);
    if (write_plan(argv[1], name)) return 1;
  }
  return 0;
}
