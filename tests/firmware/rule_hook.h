/* What the validator's rules report in tests (firmware/rule.h). The environment variable NFR_DISABLED_RULE, such as V07,
 * lets that rule pass: mutate-rules.py runs each test that way, and expects it to fail. */
#ifndef NFR_TEST_RULE_HOOK_H
#define NFR_TEST_RULE_HOOK_H

#include <stdbool.h>

/* The first rule broken since the last rule_hook_clear; "" if none. */
const char *rule_hook_first(void);
void rule_hook_clear(void);

#endif
