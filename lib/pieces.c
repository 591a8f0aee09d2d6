/* pieces.c - two threads that take turns.
 */
#include "pieces.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum turn { TURN_CALLER, TURN_CHECKER, TURN_OVER };

struct pieces {
    struct piece_reader reader;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t turned;
    enum turn turn;
    struct slice left; /* of the piece */
    bool complete;     /* no piece follows */
};

/* Gives the turn to the other side and waits until it comes back, or the checker is done. */
static void pass_turn(struct pieces *pieces, enum turn to, enum turn back)
{
    pthread_mutex_lock(&pieces->lock);
    if (pieces->turn != TURN_OVER)
        pieces->turn = to;
    pthread_cond_broadcast(&pieces->turned);
    while (pieces->turn != back && pieces->turn != TURN_OVER)
        pthread_cond_wait(&pieces->turned, &pieces->lock);
    pthread_mutex_unlock(&pieces->lock);
}

long pieces_read(void *context, char *room, size_t size)
{
    struct pieces *pieces = context;
    while (pieces->left.size == 0 && !pieces->complete) {
        pieces->reader.idle(pieces->reader.context);
        pass_turn(pieces, TURN_CALLER, TURN_CHECKER);
    }
    struct slice taken = slice_head(pieces->left, size);
    if (taken.size > 0)
        memcpy(room, taken.data, taken.size);
    pieces->left = slice_after(pieces->left, taken.size);
    return (long)taken.size;
}

static void *run(void *context)
{
    struct pieces *pieces = context;
    pthread_mutex_lock(&pieces->lock);
    while (pieces->turn != TURN_CHECKER)
        pthread_cond_wait(&pieces->turned, &pieces->lock);
    pthread_mutex_unlock(&pieces->lock);
    pieces->reader.run(pieces->reader.context);
    pthread_mutex_lock(&pieces->lock);
    pieces->turn = TURN_OVER;
    pthread_cond_broadcast(&pieces->turned);
    pthread_mutex_unlock(&pieces->lock);
    return NULL;
}

/* Starts the checker's thread, with all signals blocked: they are for the caller's threads. */
static bool start(struct pieces *pieces)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&pieces->thread, NULL, run, pieces) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static void forget(struct pieces *pieces)
{
    pthread_cond_destroy(&pieces->turned);
    pthread_mutex_destroy(&pieces->lock);
    free(pieces);
}

struct pieces *pieces_new(const struct piece_reader *reader)
{
    struct pieces *pieces = calloc(1, sizeof *pieces);
    if (!pieces)
        return NULL;
    pieces->reader = *reader;
    pthread_mutex_init(&pieces->lock, NULL);
    pthread_cond_init(&pieces->turned, NULL);
    if (start(pieces))
        return pieces;
    forget(pieces);
    return NULL;
}

bool pieces_give(struct pieces *pieces, struct slice octets)
{
    pieces->left = octets;
    pass_turn(pieces, TURN_CHECKER, TURN_CALLER);
    return pieces->turn != TURN_OVER;
}

void pieces_end(struct pieces *pieces)
{
    if (!pieces)
        return;
    pieces->complete = true;
    pass_turn(pieces, TURN_CHECKER, TURN_CALLER);
    pthread_join(pieces->thread, NULL);
    forget(pieces);
}
