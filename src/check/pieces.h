/* pieces.h - a large recording is read in pieces, several at a time.
 *
 * It is cut where a session has said goodbye. Nobody knows there what has been read before, so each piece begins two sessions
 * earlier: what is found in those is dropped, and what is remembered after them (check/rest.h) is compared with what the
 * piece before has come to. Where both are the same, what the piece found is what would have been found without cutting;
 * where they are not, or the piece holds something that only the whole recording explains, it is read again in its turn.
 * So the result never hangs on how many pieces there were, or when they were read.
 */
#ifndef SMTPSEQ_CHECK_PIECES_H
#define SMTPSEQ_CHECK_PIECES_H

#include "check/reading.h"

/* Octets of a piece, about. */
#define PIECE_OCTETS ((size_t)1 << 20)

/* As lines_read, and by as many threads as the checker may use, where the source can be cut. `head`: what the reader has
 * been opened with. */
enum smtpseq_status read_in_pieces(struct reading *reading, struct slice head, bool only);

#endif
