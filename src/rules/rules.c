/* rules.c - the registry as a table, and the look-ups in it. */
#include "rules/rules.h"

#include "base/catalogue.h"
#include "base/slice.h"

/* The words that registry.def uses for states ... */
#define S(name)         (UINT32_C(1) << STATE_##name)
#define S_CONNECT       S(CONNECT)
#define S_GREETED       S(GREETED)
#define S_SECURED       S(SECURED)
#define S_READY         S(READY)
#define S_CHUNKED       S(CHUNKED)
#define S_MAIL          S(MAIL)
#define S_REFUSED       S(REFUSED)
#define S_RCPT          S(RCPT)
#define S_BDAT          S(BDAT)
#define S_REJECTED      S(REJECTED)
#define S_QUIT          S(QUIT)
#define S_SHUT          S(SHUT)
#define S_AUTHENTICATED RULE_STATE_AUTHENTICATED
#define S_ENCRYPTED     RULE_STATE_ENCRYPTED

/* ... and for commands. */
#define C(name)        COMMAND_BIT(COMMAND_##name)
#define C_ALL          COMMANDS_ALL
#define C_HELLO        HELLO_COMMANDS
#define C_BEGIN        (C(MAIL) | C(SEND) | C(SOML) | C(SAML))
#define C_RCPT         C(RCPT)
#define C_DATA         C(DATA)
#define C_CHUNK        (C(BDAT) | C(BDAT_LAST) | C(BURL) | C(BURL_LAST))
#define C_AUTH         C(AUTH)
#define C_STARTTLS     C(STARTTLS)
#define C_EXTENSION    (C(ETRN) | C(ATRN) | C(TURN) | C(XCLIENT) | C(XFORWARD))
#define C_EOM          C(END_OF_DATA)
#define C_UNKNOWN      C(UNKNOWN)
#define C_ANY          (COMMANDS_ALL & ~C(CONNECT))
#define C_ANY_BUT_QUIT (C_ANY & ~C(QUIT))
#define C_ANY_KNOWN    (C_ANY & ~C(UNKNOWN))

/* The four fields of a row: states, commands, sights, seen_commands. */
#define OUT_OF_ORDER(states, commands) (states), (commands), SIGHT(OUT_OF_ORDER), (commands)
#define OUT_OF_ORDER_OR(states, commands, sights, seen) \
    (states), (commands), SIGHT(OUT_OF_ORDER) | (sights), (commands) | (seen)
#define SEES(sights, commands) 0, 0, (sights), (commands)

const struct rule smtpseq_rules[] = {
#define RULE(id, code, name, severity, fault, sees, needs, check, cause, title, what, when, fix, \
             did, rfc, before, after)                                                            \
    [RULE_##id] = {code,          name, SEVERITY_##severity,                                     \
                   FAULT_##fault, sees, needs,                                                   \
                   title,         what, when,                                                    \
                   fix,           did,  rfc,                                                     \
                   before,        after},
#include "rules/registry.def"
#undef RULE
};

const size_t smtpseq_rule_count = RULE_COUNT;

const struct rule *rule_by_name(const char *name)
{
    struct slice wanted = slice_of(name);
    for (size_t i = 0; i < smtpseq_rule_count; i++) {
        const struct rule *rule = &smtpseq_rules[i];
        if (slice_equal_nocase(wanted, slice_of(rule->name)) ||
            slice_equal_nocase(wanted, slice_of(rule->code)))
            return rule;
    }
    return NULL;
}

/* The rule of the registry that has this state and this command. */
static const struct rule *rule_at(uint32_t states, enum command command)
{
    for (size_t i = 0; i < smtpseq_rule_count; i++) {
        const struct rule *rule = &smtpseq_rules[i];
        if ((rule->states & states) && (rule->commands & COMMAND_BIT(command)))
            return rule;
    }
    return NULL;
}

const struct rule *rule_of_order(enum session_state state, enum security_state security,
                                 enum command command)
{
    uint32_t secure = 0;
    if (security == SECURITY_STATE_AUTHENTICATED || security == SECURITY_STATE_BOTH)
        secure |= RULE_STATE_AUTHENTICATED;
    if (security == SECURITY_STATE_ENCRYPTED || security == SECURITY_STATE_BOTH)
        secure |= RULE_STATE_ENCRYPTED;
    bool over = state == STATE_QUIT || state == STATE_SHUT || state == STATE_REJECTED ||
                state == STATE_CONNECT;
    const struct rule *rule = over ? NULL : rule_at(secure, command);
    return rule ? rule : rule_at(UINT32_C(1) << state, command);
}

const char *severity_name(enum severity severity)
{
    static const char *const names[SEVERITY_COUNT] = {"note", "warning", "error"};
    return names[severity];
}

const char *fault_name(enum fault fault)
{
    /* The last one is marked in report/html.c, where it has a plural. */
    static const char *const names[FAULT_COUNT] = {N_("client"), N_("server"), "recording"};
    return names[fault];
}
