/* check_connection_hints.c - notes with hints about the connection, and notes that only look so. */
#include "smtp/connection_hints.h"
#include "suite.h"

#define LOOPBACK HINT_LOOPBACK
#define TLS      HINT_TLS

static const struct {
    const char *note;
    unsigned says;
} notes[] = {
    {"=== Connected to 127.0.0.1.", LOOPBACK},
    {"* Connected to localhost (::1) port 2525 (#0)", LOOPBACK},
    {"connect: to ('127.0.0.1', 2525) None", LOOPBACK},
    {"* Connected to mx.example.com (192.0.2.1) port 25 (#0)", 0},
    {"* Connected to mx (10.127.0.1) port 25", 0},
    {"* Connected to mx (2001:db8::1) port 25", 0},
    {"client=[::ffff:127.0.0.1]", LOOPBACK},
    {"Connected to 0:0:0:0:0:0:0:1.", LOOPBACK},
    {"connect from LocalHost", LOOPBACK},
    {"connect from unknown[::12]", 0},
    {"mynetworks: 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128", 0},
    {"match_hostaddr: exceptions: 192.0.2.5 ~? 127.0.0.1", 0},
    {"14:21:05.369077 IP 127.0.0.1.45938 > 127.0.0.1.25: Flags [P.]", LOOPBACK},
    {"connect: to ('mx.example.com', 465) None", TLS},
    {"* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384", TLS},
    {"=== TLS started with cipher TLSv1.3:TLS_AES_256_GCM_SHA384:256", TLS},
    {"DEBUG SMTP: trying to connect to host \"mx.example.com\", port 465, isSSL true", TLS},
    {"DEBUG SMTP: trying to connect to host \"mx.example.com\", port 25, isSSL false", 0},
    {"DEBUG SMTP: Found extension \"STARTTLS\", arg \"\"", 0},
    {"*** STARTTLS not offered, no TLS", 0},
    {"Connection: opening to ssl://mx.example.com, timeout=300", TLS},
    {"", 0},
};

START_TEST(note_says_what_it_says)
{
    ck_assert_msg(connection_hints_in(slice_of(notes[_i].note)) == notes[_i].says, "%s: %u",
                  notes[_i].note, connection_hints_in(slice_of(notes[_i].note)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("surroundings");
    TCase *cases = tcase_create("notes");
    tcase_add_loop_test(cases, note_says_what_it_says, 0, ROWS(notes));
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
