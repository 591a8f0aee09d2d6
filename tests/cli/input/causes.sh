# Prints a session whose faults have causes that overlap, and a long run in order between them.
cat <<'SESSION'
S: 220 mx.example.com ESMTP
C: EHLO client.example.org
S: 250-mx.example.com
S: 250 AUTH PLAIN
C: MAIL FROM:<alice@example.org>
S: 250 2.1.0 Ok
C: RCPT TO:<nobody@example.com>
S: 550 5.1.1 no such mailbox
C: MAIL FROM:<carol@example.org>
S: 503 5.5.1 Error: nested MAIL command
C: AUTH PLAIN AGFsaWNlAGV4YW1wbGU=
S: 503 5.5.1 Error: MAIL transaction in progress
C: MAIL FROM:<dave@example.org>
S: 503 5.5.1 Error: nested MAIL command
C: RSET
S: 250 2.0.0 Ok
SESSION
for number in 1 2 3 4 5 6 7 8 9 10; do
    printf 'C: NOOP %d\nS: 250 2.0.0 Ok\n' "$number"
done
cat <<'SESSION'
C: DATA
S: 503 5.5.1 Error: need MAIL command
S: 250 2.0.0 to nothing
C: QUIT
S: 221 2.0.0 Bye
C: NOOP
SESSION
