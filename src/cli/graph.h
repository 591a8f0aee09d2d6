/* graph.h - the state machine as a picture. */
#ifndef SMTPSEQ_GRAPH_H
#define SMTPSEQ_GRAPH_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/graphviz.h"

/* Prints what the RFCs allow as dot (Graphviz), or as a Mermaid state diagram. */
void graph_print(FILE *out, bool mermaid);

/* Says why --format=svg has no picture. */
void graph_complain(enum graphviz_status status, const char *trouble);

#endif
