# fail2ban's filter and logcheck's rules, by the real programs.

. "$(atf_get_srcdir)/../support/smtpserv.subr"

SOURCE=${BUILD}
while [ "${SOURCE}" != / ] && [ ! -f "${SOURCE}/etc/wattcp.cfg" ]; do
	SOURCE=$(dirname "${SOURCE}")
done

# What is not installed may be unpacked.
DEPS=${BUILD}/deps
PATH=${PATH}:${DEPS}/fail2ban/usr/bin:${DEPS}/logcheck/usr/bin
export PYTHONPATH="${DEPS}/fail2ban/usr/lib/python3/dist-packages"

# What clients and processes write, by the programs themselves.
a_log() {
	printf '#!/bin/sh\nexit ${CODE}\n' >auth
	chmod +x auth
	make_conf "smtp.auth = ${PWD}/auth" 'smtp.auth.plaintext = yes'
	for code in 0 1 111; do
		lines 'EHLO maggot' "AUTH PLAIN AGVyaWNrAGJlZXJz" QUIT |
		    CODE=${code} TCPREMOTEIP=192.0.2.${code} ${SESSION} \
		    >out 2>>log || atf_fail session
	done
	{
		lines 'EHLO maggot' \
		    'NOOP" ip=192.0.2.66 pid=1 event=login user=x exit=1' \
		    'MAIL FROM:<ip=192.0.2.66 pid=1 event=login user=x exit=1' \
		    NONSENSE
		message x
		lines QUIT
	} | TCPREMOTEIP=192.0.2.200 ${SESSION} >out 2>>log || atf_fail session
}

# The addresses that the filter would ban.
banned() {
	fail2ban-regex -c "${CONFIG}" -l CRITICAL -o ip "$1" \
	    "${CONFIG}/filter.d/smtpserv.conf$2" | sort -u | tr '\n' ' '
}

atf_test_case fail2ban__bans_whom_it_should
fail2ban__bans_whom_it_should_head() {
	atf_set timeout 120
}
fail2ban__bans_whom_it_should_body() {
	command -v fail2ban-regex >/dev/null || atf_skip 'no fail2ban-regex'
	CONFIG=${PWD}/fail2ban
	if [ -d "${DEPS}/fail2ban/etc/fail2ban" ]; then
		cp -R "${DEPS}/fail2ban/etc/fail2ban" "${CONFIG}"
	else
		cp -R /etc/fail2ban "${CONFIG}"
	fi
	cp "${SOURCE}/etc/fail2ban/smtpserv.conf" "${CONFIG}/filter.d"
	a_log
	[ "$(grep -c event=login log)" -ge 3 ] || atf_fail "$(cat log)"
	# As s6-log writes it, as syslogd does, and with a time alone.
	sed 's/^/2026-11-30 15:01:04.123456789  /' log >s6
	sed 's/^/Nov 30 15:01:04 gnat smtpserv-session[8]: /' log >syslog
	for file in s6 syslog; do
		atf_check_equal '192.0.2.1 ' "$(banned ${file} '')"
		atf_check_equal '192.0.2.1 192.0.2.200 ' \
		    "$(banned ${file} '[mode=aggressive]')"
	done
}

# What no rule matches is what logcheck would mail.
atf_test_case logcheck__leaves_what_somebody_has_to_see
logcheck__leaves_what_somebody_has_to_see_body() {
	command -v logcheck-test >/dev/null || atf_skip 'no logcheck-test'
	a_log
	cat >>log <<-'LOG'
		ip=local pid=9 event=delivery number=1 to="a b@c" result=delivered status=2.0.0 text=maildir
		ip=local pid=9 event=delivery number=1 to=b@c result=later status=4.0.0 text="result=failed"
		ip=local pid=9 event=done number=1
		ip=192.0.2.7 pid=9 event=notls
	LOG
	cat >seen <<-'LOG'
		ip=192.0.2.7 pid=9 event=fault op=open name=sequence.seq error="Permission denied"
		ip=192.0.2.7 pid=9 event=refused code=451 status=4.3.0 why=x
		ip=local pid=9 event=delivery number=1 to="result=delivered" result=failed status=5.0.0 text=x
		ip=local pid=9 event=damaged number=1 why=x
	LOG
	grep ' event=login user=erick exit=1' log | grep -v 'exit=1"' >>seen
	grep 'event=refused code=454' log >>seen || true
	sort -u log seen | sed 's/^/Nov 30 15:01:04 gnat smtpserv-session[8]: /' \
	    >all
	sort -u seen | sed 's/^/Nov 30 15:01:04 gnat smtpserv-session[8]: /' \
	    >want
	logcheck-test -q -i -l all -r "${SOURCE}/etc/logcheck/smtpserv" >got \
	    2>err || true
	sort -u got >left
	atf_check -o file:want cat left
}

atf_test_case from_postfix__makes_lines_of_the_table
from_postfix__makes_lines_of_the_table_body() {
	cat >virtual <<-'MAP'
		# ours
		example.org   anything
		Ann@example.org  ann@gnat.example,
		  bob@gnat.example
		@example.org ops@gnat.example
	MAP
	cat >aliases <<-'MAP'
		root: ann, bob@x.example
		tick: "|/bin/cat -a, b"
		mbox: /var/mail/x
		dir: /tmp/
	MAP
	atf_check -o inline:'ann@example.org &ann@gnat.example
ann@example.org &bob@gnat.example
@example.org &ops@gnat.example
' sh "${SOURCE}/etc/from-postfix" virtual virtual
	atf_check -s exit:1 -e match:'mbox@gnat.example: /var/mail/x has no' \
	    -o inline:'root@gnat.example &ann@gnat.example
root@gnat.example &bob@x.example
tick@gnat.example |/bin/cat -a, b
dir@gnat.example /tmp/
' sh "${SOURCE}/etc/from-postfix" aliases gnat.example aliases
}

atf_init_test_cases() {
	atf_add_test_case from_postfix__makes_lines_of_the_table
	atf_add_test_case fail2ban__bans_whom_it_should
	atf_add_test_case logcheck__leaves_what_somebody_has_to_see
}
