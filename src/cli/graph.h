/* graph.h - the state machine as a picture, walked from the parser itself.
 */
#ifndef SMTPSEQ_GRAPH_H
#define SMTPSEQ_GRAPH_H

#include <stdbool.h>
#include <stdio.h>

/* Prints what the RFCs allow as dot (Graphviz), or as a Mermaid state diagram. False when out of memory. */
bool graph_print(FILE *out, bool mermaid);

#endif
