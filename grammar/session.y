/* session.y - the order of SMTP commands, as a grammar.
 *
 * A nonterminal is a state of the session, a production is a transition into it. The first half is
 * what RFC 5321 and its extensions allow; the second half, after TOLERATED, is what lenient servers
 * accept all the same. The comment before a state says which commands are in order there ("From
 * here"); tests/grammar/shape.py compares it with the productions.
 *
 * The parser that bison makes of this is not part of smtpseq. walk.c plays every exchange in every
 * state of it while smtpseq is built, and writes the table that machine.c reads. Before it pushes a
 * command it asks yypstate_expected_tokens() whether the command is in order. One that is not, is
 * not pushed: the state stays, which is what a 503 means. So no production needs an action: the
 * state of the session is the symbol on top of the stack.
 *
 * Every transition ends in an outcome that ends only that production. Bison then gives it a default
 * reduction, and the state has changed when the push of the outcome returns. One optional
 * continuation ("A: B MAIL OK | B MAIL OK GO") would make it one token late without a warning;
 * tests/grammar/shape.py proves that there is none.
 */

%code requires {
#include <stdint.h>
}

%code {
/* A state of the session, TOLERATED, a command and its outcome are the deepest that the stack gets. */
#define YYINITDEPTH 16
/* Bison writes this one for yyreport_syntax_error, which never has anything to report here. */
#pragma GCC diagnostic ignored "-Wunused-function"
static void order_error(const char *message);
}

%define api.prefix {order_}             /* the generated names; the second grammar has its own */
%define api.pure full                   /* many sessions at once, no global state */
%define api.push-pull push              /* exchanges come one by one */
%define api.token.prefix {ORDER_}
%define api.token.raw                   /* token numbers are symbol numbers: no translation table */
%define parse.error custom              /* makes the expected tokens available */

%expect 0

/* Commands, in the order in which the expected ones are listed to a reader: what moves a mail
 * transaction on, then what leaves it, then the rest. */
%token
  CONNECT       "the greeting"
  MAIL          "MAIL"
  RCPT          "RCPT"
  DATA          "DATA"
  BDAT          "BDAT"
  BDAT_LAST     "BDAT LAST"
  END_OF_DATA   "."
  RSET          "RSET"
  QUIT          "QUIT"
  EHLO          "EHLO"
  HELO          "HELO"
  LHLO          "LHLO"
  AUTH          "AUTH"
  STARTTLS      "STARTTLS"
  NOOP          "NOOP"
  VRFY          "VRFY"
  EXPN          "EXPN"
  HELP          "HELP"
  ETRN          "ETRN"
  ATRN          "ATRN"
  TURN          "TURN"
  BURL          "BURL"
  BURL_LAST     "BURL LAST"
  XCLIENT       "XCLIENT"
  XFORWARD      "XFORWARD"
  XEXCH50       "XEXCH50"
  SEND          "SEND"
  SOML          "SOML"
  SAML          "SAML"
  UNKNOWN       "unknown command"

/* Outcomes of an exchange. UNRECOGNIZED (500, 502) is a refusal by a server that does not have the
 * command at all; it differs from REFUSED only where a server that has it would have acted. */
%token
  OK            "2yz"
  GO            "3yz"
  REFUSED       "4yz or 5yz"
  UNRECOGNIZED  "500 or 502"

%token
  CLOSE         "the server closes"     /* a 421: RFC 5321 3.8 */
  NO_HELLO      "no hello so far"       /* a transaction is over that began without one ... */
  NO_HELLO_TLS  "no hello inside TLS"   /* ... since the greeting, or since STARTTLS */
  TOLERATED     "taken all the same"    /* stands before a command that was out of order */

%%

/* A recording may end in any state. Before the first token the state is `connect`.
 * From here: CONNECT. */
session
  : greeted | secured | ready | chunked | mail | refused | rcpt | content | exch50 | bdat
  | rejected | quit | shut
  ;

 /*-----------------------------.
 | What the RFCs allow.         |
 `-----------------------------*/

 /* 220 has been sent, no EHLO or HELO accepted yet. RFC 5321 4.1.4: NOOP, HELP, EXPN, VRFY and RSET
  * are in order without one; RFC 1985 and 2645 do not say that theirs are not.
  * From here: hello, anytime, RSET, QUIT, extension, turn, XCLIENT. */
greeted
  : CONNECT OK
  | greeted anytime outcome
  | greeted RSET outcome
  | greeted extension outcome
  | greeted XCLIENT outcome
  | greeted turn no
  | greeted hello no
  | greeted QUIT no
  | ready XCLIENT OK                    /* a new greeting: the session starts again */
  | chunked XCLIENT OK
  ;

 /* TLS has just begun. RFC 3207 4.2: both sides forget what they knew, EHLO comes first.
  * From here: hello, anytime, RSET, QUIT. */
secured
  : ready STARTTLS OK
  | chunked STARTTLS OK
  | secured anytime outcome
  | secured RSET outcome
  | secured hello no
  | secured QUIT no
  ;

 /* EHLO or HELO accepted, no mail transaction. RFC 5321 4.1.4: EHLO may come again at any time and
  * resets like RSET.
  * From here: begin, hello, anytime, RSET, QUIT, AUTH, STARTTLS, extension, turn, XCLIENT. */
ready
  : greeted hello OK
  | secured hello OK
  | ready   hello outcome
  | chunked hello OK
  | mail    hello OK
  | refused hello OK
  | rcpt    hello OK
  | bdat    hello OK
  | ready   RSET outcome
  | chunked RSET OK
  | mail    RSET OK                     /* RFC 5321 4.1.1.5 */
  | refused RSET OK
  | rcpt    RSET OK
  | bdat    RSET OK                     /* RFC 3030 2 */
  | ready   anytime outcome
  | ready   AUTH outcome
  | ready   extension outcome
  | ready   XCLIENT no
  | ready   STARTTLS no
  | ready   turn no
  | ready   begin no
  | ready   QUIT no
  | content END_OF_DATA outcome         /* RFC 5321 4.1.1.4: accepted or not, it is over */
  ;

 /* As `ready`, after the last chunk of a message: a state of its own only so that one more chunk can
  * be told from a chunk that no message preceded.
  * From here: begin, hello, anytime, RSET, QUIT, AUTH, STARTTLS, extension, turn, XCLIENT. */
chunked
  : rcpt    last OK
  | rcpt    last REFUSED
  | bdat    last outcome
  | chunked anytime outcome
  | chunked AUTH outcome
  | chunked extension outcome
  | chunked XCLIENT no
  | chunked STARTTLS no
  | chunked turn no
  | chunked begin no
  | chunked hello no
  | chunked RSET no
  | chunked QUIT no
  ;

 /* MAIL accepted, no RCPT yet. RFC 5321 3.3
  * From here: RCPT, hello, anytime, RSET, QUIT. */
mail
  : ready   begin OK
  | chunked begin OK
  | mail    anytime outcome
  | mail    hello no
  | mail    RSET no
  | mail    QUIT no
  ;

 /* Every recipient so far was refused. RFC 5321 3.3: DATA may draw 503 or 554 here.
  * From here: RCPT, hello, anytime, RSET, QUIT. */
refused
  : mail    RCPT no
  | refused RCPT no
  | refused anytime outcome
  | refused hello no
  | refused RSET no
  | refused QUIT no
  ;

 /* At least one recipient accepted.
  * From here: RCPT, DATA, chunk, last, XEXCH50, hello, anytime, RSET, QUIT. */
rcpt
  : mail    RCPT OK
  | refused RCPT OK
  | rcpt    RCPT outcome
  | rcpt    DATA no
  | rcpt    chunk UNRECOGNIZED
  | rcpt    last UNRECOGNIZED
  | rcpt    XEXCH50 no
  | exch50  END_OF_DATA outcome         /* taken or not, the message is still to come */
  | rcpt    anytime outcome
  | rcpt    hello no
  | rcpt    RSET no
  | rcpt    QUIT no
  ;

 /* 354 received: what the client sends is the message, up to the dot.
  * From here: END_OF_DATA. */
content
  : rcpt DATA GO
  ;

 /* Exchange between its own servers: 354 received, what the client sends are as many octets of
  * properties as XEXCH50 said, without a dot. Its second argument counts all recipients, so one for
  * each message is enough; but nothing that Microsoft has published says that a second one is out of
  * order, so it is not.
  * From here: END_OF_DATA. */
exch50
  : rcpt XEXCH50 GO
  ;

 /* Chunks under way. RFC 3030 2: only more chunks, until LAST or RSET.
  * From here: chunk, last, hello, anytime, RSET, QUIT. */
bdat
  : rcpt chunk OK
  | rcpt chunk REFUSED
  | bdat chunk outcome
  | bdat anytime outcome
  | bdat hello no
  | bdat RSET no
  | bdat QUIT no
  ;

 /* The greeting was 554 (or 521): RFC 5321 3.1, everything but QUIT draws 503.
  * From here: QUIT. */
rejected
  : CONNECT no
  | rejected QUIT no
  ;

 /* The session is over: by QUIT, or because the roles were reversed (RFC 2645). A server that
  * refuses QUIT goes on.
  * From here: nothing. */
quit
  : greeted QUIT OK
  | secured QUIT OK
  | ready   QUIT OK
  | chunked QUIT OK
  | mail    QUIT OK
  | refused QUIT OK
  | rcpt    QUIT OK
  | bdat    QUIT OK
  | rejected QUIT OK
  | greeted turn OK
  | ready   turn OK
  | chunked turn OK
  ;

 /* The server has closed with 421. A client that still says QUIT does no harm.
  * From here: QUIT. */
shut
  : greeted CLOSE
  | secured CLOSE
  | ready   CLOSE
  | chunked CLOSE
  | mail    CLOSE
  | refused CLOSE
  | rcpt    CLOSE
  | content CLOSE
  | exch50  CLOSE
  | bdat    CLOSE
  | rejected CLOSE
  | quit    CLOSE
  | shut    CLOSE
  | shut    QUIT outcome
  ;

hello     : EHLO | HELO | LHLO ;                /* RFC 5321 4.1.1.1, RFC 2033 4.1 */
begin     : MAIL | SEND | SOML | SAML ;         /* RFC 5321 4.1.1.2, RFC 821 3.4 */
chunk     : BDAT | BURL ;                       /* RFC 3030, RFC 4468 */
last      : BDAT_LAST | BURL_LAST ;
anytime   : NOOP | VRFY | EXPN | HELP ;         /* RFC 5321 4.1.1.6 to 4.1.1.9 */
extension : ETRN | XFORWARD ;                   /* RFC 1985 */
turn      : ATRN | TURN ;                       /* RFC 2645, RFC 1985 */

outcome   : OK | GO | no ;
no        : REFUSED | UNRECOGNIZED ;

 /*------------------------------------------------------.
 | What lenient servers take although it is out of order. |
 `------------------------------------------------------*/

 /* Each production says in which state the session is when a server has taken the command: what the
  * command would have begun has begun. */

greeted : greeted TOLERATED stray taken
        | ready   NO_HELLO                      /* as if the transaction had not been */
        | chunked NO_HELLO ;
secured : secured TOLERATED stray taken
        | ready   NO_HELLO_TLS
        | chunked NO_HELLO_TLS
        | secured TOLERATED STARTTLS OK
        | greeted TOLERATED STARTTLS OK         /* Postfix, sendmail: STARTTLS before EHLO */
        | mail    TOLERATED STARTTLS OK         /* Postfix, Exim: the transaction is forgotten */
        | refused TOLERATED STARTTLS OK
        | rcpt    TOLERATED STARTTLS OK
        | bdat    TOLERATED STARTTLS OK ;
ready   : ready   TOLERATED stray taken ;
chunked : chunked TOLERATED stray taken
        | greeted TOLERATED last OK
        | secured TOLERATED last OK
        | ready   TOLERATED last OK
        | chunked TOLERATED last OK
        | mail    TOLERATED last OK
        | refused TOLERATED last OK ;
mail    : mail    TOLERATED stray taken
        | greeted TOLERATED begin OK            /* Postfix, Twisted: MAIL before EHLO */
        | secured TOLERATED begin OK
        | mail    TOLERATED begin OK            /* Haraka, qpsmtpd: a nested MAIL starts over */
        | refused TOLERATED begin OK
        | rcpt    TOLERATED begin OK
        | bdat    TOLERATED begin OK ;
refused : refused TOLERATED stray taken ;
rcpt    : rcpt    TOLERATED stray taken
        | greeted TOLERATED RCPT OK
        | secured TOLERATED RCPT OK
        | ready   TOLERATED RCPT OK
        | chunked TOLERATED RCPT OK ;
bdat    : bdat    TOLERATED stray taken
        | bdat    TOLERATED RCPT OK
        | greeted TOLERATED chunk OK
        | secured TOLERATED chunk OK
        | ready   TOLERATED chunk OK
        | chunked TOLERATED chunk OK
        | mail    TOLERATED chunk OK
        | refused TOLERATED chunk OK ;
content : greeted TOLERATED DATA GO
        | secured TOLERATED DATA GO
        | ready   TOLERATED DATA GO
        | chunked TOLERATED DATA GO
        | mail    TOLERATED DATA GO
        | refused TOLERATED DATA GO
        | bdat    TOLERATED DATA GO ;
exch50  : greeted TOLERATED XEXCH50 GO
        | secured TOLERATED XEXCH50 GO
        | ready   TOLERATED XEXCH50 GO
        | chunked TOLERATED XEXCH50 GO
        | mail    TOLERATED XEXCH50 GO
        | refused TOLERATED XEXCH50 GO
        | bdat    TOLERATED XEXCH50 GO ;
rejected: rejected TOLERATED any taken ;
quit    : quit    TOLERATED any taken ;
shut    : shut    TOLERATED any taken ;

stray : AUTH | XCLIENT | UNKNOWN | END_OF_DATA | extension | turn ;
any   : stray | hello | begin | RCPT | DATA | XEXCH50 | chunk | last | RSET | QUIT | STARTTLS | anytime ;
taken : OK | GO ;

%%

/* For walk.c: facts that the generated parser does not export. */

/* The state of the session: the symbol on top of the stack. */
const char *order_state(const order_pstate *parser)
{
    return parser->yyssp == parser->yyss ? "connect"
                                         : yysymbol_name(YY_ACCESSING_SYMBOL(*parser->yyssp));
}

/* The tokens that are in order now, as a set of bits. */
uint64_t order_expected(const order_pstate *parser)
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

static void order_error(const char *message)
{
    (void)message;
}
