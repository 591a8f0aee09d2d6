"""Sessions that give a secret away, one for each way in which that can happen.

Each is a name and its lines. In them stand {pw} for the password, {token} for a token and {body} for a line of a message; {plain} and
the like are what the client sends of them, in base64. What they are is for the caller: kinds(secrets) puts it in.
"""

import base64


def b64(text):
    return base64.b64encode(text.encode()).decode()


def urlsafe(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


USER = "alice@example.org"
PASSWORD, TOKEN, BODY = "Zq7tr0ub4dorX9kPq", "ya29Kx3vGm0PqLr8WwTt", "Vw8KjBodyQz42xyzLm"

BEGIN = """
S: 220 mx.example.com ESMTP
C: EHLO c.example.org
S: 250-mx.example.com
S: 250 AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2
"""
MAIL = """
C: MAIL FROM:<a@example.org>
S: 250 ok
C: RCPT TO:<b@example.com>
S: 251 User not local; will forward to <c@example.net>
"""
END = """
C: QUIT
S: 221 Bye
"""

# What stands between BEGIN and END.
KINDS = {
    # The server repeats it.
    "echo-whole": "C: AUTH PLAIN {plain}\nS: 500 unknown command AUTH PLAIN {plain}",
    "echo-cut": "C: AUTH PLAIN {plain}\nS: 500 unknown command AUTH PLAIN {plain:.36}...",
    "echo-lower": "C: AUTH PLAIN {plain}\nS: 500 unknown command auth plain {plain_lower}",
    "echo-upper": "C: AUTH PLAIN {plain}\nS: 535 wrong: {pw_upper}",
    "echo-decoded": "C: AUTH PLAIN {plain}\nS: 535 5.7.8 bad password {pw} for {user}",
    "echo-decoded-cut": "C: AUTH PLAIN {plain}\nS: 535 5.7.8 bad password {pw:.10}",
    "echo-decoded-end": "C: AUTH PLAIN {plain}\nS: 535 5.7.8 it ends in {pw_end}",
    "echo-quoted": "C: AUTH PLAIN {plain}\nS: 535 5.7.8 \"{pw}\" is wrong",
    "echo-glued": "C: AUTH PLAIN {plain}\nS: 535 5.7.8 user={user};password={pw};",
    "echo-later": "C: AUTH PLAIN {plain}\nS: 235 ok\nC: NOOP\nS: 250 hello, {pw}\nC: MAIL\nS: 501 {plain}",
    "echo-much-later": "C: AUTH PLAIN {plain}\nS: 235 ok" + MAIL + "C: RSET\nS: 250 ok\nC: MAIL\nS: 501 {pw}",
    "echo-multiline": "C: AUTH PLAIN {plain}\nS: 535-first\nS: 535-{plain}\nS: 535 {pw}",
    "echo-no-reply": "C: AUTH PLAIN {plain}\nS: 235 ok\nS: debug: {plain}\nS: debug: {pw}\nC: NOOP\nS: 250 ok",
    "echo-no-reply-lower": "C: AUTH PLAIN {plain}\nS: 235 ok\nS: debug: {pw_lower}\nC: NOOP\nS: 250 ok",
    "echo-extra": "C: AUTH PLAIN {plain}\nS: 535 no\nS: 500 {pw}\nS: 500 {plain}",
    "echo-base64": "C: AUTH PLAIN {plain}\nS: 535 no: {pw64}",
    "echo-base64-of-clear": "C: AUTH LOGIN\nS: 503 no\nC: alice\nS: 500 what\nC: {pw}\nS: 500 what is {pw64}",
    "echo-hex": "C: AUTH PLAIN {plain}\nS: 535 no: {pw_hex}",
    "echo-in-421": "C: AUTH PLAIN {plain}\nS: 421 closing: {pw}",
    "echo-mixed": "C: AUTH PLAIN {plain}\nS: 535-no\nS: 550 {pw}",
    "echo-no-end": "C: AUTH PLAIN {plain}\nS: 535-{pw}\nC: NOOP\nS: 250 ok",
    "echo-bearer": "C: AUTH XOAUTH2 {bearer}\nS: 535 invalid token {token}",
    "echo-bearer-part": "C: AUTH XOAUTH2 {bearer}\nS: 535 invalid token {token:.9}...",
    "echo-login": "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: {user64}\nS: 334 UGFzc3dvcmQ6\nC: {pw64}\nS: 535 no: {pw}",
    "echo-login-initial": "C: AUTH LOGIN {user64}\nS: 334 UGFzc3dvcmQ6\nC: {pw64}\nS: 535 no: {pw} {pw64}",
    "echo-by-expn": "C: AUTH PLAIN {plain}\nS: 235 ok\nC: VRFY x\nS: 252 {pw}@example.org",
    "echo-forward": "C: AUTH PLAIN {plain}\nS: 235 ok\nC: MAIL FROM:<a@b>\nS: 250 ok\nC: RCPT TO:<x@y>\nS: 251 will forward to <{pw}@example.net>",
    "echo-moved": "C: AUTH PLAIN {plain}\nS: 235 ok\nC: MAIL FROM:<a@b>\nS: 250 ok\nC: RCPT TO:<x@y>\nS: 551 try <{pw}@example.net>",
    "echo-ehlo": "C: AUTH PLAIN {plain}\nS: 235 ok\nC: EHLO c\nS: 250-mx\nS: 250 X-LAST-AUTH={pw}",
    "echo-ordinary": "C: AUTH PLAIN {plain}\nS: 535 5.7.8 Username and Password not accepted, {pw}",
    # Before AUTH.
    "before-clear": "C: alice\nS: 500 x\nC: {pw}\nS: 500 x\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6",
    "before-base64": "C: {user64}\nS: 500 x\nC: {pw64}\nS: 500 x\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6",
    "before-in-reply": "C: NOOP\nS: 250 last login with {pw}\nC: AUTH PLAIN {plain}\nS: 235 ok",
    "before-in-argument": "C: NOOP {pw}\nS: 250 ok\nC: AUTH PLAIN {plain}\nS: 235 ok",
    "before-misplaced": "C: MAIL FROM:<{pw}@example.org>\nS: 503 no\nC: AUTH PLAIN {plain}\nS: 535 no",
    # After an AUTH that was refused.
    "refused-base64": "C: AUTH LOGIN\nS: 503 no\nC: {user64}\nS: 500 what\nC: {pw64}\nS: 500 what",
    "refused-clear": "C: AUTH LOGIN\nS: 503 no\nC: alice\nS: 500 what\nC: {pw}\nS: 500 what",
    "refused-unpadded": "C: AUTH PLAIN\nS: 503 no\nC: {plain_unpadded}\nS: 500 what",
    "refused-urlsafe": "C: AUTH PLAIN\nS: 503 no\nC: {plain_urlsafe}\nS: 500 what",
    "refused-rset": "C: AUTH LOGIN\nS: 503 no\nC: RSET\nS: 250 ok\nC: {pw64}\nS: 500 what",
    "refused-noop": "C: AUTH LOGIN\nS: 503 no\nC: NOOP\nS: 250 ok\nC: {pw}\nS: 500 what",
    "refused-ehlo": "C: AUTH LOGIN\nS: 503 no\nC: EHLO c.example.org\nS: 250 mx\nC: {pw}\nS: 500 what",
    "refused-helo": "C: AUTH LOGIN\nS: 503 no\nC: HELO c\nS: 250 mx\nC: {pw64}\nS: 500 what",
    "refused-verb": "C: AUTH LOGIN\nS: 503 no\nC: HELP {pw}\nS: 500 what",
    "refused-verb-noop": "C: AUTH LOGIN\nS: 503 no\nC: NOOP {pw64}\nS: 250 ok",
    "refused-verb-rset": "C: AUTH LOGIN\nS: 503 no\nC: RSET {pw}\nS: 501 what",
    "refused-verb-data": "C: AUTH LOGIN\nS: 503 no\nC: DATA {pw}\nS: 501 what",
    "refused-two-words": "C: AUTH LOGIN\nS: 503 no\nC: alice {pw}\nS: 500 what",
    "refused-quoted": "C: AUTH LOGIN\nS: 503 no\nC: \"{pw}\"\nS: 500 what",
    "refused-cancelled": "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: *\nS: 501 cancelled\nC: {pw}\nS: 500 what",
    "refused-echo": "C: AUTH LOGIN\nS: 503 no\nC: {pw}\nS: 500 unknown command: {pw}",
    "refused-echo-later": "C: AUTH LOGIN\nS: 503 no\nC: {pw}\nS: 500 x\nC: NOOP\nS: 250 {pw}",
    "refused-in-mail": MAIL + "C: AUTH LOGIN\nS: 503 no\nC: alice\nS: 500 what\nC: {pw}\nS: 500 what",
    "refused-plain-clear": "C: AUTH PLAIN\nS: 503 no\nC: {user} {pw}\nS: 500 what",
    "refused-initial-clear": "C: AUTH PLAIN {user} {pw}\nS: 501 what",
    "refused-at-once": "C: AUTH LOGIN\nC: {user64}\nC: {pw64}\nS: 503 no\nS: 500 what\nS: 500 what",
    "refused-bearer": "C: AUTH XOAUTH2\nS: 503 no\nC: {bearer}\nS: 500 what",
    "wrong-answers": "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: {pw64}\nS: 535 no\nC: {pw64}\nS: 500 what",
    "once-too-often": "C: AUTH PLAIN\nS: 334 \nC: {plain}\nS: 235 ok\nC: {plain}\nS: 500 what",
    # Base64 over several lines.
    "wrapped": "C: AUTH PLAIN {plain_1}\nC: {plain_2}\nS: 235 ok",
    "wrapped-refused": "C: AUTH PLAIN {plain_1}\nC: {plain_2}\nS: 501 no\nS: 500 what",
    "wrapped-odd": "C: AUTH PLAIN {plain:.21}\nC: {plain_from_21}\nS: 501 no\nS: 500 what",
    "wrapped-answered": "C: AUTH PLAIN {plain_1}\nS: 501 no\nC: {plain_2}\nS: 500 {pw}",
    "wrapped-echo": "C: AUTH PLAIN {plain_1}\nC: {plain_2}\nS: 501 cannot use {pw}\nS: 500 what",
    "wrapped-three": "C: AUTH PLAIN\nS: 334 \nC: {plain:.12}\nC: {plain_12_30}\nC: {plain_from_30}\nS: 535 {pw}\nS: 500 x\nS: 500 x",
    "wrapped-bearer": "C: AUTH XOAUTH2 {bearer:.40}\nC: {bearer_from_40}\nS: 501 no\nS: 500 what",
    # AUTH misspelt.
    "auth-eq": "C: AUTH=PLAIN {plain}\nS: 500 what",
    "auth-eq-eq": "C: AUTH=PLAIN={plain}\nS: 500 what",
    "auth-colon": "C: AUTH: PLAIN {plain}\nS: 500 what",
    "auth-joined": "C: AUTHPLAIN {plain}\nS: 500 what",
    "auth-glued": "C: AUTH PLAIN{plain}\nS: 504 what",
    "auth-glued-all": "C: AUTHPLAIN{plain}\nS: 500 what",
    "auth-swapped": "C: AUHT PLAIN {plain}\nS: 500 what",
    "auth-short": "C: AUT PLAIN {plain}\nS: 500 what",
    "auth-long": "C: AUTHENTICATE PLAIN {plain}\nS: 500 what",
    "auth-hyphen": "C: AUTH-PLAIN {plain}\nS: 500 what",
    "auth-no-mechanism": "C: AUTH {plain}\nS: 504 what",
    "auth-mechanism-only": "C: PLAIN {plain}\nS: 500 what",
    "auth-login-line": "C: LOGIN {user} {pw}\nS: 500 what",
    "auth-lower": "C: auth=login {pw64}\nS: 500 what",
    "auth-then-answers": "C: AUHT LOGIN\nS: 500 what\nC: {user64}\nS: 500 what\nC: {pw64}\nS: 500 what",
    "auth-then-clear": "C: AUTH=LOGIN\nS: 500 what\nC: alice\nS: 500 what\nC: {pw}\nS: 500 what",
    "user-pass": "C: USER alice\nS: 500 what\nC: PASS {pw}\nS: 500 what",
    "user-pass-lower": "C: user alice\nS: 500 what\nC: pass {pw}\nS: 500 what",
    "user-pass-words": "C: USERNAME alice\nS: 500 what\nC: PASSWORD {pw}\nS: 500 what",
    "imap-login": "C: a1 LOGIN alice {pw}\nS: 500 what",
    "pass-echo": "C: PASS {pw}\nS: 500 \"PASS {pw}\" not implemented",
    # Challenges.
    "challenge": "C: AUTH SCRAM-SHA-1 {scram_1}\nS: 334 {scram_2}\nC: {scram_3}\nS: 235 dj14",
    "challenge-refused": "C: AUTH SCRAM-SHA-1 {scram_1}\nS: 334 {scram_2}\nC: {scram_3}\nS: 535 no {token}",
    "challenge-digest": "C: AUTH DIGEST-MD5\nS: 334 {digest}\nC: {digest_answer}\nS: 535 no",
    "challenge-json": "C: AUTH XOAUTH2 {bearer}\nS: 334 {json}\nC: =\nS: 535 no",
    "challenge-ntlm": "C: AUTH NTLM TlRMTVNTUAABAAAAB4IIAAAAAAAAAAAAAAAAAAAAAAA=\nS: 334 TlRMTVNTUAACAAAA\nC: {ntlm}\nS: 535 no\nC: {ntlm}\nS: 500 no",
    # In a URL, or as a value.
    "url-ehlo": "C: EHLO smtp://alice:{pw}@h\nS: 501 bad\nC: MAIL FROM:<a@b>\nS: 503 no",
    "url-reply": "C: NOOP\nS: 250 see smtps://alice:{pw}@mx.example.com:465/",
    "url-forward": "C: MAIL FROM:<a@b>\nS: 250 ok\nC: RCPT TO:<x@y>\nS: 251 will forward to <alice:{pw}@example.net>",
    "url-moved": "C: MAIL FROM:<a@b>\nS: 250 ok\nC: RCPT TO:<x@y>\nS: 551 use smtp://alice:{pw}@example.net",
    "url-rcpt": "C: MAIL FROM:<a@b>\nS: 250 ok\nC: RCPT TO:<alice:{pw}@example.net>\nS: 550 no",
    "url-no-scheme": "C: NOOP\nS: 250 connected as alice:{pw}@mx.example.com",
    "url-unknown": "C: CONNECT smtp://alice:{pw}@h\nS: 500 what",
    "burl": MAIL + "C: BURL imap://alice:{pw}@imap.example.org/INBOX;uid=20;urlauth=submit+alice:internal:{token} LAST\nS: 503 no",
    "burl-echo": MAIL + "C: BURL imap://alice:{pw}@imap.example.org/INBOX;urlauth=anonymous:internal:{token} LAST\nS: 554 bad {token} {pw}",
    "value-json": 'C: NOOP\nS: 250 {{"password": "{pw}", "access_token":"{token}"}}\nC: NOOP {pw}\nS: 250 ok',
    "value-quoted": "C: NOOP\nS: 250 password='{pw}' token => \"{token}\"",
    "value-longer": "C: NOOP\nS: 250 smtp_password={pw} CLIENT-SECRET={token}",
    "value-colon": "C: NOOP\nS: 250 Password: {pw}, apikey:{token}",
    "value-xml": "C: NOOP\nS: 250 <password>{pw}</password>",
    "value-reply": "C: NOOP\nS: 250 debug password={pw} token={token}",
    "xclient": "C: XCLIENT LOGIN=alice PASSWORD={pw} ADDR=1.2.3.4\nS: 503 no",
    "xclient-login": "C: XCLIENT ADDR=1.2.3.4 LOGIN={pw}\nS: 503 no {pw}",
    "xclient-other": "C: XCLIENT NAME=x SECRET={token}\nS: 501 no",
    "mail-auth": "C: MAIL FROM:<a@b> AUTH={pw}\nS: 250 ok\nC: MAIL FROM:<a@b> AUTH={pw}\nS: 503 nested",
    "mail-auth-echo": "C: MAIL FROM:<a@b> AUTH={pw}\nS: 501 {pw} is no mailbox",
    # Lines of a message.
    "body-503": "C: DATA\nS: 503 no\nC: Subject: {body}\nS: 500 x\nC: {body}\nS: 500 x\nC: .\nS: 500 x",
    "body-554": MAIL + "C: DATA\nS: 554 no\nC: From: {body}\nC: \nC: {body}\nC: .\nS: 500 x\nS: 500 {body}\nS: 500 x\nS: 500 x",
    "body-echo": MAIL + "C: DATA\nS: 451 no\nC: dear {body}\nS: 500 unknown command \"dear {body}\"\nC: .\nS: 500 x",
    "body-verb": MAIL + "C: DATA\nS: 554 no\nC: Subject: hi\nS: 500 x\nC: help {body}\nS: 214 x\nC: mail {body}\nS: 501 x\nC: .\nS: 500 x",
    "body-verb-first": MAIL + "C: DATA\nS: 554 no\nC: Help {body}\nS: 500 x\nC: .\nS: 500 x",
    "body-words": MAIL + "C: DATA\nS: 554 no\nC: the key is {body}, keep it\nS: 500 x\nC: .\nS: 500 x",
    "body-bdat": MAIL + "C: BDAT 20 LAST\nS: 503 no\nC: {body}\nS: 500 x",
    "body-long": MAIL + "C: DATA\nS: 354 go\nC: {body}" + "x" * 2000 + "\nC: .\nS: 250 ok",
    "body-header": "C: Subject: {body}\nS: 500 x",
    "body-early": MAIL + "C: DATA\nC: Subject: {body}\nC: \nC: {body}\nC: .\nS: 354 go\nS: 250 ok",
    "body-no-data": MAIL + "C: Date: today\nS: 500 x\nC: {body}\nS: 500 x",
    # The server quotes a message that it has taken, or refuses at its end.
    "quote-refused": MAIL + "C: DATA\nS: 354 go\nC: Subject: hi\nC: \nC: {body}\nC: .\nS: 554 5.6.0 spam: {body}",
    "quote-taken": MAIL + "C: DATA\nS: 354 go\nC: Subject: {body}\nC: \nC: text\nC: .\nS: 250 2.0.0 queued \"{body}\"",
    "quote-within": MAIL + "C: DATA\nS: 354 go\nC: x\nC: the key is {body}, keep it\nC: .\nS: 550 we do not take \"key is {body}, k\"",
    "quote-cut": MAIL + "C: DATA\nS: 354 go\nC: the key is {body}\nC: .\nS: 550 refused for: the key is {body:.9}...",
    "quote-cut-alone": MAIL + "C: DATA\nS: 354 go\nC: x\nC: the key is {body}\nC: .\nS: 550 refused: {body:.12}...",
    "quote-upper": MAIL + "C: DATA\nS: 354 go\nC: x\nC: the key is {body}\nC: .\nS: 550 refused: THE KEY IS {body_upper}",
    "quote-later": MAIL + "C: DATA\nS: 354 go\nC: x\nC: {body}\nC: .\nS: 250 ok\nC: NOOP\nS: 421 the last message had {body}",
    "quote-stray": MAIL + "C: DATA\nS: 354 go\nC: x\nC: {body}\nC: .\nS: 250 ok\nS: 500 unknown command {body}",
    "quote-lines": MAIL + "C: DATA\nS: 354 go\nC: x\nC: {body}\nC: .\nS: 550-line 2 is\nS: 550-{body}\nS: 550 and no good",
    "quote-early": MAIL + "C: DATA\nC: x\nC: {body}\nC: .\nS: 354 go\nS: 550 {body}",
    "quote-deep": MAIL + "C: DATA\nS: 354 go\n" + "C: a line of text that says nothing\n" * 900 + "C: {body}\n" + "C: some more text\n" * 40
                  + "C: .\nS: 550 {body}",
    "quote-bdat": MAIL + "C: BDAT 20 LAST\nC: {body}\nS: 554 bad line {body}",
    # Elsewhere.
    "starttls-behind": "C: STARTTLS\nC: {plain}\nS: 220 go\nS: 500 ok",
    "one-word": "C: {pw}\nS: 500 what",
    "one-word-base64": "C: {plain}\nS: 500 what",
    "http-header": "C: GET / HTTP/1.1\nS: 500 x\nC: Authorization: Basic {basic}\nS: 500 x\nC: Cookie: id={token}\nS: 500 x",
}
# Recordings of their own.
WHOLE = {
    "url-greeting": "S: 220 connected to smtp://alice:{pw}@mx.example.com" + END,
    "before-ehlo": "S: 220 mx\nC: AUTH PLAIN {plain}\nS: 503 no\nC: EHLO c\nS: 250 {pw}" + END,
    "greeting-names-it": "S: 220 mx.example.com {pw}\nC: EHLO c\nS: 250 AUTH PLAIN\nC: AUTH PLAIN {plain}\nS: 235 ok" + END,
    "after-quit": BEGIN + "C: QUIT\nS: 221 bye\nC: AUTH PLAIN {plain}\nC: {pw}",
    "cut-answer": BEGIN + "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: {user64}\nS: 334 UGFzc3dvcmQ6\nC: {pw64}",
    "cut-command": BEGIN + "C: AUTH PLAIN {plain}",
    "two-sessions": BEGIN + "C: AUTH PLAIN {plain}\nS: 235 ok" + END + BEGIN + "C: NOOP\nS: 250 {pw}" + END,
    "no-offer": "S: 220 mx\nC: HELO c\nS: 250 mx\nC: AUTH LOGIN\nS: 502 no\nC: {pw64}\nS: 500 {pw}" + END,
}


def values(user, password, token, body):
    plain = b64(f"\0{user}\0{password}")
    bearer = b64(f"user={user}\1auth=Bearer {token}\1\1")
    half = len(plain) // 8 * 4
    return {
        "user": user, "pw": password, "token": token, "body": body,
        "body_upper": body.upper(), "pw_hex": password.encode().hex(), "pw_upper": password.upper(), "pw_lower": password.lower(), "pw_end": password[-9:],
        "plain": plain, "plain_lower": plain.lower(), "plain_1": plain[:half], "plain_2": plain[half:], "plain_from_21": plain[21:],
        "plain_12_30": plain[12:30], "plain_from_30": plain[30:],
        "plain_unpadded": b64(f"\0{user}x\0{password}").rstrip("="), "plain_urlsafe": urlsafe(f"\0{user}\0{password}"),
        "bearer": bearer, "bearer_from_40": bearer[40:], "user64": b64(user), "pw64": b64(password), "basic": b64(f"{user}:{password}"),
        "scram_1": b64(f"n,,n=alice,r={token}"), "scram_2": b64(f"r={token}ab,s=QSXCR+Q6sek8bf92,i=4096"),
        "scram_3": b64(f"c=biws,r={token}ab,p={token}"),
        "digest": b64(f'realm="example.org",nonce="{token}",qop="auth",charset=utf-8'),
        "digest_answer": b64(f'username="alice",realm="example.org",nonce="{token}",cnonce="{password}",nc=00000001,response={token}'),
        "json": b64('{"status":"401","token":"' + token + '"}'),
        "ntlm": b64(f"NTLMSSP\0\3y{token}wt"),
    }


def lines_of(text):
    """Pairs of a side and what it sends."""
    pairs = [line.partition(": ") for line in text.splitlines() if line]
    return [(side.rstrip(":"), line) for side, _, line in pairs]


def kinds(user=USER, password=PASSWORD, token=TOKEN, body=BODY):
    put = values(user, password, token, body)
    sessions = {name: BEGIN + text + END for name, text in KINDS.items()} | WHOLE
    return {name: [(side, line.format(**put)) for side, line in lines_of(text)] for name, text in sessions.items()}


def needles(user=USER, password=PASSWORD, token=TOKEN, body=BODY):
    """What must not be printed: the secrets, and their base64 at each alignment."""
    found = []
    for secret in (password, token, body):
        found.append(secret)
        for shift in range(3):
            coded = base64.b64encode(b"." * shift + secret.encode()).decode().rstrip("=")
            found.append(coded[shift + 1 if shift else 0:len(coded) - (1 if (shift + len(secret)) % 3 else 0)])
    return found
