/* export_fields.h - the fields of packets in tshark's exports, by their names.
 */
#ifndef SMTPSEQ_TRANSCRIPT_CAPTURE_EXPORT_FIELDS_H
#define SMTPSEQ_TRANSCRIPT_CAPTURE_EXPORT_FIELDS_H

#include "transcript/capture/export.h"

enum { FIELDS_JSON, FIELDS_EK, FIELDS_PDML, FIELDS_TABLE };

enum field {
    FIELD_SOURCE,
    FIELD_DESTINATION,
    FIELD_SOURCE_PORT,
    FIELD_DESTINATION_PORT,
    FIELD_SEQUENCE,
    FIELD_RAW_SEQUENCE,
    FIELD_ACKNOWLEDGED,
    FIELD_RAW_ACKNOWLEDGED,
    FIELD_FLAGS,
    FIELD_LENGTH,
    FIELD_PAYLOAD,
    FIELD_COMMAND_LINE,
    FIELD_VERB,
    FIELD_PARAMETER,
    FIELD_RESPONSE,
    FIELD_RESPONSE_PARAMETER,
    FIELD_CODE,
    FIELD_NONE
};

/* What is known of the packet under construction. The state of an export by fields begins with it. */
struct fields {
    struct endpoint ends[2];
    bool raw[2];    /* the raw numbers of TCP were there */
    bool payload;   /* all octets were there: what SMTP's fields say is the same again */
    bool commands;  /* whole command lines were there: so are their parts */
    bool parameter; /* the next parameter of a reply repeats its first line */
};

/* The field of that name: "tcp.srcport". */
enum field field_named(struct slice name);

/* Takes what the line `number` of the file says of a field. */
void fields_take(struct export *export, uint64_t number, enum field field, struct slice value);

/* Passes the packet on; addresses and raw numbers are those of the next one from now on. */
void fields_end_packet(struct export *export, uint64_t number);

#endif
