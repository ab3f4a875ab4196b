#!/bin/bash
# A bare root of a release of Debian, for release.sh and deb.sh, which source
# this.
#
# What is mounted there is mounted in name spaces of its own, and what is started
# is in them, too: whatever becomes of this, nothing stays mounted or runs.

# root_bootstrap SUITE DIR: bare, and with this machine's way to the archive.
root_bootstrap() {
	rm -rf --one-file-system "$2"
	mkdir -p "$2"
	debootstrap --variant=minbase "$1" "$2" \
	    "${MIRROR:-http://deb.debian.org/debian}" >"$2.log" 2>&1 ||
	    { tail "$2.log"; return 1; }
	apt-config dump | grep -i '^acquire::.*proxy' \
	    >"$2/etc/apt/apt.conf.d/99release" || true
}

# root_alone COMMAND...: in new name spaces, where root_mount may be called.
root_alone() {
	unshare --mount --pid --fork --kill-child "$@"
}

# root_mount DIR: what the programs in that root want to see.
root_mount() {
	mount --make-rprivate /
	mountpoint -q "$1" || mount --bind "$1" "$1"
	mount -t proc proc "$1/proc"
	mount -t sysfs -o ro sysfs "$1/sys"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts \
	    "$1/dev/pts"
	mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm"
}

# root_become DIR COMMAND...: the command, in that root, instead of this shell.
# To be in a root of its own is not to be in a chroot, where the kernel would
# refuse the name spaces that some tests make.
root_become() {
	cd "$1" || return
	shift
	mkdir -p .outside
	pivot_root . .outside
	umount -l /.outside
	cd /srv/smtpserv || return
	exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
	    "$@"
}
