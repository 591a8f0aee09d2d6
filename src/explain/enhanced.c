/* enhanced.c - RFC 3463: a class, a subject and a detail. */
#include "explain/enhanced.h"

static const char *class_of(unsigned class)
{
    return class == 0 ? N_("2, 4 or 5, in place of the X: success, a failure for now, a permanent "
                           "failure")
           : class == 2 ? N_("success")
           : class == 4 ? N_("a failure for now: the same message may be accepted later")
                        : N_("a permanent failure: sending the same again does not help");
}

void put_enhanced(struct writer *writer, const struct enhanced_code *code)
{
    char name[ENHANCED_NAME], rfc[64];
    const char *title = enhanced_title(code), *subject = enhanced_subject(code);
    enhanced_name(code, name, sizeof name);
    put_heading(writer, name, in_language(writer, title ? title : N_("not registered")));
    put_field(writer, N_("Class"), class_of(code->class));
    put_field(writer, N_("About"), subject ? subject : N_("not registered"));
    snprintf(rfc, sizeof rfc, "%s; IANA, SMTP Enhanced Status Codes",
             title ? enhanced_rfc(code) : "RFC 3463");
    put_field(writer, "RFC", rfc);
}
