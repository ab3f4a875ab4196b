#!/bin/bash
# The Debian package of this release, built and tried.
#
#	deb.sh build	make it in build/deb; root becomes nobody for that
#	deb.sh check	what lintian says of it, which files it has, and how it
#			installs, upgrades, goes and is purged: as root
#
# INSTALLED names what `make install` installs below PREFIX.
set -eu
# shellcheck source=tests/support/root.sh
. "$(dirname "$0")/root.sh"
deb=build/deb
base=build/release/deb
passed=0
failed=0
skipped=0

# An ordinary user builds, and lintian wants one, too.
as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid nobody --regid nogroup --clear-groups -- \
		    env PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$PWD/${deb}" "$@"
	else
		"$@"
	fi
}

build() {
	rm -rf "${deb}"
	mkdir -p "${deb}/smtpserv"
	tar -c Makefile README.md LICENSE bin lib libexec etc tests |
	    tar -x --no-same-owner -C "${deb}/smtpserv"
	cp -R etc/debian "${deb}/smtpserv/debian"
	[ "$(id -u)" -ne 0 ] || chown -R nobody:nogroup "${deb}"
	as_user sh -c "cd ${deb}/smtpserv && dpkg-buildpackage -b -us -uc" \
	    >"${deb}/log" 2>&1 || { tail "${deb}/log"; return 1; }
	ls "${deb}"/smtpserv_*.deb
}

# A test is a command that prints nothing and succeeds.
try() {
	name=$1
	shift
	if "$@" >"${deb}/said" 2>&1 && [ ! -s "${deb}/said" ]; then
		echo "${name}: passed"
		passed=$((passed + 1))
	else
		echo "${name}: failed"
		sed 's/^/	/' "${deb}/said"
		failed=$((failed + 1))
	fi
}

skip() {
	echo "$1: skipped: $2"
	skipped=$((skipped + 1))
}

lint() {
	as_user lintian --fail-on error,warning \
	    --display-level '>=warning' "${deb}"/smtpserv_*.changes
}

# What the package has besides what `make install` installs.
more_files() {
	cat <<-'EOF'
		/etc/smtpserv/wattcp.cfg
		/usr/lib/systemd/system-generators/smtpserv
		/usr/lib/systemd/system/smtpserv-work.service
		/usr/lib/systemd/system/smtpserv.socket
		/usr/lib/systemd/system/smtpserv@.service
		/usr/lib/sysusers.d/smtpserv.conf
		/usr/lib/tmpfiles.d/smtpserv.conf
		/usr/share/doc-base/smtpserv.smtpserv
		/usr/share/doc/smtpserv/README.Debian
		/usr/share/doc/smtpserv/README.md.gz
		/usr/share/doc/smtpserv/changelog.gz
		/usr/share/doc/smtpserv/copyright
		/usr/share/doc/smtpserv/html/style.css
		/usr/share/lintian/overrides/smtpserv
	EOF
}

files() {
	dpkg-deb -c "${deb}"/smtpserv_*.deb |
	    sed -n 's/^-.* \.\(\/[^ ]*\)$/\1/p' |
	    sed 's,^/lib/,/usr/lib/,' | sort >"${deb}/has"
	{
		more_files
		for file in ${INSTALLED}; do
			case ${file} in
			share/man/*)
				page=${file##*/}
				echo "/usr/${file}.gz"
				echo "/usr/share/doc/smtpserv/html/${page}.html" ;;
			# These units are where systemd looks for them.
			share/smtpserv/systemd/smtpserv.socket | \
			share/smtpserv/systemd/smtpserv@.service | \
			share/smtpserv/systemd/smtpserv-work.service) ;;
			*) echo "/usr/${file}" ;;
			esac
		done
	} | sort >"${deb}/wants"
	diff "${deb}/wants" "${deb}/has"
}

no_usr_local() {
	mkdir "${deb}/at"
	dpkg-deb -x "${deb}"/smtpserv_*.deb "${deb}/at"
	# The C library of the static programs has such a PATH.
	grep -raoE '/usr/local[^"]*' "${deb}/at" |
	    grep -av ':/usr/local/bin:/bin:/usr/bin' || true
	rm -r "${deb}/at"
}

# A second version for upgrades: the same files, another number.
newer() {
	dpkg-deb -R "${deb}"/smtpserv_*.deb "${deb}/newer"
	sed -i 's/^Version: .*/&+newer/' "${deb}/newer/DEBIAN/control"
	mkdir -p "${deb}/give"
	cp "${deb}"/smtpserv_*.deb "${deb}/give"
	dpkg-deb --root-owner-group -b "${deb}/newer" "${deb}/give/newer.deb"
	rm -r "${deb}/newer"
} >/dev/null

# A fresh copy of the root, which is gone with these name spaces: ${root}.
fresh() {
	mkdir -p "${deb}/tmp"
	mount -t tmpfs tmpfs "${deb}/tmp"
	mkdir "${deb}/tmp/up" "${deb}/tmp/work" "${deb}/tmp/root"
	root=${deb}/tmp/root
	mount -t overlay -o "lowerdir=${base},upperdir=${deb}/tmp/up,workdir=${deb}/tmp/work" \
	    overlay "${root}"
	mkdir -p "${root}/srv/smtpserv"
	mount --bind "${deb}/give" "${root}/srv/smtpserv"
}

# Where systemd is not PID 1, as in a container.
by_hand() {
	fresh
	root_mount "${root}"
	root_become "${root}" bash ./inside.sh by_hand
}

# Where systemd is, in a control group of its own, below which it may make more.
under_systemd() {
	mkdir -p "${deb}/groups"
	mount --make-rprivate /
	mount -t cgroup2 cgroup2 "${deb}/groups"
	mkdir -p "${deb}/groups/smtpserv-deb"
	(
		echo "${BASHPID}" >"${deb}/groups/smtpserv-deb/cgroup.procs"
		unshare --mount --pid --net --uts --ipc --cgroup --fork \
		    --kill-child bash "$0" booted
	) || true
	find "${deb}/groups/smtpserv-deb" -depth -type d -exec rmdir {} +
}

booted() {
	fresh
	mount -t proc proc "${root}/proc"
	mount -t sysfs -o ro sysfs "${root}/sys"
	mount -t cgroup2 cgroup2 "${root}/sys/fs/cgroup"
	mount -t tmpfs -o mode=755 tmpfs "${root}/dev"
	mkdir "${root}/dev/pts" "${root}/dev/shm"
	for node in null zero full random urandom tty; do
		touch "${root}/dev/${node}"
		mount --bind "/dev/${node}" "${root}/dev/${node}"
	done
	touch "${root}/dev/console" "${deb}/give/console"
	mount --bind "${deb}/give/console" "${root}/dev/console"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts \
	    "${root}/dev/pts"
	ln -s pts/ptmx "${root}/dev/ptmx"
	ln -s /proc/self/fd "${root}/dev/fd"
	ln -s fd/1 "${root}/dev/stdout"
	ln -s fd/2 "${root}/dev/stderr"
	cat >"${root}/etc/systemd/system/try.service" <<-'EOF'
		[Unit]
		After=multi-user.target
		[Service]
		Type=oneshot
		WorkingDirectory=/srv/smtpserv
		Environment=HOME=/root LC_ALL=C.UTF-8
		ExecStart=/bin/bash ./inside.sh booted
		StandardOutput=append:/srv/smtpserv/console
		StandardError=append:/srv/smtpserv/console
		TimeoutStartSec=600
		ExecStopPost=/bin/systemctl --no-block --force --force poweroff
	EOF
	mkdir -p "${root}/etc/systemd/system/default.target.wants"
	ln -s ../try.service "${root}/etc/systemd/system/default.target.wants"
	# There is no terminal: while it waits for one, a getty holds what PID 1
	# had open, such as a socket that is to be bound again.
	ln -s /dev/null "${root}/etc/systemd/system/getty.target"
	ln -s /dev/null "${root}/etc/systemd/system/console-getty.service"
	ln -sf /lib/systemd/system/multi-user.target \
	    "${root}/etc/systemd/system/default.target"
	root_become "${root}" container=smtpserv /sbin/init
}

# What a newcomer's machine has, and what the package and the tests will fetch.
prepare() {
	[ -e "${base}/.ready" ] || {
		root_bootstrap "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" \
		    "${base}"
		mkdir -p "${base}/srv/smtpserv"
		touch "${base}/.ready"
	}
	root_alone bash "$0" fetch
}

fetch() {
	root_mount "${base}"
	mount --bind "${deb}/give" "${base}/srv/smtpserv"
	root_become "${base}" bash ./inside.sh fetch
}

# The results of one way, which inside.sh writes as this does.
gather() {
	find "${deb}/give" -mindepth 1 ! -name '*.deb' ! -name inside.sh \
	    ! -name walk -delete
	root_alone bash "$0" "$1" >"${deb}/$1.log" 2>&1 || true
	if [ ! -e "${deb}/give/results" ]; then
		skip "$1" "it did not start: $(tail -n 1 "${deb}/$1.log")"
		return
	fi
	sed "/^end\$/d; s/^/$1 /" "${deb}/give/results"
	passed=$((passed + $(grep -c ': passed$' "${deb}/give/results" || true)))
	failed=$((failed + $(grep -c ': failed' "${deb}/give/results" || true)))
	grep -q '^end$' "${deb}/give/results" || {
		echo "$1: failed: it did not come to its end"
		tail "${deb}/$1.log" "${deb}/give/console" || true
		failed=$((failed + 1))
	}
}

# The image of etc/container, built on the bare root and run, with a network of
# its own.
images() {
	buildah --root "$PWD/${deb}/images" --runroot "$PWD/${deb}/imagerun" \
	    --storage-driver vfs "$@"
}

container_build() {
	rm -rf "${deb}/images" "${deb}/imagerun" "${deb}/volume"
	tar -C "${base}" -cf "${deb}/base.tar" .
	bare=$(images from scratch)
	images add -q "${bare}" "${deb}/base.tar" /
	images commit -q "${bare}" localhost/base
	images bud -q --format docker --isolation chroot --build-arg BASE=localhost/base \
	    -t localhost/smtpserv -f etc/container/Containerfile .
	images from --name smtpserv localhost/smtpserv
} >"${deb}/container.log" 2>&1

container_run() {
	install -d -o 2525 -g 2525 "${deb}/volume"
	ip link set lo up
	# As the image says: its user, its command, its check.
	set -- --isolation chroot -v "$PWD/${deb}/volume:/var/spool/smtpserv" \
	    smtpserv
	images run "$@" sh -c 'exec s6-svscan /service >&2' \
	    >"${deb}/volume.log" 2>&1 &
	tries=0
	until images run "$@" /usr/libexec/smtpserv-remote -n \
	    '[127.0.0.1]:2525' >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ "${tries}" -lt 60 ] || { cat "${deb}/volume.log"; break; }
		sleep 1
	done
	exec 3<>/dev/tcp/127.0.0.1/2525
	printf '%s\r\n' 'EHLO maggot' 'MAIL FROM:<erick@maggot>' \
	    'RCPT TO:<bruce@gnat>' DATA >&3
	sed -u '/^354/q' <&3 >/dev/null
	printf '%s\r\n' 'Subject: Beers?' '' 'Six?' . QUIT >&3
	cat <&3 >/dev/null
	grep -qx 'To: bruce@gnat' "${deb}/volume/1.WRK"
	[ "$(stat -c %u "${deb}/volume/1.WRK")" = 2525 ]
	grep -q 'event=accepted number=1' "${deb}/volume.log"
	# A worker that has nothing to do is left down.
	grep -q 'mail is kept' "${deb}/volume.log"
}

container() {
	container_build || { tail "${deb}/container.log"; return 1; }
	code=0
	unshare --mount --net --pid --fork --kill-child bash "$0" container_run ||
	    code=$?
	rm -rf "${deb}/images" "${deb}/imagerun" "${deb}/base.tar"
	return "${code}"
}

check() {
	try lintian lint
	try files files
	try no_usr_local no_usr_local
	newer
	cp tests/support/deb_inside.sh "${deb}/give/inside.sh"
	sed -n '/^## With the package/,/^## /s/^    //p' README.md \
	    >"${deb}/give/walk"
	if [ "$(id -u)" -ne 0 ]; then
		skip root 'a root of its own needs root'
	else
		prepare
		gather by_hand
		gather under_systemd
		if command -v buildah >/dev/null; then
			try container container
		else
			skip container 'no buildah here to build an image with'
		fi
	fi
	echo "${passed} passed, ${failed} failed, ${skipped} skipped"
	[ "${failed}" -eq 0 ]
}

"$1"
