/* proxy.c - an SMTP proxy that says what is out of order while it happens, a connection at a time:
 *
 *     cc proxy.c $(pkg-config --cflags --libs smtpseq) -o proxy && ./proxy 2525 127.0.0.1 25
 *
 * Port 0: any that is free; the first line of the output says which.
 */
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <smtpseq.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void print(void *context, const smtpseq_lint_finding *finding)
{
    (void)context;
    printf("line %llu: %s: %s [%s]\n", (unsigned long long)smtpseq_lint_line(finding),
           smtpseq_lint_fault(finding), smtpseq_lint_message(finding), smtpseq_lint_rule(finding));
}

static void print_outcome(void *context, const char *json)
{
    (void)context;
    puts(json);
}

static bool send_all(int descriptor, const char *octets, size_t size)
{
    while (size > 0) {
        ssize_t sent = write(descriptor, octets, size);
        if (sent <= 0)
            return false;
        octets += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* Passes on what each side says until one of them has closed. The library sees it before the other side does. */
static void relay(int client, int server, smtpseq_lint *lint)
{
    static const enum smtpseq_lint_side sides[] = {SMTPSEQ_LINT_CLIENT, SMTPSEQ_LINT_SERVER};
    struct pollfd ends[2] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    char room[16384];
    while (poll(ends, 2, -1) > 0)
        for (int i = 0; i < 2; i++) {
            if (!ends[i].revents)
                continue;
            ssize_t size = read(ends[i].fd, room, sizeof room);
            if (size <= 0)
                return;
            smtpseq_lint_said(lint, sides[i], room, (size_t)size);
            fflush(stdout);
            if (!send_all(ends[1 - i].fd, room, (size_t)size))
                return;
        }
}

/* Returns a socket that is connected to the server, or -1. */
static int reach(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *addresses;
    int found = -1;
    if (getaddrinfo(host, port, &hints, &addresses) != 0)
        return -1;
    for (struct addrinfo *next = addresses; next && found < 0; next = next->ai_next) {
        found = socket(next->ai_family, SOCK_STREAM, 0);
        if (found >= 0 && connect(found, next->ai_addr, next->ai_addrlen) != 0) {
            close(found);
            found = -1;
        }
    }
    freeaddrinfo(addresses);
    return found;
}

/* Returns a socket that listens on 127.0.0.1, and says where; or -1. */
static int listen_on(const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET}, *address;
    char name[NI_MAXSERV];
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    if (getaddrinfo("127.0.0.1", port, &hints, &address) != 0)
        return -1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    bool done = bind(listener, address->ai_addr, address->ai_addrlen) == 0 &&
                listen(listener, 8) == 0 &&
                getsockname(listener, address->ai_addr, &address->ai_addrlen) == 0 &&
                getnameinfo(address->ai_addr, address->ai_addrlen, NULL, 0, name, sizeof name,
                            NI_NUMERICSERV) == 0;
    freeaddrinfo(address);
    if (done)
        printf("listening on 127.0.0.1:%s\n", name);
    fflush(stdout);
    return done ? listener : -1;
}

static void serve(int client, int server)
{
    smtpseq_lint *lint = smtpseq_lint_new();
    if (!lint || server < 0) {
        fputs(lint ? "proxy: cannot reach the server\n" : "proxy: out of memory\n", stderr);
        smtpseq_lint_free(lint);
        return;
    }
    smtpseq_lint_on_finding(lint, print, NULL);
    smtpseq_lint_on_session(lint, print_outcome, NULL);
    relay(client, server, lint);
    if (smtpseq_lint_finish(lint) == SMTPSEQ_LINT_NO_SESSION)
        puts("no SMTP session");
    fflush(stdout);
    smtpseq_lint_free(lint);
}

int main(int argc, char *argv[])
{
    int listener = argc == 4 ? listen_on(argv[1]) : -1, client;
    if (listener < 0) {
        fputs("usage: proxy PORT HOST PORT\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    while ((client = accept(listener, NULL, NULL)) >= 0) {
        int server = reach(argv[2], argv[3]);
        serve(client, server);
        close(client);
        if (server >= 0)
            close(server);
    }
    return 2;
}
