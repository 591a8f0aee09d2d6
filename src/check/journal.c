/* journal.c - entries of any length, one behind the other. */
#include "check/journal.h"

#include <string.h>

enum entry_kind { ENTRY_FINDING, ENTRY_SETTLE, ENTRY_SESSION, ENTRY_SECRET, ENTRY_QUOTE };

/* What an entry begins with; `size` octets follow. */
struct entry {
    enum entry_kind kind;
    uint64_t number; /* the oldest line, or that of a session */
    struct finding *finding;
    size_t size;
};

static bool write_down(struct journal *journal, const struct entry *entry, const void *octets)
{
    struct slice head = {(const char *)entry, sizeof *entry};
    struct slice rest = {octets, entry->size};
    if (!journal->no_memory && octet_buffer_append(&journal->entries, head) &&
        octet_buffer_append(&journal->entries, rest))
        return true;
    journal->no_memory = true;
    return false;
}

void journal_finding(struct journal *journal, struct finding *finding, uint64_t oldest)
{
    const struct entry entry = {ENTRY_FINDING, oldest, finding, 0};
    journal->unsettled = true;
    if (!write_down(journal, &entry, ""))
        finding_free(finding);
}

void journal_settle(struct journal *journal, uint64_t oldest)
{
    const struct entry entry = {ENTRY_SETTLE, oldest, NULL, 0};
    journal->unsettled = false;
    write_down(journal, &entry, "");
}

void journal_session(struct journal *journal, uint64_t number,
                     const struct session_outcome *outcome)
{
    const struct entry entry = {ENTRY_SESSION, number, NULL, sizeof *outcome};
    write_down(journal, &entry, outcome);
}

void journal_secret(void *context, struct slice text, bool quoted)
{
    const struct entry entry = {quoted ? ENTRY_QUOTE : ENTRY_SECRET, 0, NULL, text.size};
    write_down(context, &entry, text.data);
}

/* `player`: NULL to drop the entry. */
static void play_entry(const struct entry *entry, const char *octets,
                       const struct journal_player *player)
{
    struct session_outcome outcome;
    if (!player) {
        finding_free(entry->finding);
        return;
    }
    switch (entry->kind) {
    case ENTRY_FINDING:
        player->finding(player->context, entry->finding, entry->number);
        break;
    case ENTRY_SETTLE:
        player->settle(player->context, entry->number);
        break;
    case ENTRY_SESSION:
        memcpy(&outcome, octets, sizeof outcome);
        player->session(player->context, entry->number, &outcome);
        break;
    case ENTRY_SECRET:
    case ENTRY_QUOTE:
        player->secret(player->context, (struct slice){octets, entry->size},
                       entry->kind == ENTRY_QUOTE);
        break;
    }
}

/* Up to where whole entries stand: what could not be written to its end has no finding. */
void journal_play(struct journal *journal, const struct journal_player *player)
{
    struct slice left = octet_buffer_text(&journal->entries);
    struct entry entry;
    while (left.size >= sizeof entry) {
        memcpy(&entry, left.data, sizeof entry);
        left = slice_after(left, sizeof entry);
        if (left.size >= entry.size)
            play_entry(&entry, left.data, player);
        left = slice_after(left, entry.size);
    }
    struct octet_buffer emptied = journal->entries;
    emptied.size = 0;
    *journal = (struct journal){.entries = emptied};
}

void journal_clear(struct journal *journal)
{
    journal_play(journal, NULL);
}
