#!/bin/sh
# servers.sh start|stop DIR: the servers of setup.sh, on 127.0.0.1 only (ports 13025-13031, 14025, 14026, 15025,
# 16025-16028, 17025).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$2
run=$dir/run

start() {
    mkdir -p "$run"
    for root in postfix exim opensmtpd; do
        mountpoint -q "$dir/$root/proc" || mount -t proc proc "$dir/$root/proc"
        mountpoint -q "$dir/$root/dev" || mount --bind /dev "$dir/$root/dev"
    done
    [ -f "$dir/cert.pem" ] || openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=mx.example.com \
        -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null

    p=$dir/postfix/etc/postfix
    mkdir -p "$p/sasl"
    cp "$here"/config/main.cf "$here"/config/master.cf "$here"/config/mailboxes "$here"/config/recipients \
        "$here"/config/relocated "$here"/config/senders "$here"/config/at-data "$dir/cert.pem" "$dir/key.pem" "$p/"
    printf 'pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN CRAM-MD5\n' > "$p/sasl/smtpd.conf"
    echo wonderland | chroot "$dir/postfix" saslpasswd2 -p -c -u mx.example.com alice
    chroot "$dir/postfix" chown postfix /etc/sasldb2
    chroot "$dir/postfix" postfix start 2>/dev/null

    e=$dir/exim/etc
    cp "$here/config/exim.conf" "$e/exim.conf"
    cp "$dir/cert.pem" "$e/exim-cert.pem"
    cp "$dir/key.pem" "$e/exim-key.pem"
    chroot "$dir/exim" chown Debian-exim /etc/exim-cert.pem /etc/exim-key.pem
    chroot "$dir/exim" chown root:root /etc/exim.conf
    chroot "$dir/exim" exim4 -C /etc/exim.conf -bd -oP /run/exim.pid

    cp "$here/config/opensmtpd.conf" "$dir/opensmtpd/etc/smtpd.conf"
    chroot "$dir/opensmtpd" sh -c 'grep -q "^alice:" /etc/passwd || useradd alice; grep -q "^bob:" /etc/passwd || useradd bob'
    chroot "$dir/opensmtpd" smtpd -F >"$run/opensmtpd.log" 2>&1 & echo $! > "$run/opensmtpd.pid"

    cp "$here/config/aiosmtpd_server.py" "$here/config/pysmtpd_server.py" "$dir/postfix/tmp/"
    cp "$dir/cert.pem" "$dir/key.pem" "$dir/postfix/tmp/"
    chroot "$dir/postfix" /usr/bin/python3 /tmp/aiosmtpd_server.py /tmp/cert.pem /tmp/key.pem >"$run/aiosmtpd.log" 2>&1 &
    echo $! > "$run/aiosmtpd.pid"
    chroot "$dir/postfix" /usr/bin/python3 /tmp/pysmtpd_server.py >"$run/pysmtpd.log" 2>&1 &
    echo $! > "$run/pysmtpd.pid"
    sleep 2
}

stop() {
    for name in opensmtpd aiosmtpd pysmtpd; do
        [ ! -f "$run/$name.pid" ] || kill "$(cat "$run/$name.pid")" 2>/dev/null || true
        rm -f "$run/$name.pid"
    done
    [ ! -f "$dir/exim/run/exim.pid" ] || kill "$(cat "$dir/exim/run/exim.pid")" 2>/dev/null || true
    chroot "$dir/postfix" postfix stop 2>/dev/null || true
    for root in postfix exim opensmtpd; do
        umount "$dir/$root/proc" "$dir/$root/dev" 2>/dev/null || true
    done
}

"$1"
