/* enhanced.c - RFC 3463: a class, a subject and a detail. */
#include "explain/enhanced.h"

void put_enhanced(struct writer *writer, const struct enhanced_code *code)
{
    char name[16];
    const char *title = enhanced_title(code), *subject = enhanced_subject(code);
    snprintf(name, sizeof name, "%u.%u.%u", code->class, code->subject, code->detail);
    put_heading(writer, name, title ? title : "not registered");
    put_field(writer, "Class",
              code->class == 2   ? "success"
              : code->class == 4 ? "a failure for now: the same message may be accepted later"
                                 : "a permanent failure: sending the same again does not help");
    put_field(writer, "About", subject ? subject : "not registered");
    put_field(writer, "RFC", "RFC 3463; IANA, SMTP Enhanced Status Codes");
}
