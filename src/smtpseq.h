/* smtpseq.h - the library: recordings in, findings and exchanges out.
 *
 * A checker takes one recording after the other and calls back with what it finds. It keeps no
 * global state, prints nothing and never exits; several checkers may run in several threads.
 */
#ifndef SMTPSEQ_H
#define SMTPSEQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/finding.h"
#include "session/session.h"
#include "transcript/format.h"

#define SMTPSEQ_VERSION SMTPSEQ_VERSION_FROM_MESON

/* What is known of a recording when it has been read. */
struct smtpseq_recording {
    const struct format *format; /* NULL: none was recognised */
    struct fit fit;              /* how well it fits the beginning */
    uint64_t sessions;
    uint64_t exchanges;
    uint64_t lines;    /* of the file */
    uint64_t unplaced; /* lines that are neither a side's nor a note */
    uint64_t elided;   /* messages whose content or end is not shown */
    uint64_t cut;      /* lines too long to be kept whole */
    uint64_t octets;
    bool one_sided;    /* it has the client's lines only */
    bool binary;       /* the head holds a NUL and no format was recognised */
};

/* The callbacks; NULL where nothing is wanted. What they are given is valid during the call. */
struct smtpseq_callbacks {
    void *context;
    /* In the order of lines within a session; sessions one after the other. */
    void (*finding)(void *context, const struct finding *finding);
    /* In the order of the commands. `session`: from 1. */
    void (*exchange)(void *context, uint64_t session, const struct exchange *exchange,
                     const struct verdict *verdict);
};

/* How a reading ended. */
enum smtpseq_status {
    SMTPSEQ_OK,
    SMTPSEQ_NO_SESSION, /* read to the end, no SMTP session found */
    SMTPSEQ_READ_ERROR, /* errno says why; what was read before has been checked */
    SMTPSEQ_NO_MEMORY
};

/* A checker, owned by the caller. NULL when memory is short. `servers`: what real servers would say
 * is asked of these as well; the set and its tables must outlive the checker. NULL: of none. */
struct smtpseq_checker;
struct smtpseq_checker *smtpseq_checker_new(const struct smtpseq_callbacks *callbacks,
                                            const struct server_set *servers);
void smtpseq_checker_free(struct smtpseq_checker *checker);

/* Reads one recording from a descriptor, which stays the caller's. `format`: NULL to find it by
 * content. Fills *recording whatever the status. */
enum smtpseq_status smtpseq_check(struct smtpseq_checker *checker, int descriptor,
                                  const struct format *format,
                                  struct smtpseq_recording *recording);

#endif
