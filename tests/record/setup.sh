#!/bin/sh
# Installs the mail servers that the fixtures are recorded from into folders of their own (Debian 12, root,
# debootstrap). Usage: setup.sh DIR. Nothing is installed on the machine itself.
set -eu
dir=$1
# The mirror of the machine's own apt sources.
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)}
[ -n "$mirror" ] || { echo "setup.sh: no apt source for bookworm; set MIRROR" >&2; exit 2; }
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

install_into() {
    root=$1; shift
    printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    chroot "$root" apt-get -q -y --no-install-recommends install "$@"
}

mkdir -p "$dir"
[ -d "$dir/base" ] || {
    debootstrap --variant=minbase bookworm "$dir/base.tmp" "$mirror"
    mv "$dir/base.tmp" "$dir/base"
}
for name in postfix exim opensmtpd; do
    [ -d "$dir/$name" ] || cp -a "$dir/base" "$dir/$name"
done
echo 'postfix postfix/main_mailer_type select No configuration' | chroot "$dir/postfix" debconf-set-selections
install_into "$dir/postfix" postfix libsasl2-modules sasl2-bin openssl python3-aiosmtpd
install_into "$dir/exim" exim4-daemon-heavy openssl
install_into "$dir/opensmtpd" opensmtpd
