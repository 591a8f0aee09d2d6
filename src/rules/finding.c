/* finding.c - the end of a finding, and the order of several.
 */
#include "rules/finding.h"

#include <stdlib.h>

void finding_free(struct finding *finding)
{
    if (!finding)
        return;
    free(finding->followers);
    free(finding);
}

int finding_compare(const void *left, const void *right)
{
    const struct finding *a = *(struct finding *const *)left;
    const struct finding *b = *(struct finding *const *)right;
    if (a->part != b->part)
        return a->part < b->part ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return a->rule < b->rule ? -1 : a->rule > b->rule;
}
