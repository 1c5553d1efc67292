/* How a numbered rule of a format (engine/SPEC.md §5, capsule/SPEC.md §8) is written in code:
 *   if (!NFR_RULE(V07, condition)) return NFR_ERR_CORRUPT;
 *
 * In a firmware it is the condition and nothing else. Built with NFR_RULE_HOOK (tests only) a broken rule reports its
 * number first, and the hook may let it pass: so tests prove that bytes are refused by the rule they were made to break, and
 * that every rule is needed (tests/firmware/mutate-rules.py).
 */
#ifndef NFR_RULE_H
#define NFR_RULE_H

#include <stdbool.h>

#ifdef NFR_RULE_HOOK
/* True: pretend that the rule held. `rule` is its number as written in the code, such as "V07". */
bool nfr_rule_broken(const char *rule);
#define NFR_RULE(number, ...) ((__VA_ARGS__) || nfr_rule_broken(#number))
#else
#define NFR_RULE(number, ...) (__VA_ARGS__)
#endif

#endif
