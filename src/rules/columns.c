/* columns.c - where in the recorded line a command's argument stands, and its secret. */
#include "rules/case.h"

struct slice raw_at(const struct location *location)
{
    return slice_after(location->raw, location->column > 0 ? location->column - 1 : 0);
}

bool is_auth(struct slice text)
{
    return slice_equal_nocase(slice_word(text), SLICE("AUTH"));
}

/* Where the secret begins in the recorded line of an AUTH command: after the mechanism. IIS has "+"
 * where a blank was. SIZE_MAX: there is none. */
size_t secret_start(const struct location *location)
{
    struct slice rest = raw_at(location);
    if (!is_auth(rest))
        return SIZE_MAX;
    size_t at = 4; /* after AUTH, then after the mechanism */
    for (int word = 0; word < 2; word++) {
        while (at < rest.size && ascii_space(rest.data[at]))
            at++;
        if (word == 0) {
            size_t end = at + slice_word(slice_after(rest, at)).size;
            at += at < end && rest.data[at] == '+';
            size_t plus = slice_find(slice_head(slice_after(rest, at), end - at), '+');
            at += plus;
        }
    }
    return at < rest.size ? location->raw.size - rest.size + at : SIZE_MAX;
}

/* The same where it is known what the secret is: it may stand in the line in another form, or twice. */
size_t secret_start_in(const struct location *location, struct slice secret, size_t start)
{
    if (secret.size < 4 || location->raw.size == 0 || location->column == 0) /* "=": nothing */
        return start;
    const char *found = memmem(location->raw.data, location->raw.size, secret.data, secret.size);
    size_t at = found ? (size_t)(found - location->raw.data) : location->column - 1;
    return !found && start != SIZE_MAX ? start : at < start ? at : start;
}

size_t argument_at(const struct exchange *exchange)
{
    const struct location *location = &exchange->location;
    struct slice rest = raw_at(location);
    if (exchange->verb.size == 0 || !slice_starts_nocase(rest, exchange->verb))
        return SIZE_MAX;
    rest = slice_after(rest, exchange->verb.size);
    while (rest.size > 0 && ascii_space(rest.data[0]))
        rest = slice_after(rest, 1);
    size_t shown = exchange->argument.size < rest.size ? exchange->argument.size : rest.size;
    return slice_starts(rest, slice_head(exchange->argument, shown))
               ? location->raw.size - rest.size
               : SIZE_MAX;
}

void mark_argument(struct finding *finding, const struct exchange *exchange, size_t from, size_t to)
{
    size_t argument = argument_at(exchange);
    if (!finding || argument == SIZE_MAX || exchange->argument.size == 0 ||
        argument + to > exchange->location.raw.size)
        return;
    finding->column = (uint32_t)(argument + from) + 1;
    finding->end_column = (uint32_t)(argument + to) + 1;
}
