/* Reasons in words. Apart from the rest: a device that sends numbers does not link the texts. */
#include <string.h>

#include "nfr_lifecycle.h"

enum nfr_reason nfr_reason_of_error(int error) {
  switch (error) {
  case NFR_ERR_SIGNATURE: return NFR_REASON_SIGNATURE;
  case NFR_ERR_CORRUPT: return NFR_REASON_CORRUPT;
  case NFR_ERR_VERSION:
  case NFR_ERR_UNSUPPORTED: return NFR_REASON_ABI;
  case NFR_ERR_NO_MEMORY:
  case NFR_ERR_BUDGET: return NFR_REASON_DOES_NOT_FIT;
  case NFR_ERR_ROLLBACK: return NFR_REASON_ROLLBACK;
  case NFR_ERR_SELF_TEST: return NFR_REASON_SELF_TEST;
  case NFR_ERR_NO_SPACE: return NFR_REASON_NO_SPACE;
  case NFR_ERR_NOT_FOUND: return NFR_REASON_MISSING;
  case NFR_ERR_PORT: return NFR_REASON_DAMAGED;
  default: return NFR_REASON_NONE;
  }
}

uint16_t nfr_detail_of_test(uint32_t case_index, int32_t source_op) {
  uint32_t number = case_index > NFR_DETAIL_MAX_CASE ? NFR_DETAIL_MAX_CASE : case_index;
  uint32_t op = source_op < 0 ? NFR_DETAIL_OUTPUT : (uint32_t)source_op > NFR_DETAIL_MAX_OP ? NFR_DETAIL_MAX_OP : (uint32_t)source_op;
  return (uint16_t)(number << 10 | op);
}

struct writer { char *text; size_t room, length; }; /* room: without the terminator */

static void put(struct writer *writer, const char *text) {
  size_t length = strlen(text), left = writer->room - writer->length;
  if (length > left) length = left;
  memcpy(writer->text + writer->length, text, length);
  writer->length += length;
}

static void put_number(struct writer *writer, unsigned number) {
  char digits[6];
  size_t at = sizeof digits - 1;
  digits[at] = 0;
  do digits[--at] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  put(writer, digits + at);
}

static void put_test(struct writer *writer, uint16_t detail) {
  uint16_t op = detail & NFR_DETAIL_OUTPUT;
  put(writer, " (case ");
  put_number(writer, detail >> 10);
  put(writer, op == NFR_DETAIL_OUTPUT ? ", the output itself" : ", operator ");
  if (op != NFR_DETAIL_OUTPUT) put_number(writer, op);
  put(writer, ")");
}

size_t nfr_reason_text(enum nfr_reason reason, uint16_t detail, char *text, size_t capacity) {
  static const char *const texts[NFR_REASON_COUNT] = {
      [NFR_REASON_NONE] = "nothing speaks against it",
      [NFR_REASON_SIGNATURE] = "its signature is wrong, or the key may not sign this name",
      [NFR_REASON_CORRUPT] = "its bytes break a rule of the format",
      [NFR_REASON_DIGEST] = "what arrived has another digest than what was announced",
      [NFR_REASON_DOES_NOT_FIT] = "it needs more memory than this device has free",
      [NFR_REASON_UNSUPPORTED] = "it needs a feature that this device lacks",
      [NFR_REASON_ROLLBACK] = "its security counter is below the lowest one that this device accepts",
      [NFR_REASON_NO_SPACE] = "the flash has no room for it",
      [NFR_REASON_ABI] = "the firmware that runs now cannot execute it",
      [NFR_REASON_SELF_TEST] = "its answers differ from the golden vectors",
      [NFR_REASON_DEADLINE] = "it missed its deadline while it was on trial",
      [NFR_REASON_HEALTH] = "it broke health rule ",
      [NFR_REASON_FAULT] = "inferences of it failed",
      [NFR_REASON_WATCHDOG] = "the watchdog had to reset the device while it was on trial",
      [NFR_REASON_PANIC] = "the firmware crashed while it was on trial",
      [NFR_REASON_BROWN_OUT] = "the supply voltage broke down while it was on trial",
      [NFR_REASON_RESET] = "the device was reset without a plan while it was on trial",
      [NFR_REASON_OPERATOR] = "the operator rolled it back",
      [NFR_REASON_DAMAGED] = "a part of it was found broken on flash",
      [NFR_REASON_MISSING] = "a part of it is missing on flash",
      [NFR_REASON_TOO_MANY_FAILURES] = "three candidates of this name failed one after the other",
      [NFR_REASON_ALREADY_REJECTED] = "this very version was rejected before",
      [NFR_REASON_ALREADY_HERE] = "it is the confirmed version already",
      [NFR_REASON_GATE] = "its managed code was refused by the gate",
      [NFR_REASON_NO_VECTORS] = "it has no golden vectors to be tested with",
  };
  if (capacity == 0) return 0;
  struct writer writer = {.text = text, .room = capacity - 1};
  put(&writer, (unsigned)reason < NFR_REASON_COUNT ? texts[reason] : "a reason that this version does not know: ");
  if ((unsigned)reason >= NFR_REASON_COUNT) put_number(&writer, (uint8_t)reason);
  if (reason == NFR_REASON_HEALTH) put_number(&writer, detail);
  if (reason == NFR_REASON_SELF_TEST) put_test(&writer, detail);
  text[writer.length] = 0;
  return writer.length;
}
