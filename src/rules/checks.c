/* checks.c - the functions that the rows of the registry name. */
#include "rules/case.h"

const struct rule_check rule_checks[RULE_COUNT] = {
#define RULE(id, code, name, severity, fault, sees, needs, check, explained_by, ...) \
    [RULE_##id] = {check_##check, cause_##explained_by},
#include "rules/registry.def"
#undef RULE
};
