/* walk.c - writes the table of machine.h: every exchange in every state of both grammars.
 *
 * A program of the build. It knows neither grammar. From each state that it has found it plays every
 * command with every outcome on a parser that bison made, and asks the parser which state it is in
 * then. A parser is never driven into a syntax error: what it does not expect is not pushed.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "session/machine.h"
#include "security.tab.h"
#include "session.tab.h"

/* From the epilogues of the grammars. */
const char *order_state(const order_pstate *parser);
uint64_t order_expected(const order_pstate *parser);
const char *security_state(const security_pstate *parser);
uint64_t security_expected(const security_pstate *parser);

/* A parser with everything that is asked of it. */
struct grammar {
    const char *file;
    void *(*begin)(void);
    void (*end)(void *parser);
    void (*push)(void *parser, int token);
    uint64_t (*expected)(const void *parser); /* bit n is token n */
    const char *(*state)(const void *parser); /* its symbol */
    const char *const *states;                /* the symbols that machine.h has */
    size_t state_count;
};

#define PARSER(name)                                    \
    static void *name##_begin(void)                     \
    {                                                   \
        return name##_pstate_new();                     \
    }                                                   \
    static void name##_end(void *parser)                \
    {                                                   \
        name##_pstate_delete(parser);                   \
    }                                                   \
    static void name##_push(void *parser, int token)    \
    {                                                   \
        name##_push_parse(parser, token, NULL);         \
    }                                                   \
    static uint64_t name##_ask(const void *parser)      \
    {                                                   \
        return name##_expected(parser);                 \
    }                                                   \
    static const char *name##_where(const void *parser) \
    {                                                   \
        return name##_state(parser);                    \
    }
PARSER(order)
PARSER(security)

static const char *const state_symbols[] = {
#define X(name, symbol, reported, title) symbol,
    SESSION_STATES(X)
#undef X
};

static const char *const security_symbols[] = {
#define X(name, symbol, title) symbol,
    SECURITY_STATES(X)
#undef X
};

static const struct grammar order_grammar = {
    "session.y", order_begin, order_end,     order_push,
    order_ask,   order_where, state_symbols, STATE_COUNT,
};
static const struct grammar security_grammar = {
    "security.y", security_begin, security_end,     security_push,
    security_ask, security_where, security_symbols, SECURITY_STATE_COUNT,
};

/* A parser under way, and the tokens that brought it there. */
#define TOKENS_MAX 64
struct run {
    const struct grammar *grammar;
    void *parser;
    int tokens[TOKENS_MAX];
    size_t count;
};

/* Ways to the states of a grammar. */
struct ways {
    struct run to[STATE_COUNT]; /* without a parser */
    bool known[STATE_COUNT];
};

static _Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

static bool expects(const struct run *run, int token)
{
    return run->grammar->expected(run->parser) >> token & 1;
}

static void push(struct run *run, int token)
{
    if (run->count == TOKENS_MAX)
        fail("%s: more than %d tokens on the way to a state", run->grammar->file, TOKENS_MAX);
    run->tokens[run->count++] = token;
    run->grammar->push(run->parser, token);
}

/* Starts a parser and brings it to the end of a way. */
static struct run follow(const struct grammar *grammar, const struct run *way)
{
    struct run run = {.grammar = grammar, .parser = grammar->begin()};
    if (!run.parser)
        fail("out of memory");
    for (size_t i = 0; i < way->count; i++)
        push(&run, way->tokens[i]);
    return run;
}

/* Ends a run. Returns the state it came to, and keeps the way to it if it is new. */
static unsigned char arrive(struct run *run, struct ways *ways)
{
    const struct grammar *grammar = run->grammar;
    const char *symbol = grammar->state(run->parser);
    size_t state = 0;
    while (state < grammar->state_count && strcmp(grammar->states[state], symbol) != 0)
        state++;
    if (state == grammar->state_count)
        fail("%s: the state '%s' is not in session/machine.h", grammar->file, symbol);
    grammar->end(run->parser);
    run->parser = NULL;
    if (!ways->known[state])
        ways->to[state] = *run;
    ways->known[state] = true;
    return (unsigned char)state;
}

/* Visits the states that there is a way to, also those that are found meanwhile. */
static void walk(const struct grammar *grammar, struct ways *ways,
                 void (*visit)(struct machine_table *table, struct ways *ways, size_t state),
                 struct machine_table *table)
{
    bool visited[STATE_COUNT] = {false};
    for (bool found = true; found;) {
        found = false;
        for (size_t state = 0; state < grammar->state_count; state++)
            if (ways->known[state] && !visited[state]) {
                visited[state] = found = true;
                visit(table, ways, state);
            }
    }
    for (size_t state = 0; state < grammar->state_count; state++)
        if (!ways->known[state])
            fail("%s: no session comes into the state '%s'", grammar->file, grammar->states[state]);
}

static const int order_tokens[COMMAND_COUNT] = {
#define X(name, spelling, ...) [COMMAND_##name] = ORDER_##name,
    COMMANDS(X)
#undef X
};

static const int order_outcomes[OUTCOME_COUNT] = {
    [OUTCOME_OK] = ORDER_OK,
    [OUTCOME_GO] = ORDER_GO,
    [OUTCOME_REFUSED] = ORDER_REFUSED,
    [OUTCOME_UNRECOGNIZED] = ORDER_UNRECOGNIZED,
};

/* An exchange that is in order. Where the grammar has no place for the outcome (a DATA that is
 * answered 250), the exchange counts as refused: nothing has begun. */
static void play_in_order(struct run *run, enum command command, enum outcome outcome)
{
    push(run, order_tokens[command]);
    int token = order_outcomes[outcome];
    push(run, expects(run, token) ? token : ORDER_REFUSED);
}

/* A command that is out of order and taken all the same. Returns false where the grammar does not
 * have it with this outcome; the run is then of no more use. */
static bool play_tolerated(struct run *run, enum command command, enum outcome outcome)
{
    const int tokens[] = {ORDER_TOLERATED, order_tokens[command], order_outcomes[outcome]};
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        if (!expects(run, tokens[i]))
            return false;
        push(run, tokens[i]);
    }
    return true;
}

/* Plays one exchange. Returns the state after it. */
static unsigned char play(struct ways *ways, size_t from, enum command command,
                          enum outcome outcome)
{
    struct run run = follow(&order_grammar, &ways->to[from]);
    if (expects(&run, order_tokens[command])) {
        play_in_order(&run, command, outcome);
    } else if (!play_tolerated(&run, command, outcome)) {
        order_end(run.parser);
        return (unsigned char)from;
    }
    return arrive(&run, ways);
}

/* Returns the state after a token that is no command: CLOSE, NO_HELLO, NO_HELLO_TLS. */
static unsigned char notice(struct ways *ways, size_t from, int token)
{
    struct run run = follow(&order_grammar, &ways->to[from]);
    if (expects(&run, token))
        push(&run, token);
    return arrive(&run, ways);
}

static void visit_state(struct machine_table *table, struct ways *ways, size_t from)
{
    struct run run = follow(&order_grammar, &ways->to[from]);
    for (int command = 0; command < COMMAND_COUNT; command++) {
        if (expects(&run, order_tokens[command]))
            table->expected[from] |= COMMAND_BIT(command);
        for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
            table->next[from][command][outcome] =
                play(ways, from, (enum command)command, (enum outcome)outcome);
    }
    order_end(run.parser);
    table->closed[from] = notice(ways, from, ORDER_CLOSE);
    table->no_hello[from][0] = notice(ways, from, ORDER_NO_HELLO);
    table->no_hello[from][1] = notice(ways, from, ORDER_NO_HELLO_TLS);
}

/* AUTH and STARTTLS. Out of order they count where the server took them. */
static unsigned char play_security(struct ways *ways, size_t from, int token, enum outcome outcome)
{
    struct run run = follow(&security_grammar, &ways->to[from]);
    bool in_order = expects(&run, token);
    if (in_order || outcome == OUTCOME_OK) {
        if (!in_order)
            push(&run, SECURITY_TOLERATED);
        push(&run, token);
        push(&run, outcome == OUTCOME_OK ? SECURITY_OK : SECURITY_REFUSED);
    }
    return arrive(&run, ways);
}

static void visit_security(struct machine_table *table, struct ways *ways, size_t from)
{
    struct run run = follow(&security_grammar, &ways->to[from]);
    for (int command = 0; command < COMMAND_COUNT; command++) {
        bool known = SECURITY_COMMANDS & COMMAND_BIT(command);
        int token = command == COMMAND_AUTH ? SECURITY_AUTH : SECURITY_STARTTLS;
        if (!known || expects(&run, token))
            table->security_expected[from] |= COMMAND_BIT(command);
        for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
            table->security_next[from][command][outcome] =
                known ? play_security(ways, from, token, (enum outcome)outcome)
                      : (unsigned char)from;
    }
    security_end(run.parser);
}

/* A session of security.y begins with one of two tokens. */
static void begin_security(struct ways *ways, int token)
{
    struct run run = follow(&security_grammar, &(struct run){0});
    push(&run, token);
    arrive(&run, ways);
}

static const char *const state_names[] = {
#define X(name, symbol, reported, title) #name,
    SESSION_STATES(X)
#undef X
};

static const char *const security_names[] = {
#define X(name, symbol, title) #name,
    SECURITY_STATES(X)
#undef X
};

/* Prints one row: where each outcome of a command leads. */
static void print_next(size_t command, const unsigned char next[OUTCOME_COUNT], const char *prefix,
                       const char *const states[])
{
    static const char *const names[COMMAND_COUNT] = {
#define X(name, spelling, ...) #name,
        COMMANDS(X)
#undef X
    };
    printf("            [COMMAND_%s] = {", names[command]);
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        printf("%s%s%s", i ? ", " : "", prefix, states[next[i]]);
    puts("},");
}

static void print_table(const struct machine_table *table)
{
    puts("/* Generated by grammar/walk.c from session.y and security.y. */\n"
         "#include \"session/machine.h\"\n\n"
         "const struct machine_table machine_table = {\n    .expected = {");
    for (size_t i = 0; i < STATE_COUNT; i++) {
        printf("        [STATE_%s] = UINT64_C(0x%" PRIx64 "),\n", state_names[i],
               table->expected[i]);
    }
    puts("    },\n    .next = {");
    for (size_t i = 0; i < STATE_COUNT; i++) {
        printf("        [STATE_%s] = {\n", state_names[i]);
        for (size_t k = 0; k < COMMAND_COUNT; k++)
            print_next(k, table->next[i][k], "STATE_", state_names);
        puts("        },");
    }
    fputs("    },\n    .closed = {", stdout);
    for (size_t i = 0; i < STATE_COUNT; i++)
        printf("STATE_%s, ", state_names[table->closed[i]]);
    fputs("},\n    .no_hello = {", stdout);
    for (size_t i = 0; i < STATE_COUNT; i++)
        printf("{STATE_%s, STATE_%s}, ", state_names[table->no_hello[i][0]],
               state_names[table->no_hello[i][1]]);
    puts("},\n    .security_expected = {");
    for (size_t i = 0; i < SECURITY_STATE_COUNT; i++) {
        printf("        [SECURITY_STATE_%s] = UINT64_C(0x%" PRIx64 "),\n", security_names[i],
               table->security_expected[i]);
    }
    puts("    },\n    .security_next = {");
    for (size_t i = 0; i < SECURITY_STATE_COUNT; i++) {
        printf("        [SECURITY_STATE_%s] = {\n", security_names[i]);
        for (size_t k = 0; k < COMMAND_COUNT; k++)
            print_next(k, table->security_next[i][k], "SECURITY_STATE_", security_names);
        puts("        },");
    }
    puts("    },\n};");
}

int main(void)
{
    static struct machine_table table;
    static struct ways order, security;
    order.known[STATE_CONNECT] = true;
    walk(&order_grammar, &order, visit_state, &table);
    begin_security(&security, SECURITY_CONNECT);
    begin_security(&security, SECURITY_CONNECT_TLS);
    walk(&security_grammar, &security, visit_security, &table);
    print_table(&table);
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
