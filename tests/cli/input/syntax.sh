# Each row of syntax.rows in a session where its command is in order, and what is said of its syntax.
while read -r code command; do
    printf '%s %s\n' "$code" "$command"
    before=
    case $command in
        RCPT*) before='C: MAIL FROM:<x@y>\nS: 250 ok\n' ;;
        BDAT*|DATA*) before='C: MAIL FROM:<x@y>\nS: 250 ok\nC: RCPT TO:<x@y>\nS: 250 ok\n' ;;
    esac
    printf "S: 220 a\nC: EHLO b\nS: 250-a\nS: 250 CHUNKING\n${before}C: %s\nS: %s x\nC: QUIT\nS: 221 bye\n" "$command" "$code" |
        smtpseq check --format=gcc | grep 'malformed-command' | sed 's/^-:[0-9]*:/    /'
done < syntax.rows
