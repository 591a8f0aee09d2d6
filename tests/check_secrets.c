/* check_secrets.c - what is known of a secret is blanked wherever it stands, and nothing else is. */
#include <stdio.h>

#include "check/material.h"
#include "suite.h"

static const struct {
    const char *name, *secret, *text, *shown;
} rows[] = {
    {"whole", "Zq7tr0ub4dor", "no: Zq7tr0ub4dor", "no: [redacted]"},
    {"in other case", "Zq7tr0ub4dor", "ZQ7TR0UB4DOR", "[redacted]"},
    {"a part of eight", "Zq7tr0ub4dor", "7tr0ub4d...", "[redacted]..."},
    {"seven say nothing", "Zq7tr0ub4dor", "7tr0ub4", "7tr0ub4"},
    {"inside a word", "Zq7tr0ub4dor", "xZq7tr0ub4dorx", "x[redacted]x"},
    {"twice", "Zq7tr0ub4dor", "Zq7tr0ub4dor,Zq7tr0ub4dor", "[redacted],[redacted]"},
    {"base64", "Zq7tr0ub4dor", "WnE3dHIwdWI0ZG9y", "[redacted]"},
    {"base64 after one octet", "Zq7tr0ub4dor", "AFpxN3RyMHViNGRvcg==", "AF[redacted]g=="},
    {"base64 after two octets", "Zq7tr0ub4dor", "YQBacTd0cjB1YjRkb3I=", "YQB[redacted]I="},
    {"base64 for URLs", "Zq?>?>?>?>7", "WnE_Pj8-Pz4_Pjc", "[redacted]"},
    {"short, as a word", "tiger", "bad tiger.", "bad [redacted]."},
    {"short, in a word", "tiger", "tigers, tiger@example.org", "tigers, tiger@example.org"},
    {"stars are no secret", "************", "************", "************"},
    {"nothing known", NULL, "250 2.0.0 Ok: queued as 4Xk2Jq0W", "250 2.0.0 Ok: queued as 4Xk2Jq0W"},
    {"URL", NULL, "smtp://alice:pw@mx.example.com:25/",
     "smtp://alice:[redacted]@mx.example.com:25/"},
    {"two URLs", NULL, "//a:pw@h.example or //b:pw@h.example",
     "//a:[redacted]@h.example or //b:[redacted]@h.example"},
    {"URL without a password", NULL, "smtp://alice@mx.example.com:25/",
     "smtp://alice@mx.example.com:25/"},
    {"URL, password with @ and /", NULL, "imap://a:p@s/w@h.example/x",
     "imap://a:[redacted]@h.example/x"},
    {"URL, address after the host", NULL, "http://h.example/?a@b.example",
     "http://h.example/?a@b.example"},
    {"address with a password", NULL, "<alice:pw@example.net>", "<alice:[redacted]@example.net>"},
    {"source route", NULL, "<@a.example,@b.example:joe@c.example>",
     "<@a.example,@b.example:joe@c.example>"},
    {"argument", NULL, "TO:joe99@example.com", "TO:joe99@example.com"},
    {"label", NULL, "<mailto:joe@example.com>", "<mailto:joe@example.com>"},
    {"named value", NULL, "user=alice password=tiger;x", "user=alice password=[redacted];x"},
    {"mailbox of MAIL", NULL, "FROM:<a@b> AUTH=<>", "FROM:<a@b> AUTH=<>"},
    {"offer of an old server", NULL, "AUTH=PLAIN LOGIN", "AUTH=PLAIN LOGIN"},
    {"result", NULL, "dkim=pass auth=none", "dkim=pass auth=none"},
};

START_TEST(secret_is_blanked)
{
    struct secrets secrets = {0};
    if (rows[_i].secret)
        secrets_add_plain(&secrets, slice_of(rows[_i].secret));
    struct slice shown = secrets_blank(&secrets, slice_of(rows[_i].text), NULL);
    ck_assert_msg(slice_equal(shown, slice_of(rows[_i].shown)), "%s: %.*s", rows[_i].name,
                  (int)shown.size, shown.data);
    secrets_free(&secrets);
}
END_TEST

/* Marks stay at their words; a mark on a secret is on what stands for it. */
START_TEST(marks_move_along)
{
    struct secrets secrets = {0};
    struct slice text = SLICE("a Zq7tr0ub4dor MAIL");
    size_t behind[2] = {15, 19}, on[2] = {2, 14};
    secrets_add(&secrets, SLICE("Zq7tr0ub4dor"));
    secrets_blank(&secrets, text, behind);
    ck_assert_uint_eq(behind[0], 13);
    ck_assert_uint_eq(behind[1], 17);
    secrets_blank(&secrets, text, on);
    ck_assert_uint_eq(on[0], 2);
    ck_assert_uint_eq(on[1], 12);
    secrets_free(&secrets);
}
END_TEST

/* A recording of any length: the memory is bounded, and what was learnt last is known. */
START_TEST(old_secrets_are_forgotten)
{
    struct secrets secrets = {0};
    char text[40];
    for (unsigned i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "secret-%u-number-%u", i * 7919, i);
        secrets_add(&secrets, slice_of(text));
    }
    ck_assert(secrets.young.capacity + secrets.old.capacity <= (size_t)1 << 20);
    ck_assert(slice_equal(secrets_blank(&secrets, slice_of(text), NULL), SLICE(REDACTED)));
    ck_assert(!secrets.no_memory);
    secrets_free(&secrets);
}
END_TEST

static const struct {
    const char *name, *text;
    enum mechanism mechanism;
    enum material_role role;
    const char *secret, *open; /* what is then blanked, and what is not */
} materials[] = {
    {"PLAIN", "AGFsaWNlQGEuZXhhbXBsZQBacTd0cjB1YjRkb3I=", MECHANISM_PLAIN, MATERIAL_ANY,
     "Zq7tr0ub4dor", "alice@a.example"},
    {"PLAIN, unpadded", "AGFsaWNlQGEuZXhhbXBsZQBacTd0cjB1YjRkb3I", MECHANISM_PLAIN, MATERIAL_ANY,
     "Zq7tr0ub4dor", "alice@a.example"},
    {"user of LOGIN", "YWxleGFuZGVy", MECHANISM_LOGIN, MATERIAL_USER, NULL, "alexander"},
    {"password of LOGIN", "dHJvdWJhZG9y", MECHANISM_LOGIN, MATERIAL_PASSWORD, "troubador", NULL},
    {"password of LOGIN, clear", "troubador", MECHANISM_LOGIN, MATERIAL_PASSWORD, "troubador",
     NULL},
    {"CRAM-MD5", "YWxleGFuZGVyIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw", MECHANISM_OTHER,
     MATERIAL_ANY, "b913a602c7eda7a495b4e6e7334d3890", "alexander"},
    {"SCRAM", "biwsbj1hbGV4YW5kZXIscj1yT3ByTkdmd0ViZVJXZ2JORWtxTw==", MECHANISM_OTHER, MATERIAL_ANY,
     "rOprNGfwEbeRWgbNEkqO", "alexander"},
    {"XOAUTH2", "dXNlcj1hbGljZUBhLmV4YW1wbGUBYXV0aD1CZWFyZXIgeWEyOS5LeDN2R20wUAEB",
     MECHANISM_BEARER, MATERIAL_ANY, "ya29.Kx3vGm0P", "alice@a.example"},
    {"a word of challenges", "bXlwYXNzd29yZA==", MECHANISM_LOGIN, MATERIAL_PASSWORD, "mypassword",
     NULL},
    {"a challenge on the wrong side", "VXNlcm5hbWU6", MECHANISM_LOGIN, MATERIAL_PASSWORD, NULL,
     "Username: VXNlcm5hbWU6"},
    {"placeholder", "[redacted]", MECHANISM_PLAIN, MATERIAL_ANY, NULL, "[redacted]"},
};

START_TEST(material_is_taken_apart)
{
    struct secrets secrets = {0};
    material_add(&secrets, materials[_i].mechanism, slice_of(materials[_i].text),
                 materials[_i].role);
    for (int i = 0; i < 2; i++) {
        const char *text = i == 0 ? materials[_i].secret : materials[_i].open;
        struct slice shown = secrets_blank(&secrets, slice_of(text ? text : ""), NULL);
        const char *expected = !text ? "" : i == 0 ? REDACTED : text;
        ck_assert_msg(slice_equal(shown, slice_of(expected)), "%s: %.*s", materials[_i].name,
                      (int)shown.size, shown.data);
    }
    secrets_free(&secrets);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("secrets");
    TCase *cases = tcase_create("blanking");
    tcase_add_loop_test(cases, secret_is_blanked, 0, ROWS(rows));
    tcase_add_test(cases, marks_move_along);
    tcase_add_test(cases, old_secrets_are_forgotten);
    tcase_add_loop_test(cases, material_is_taken_apart, 0, ROWS(materials));
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
