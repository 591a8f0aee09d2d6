/* pieces.c - deals pieces out to threads, and adds what comes of them in the order of the recording.
 */
#include "check/pieces.h"

#include <pthread.h>
#include <stdlib.h>

#include "check/lines.h"
#include "check/piece.h"
#include "smtp/look.h"
#include "transcript/source/line_ends.h"

/* A recording of fewer pieces is read as one. */
#define PIECES_LEAST 4
/* Octets in which the ends of sessions are looked for. */
#define SEARCH       ((size_t)256 << 10)
/* When none are found, how far is looked for others. */
#define FARTHEST     ((uint64_t)64 << 20)
/* The octets of a piece that is read apart, at most. */
#define PIECE_MAX    ((size_t)4 << 20)
/* Ends that are looked for: the cut is at the last one, and from the first one on is read what is remembered there. Two
 * sessions lie between, since the greeting of the first has no session before it that it ends. */
#define ENDS         3
/* For each thread, the pieces that may wait to be added. */
#define WAITING      2
/* The threads for one recording, at most: each needs memory for its pieces. */
#define THREADS_MAX  32

struct pieces {
    struct reading *reading;
    const struct source *source;
    struct piece_setup setup;
    uint64_t size; /* of the file when reading began */
    char *room;    /* SEARCH octets */

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    bool more;       /* there is another piece, which begins at `next` */
    struct cut next; /* the same */
    struct piece *ring;
    size_t room_for; /* pieces in the ring */
    size_t taken;    /* how many have been dealt out ... */
    size_t past;     /* ... and how many the recording's reading has got past */
    bool stop;
};

/* What the lines of a recording say of the ends of its sessions. */
struct goodbyes {
    bool here; /* the line at hand is a 221 */
};

static void look_for_goodbye(void *context, const struct line *line)
{
    struct goodbyes *goodbyes = context;
    if (line->side == SIDE_SERVER && slice_starts(line->payload, SLICE("221")) &&
        (line->payload.size == 3 || line->payload.data[3] == ' '))
        goodbyes->here = true;
}

/* Finds the lines after which a session may be over, as many as are wanted: offsets into the text, which begins with a line.
 * Returns false if there are not enough. */
static bool find_ends(const struct pieces *pieces, struct slice text, size_t ends[ENDS])
{
    struct goodbyes goodbyes = {.here = false};
    const struct line_sink sink = {.line = look_for_goodbye, .context = &goodbyes};
    struct reader reader;
    size_t found = 0;
    struct slice left = text;
    bool read = reader_open(&reader, pieces->setup.recognition, pieces->setup.head, &sink);
    while (read && found < ENDS && slice_find(left, '\n') < left.size) {
        struct source_line line = {.number = 1, .ended = true};
        line.text = head_line(&left);
        line.cr = slice_ends(line.text, SLICE("\r"));
        line.text.size -= line.cr;
        goodbyes.here = false;
        read = reader_read(&reader, &line);
        if (goodbyes.here)
            ends[found++] = text.size - left.size;
    }
    reader_close(&reader);
    return found == ENDS;
}

/* Finds a cut behind that place. Its lines are not set. */
static bool find_cut_at(struct pieces *pieces, uint64_t place, struct cut *cut)
{
    struct slice text = {pieces->room, source_look(pieces->source, place, pieces->room, SEARCH)};
    size_t begin = slice_find(text, '\n') + 1, ends[ENDS];
    text = slice_after(text, begin);
    if (!find_ends(pieces, text, ends))
        return false;
    cut->warm_up = place + begin + ends[0];
    cut->place = place + begin + ends[ENDS - 1];
    return true;
}

/* The same, a piece behind the place, or farther where long messages stand there. */
static bool find_cut(struct pieces *pieces, uint64_t after, struct cut *cut)
{
    uint64_t place = after + pieces->reading->checker->piece;
    for (uint64_t step = SEARCH; place < pieces->size && step <= FARTHEST; step *= 2) {
        if (find_cut_at(pieces, place, cut))
            return true;
        place += step;
    }
    return false;
}

/* The lines of the file between two places. */
static uint64_t lines_between(const struct pieces *pieces, uint64_t from, uint64_t to)
{
    uint64_t lines = 0;
    size_t got = 1;
    for (; from < to && got > 0; from += got) {
        size_t size = to - from < SEARCH ? to - from : SEARCH;
        got = source_look(pieces->source, from, pieces->room, size);
        lines += line_ends_count((struct slice){pieces->room, got}, '\n');
    }
    return lines;
}

/* Reads the text of a piece, unless it is too long, and counts the lines before the next. Returns false when it cannot. */
static bool fetch(struct pieces *pieces, struct piece *piece)
{
    struct cut *cut = &piece->cut;
    size_t size = piece->end - cut->warm_up;
    cut->warm_up_lines = cut->lines - lines_between(pieces, cut->warm_up, cut->place);
    pieces->next.lines = cut->lines + lines_between(pieces, cut->place, piece->end);
    if (size > PIECE_MAX)
        return true;
    char *room = octet_buffer_room(&piece->text, size);
    if (!room || source_look(pieces->source, cut->warm_up, room, size) < size)
        return false;
    piece->text.size = size;
    return true;
}

/* Deals out the next piece that is to be read apart. NULL: there is none, or too many wait. The lock is held. */
static struct piece *take(struct pieces *pieces)
{
    while (pieces->more && !pieces->stop && pieces->taken - pieces->past < pieces->room_for) {
        struct piece *piece = &pieces->ring[pieces->taken % pieces->room_for];
        piece_clear(piece);
        piece->cut = pieces->next;
        /* The last one has no line, and is there for what is remembered where it begins. */
        pieces->more = find_cut(pieces, piece->cut.place, &pieces->next);
        piece->end = pieces->more ? pieces->next.place : piece->cut.place;
        pieces->taken++;
        pieces->more = fetch(pieces, piece) && pieces->more;
        if (piece->text.size > 0)
            return piece;
        piece->done = true;
        pthread_cond_broadcast(&pieces->changed);
    }
    return NULL;
}

/* Reads a piece. The lock is held, but not meanwhile. */
static void read_piece(struct pieces *pieces, struct piece *piece)
{
    pthread_mutex_unlock(&pieces->lock);
    piece_read(piece, &pieces->setup);
    pthread_mutex_lock(&pieces->lock);
    piece->done = true;
    pthread_cond_broadcast(&pieces->changed);
}

static void *work(void *context)
{
    struct pieces *pieces = context;
    struct piece *piece;
    pthread_mutex_lock(&pieces->lock);
    while (!pieces->stop && pieces->more) {
        if ((piece = take(pieces)))
            read_piece(pieces, piece);
        else
            pthread_cond_wait(&pieces->changed, &pieces->lock);
    }
    pthread_mutex_unlock(&pieces->lock);
    return NULL;
}

/* The piece with that number, from 0, when it has been read; others are read meanwhile. NULL: there is none. */
static struct piece *await(struct pieces *pieces, size_t number)
{
    struct piece *piece = &pieces->ring[number % pieces->room_for], *other;
    pthread_mutex_lock(&pieces->lock);
    while (number < pieces->taken ? !piece->done : pieces->more) {
        if ((other = take(pieces)))
            read_piece(pieces, other);
        else
            pthread_cond_wait(&pieces->changed, &pieces->lock);
    }
    bool there = number < pieces->taken;
    pthread_mutex_unlock(&pieces->lock);
    return there ? piece : NULL;
}

/* The reading of the recording has got past a piece. */
static void pass(struct pieces *pieces)
{
    pthread_mutex_lock(&pieces->lock);
    piece_clear(&pieces->ring[pieces->past++ % pieces->room_for]);
    pthread_cond_broadcast(&pieces->changed);
    pthread_mutex_unlock(&pieces->lock);
}

/* Adds the pieces that can be used, from the one at which the reading stands. Returns the one that begins where the last of
 * them ends; NULL where there was none. */
static const struct piece *add_pieces(struct pieces *pieces)
{
    const struct piece *reached = NULL;
    struct rest rest;
    if (!reading_rests(pieces->reading, &rest))
        return NULL;
    struct piece *piece = await(pieces, pieces->past), *next;
    while (piece && piece->usable && rest_equal(&rest, &piece->begins) &&
           (next = await(pieces, pieces->past + 1)) && next->usable &&
           rest_equal(&piece->ends, &next->begins)) {
        piece_add(piece, pieces->reading);
        rest = piece->ends;
        pass(pieces);
        reached = piece = next;
    }
    return reached;
}

/* Reads up to the cuts, and adds pieces from there on, until there are no more. */
static enum smtpseq_status read_all(struct pieces *pieces)
{
    struct reading *reading = pieces->reading;
    struct source *source = reading->source;
    bool only = pieces->setup.only;
    enum smtpseq_status status;
    while ((status = lines_read(reading, only)) == SMTPSEQ_OK && !reading->over &&
           source_is_stopped(source)) {
        source_go_on(source);
        const struct piece *reached = add_pieces(pieces);
        if (reached)
            status = piece_go(reading, reached, pieces->setup.head, only);
        if (status != SMTPSEQ_OK)
            break;
        /* The one that follows cannot be used from here: it is read again. */
        const struct piece *piece = await(pieces, pieces->past);
        if (piece && piece->end > piece->cut.place)
            source_stop_after(source, piece->end - piece->cut.place);
        if (piece)
            pass(pieces);
    }
    return status;
}

/* Returns false when out of memory. */
static bool begin(struct pieces *pieces, unsigned jobs)
{
    pieces->room_for = (size_t)jobs * WAITING;
    pieces->room = malloc(SEARCH);
    pieces->ring = calloc(pieces->room_for, sizeof *pieces->ring);
    return pieces->room && pieces->ring;
}

static void end(struct pieces *pieces, const pthread_t threads[], size_t started)
{
    source_go_on(pieces->reading->source);
    pthread_mutex_lock(&pieces->lock);
    pieces->stop = true;
    pthread_cond_broadcast(&pieces->changed);
    pthread_mutex_unlock(&pieces->lock);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; pieces->ring && i < pieces->room_for; i++)
        piece_free(&pieces->ring[i]);
    free(pieces->ring);
    free(pieces->room);
    free((char *)pieces->setup.head.data);
}

/* Returns true if pieces can be told apart: by readers that say what they remember, and where all that is wanted can be
 * told later. */
static bool may_cut(const struct reading *reading)
{
    const struct smtpseq_callbacks *wanted = &reading->checker->callbacks;
    const struct dialogue_options *options = &reading->conversations.options;
    return reading->checker->jobs > 1 && !reading->outer && !reading->checker->journal &&
           !wanted->exchange && !wanted->line && !wanted->closing && !options->one_sided &&
           !options->replies_only && reading->reader.format->family->rests &&
           reading->reader.unwrap_count == 0;
}

enum smtpseq_status read_in_pieces(struct reading *reading, struct slice head, bool only)
{
    struct pieces pieces = {.reading = reading,
                            .source = reading->source,
                            .setup = {&reading->recognition, SLICE(""), reading->checker, only}};
    unsigned jobs = reading->checker->jobs < THREADS_MAX ? reading->checker->jobs : THREADS_MAX;
    uint64_t place = may_cut(reading) ? source_place(reading->source, &pieces.size) : UINT64_MAX;
    if (place == UINT64_MAX || pieces.size < place ||
        pieces.size - place < PIECES_LEAST * reading->checker->piece)
        return lines_read(reading, only);
    pthread_t threads[THREADS_MAX];
    size_t started = 0;
    char *kept = slice_string(head);
    pieces.setup.head = (struct slice){kept, kept ? head.size : 0};
    pthread_mutex_init(&pieces.lock, NULL);
    pthread_cond_init(&pieces.changed, NULL);
    pieces.more = kept && begin(&pieces, jobs) && find_cut(&pieces, place, &pieces.next);
    if (pieces.more) {
        pieces.next.lines =
            source_lines(reading->source) + lines_between(&pieces, place, pieces.next.place);
        source_stop_after(reading->source, pieces.next.place - place);
        while (started + 1 < jobs && pthread_create(&threads[started], NULL, work, &pieces) == 0)
            started++;
    }
    enum smtpseq_status status = read_all(&pieces);
    end(&pieces, threads, started);
    pthread_cond_destroy(&pieces.changed);
    pthread_mutex_destroy(&pieces.lock);
    return status;
}
