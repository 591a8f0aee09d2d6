/* check_unwrap.c - logs inside JSON, tables, HTML, colours, and below marks on lines of their own. */
#include <stdio.h>

#include "suite.h"
#include "transcript/formats/unwrap.h"

static void print_text(void *context, struct slice text)
{
    fprintf(context, "%.*s|", (int)text.size, text.data);
}

static const struct {
    struct unwrap unwrap;
    const char *lines[5]; /* of the log, unended by NULL */
    const char *texts;    /* what is taken out of them, each with a bar after it */
} wrapped[] = {
    {{.kind = UNWRAP_NONE}, {"a\\n"}, "a\\n|"},
    {{.kind = UNWRAP_JSON, .field = "log"}, {"{\"log\":\"220 mx\\r\\n\"}"}, "220 mx|"},
    {{.kind = UNWRAP_JSON, .field = "log"}, {"{\"log\":\"250-a\\r\\n250 b\"}"}, "250-a|250 b|"},
    {{.kind = UNWRAP_JSON, .field = "a.b"}, {"{\"a\":{\"b\":\"QUIT\"}}"}, "QUIT|"},
    {{.kind = UNWRAP_JSON, .field = "log"}, {"{\"other\":1}"}, "{\"other\":1}|"},
    {{.kind = UNWRAP_JSON, .field = "log"}, {"no object"}, "no object|"},
    {{.kind = UNWRAP_JSON, .field = "log"}, {"{\"log\":\"cut"}, "{\"log\":\"cut|"},
    {{.kind = UNWRAP_JSON}, {"\"220 mx\\nEHLO a\""}, "220 mx|EHLO a|"},
    /* The other fields stand before each line of the text. */
    {{.kind = UNWRAP_JSON, .field = "m", .with_others = true},
     {"t {\"id\":7,\"m\":\"250-a\\n250-b\\n250 c\",\"dir\":\"in\"}"},
     "t id=7 dir=in 250-a|t id=7 dir=in 250-b|t id=7 dir=in 250 c|"},
    {{.kind = UNWRAP_COLUMN, .column = 1}, {"x,\"250 \"\"ok\"\", done\",y"}, "250 \"ok\", done|"},
    {{.kind = UNWRAP_COLUMN, .column = 1, .with_others = true}, {"12,QUIT"}, "12 QUIT|"},
    {{.kind = UNWRAP_COLUMN, .column = 3}, {"a,b"}, "a,b|"},
    {{.kind = UNWRAP_COLUMN, .column = 2}, {"a,b,"}, "|"}, /* an empty one */
    {{.kind = UNWRAP_HTML}, {"<p>MAIL FROM:&lt;a@b&gt;</p>"}, "MAIL FROM:<a@b>|"},
    {{.kind = UNWRAP_HTML}, {"220 mx<br>EHLO a<br/>"}, "220 mx|EHLO a|"},
    {{.kind = UNWRAP_HTML}, {"220 mx&#10;EHLO a&#10;"}, "220 mx|EHLO a|"},
    {{.kind = UNWRAP_HTML}, {"RCPT TO:<a@b>"}, "RCPT TO:<a@b>|"}, /* no tag */
    {{.kind = UNWRAP_HTML}, {""}, "|"},
    {{.kind = UNWRAP_CLEAN},
     {"\033[2m12:00\033[0m S:\xc2\xa0"
      "220 mx"},
     "12:00 S: 220 mx|"},
    {{.kind = UNWRAP_CLEAN}, {"QUIX\bT\033["}, "QUIT|"},
    {{.kind = UNWRAP_OWN_LINE, .marks = {"SEND:", "RECEIVE:"}},
     {"RECEIVE:", "250-a", "250 b"},
     "RECEIVE: 250-a|RECEIVE: 250 b|"},
    {{.kind = UNWRAP_OWN_LINE, .marks = {"SEND:"}}, {"note", "SEND:", "QUIT"}, "note|SEND: QUIT|"},
    {{.kind = UNWRAP_OWN_LINE, .marks = {"IN:"}, .quoted = true},
     {"IN:", "'250 ok'", "it said '250 ok'"},
     "IN: '250 ok'|it said '250 ok'|"},
    {{.kind = UNWRAP_OWN_LINE, .marks = {"READ port", "WROTE port"}},
     {"READ 10:11:12 port 25", "250 ok", "READ 10:11:13"},
     "READ 10:11:12 port 25 250 ok|READ 10:11:12 port 25 READ 10:11:13|"},
    {{.kind = UNWRAP_TAIL}, {"QUIT  smtp.js:55:17"}, "QUIT|"},
    {{.kind = UNWRAP_TAIL},
     {"NOOP a/b.go:7", "NOOP 1.2:7", "NOOP a.b"},
     "NOOP|NOOP 1.2:7|NOOP a.b|"},
    {{.kind = UNWRAP_TAIL}, {"a^M$", "b\\r$", "c {\"id\":7}"}, "a|b|c|"},
    {{.kind = UNWRAP_TAIL}, {"a {b}", "^M", "250 {\"x"}, "a {b}||250 {\"x|"},
    {{.kind = UNWRAP_TWICE}, {"QUIT", "QUIT", "QUIT"}, "QUIT|QUIT|"},
    {{.kind = UNWRAP_TWICE}, {"", "", "a"}, "|a|"},
    {{.kind = UNWRAP_CODE}, {"7 [250-] 'mx'", "<503>: no", "250: ok"}, "7 250-mx|503 : no|250 ok|"},
    {{.kind = UNWRAP_HEX},
     {"sent:", "0000 51 55 49 54  0d 0a  QUIT..", "0000 51 0a"},
     "sent:|sent:: QUIT|sent:: Q|"},
    {{.kind = UNWRAP_HEX},
     {"> 0000: 51-55", "> 0002: 49-54-0A : IT.", "beef 5"},
     ">: QUIT|beef 5|"},
    {{.kind = UNWRAP_CODE}, {"got (250, b'mx\\nSIZE')"}, "got 250-mx|got 250 SIZE|"},
    {{.kind = UNWRAP_CODE}, {"r: { code: 250, message: 'ok, go' }"}, "r: { 250 ok, go|"},
    {{.kind = UNWRAP_CODE}, {"r code=503 msg=\"no\"", "{\"code\":\"221\"}"}, "r 503 no|{\"221 }|"},
    {{.kind = UNWRAP_CODE}, {"encode: 250", "code: 2500"}, "encode: 250|code: 2500|"},
    {{.kind = UNWRAP_CODE, .quoted = true}, {"got (503, 'no')"}, "got '503 no'|"},
    {{.kind = UNWRAP_CODE}, {"x[250] y", "[2500]"}, "x[250] y|[2500]|"},
    {{.kind = UNWRAP_ELEMENTS},
     {"[\"C: QUIT\", \"S: 221 \\\"bye\\\"\\r\\n\"]"},
     "C: QUIT|S: 221 \"bye\"|"},
    {{.kind = UNWRAP_ELEMENTS},
     {"log = [", "  b'QUIT',", "  'it\\'s'", "]", "end"},
     "QUIT|it's|end|"},
    {{.kind = UNWRAP_ELEMENTS},
     {"[{\"d\": \"[in\",", "   \"t\": \"QUIT\"}, (1, 2)]"},
     "{\"d\": \"[in\", \"t\": \"QUIT\"}|(1, 2)|"},
    {{.kind = UNWRAP_ELEMENTS}, {"{\"n\": 1, \"log\": [\"QUIT\"], \"x\": \"y\"}"}, "QUIT|"},
    {{.kind = UNWRAP_ELEMENTS}, {"[[\"a\", 1], [\"b\"]]"}, "a|b|"},
    {{.kind = UNWRAP_ELEMENTS}, {"[\"cut", "\"b\"]"}, "cut|b|"},
    {{.kind = UNWRAP_ELEMENTS}, {"assert ['QUIT'] == []", "see [it]"}, "QUIT|see [it]|"},
    {{.kind = UNWRAP_ELEMENTS},
     {"got []string{\"QUIT\"}, want", "('a', (\"b\", 1))"},
     "QUIT|a|(\"b\", 1)|"},
    {{.kind = UNWRAP_ELEMENTS}, {"don't [x]", "]", "a[0]"}, "don't [x]|]|a[0]|"},
    {{.kind = UNWRAP_BEHIND, .marks = {"<-", "[out]"}},
     {"QUIT   [out]", "221 bye <-", "note", "<-"},
     "[out] QUIT|<- 221 bye|note|<- |"},
    {{.kind = UNWRAP_ROW, .joint = "' r='"},
     {"7 c='DATA' r='503 no' 5 ms", "7 c='' r='221 bye'"},
     "7 c C: DATA|7 c S: 503 no|7 c S: 221 bye|"},
    {{.kind = UNWRAP_ROW, .joint = "\t"},
     {"7\tEHLO\tEHLO a\t250-mx\t3", "7\tQUIT\tQUIT\t221 bye\t3"},
     "7 C: EHLO a|7 S: 250-mx|7 S: 250 ...|7 C: QUIT|7 S: 221 bye|"},
    {{.kind = UNWRAP_ROW, .joint = ": "},
     {"from: 250 ok", "failed: 250 times", "no reply here"},
     "C: MAIL FROM:...|S: 250 ok|failed: 250 times|no reply here|"},
    {{.kind = UNWRAP_ROW, .joint = ": "},
     {"data: 354 go", "250 queued"},
     "C: data|S: 354 go|C: .|S: 250 queued|"},
};

START_TEST(text_is_taken_out)
{
    struct unwrap_room room = {0};
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; i < 5 && wrapped[_i].lines[i]; i++)
        ck_assert(unwrap_line(&wrapped[_i].unwrap, &room, slice_of(wrapped[_i].lines[i]),
                              print_text, out));
    fclose(out);
    ck_assert_str_eq(text, wrapped[_i].texts);
    free(text);
    unwrap_room_free(&room);
}
END_TEST

/* A bracket that nothing closes hides no more than some lines. */
START_TEST(open_bracket_ends_by_itself)
{
    struct unwrap_room room = {0};
    const struct unwrap elements = {.kind = UNWRAP_ELEMENTS};
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert(unwrap_line(&elements, &room, SLICE("[ a note"), print_text, out));
    for (size_t i = 0; i < 100; i++)
        ck_assert(unwrap_line(&elements, &room, SLICE("S: 250 ok"), print_text, out));
    fclose(out);
    ck_assert_str_ne(text, "");
    free(text);
    unwrap_room_free(&room);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unwrap");
    TCase *table = tcase_create("table");
    tcase_add_loop_test(table, text_is_taken_out, 0, ROWS(wrapped));
    tcase_add_test(table, open_bracket_ends_by_itself);
    suite_add_tcase(suite, table);
    return suite_run(suite);
}
