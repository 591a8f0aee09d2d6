/* fuzz_server.c - the reader of server tables; what it takes must lead nowhere but to its own states.
 */
#include "target.h"

#include "session/server_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[256] = "";
    struct slice text = {(const char *)data, size};
    struct server_table *table = server_table_parse("fuzz.server", text, NULL, error, sizeof error);
    demand(table || error[0]);
    if (!table)
        return 0;
    demand(table->name[0] && table->state_count > 0);
    for (size_t state = 0; state < table->state_count; state++)
        for (int event = 0; event < SERVER_EVENT_COUNT; event++) {
            const struct server_row *row = &table->states[state].rows[event];
            demand(row->code == 0 || row->next < table->state_count);
            demand(row->code >= SERVER_CODE_NONE && row->code <= 599);
        }
    server_table_free(table);
    return 0;
}
