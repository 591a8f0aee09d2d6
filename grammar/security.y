/* security.y - TLS and authentication, as a second small grammar that runs beside session.y.
 *
 * A command is in order when both expect it. This one sees only AUTH and STARTTLS; multiplying
 * every state of the first by four would say the same less clearly. Its shape and its reasons are
 * those of session.y.
 */

%code requires {
#include <stdint.h>
}

%code {
#define YYINITDEPTH 16 /* deeper than the stack ever is */
/* Bison writes this one for yyreport_syntax_error, which never has anything to report here. */
#pragma GCC diagnostic ignored "-Wunused-function"
static void security_error(const char *message);
}

%define api.prefix {security_}
%define api.pure full
%define api.push-pull push
%define api.token.prefix {SECURITY_}
%define api.token.raw
%define parse.error custom

%expect 0

%token
  CONNECT       "the greeting"
  CONNECT_TLS   "the greeting, inside TLS"
  AUTH          "AUTH"
  STARTTLS      "STARTTLS"

%token
  OK            "2yz"
  REFUSED       "4yz or 5yz"
  TOLERATED     "taken all the same"

%%

session : plain | authenticated | encrypted | authenticated_encrypted ;

 /* Neither TLS nor a user.
  * From here: AUTH, STARTTLS. */
plain
  : CONNECT
  | plain AUTH REFUSED
  | plain STARTTLS REFUSED
  ;

 /* RFC 4954 4: after a successful AUTH no more AUTH.
  * From here: STARTTLS. */
authenticated
  : plain AUTH OK
  | authenticated STARTTLS REFUSED
  ;

 /* RFC 3207 4.2: inside TLS no more STARTTLS, and what was known of the client, the user included,
  * is forgotten.
  * From here: AUTH. */
encrypted
  : CONNECT_TLS
  | plain STARTTLS OK
  | authenticated STARTTLS OK
  | encrypted AUTH REFUSED
  ;

 /* Both.
  * From here: nothing. */
authenticated_encrypted
  : encrypted AUTH OK
  ;

 /* What lenient servers take although it is out of order. */

authenticated           : authenticated TOLERATED AUTH OK ;             /* Haraka */
authenticated_encrypted : authenticated_encrypted TOLERATED AUTH OK ;
encrypted               : encrypted TOLERATED STARTTLS OK               /* Haraka */
                        | authenticated_encrypted TOLERATED STARTTLS OK ;

%%

/* For walk.c: see the end of session.y. */

const char *security_state(const security_pstate *parser)
{
    return yysymbol_name(YY_ACCESSING_SYMBOL(*parser->yyssp));
}

uint64_t security_expected(const security_pstate *parser)
{
    yysymbol_kind_t symbols[YYNTOKENS];
    int count = yypstate_expected_tokens((yypstate *)parser, symbols, YYNTOKENS);
    uint64_t set = 0;
    for (int i = 0; i < count; i++)
        set |= UINT64_C(1) << symbols[i];
    return set;
}

/* Never reached: a token that is not expected is not pushed. */
static int yyreport_syntax_error(const yypcontext_t *context)
{
    (void)context;
    return 0;
}

static void security_error(const char *message)
{
    (void)message;
}
