/* A test that breaks one rule: refused by that rule, with that error; and with the rule switched off accepted, so nothing
 * else was broken. Where going on without the rule is no longer memory safe, or meets another rule, the second half is
 * left out (`exact` false). */
#ifndef NFR_TEST_RULES_H
#define NFR_TEST_RULES_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../rule_hook.h"

struct rule_case { const char *rule; int error; bool exact; };

/* `attempt` runs the reader on the broken bytes. */
static inline void check_rule(const struct rule_case *rule, int (*attempt)(void *), void *argument) {
  rule_hook_clear();
  int err = attempt(argument);
  if (strcmp(rule_hook_first(), rule->rule) != 0 || err != rule->error)
    fail_msg("%s: broken %s, error %d instead of %d", rule->rule, rule_hook_first(), err, rule->error);
  if (!rule->exact || getenv("NFR_DISABLED_RULE") != NULL) return;
  setenv("NFR_DISABLED_RULE", rule->rule, 1);
  rule_hook_clear();
  err = attempt(argument);
  unsetenv("NFR_DISABLED_RULE");
  if (err != 0 || rule_hook_first()[0] != 0)
    fail_msg("%s: without it error %d, broken %s", rule->rule, err, rule_hook_first());
}

#endif
