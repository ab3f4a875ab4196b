#!/bin/bash
# Run and check on another release of Debian: README's two commands, as somebody
# meets them who has that release, bare, and this tree.
#
#	release.sh SUITE        as root; MIRROR names another than Debian's
#
# The release is bootstrapped into build/release/SUITE, which stays if something
# fails.
set -eu
suite=$1
root=build/release/${suite}
# shellcheck source=tests/support/root.sh
. "$(dirname "$0")/root.sh"

bootstrap() {
	root_bootstrap "${suite}" "${root}"
	# Not in /root, which the users that some tests become cannot see.
	mkdir "${root}/srv/smtpserv"
	tar -c --exclude=./build --exclude=./var --exclude=./.git . |
	    tar -x --no-same-owner -C "${root}/srv/smtpserv"
}

enter() {
	root_mount "${root}"
	root_become "${root}" bash tests/support/release.sh "${suite}" inside
}

# `make run`, and a message as README sends it.
try_run() {
	make run >run.log 2>&1 &
	until grep -q '^Control-C ends' run.log 2>/dev/null &&
	    (: </dev/tcp/127.0.0.1/2525) 2>/dev/null; do
		kill -0 $! 2>/dev/null || { tail run.log; return 1; }
		sleep 1
	done
	exec 3<>/dev/tcp/127.0.0.1/2525
	printf '%s\r\n' 'EHLO maggot' 'MAIL FROM:<erick@maggot>' \
	    'RCPT TO:<bruce@gnat>' DATA >&3
	sed -u '/^354/q' <&3 >talk.log
	printf '%s\r\n' 'Subject: Beers?' '' 'Six?' . QUIT >&3
	cat <&3 >>talk.log
	kill $!
	wait $! || true
	if ! grep -qx 'To: bruce@gnat' var/rqueue/1.WRK ||
	    ! grep -qx 'Six?' var/rqueue/1.TXT; then
		cat talk.log
		return 1
	fi
}

inside() {
	echo "release: $(sed -n 's/^PRETTY_NAME=//p' /etc/os-release)"
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends make >/dev/null 2>&1
	try_run
	echo 'release: make run serves'
	make check
}

case ${2:-} in
'')
	[ "$(id -u)" -eq 0 ] || { echo 'release: this needs root'; exit 1; }
	bootstrap
	root_alone bash "$0" "${suite}" enter
	rm -rf --one-file-system "${root}"
	;;
*)
	"$2"
	;;
esac
