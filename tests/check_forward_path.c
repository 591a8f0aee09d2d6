/* check_forward_path.c - the address in a 251 or 551 reply, and the recipient in the command. */
#include "rules/forward_path.h"
#include "suite.h"

static const struct {
    const char *name, *text, *asked, *path; /* "": there is none */
} replies[] = {
    {"RFC 5321 4.2.3", "User not local; will forward to <carol@example.net>", "bob@example.com",
     "carol@example.net"},
    {"enhanced code", "2.1.5 User not local; will forward to <carol@example.net>",
     "bob@example.com", "carol@example.net"},
    {"551", "5.1.6 User not local; please try <carol@example.net>", "bob@example.com",
     "carol@example.net"},
    {"first of several lines", "<carol@example.net>\nwill get it", "bob@example.com",
     "carol@example.net"},
    {"last of several lines", "2.1.5 User not local\n2.1.5 will forward\n2.1.5 to <c@d.example>",
     "bob@example.com", "c@d.example"},
    {"address on a line of its own", "User not local; will forward to\ncarol@example.net", "",
     "carol@example.net"},
    {"source route", "User not local; will forward to <@relay.example.org:carol@example.net>",
     "bob@example.com", "carol@example.net"},
    {"long source route", "forward to <@a.example,@b.example:carol@example.net>", "",
     "carol@example.net"},
    {"source route without brackets", "will forward to @relay.example:carol@example.net", "",
     "carol@example.net"},
    {"without brackets", "User not local; will forward to carol@example.net", "bob@example.com",
     "carol@example.net"},
    {"full stop after it", "User not local; will forward to carol@example.net.", "",
     "carol@example.net"},
    {"comma, semicolon, bracket", "carol@example.net, try again; (see dave@example.org)", "",
     "dave@example.org"},
    {"in round brackets", "moved (carol@example.net)", "", "carol@example.net"},
    {"in quotes", "try 'carol@example.net'", "", "carol@example.net"},
    {"mailto", "try mailto:carol@example.net please", "", "carol@example.net"},
    {"colon before it", "new address:carol@example.net", "", "carol@example.net"},
    {"address literal", "try <carol@[192.0.2.1]>", "", "carol@[192.0.2.1]"},
    {"quoted local part", "try <\"carol d\"@example.net>", "", "\"carol d\"@example.net"},
    {"quoted bracket", "try <\"a>b\"@example.net>", "", "\"a>b\"@example.net"},
    {"quoted quote", "try <\"a\\\">b\"@example.net>", "", "\"a\\\">b\"@example.net"},
    {"quoted @", "try <\"a@b\"@example.net>", "", "\"a@b\"@example.net"},
    {"UTF-8", "try <ren\xc3\xa9@example.net>", "", "ren\xc3\xa9@example.net"},
    {"the one that was asked for comes first",
     "<bob@example.com> not local; will forward to <carol@example.net>", "bob@example.com",
     "carol@example.net"},
    {"the one that was asked for, in other case", "<BOB@Example.com>: moved", "bob@example.com",
     ""},
    {"brackets count for more than the sentence",
     "bob@elsewhere.example not local; try <carol@example.net> (ask root@example.com)",
     "bob@example.com", "carol@example.net"},
    {"placeholder", "User not local; will forward to <forward-path>", "bob@example.com", ""},
    {"another placeholder", "User not local; will forward to <user@>", "", ""},
    {"no address", "5.7.1 Relaying denied", "bob@example.com", ""},
    {"empty", "", "bob@example.com", ""},
    {"empty brackets", "try <>", "", ""},
    {"only an @", "try @ or <@>", "", ""},
    {"bracket that never closes", "try <carol@example.net", "", "carol@example.net"},
    {"bracket that closes on the next line", "try <carol\n@example.net> or so", "", ""},
    {"control character inside", "try <carol\033@example.net>", "", ""},
};

START_TEST(reply_names_the_new_address)
{
    struct slice path =
        forward_path_in_reply(slice_of(replies[_i].text), slice_of(replies[_i].asked));
    ck_assert_msg(slice_equal(path, slice_of(replies[_i].path)), "%s: '%.*s'", replies[_i].name,
                  (int)path.size, path.data);
}
END_TEST

static const struct {
    const char *argument, *address;
} arguments[] = {
    {"TO:<bob@example.com>", "bob@example.com"},
    {"to:<bob@example.com> NOTIFY=NEVER", "bob@example.com"},
    {"TO: <bob@example.com>", "bob@example.com"},
    {"TO:bob@example.com", "bob@example.com"},
    {"TO:bob@example.com NOTIFY=NEVER", "bob@example.com"},
    {"TO:<@a.example,@b.example:bob@example.com>", "bob@example.com"},
    {"TO:<\"a b\"@example.com>", "\"a b\"@example.com"},
    {"TO:<\"a>b\"@example.com> X=1", "\"a>b\"@example.com"},
    {"TO:<postmaster>", "postmaster"},
    {"TO:<bob@example.com", "bob@example.com"},
    {"TO:", ""},
    {"", ""},
    {"bob", "bob"},
    {"<bob@example.com>", "bob@example.com"},
    {"Bob Smith <bob@example.com>", "bob@example.com"},
};

START_TEST(argument_names_the_recipient)
{
    struct slice address = forward_path_in_argument(slice_of(arguments[_i].argument));
    ck_assert_msg(slice_equal(address, slice_of(arguments[_i].address)), "'%s': '%.*s'",
                  arguments[_i].argument, (int)address.size, address.data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("forward_path");
    TCase *paths = tcase_create("paths");
    tcase_add_loop_test(paths, reply_names_the_new_address, 0, ROWS(replies));
    tcase_add_loop_test(paths, argument_names_the_recipient, 0, ROWS(arguments));
    suite_add_tcase(suite, paths);
    return suite_run(suite);
}
