/* feed.c - two threads that take turns.
 */
#include "feed.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum turn { TURN_CALLER, TURN_CHECKER, TURN_OVER };

struct feed {
    struct feed_reader reader;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t turned;
    enum turn turn;
    struct slice left; /* of the piece */
    bool complete;     /* no piece follows */
};

/* Gives the turn to the other side and waits until it comes back, or the checker is done. */
static void pass_turn(struct feed *feed, enum turn to, enum turn back)
{
    pthread_mutex_lock(&feed->lock);
    if (feed->turn != TURN_OVER)
        feed->turn = to;
    pthread_cond_broadcast(&feed->turned);
    while (feed->turn != back && feed->turn != TURN_OVER)
        pthread_cond_wait(&feed->turned, &feed->lock);
    pthread_mutex_unlock(&feed->lock);
}

long feed_read(void *context, char *room, size_t size)
{
    struct feed *feed = context;
    while (feed->left.size == 0 && !feed->complete) {
        feed->reader.idle(feed->reader.context);
        pass_turn(feed, TURN_CALLER, TURN_CHECKER);
    }
    return (long)slice_take(&feed->left, room, size);
}

static void *run(void *context)
{
    struct feed *feed = context;
    pthread_mutex_lock(&feed->lock);
    while (feed->turn != TURN_CHECKER)
        pthread_cond_wait(&feed->turned, &feed->lock);
    pthread_mutex_unlock(&feed->lock);
    feed->reader.run(feed->reader.context);
    pthread_mutex_lock(&feed->lock);
    feed->turn = TURN_OVER;
    pthread_cond_broadcast(&feed->turned);
    pthread_mutex_unlock(&feed->lock);
    return NULL;
}

/* Starts the checker's thread, with all signals blocked: they are for the caller's threads. */
static bool start(struct feed *feed)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&feed->thread, NULL, run, feed) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static void forget(struct feed *feed)
{
    pthread_cond_destroy(&feed->turned);
    pthread_mutex_destroy(&feed->lock);
    free(feed);
}

struct feed *feed_new(const struct feed_reader *reader)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        return NULL;
    feed->reader = *reader;
    pthread_mutex_init(&feed->lock, NULL);
    pthread_cond_init(&feed->turned, NULL);
    if (start(feed))
        return feed;
    forget(feed);
    return NULL;
}

bool feed_give(struct feed *feed, struct slice octets)
{
    feed->left = octets;
    pass_turn(feed, TURN_CHECKER, TURN_CALLER);
    return feed->turn != TURN_OVER;
}

void feed_end(struct feed *feed)
{
    if (!feed)
        return;
    feed->complete = true;
    pass_turn(feed, TURN_CHECKER, TURN_CALLER);
    pthread_join(feed->thread, NULL);
    forget(feed);
}
