/* forward_list.h - what all recordings say of who has moved where: without repetition, and as chains.
 */
#ifndef SMTPSEQ_FORWARD_LIST_H
#define SMTPSEQ_FORWARD_LIST_H

#include "rules/finding.h"

/* Different answers that are kept, and addresses of a chain. */
#define FORWARDS_MAX 20000
#define CHAIN_MAX    64

/* An answer, as it was given first. */
struct forward {
    char *recipient, *path; /* "": none */
    char *file;
    struct finding *finding; /* the first one */
    uint64_t count;          /* so many times */
    uint64_t order;          /* of the last time */
    int code;
    bool visited; /* in a chain */
};

/* All zero at first. */
struct forward_list {
    struct forward *list; /* by recipient, path and code */
    size_t count, capacity;
    uint64_t added;
    bool full; /* there are more */
};

/* Add an answer, or those of a later file, which are emptied. False when out of memory. */
bool forward_list_add(struct forward_list *forwards, const char *file,
                      const struct finding *finding);
bool forward_list_merge(struct forward_list *forwards, struct forward_list *later);
void forward_list_free(struct forward_list *forwards);

/* A chain of answers: the addresses, each of which has moved to the next; `loop`: the last is one of those
 * before. */
struct forward_chain {
    const char *addresses[CHAIN_MAX];
    size_t count;
    bool loop;
};

/* Calls back with each chain of at least three addresses, and each loop. Where a recipient has several
 * answers the last one counts. */
void forward_list_chains(struct forward_list *forwards,
                         void (*chain)(void *context, const struct forward_chain *chain),
                         void *context);

#endif
