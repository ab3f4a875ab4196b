#!/bin/bash
# The package in a bare root, for deb.sh, which is the one to run this: with
# systemd as PID 1, and without.
#
#	inside.sh fetch|by_hand|booted
#
# The working directory has both versions of the package, README's walk, and
# gets the results.
set -u
export DEBIAN_FRONTEND=noninteractive
# A policy that keeps services from starting is not ours to have.
rm -f /usr/sbin/policy-rc.d
spool=/var/spool/smtpserv
old=$(ls ./smtpserv_*.deb)

apt() {
	apt-get -qq -o Dpkg::Use-Pty=0 "$@" >apt.log 2>&1 ||
	    { cat apt.log; return 1; }
}

# What a newcomer's machine has, and what is fetched later, where there is no
# network.
fetch() {
	apt update
	apt install -y --no-install-recommends systemd-sysv dbus
	apt install -y --download-only "${old}" curl
	apt install -y --download-only --no-install-recommends msmtp-mta
}

# A test is a function that prints nothing; a bound, not an expectation.
try() {
	said=$("$@" 2>&1)
	[ -n "${said}" ] || {
		echo "$1: passed" >>results
		return
	}
	echo "$1: failed" >>results
	printf '%s\n' "${said}" | sed 's/^/	/' >>results
}

await() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ "${tries}" -lt 600 ] || { echo "in vain: $*"; return 1; }
		sleep 0.1
	done
}

has() {
	grep -q -e "$2" "$1" || { echo "no $2 in:"; cat "$1"; }
}

is() {
	[ "$1" = "$2" ] || echo "not $2, but $1"
}

# All mail that is in the spool: no upgrade, removal or purge may change it.
fingerprint() {
	(cd "${spool}" && find . -name '*.WRK' -o -name '*.TXT' | sort |
	    xargs sha256sum && stat -c '%U %a' .)
}

install_puts_all_in_place() {
	apt install -y "${old}" curl || return
	is "$(getent passwd smtpserv | cut -d : -f 6-)" \
	    /nonexistent:/usr/sbin/nologin
	is "$(stat -c '%U %G %a' "${spool}")" 'smtpserv smtpserv 750'
	is "$(stat -c '%U %a' /usr/libexec/smtpserv-queue)" 'smtpserv 6755'
	is "$(readlink -f /usr/sbin/sendmail)" /usr/bin/smtpserv-inject
	is "$(smtpserv-conf get smtp.listen)" 127.0.0.1:2525
	is "$(dpkg-query -W -f '${Conffiles}' smtpserv | cut -d ' ' -f 2)" \
	    /etc/smtpserv/wattcp.cfg
	for unit in smtpserv.socket smtpserv-work.service; do
		is "$(systemctl is-enabled "${unit}")" enabled
	done
	smtpserv-conf check
	# A page as man(1) finds it, if this root keeps pages at all.
	dpkg -V smtpserv | grep -v '^.*/usr/share/\(man\|doc\)/' |
	    grep -v '/usr/libexec/smtpserv-queue$'
}

units_are_sound() {
	systemd-analyze --man=no verify smtpserv.socket smtpserv@1.service \
	    smtpserv-work.service 2>&1 | grep smtpserv
}

# What the generator makes of a configuration, and of a mistake.
generator_says_what_the_configuration_says() {
	mkdir -p generated
	# shellcheck disable=SC2016 # the dollar is sed's
	sed 's/^smtp.listen.*/smtp.listen = 127.0.0.2:2526,[::1]:2526/
	    $asmtp.sessions = 3' /etc/smtpserv/wattcp.cfg >changed
	cp -p /etc/smtpserv/wattcp.cfg kept
	cat changed >/etc/smtpserv/wattcp.cfg
	/usr/lib/systemd/system-generators/smtpserv "${PWD}/generated" x x
	made=generated/smtpserv.socket.d/wattcp.conf
	is "$(sed -n '/^ListenStream/p' "${made}" | paste -sd ' ')" \
	    'ListenStream= ListenStream=127.0.0.2:2526 ListenStream=[::1]:2526'
	has "${made}" '^MaxConnections=3$'
	has "${made}" '^\[Socket\]$'
	has generated/smtpserv@.service '^ExecStart=/usr/libexec/'
	is "$(ls generated)" "$(printf '%s\n' smtpserv.socket.d smtpserv@.service)"
	rm -r generated
	mkdir generated
	echo 'smtp.nonsense = 1' >>/etc/smtpserv/wattcp.cfg
	/usr/lib/systemd/system-generators/smtpserv "${PWD}/generated" x x \
	    2>mistake || echo 'it failed'
	has mistake smtp.nonsense
	is "$(ls generated)" ''
	cat kept >/etc/smtpserv/wattcp.cfg
}

sendmail_serves_every_user() {
	id joe >/dev/null 2>&1 || useradd --create-home joe
	printf 'Subject: From joe\n\nHe is a user.\n' |
	    setpriv --reuid joe --regid joe --clear-groups \
	    /usr/sbin/sendmail bruce@gnat.example || { echo "exit $?"; return; }
	await grep -rqs '^From:.*joe@' "${spool}" /srv/mail
}

# Another package's sendmail comes, and goes again.
mtas_packages_do_not_conflict() {
	apt install -y --no-install-recommends msmtp-mta || return
	case $(readlink -f /usr/sbin/sendmail) in
	*/msmtp) ;;
	*) echo "sendmail is $(readlink -f /usr/sbin/sendmail)" ;;
	esac
	is "$(dpkg-query -W -f '${db:Status-Status}' smtpserv)" installed
	apt purge -y msmtp-mta || return
	is "$(readlink -f /usr/sbin/sendmail)" /usr/bin/smtpserv-inject
}

# A message by a session that is started by hand.
session_receives() {
	printf '%s\r\n' 'EHLO maggot' 'MAIL FROM:<erick@maggot>' \
	    'RCPT TO:<bruce@gnat.example>' DATA 'Subject: Beers?' '' 'Six?' . \
	    QUIT | setpriv --reuid smtpserv --regid smtpserv --clear-groups \
	    /usr/libexec/smtpserv-session >talk.log 2>&1
	has talk.log '^250 2.0.0'
}

readme_is_as_it_says() {
	# A sleep gives the worker time; a test waits for what it is to do.
	# shellcheck disable=SC2317 # the walk sleeps
	sleep() {
		[ "$1" = 1 ] || { command sleep "$@"; return; }
		await sh -c "! ls ${spool} | grep -q 'WRK$'"
	}
	# shellcheck source=/dev/null
	. ./walk >walked 2>&1
	has walked '^To: bruce@gnat.example'
	has walked '^Delivered-To: bruce@gnat.example$'
	has walked '^Since noon.$'
	is "$(grep -e curl: -e ': error' -e '^Failed' walked)" ''
	unset -f sleep
}

# Mail is waiting, and a message is on its way, while the package is upgraded.
upgrade_keeps_mail_and_sessions() {
	systemctl stop smtpserv-work 2>/dev/null
	session_receives
	# The worker, which is started again, is to leave it alone.
	smtpserv-spool hold --all >held 2>&1
	before=$(fingerprint)
	[ "$1" = by_hand ] || {
		exec 3<>/dev/tcp/127.0.0.1/25
		printf '%s\r\n' 'EHLO maggot' 'MAIL FROM:<erick@maggot>' \
		    'RCPT TO:<bruce@gnat.example>' DATA >&3
		timeout 20 sed -u '/^354/q' <&3 >talk.log
		has talk.log '^354'
	}
	apt install -y ./newer.deb || return
	is "$(dpkg-query -W -f '${Version}' smtpserv)" \
	    "$(dpkg-deb -f newer.deb Version)"
	is "$(fingerprint)" "${before}"
	smtpserv-spool release --all >held 2>&1
	is "$(stat -c '%U %a' /usr/libexec/smtpserv-queue)" 'smtpserv 6755'
	[ "$1" = by_hand ] || {
		printf '%s\r\n' 'Subject: Over an upgrade' '' 'Here.' . QUIT >&3
		timeout 20 cat <&3 >talk.log
		exec 3>&-
		has talk.log '^250 2.0.0'
		await grep -rqs 'Over an upgrade' "${spool}" /srv/mail
		await systemctl is-active smtpserv.socket ||
		    journalctl --no-pager -n 20 -u smtpserv.socket
	}
}

remove_keeps_mail_and_configuration() {
	systemctl stop smtpserv-work 2>/dev/null
	session_receives
	before=$(fingerprint)
	apt remove -y smtpserv || return
	is "$(fingerprint)" "${before}"
	[ -f /etc/smtpserv/wattcp.cfg ] || echo 'no configuration'
	[ ! -e /usr/sbin/sendmail ] || echo 'a sendmail'
	[ "$1" = by_hand ] || is "$(systemctl is-active smtpserv.socket)" inactive
}

# What waited is delivered when the package is back.
installed_again_it_goes_on() {
	apt install -y "${old}" || return
	[ "$1" = by_hand ] || await sh -c "! ls ${spool} | grep -q 'WRK$'"
}

purge_keeps_mail() {
	systemctl stop smtpserv-work 2>/dev/null
	session_receives
	before=$(fingerprint)
	apt purge -y smtpserv || return
	has apt.log "there is mail in ${spool}: it stays"
	is "$(fingerprint)" "${before}"
	[ ! -e /etc/smtpserv/wattcp.cfg ] || echo 'a configuration'
}

# Without mail, what is left is the user.
purge_leaves_nothing_else() {
	apt install -y "${old}" || return
	systemctl stop smtpserv-work 2>/dev/null
	smtpserv-spool remove -y --all >removed 2>&1
	find "${spool}" -name '[0-9]*'
	rm -rf /etc/smtpserv/deliver.* /srv/mail
	apt purge -y smtpserv || return
	dpkg-statoverride --list '*smtpserv*'
	find / -xdev -name '*smtpserv*' ! -path '/srv/*' ! -path '/proc/*' \
	    ! -path '/var/cache/apt/*' ! -path '/var/lib/apt/*' \
	    ! -path '/tmp/systemd-private-*' ! -path '/var/tmp/systemd-private-*'
	is "$(id -un smtpserv)" smtpserv
}

all() {
	try install_puts_all_in_place
	try units_are_sound
	try generator_says_what_the_configuration_says
	if [ "$1" = by_hand ]; then
		try session_receives
	else
		try readme_is_as_it_says
	fi
	try sendmail_serves_every_user
	try mtas_packages_do_not_conflict
	for step in upgrade_keeps_mail_and_sessions \
	    remove_keeps_mail_and_configuration installed_again_it_goes_on \
	    purge_keeps_mail; do
		try "${step}" "$1"
	done
	try purge_leaves_nothing_else
	echo end >>results
}

case $1 in
fetch) fetch ;;
*) all "$1" ;;
esac
