#include "checked_call.h"

#define UNUSED __attribute__((unused))

#define LIKE(s, r) "vmov s" #s ", r" #r "\n\t"
#define KEPT(n, value, bit) "cmp r" #n ", #" value "\n\tit ne\n\torrne r0, r0, #" bit "\n\t"
#define KEPT_S(s, value) "vmov r1, s" #s "\n\tcmp r1, #" value "\n\tit ne\n\torrne r0, r0, #256\n\t"

#ifdef __ARM_FP
#define SAVE_S "vpush {s16-s31}\n\t"
#define RESTORE_S "vpop {s16-s31}\n\t"
#define SET_S                                                                                       \
  LIKE(16, 4) LIKE(17, 5) LIKE(18, 6) LIKE(19, 7) LIKE(20, 8) LIKE(21, 9) LIKE(22, 10) LIKE(23, 11) \
  LIKE(24, 4) LIKE(25, 5) LIKE(26, 6) LIKE(27, 7) LIKE(28, 8) LIKE(29, 9) LIKE(30, 10) LIKE(31, 11)
#define CHECK_S                                                                         \
  KEPT_S(16, "0x54") KEPT_S(17, "0x55") KEPT_S(18, "0x56") KEPT_S(19, "0x57")           \
  KEPT_S(20, "0x58") KEPT_S(21, "0x59") KEPT_S(22, "0x5a") KEPT_S(23, "0x5b")           \
  KEPT_S(24, "0x54") KEPT_S(25, "0x55") KEPT_S(26, "0x56") KEPT_S(27, "0x57")           \
  KEPT_S(28, "0x58") KEPT_S(29, "0x59") KEPT_S(30, "0x5a") KEPT_S(31, "0x5b")
#else
#define SAVE_S
#define RESTORE_S
#define SET_S
#define CHECK_S
#endif

/* r4 to r11 hold 0x54 … 0x5b, s16 to s23 the same, s24 to s31 again. */
__attribute__((naked)) uint32_t checked_call(void (*run)(const struct nfr_op *, uint32_t, uint32_t) UNUSED,
                                             const struct nfr_op *op UNUSED, uint32_t first UNUSED, uint32_t count UNUSED) {
  __asm__("push {r4-r11, lr}\n\t" SAVE_S "sub sp, #4\n\t"
          "mov r12, r0\n\tmov r0, r1\n\tmov r1, r2\n\tmov r2, r3\n\t"
          "mov r4, #0x54\n\tmov r5, #0x55\n\tmov r6, #0x56\n\tmov r7, #0x57\n\t"
          "mov r8, #0x58\n\tmov r9, #0x59\n\tmov r10, #0x5a\n\tmov r11, #0x5b\n\t" SET_S
          "blx r12\n\tmov r0, #0\n\t"
          KEPT(4, "0x54", "1") KEPT(5, "0x55", "2") KEPT(6, "0x56", "4") KEPT(7, "0x57", "8")
          KEPT(8, "0x58", "16") KEPT(9, "0x59", "32") KEPT(10, "0x5a", "64") KEPT(11, "0x5b", "128") CHECK_S
          "add sp, #4\n\t" RESTORE_S "pop {r4-r11, pc}");
}
