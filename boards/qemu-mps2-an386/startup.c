/* Vector table and reset for the Cortex-M4F of MPS2 AN386. A fault or an unexpected interrupt ends the emulation with
 * exit code 3, so that it is never taken for a result. */
#include <stdint.h>

#include "semihosting.h"

extern uint32_t nfr_stack_top[], nfr_data_start[], nfr_data_end[], nfr_bss_start[], nfr_bss_end[];
extern const uint32_t nfr_data_load[];

int main(void);
void nfr_reset(void);
void nfr_on_fault(void); /* a program may say more */

__attribute__((weak)) void nfr_on_fault(void) {}

#define CPACR (*(volatile uint32_t *)0xe000ed88u)
#define CFSR (*(volatile uint32_t *)0xe000ed28u)
#define BFAR (*(volatile uint32_t *)0xe000ed38u)

static void put_hex(uint32_t value) {
  char text[10];
  for (unsigned i = 0; i < 8; i++) text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15u];
  text[8] = '\n';
  text[9] = 0;
  semihosting_print(text);
}

static void fault(void) {
  nfr_on_fault();
  semihosting_print("nfr-runner: fault, CFSR and BFAR ");
  put_hex(CFSR);
  put_hex(BFAR);
  semihosting_exit(3);
}

void nfr_reset(void) {
  CPACR |= 0xfu << 20; /* CP10 and CP11: the FPU */
  __asm__ volatile("dsb\n\tisb" ::: "memory");
  const uint32_t *load = nfr_data_load;
  for (uint32_t *p = nfr_data_start; p < nfr_data_end; p++) *p = *load++;
  for (uint32_t *p = nfr_bss_start; p < nfr_bss_end; p++) *p = 0;
  semihosting_exit((uint32_t)main());
}

typedef void handler(void);

__attribute__((section(".vectors"), used)) static handler *const vectors[16] = {
    (handler *)(void *)nfr_stack_top, nfr_reset, fault, fault, fault, fault, fault, fault,
    fault, fault, fault, fault, fault, fault, fault, fault};
