#include "guards.h"

#define MPU_TYPE (*(volatile uint32_t *)0xe000ed90u)
#define MPU_CTRL (*(volatile uint32_t *)0xe000ed94u)
#define MPU_RNR (*(volatile uint32_t *)0xe000ed98u)
#define MPU_RBAR (*(volatile uint32_t *)0xe000ed9cu)
#define MPU_RASR (*(volatile uint32_t *)0xe000eda0u)

enum { GUARD = 32, ENABLE = 1, BACKGROUND = 4, SIZE_32 = 4 << 1 /* 2^(4 + 1) bytes; no access */ };

__attribute__((section(".buffers"), aligned(64))) static uint8_t rooms[GUARDS][GUARD_ROOM];

static void barrier(void) {
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}

bool guards_start(void) {
  if ((MPU_TYPE >> 8 & 0xffu) < GUARDS) return false;
  guards_off();
  MPU_CTRL = ENABLE | BACKGROUND;
  barrier();
  return true;
}

void guards_off(void) {
  for (uint32_t i = 0; i < GUARDS; i++) {
    MPU_RNR = i;
    MPU_RASR = 0;
  }
  barrier();
}

uint8_t *guards_place(unsigned index, uint32_t bytes, uint32_t alignment, bool from_start) {
  uint8_t *room = rooms[index], *guard = from_start ? room : room + GUARD_ROOM - GUARD;
  MPU_RNR = index;
  MPU_RBAR = (uint32_t)(uintptr_t)guard;
  MPU_RASR = SIZE_32 | ENABLE;
  barrier();
  return from_start ? room + GUARD : (uint8_t *)((uintptr_t)(guard - bytes) & ~(uintptr_t)(alignment - 1u));
}
