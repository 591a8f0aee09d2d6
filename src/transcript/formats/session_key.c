/* session_key.c - hashes the name that a log has for a session (FNV-1a).
 */
#include "transcript/formats/session_key.h"

/* Removes the ".1" after a UUID; an address ("192.0.2.1") is not changed. */
static struct slice without_count(struct slice name)
{
    size_t dot = slice_find(name, '.');
    if (dot < 8 || dot + 1 >= name.size)
        return name;
    for (size_t i = dot + 1; i < name.size; i++)
        if (!ascii_digit(name.data[i]))
            return name;
    return slice_head(name, dot);
}

uint64_t session_key(struct slice name)
{
    return slice_hash(SLICE_HASH, without_count(name));
}

uint64_t session_key_of_json(const json_t *value)
{
    if (json_is_string(value))
        return session_key((struct slice){json_string_value(value), json_string_length(value)});
    return json_is_integer(value) ? (uint64_t)json_integer_value(value) : 0;
}
