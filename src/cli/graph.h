/* graph.h - the state machine as a picture. */
#ifndef SMTPSEQ_GRAPH_H
#define SMTPSEQ_GRAPH_H

#include <stdbool.h>
#include <stdio.h>

/* Prints what the RFCs allow as dot (Graphviz), or as a Mermaid state diagram. */
void graph_print(FILE *out, bool mermaid);

#endif
