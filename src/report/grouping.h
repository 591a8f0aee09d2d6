/* grouping.h - findings of one kind together, for reports that a person reads.
 *
 * A report that groups writes the text of each finding into one section and a record of it into another.
 * After the last recording the records say how many there are of each kind, and where their texts are.
 */
#ifndef SMTPSEQ_GROUPING_H
#define SMTPSEQ_GROUPING_H

#include "report/report.h"

/* Up to so many findings are shown in the order of their lines, all of them. */
#define GROUPING_FROM  20
/* So many findings of each kind are shown in full. */
#define GROUPING_SHOWN 3

/* Findings of one rule and level whose causes are alike. */
struct finding_group {
    const struct rule *rule;
    enum severity severity;
    uint64_t cause; /* a hash of the cause's text */
    uint64_t count;
    uint64_t recordings; /* in so many recordings */
    uint64_t last_recording;
    long offsets[GROUPING_SHOWN]; /* of the first texts ... */
    size_t sizes[GROUPING_SHOWN]; /* ... and their octets */
};

struct grouping {
    struct finding_group *list; /* errors first, of them the most frequent rule first */
    size_t count, capacity;
    uint64_t findings;
    uint64_t of_rule[RULE_COUNT][SEVERITY_COUNT];
};

/* Writes the text of a finding into `section` and a record of it into the next one. */
void grouping_add(const struct report *report, unsigned section, const struct finding *finding,
                  struct slice text);

/* Reads the records of a section. False when out of memory. grouping_free frees what is inside. */
bool grouping_read(struct grouping *grouping, const struct report *report, unsigned section);
void grouping_free(struct grouping *grouping);

/* Returns true if there are so many findings that some of them are left out. */
bool grouping_leaves_out(const struct grouping *grouping);

/* Copies the text of a finding of a group, by its place among those that are shown. */
void grouping_copy(const struct report *report, unsigned section, const struct finding_group *group,
                   size_t place);

/* Copies the texts of the first `most` findings of a rule and level. */
void grouping_copy_rule(const struct report *report, unsigned section, const struct rule *rule,
                        enum severity severity, uint64_t most);

#endif
