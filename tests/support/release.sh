#!/bin/bash
# Run and check on another release of Debian: README's two commands, as somebody
# meets them who has that release, bare, and this tree.
#
#	release.sh SUITE        as root; MIRROR names another than Debian's
#
# The release is bootstrapped into build/release/SUITE, which stays if something
# fails.  What is mounted there is mounted in a name space of its own, and what is
# started is in one, too: whatever becomes of this, nothing stays mounted or runs.
set -eu
suite=$1
root=build/release/${suite}
mirror=${MIRROR:-http://deb.debian.org/debian}

bootstrap() {
	rm -rf --one-file-system "${root}"
	mkdir -p "${root}"
	debootstrap --variant=minbase "${suite}" "${root}" "${mirror}" \
	    >"${root}.log" 2>&1 || { tail "${root}.log"; exit 1; }
	# How this machine's apt reaches the archive.
	apt-config dump | grep -i '^acquire::.*proxy' \
	    >"${root}/etc/apt/apt.conf.d/99release" || true
	# Not in /root, which the users that some tests become cannot see.
	mkdir "${root}/srv/smtpserv"
	tar -c --exclude=./build --exclude=./var --exclude=./.git . |
	    tar -x --no-same-owner -C "${root}/srv/smtpserv"
}

# To be in a root of its own is not to be in a chroot, where the kernel would
# refuse the name spaces that some tests make.
enter() {
	mount --make-rprivate /
	mount --bind "${root}" "${root}"
	mount -t proc proc "${root}/proc"
	mount -t sysfs -o ro sysfs "${root}/sys"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts \
	    "${root}/dev/pts"
	mount -t tmpfs -o mode=1777 tmpfs "${root}/dev/shm"
	cd "${root}"
	mkdir -p .outside
	pivot_root . .outside
	umount -l /.outside
	cd /srv/smtpserv
	exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
	    bash tests/support/release.sh "${suite}" inside
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
	unshare --mount --pid --fork --kill-child bash "$0" "${suite}" enter
	rm -rf --one-file-system "${root}"
	;;
*)
	"$2"
	;;
esac
