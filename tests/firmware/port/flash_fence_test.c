/* Mapped flash cannot be read or executed while it is programmed or erased. */
#define _GNU_SOURCE
#include "flash_support.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct probe {
  struct nfr_flash_model *model;
  enum nfr_flash_region where; /* is read and executed in the midst of an operation */
  bool execute;
  unsigned calls, faults;
};

/* In a child: what happens when the CPU goes there? */
static bool faults(const uint8_t *at, bool execute) {
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    (void)signal(SIGSEGV, SIG_DFL);
    if (execute) {
      void (*code)(void);
      memcpy(&code, &at, sizeof code);
      code();
    } else {
      (void)*(const volatile uint8_t *)at;
    }
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS || WTERMSIG(status) == SIGABRT);
}

static bool is_forbidden(const struct probe *probe) {
  return faults(nfr_flash_model_flash(probe->model, probe->where)->mapped, probe->execute);
}

static void look(void *context, enum nfr_flash_region region, bool is_erase) {
  struct probe *probe = context;
  (void)region;
  (void)is_erase;
  probe->calls++;
  probe->faults += is_forbidden(probe);
}

/* A return instruction stands at the start of both regions; then one page is programmed and one block erased in `region`. */
static struct probe operate(struct nfr_flash_model_config config, enum nfr_flash_region region, enum nfr_flash_region where, bool execute) {
#if defined(__aarch64__)
  const uint8_t code[] = {0xc0, 0x03, 0x5f, 0xd6};
#else
  const uint8_t code[] = {0xc3, 0xc3, 0xc3, 0xc3};
#endif
  struct nfr_flash_model *model = make(&config);
  struct probe probe = {.model = model, .where = where, .execute = execute};
  assert_int_equal(program(nfr_flash_model_flash(model, NFR_FLASH_JOURNAL), 0, code, 4), NFR_OK);
  assert_int_equal(program(nfr_flash_model_flash(model, NFR_FLASH_BLOBS), 0, code, 4), NFR_OK);
  const struct nfr_flash *flash = nfr_flash_model_flash(model, region);
  assert_false(is_forbidden(&probe));
  nfr_flash_model_on_operation(model, look, &probe);
  assert_int_equal(program(flash, 1024, code, 4), NFR_OK);
  assert_false(is_forbidden(&probe));
  assert_int_equal(erase(flash, 1), NFR_OK);
  assert_false(is_forbidden(&probe));
  assert_memory_equal(flash->mapped + 1024, code, 4); /* what was programmed is to be seen there */
  assert_int_equal(nfr_flash_model_violations(model), 0);
  nfr_flash_model_delete(model);
  return probe;
}

static void execution_in_place_faults_during_operations(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("nor-4k");
  config.fenced = true;
  for (unsigned execute = 0; execute < 2; execute++)
    for (unsigned region = 0; region < 2; region++)
      for (unsigned where = 0; where < 2; where++) {
        struct probe probe = operate(config, region, where, execute);
        assert_int_equal(probe.calls, 2);
        assert_int_equal(probe.faults, 2);
      }
}

static void another_chip_stays_readable(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("nor-4k");
  config.fenced = config.two_chips = true;
  for (unsigned region = 0; region < 2; region++) {
    assert_int_equal(operate(config, region, region, true).faults, 2);
    assert_int_equal(operate(config, region, 1 - region, true).faults, 0);
  }
}

static void without_the_fence_it_is_a_plain_buffer(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("nor-4k");
  config.mapped = true;
  struct probe probe = operate(config, NFR_FLASH_BLOBS, NFR_FLASH_BLOBS, false);
  assert_int_equal(probe.calls, 2);
  assert_int_equal(probe.faults, 0);
}

static sigjmp_buf caught;

static void on_fault(int signal_number) { siglongjmp(caught, signal_number); }

static void touch(void *context, enum nfr_flash_region region, bool is_erase) {
  (void)region;
  (void)is_erase;
  (void)*(const volatile uint8_t *)context;
}

static void power_comes_back_after_a_fault(void **state) {
  (void)state;
  struct nfr_flash_model_config config = chip("nor-4k");
  config.fenced = true;
  struct nfr_flash_model *model = make(&config);
  const struct nfr_flash *flash = nfr_flash_model_flash(model, NFR_FLASH_BLOBS);
  union { const uint8_t *from; void *to; } mapped = {.from = flash->mapped};
  nfr_flash_model_on_operation(model, touch, mapped.to);
  struct sigaction action = {.sa_handler = on_fault}, old;
  assert_int_equal(sigaction(SIGSEGV, &action, &old), 0);
  volatile bool has_faulted = false;
  if (sigsetjmp(caught, 1)) has_faulted = true;
  else (void)erase(flash, 0);
  assert_int_equal(sigaction(SIGSEGV, &old, NULL), 0);
  assert_true(has_faulted);
  nfr_flash_model_on_operation(model, NULL, NULL);
  nfr_flash_model_power_on(model, 1);
  assert_int_equal(flash->mapped[0], 0xff);
  assert_int_equal(erase(flash, 0), NFR_OK);
  nfr_flash_model_delete(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(execution_in_place_faults_during_operations),
    cmocka_unit_test(another_chip_stays_readable),
    cmocka_unit_test(without_the_fence_it_is_a_plain_buffer),
    cmocka_unit_test(power_comes_back_after_a_fault),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
