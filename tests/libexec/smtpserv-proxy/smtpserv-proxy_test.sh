# smtpserv-proxy(8): headers by hand, and those of a real HAProxy.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

PROXY="${BUILD}/libexec/smtpserv-proxy -a 127.0.0.0/8"
SAY="python3 ${BUILD}/tests/support/proxied.py"
V2='\r\n\r\n\0\r\nQUIT\n'

# What the program behind sees: its variables of the connection, and its input.
look() {
	echo 'env | grep -E "^(PROTO|TCP|SSLREMOTE|SSLLOCAL|REMOTE_|SMTPSERV_)" | sort; echo; cat'
}

seen_by_v4='PROTO=TCP
SMTPSERV_PROXY=127.0.0.1
TCPLOCALIP=198.51.100.1
TCPLOCALPORT=25
TCPREMOTEIP=192.0.2.7
TCPREMOTEPORT=1234

EHLO client
'

atf_test_case v1__client_is_told_and_the_rest_is_the_programs
v1__client_is_told_and_the_rest_is_the_programs_body() {
	# In one piece, byte by byte, and with what the balancer is.
	TCPREMOTEHOST=balancer TCPREMOTEINFO=x TCP6REMOTEIP=::1
	REMOTE_ADDR=127.0.0.1 SSLREMOTEIP=127.0.0.1 TCPLOCALHOST=here
	export TCPREMOTEHOST TCPREMOTEINFO TCP6REMOTEIP REMOTE_ADDR \
	    SSLREMOTEIP TCPLOCALHOST
	header='PROXY TCP4 192.0.2.7 198.51.100.1 1234 25\r\n'
	atf_check -o inline:"${seen_by_v4}" \
	    ${SAY} say "${header}EHLO client\n" -- ${PROXY} sh -c "$(look)"
	atf_check -o inline:"${seen_by_v4}" \
	    ${SAY} say "${header}" 'EHLO client\n' -- ${PROXY} sh -c "$(look)"
	atf_check -o inline:"${seen_by_v4}" ${SAY} say P R O 'XY TCP4 192' \
	    '.0.2.7 198.51.100.1 1234 25' '\r' '\nEHLO cli' 'ent\n' \
	    -- ${PROXY} sh -c "$(look)"
}

atf_test_case v2__client_is_told_and_the_rest_is_the_programs
v2__client_is_told_and_the_rest_is_the_programs_body() {
	header="${V2}"'\x21\x11\0\x0c\xc0\0\2\7\xc6\x33\x64\1\4\xd2\0\x19'
	atf_check -o inline:"${seen_by_v4}" \
	    ${SAY} say "${header}EHLO client\n" -- ${PROXY} sh -c "$(look)"
	# With something behind the addresses, in pieces.
	header="${V2}"'\x21\x11\0\x10\xc0\0\2\7\xc6\x33'
	atf_check -o inline:"${seen_by_v4}" ${SAY} say "${header}" \
	    '\x64\1\4\xd2\0\x19\x04\0' '\x01!EHLO client\n' \
	    -- ${PROXY} sh -c "$(look)"
}

atf_test_case header__of_nobody_changes_nothing
header__of_nobody_changes_nothing_body() {
	TCPREMOTEIP=127.0.0.1 TCPREMOTEHOST=balancer
	export TCPREMOTEIP TCPREMOTEHOST
	for header in 'PROXY UNKNOWN\r\n' "${V2}"'\x20\0\0\0' \
	    "${V2}"'\x21\0\0\0'; do
		atf_check -o inline:'TCPREMOTEHOST=balancer\nTCPREMOTEIP=127.0.0.1\n\nEHLO client\n' \
		    ${SAY} say "${header}EHLO client\n" \
		    -- ${PROXY} sh -c "$(look)"
	done
}

atf_test_case header__that_is_none_closes_without_a_word
header__that_is_none_closes_without_a_word_body() {
	make_conf
	for bad in 'EHLO client\r\n' 'PROXY TCP4 1.2.3.4\r\n' '\0' \
	    'PROXY TCP4 1.2.3.4 5.6.7.8 99999 1\r\n' "${V2}"'\x31\x11\0\x0c'
	do
		atf_check -s exit:100 -e match:'event=refused why="no PROXY header"' \
		    ${SAY} say "${bad}" -- ${PROXY} ${SESSION}
	done
	# Cut short.
	for bad in 'P' 'PROXY TCP4 1.2.3.4 5.6.7.8 1 1\r' "${V2}" \
	    "${V2}"'\x21\x11\0\x0c\xc0'; do
		atf_check -s exit:111 -e match:'closed within the PROXY header' \
		    ${SAY} say "${bad}" -- ${PROXY} ${SESSION}
	done
	# Nothing at all is a look.
	atf_check ${SAY} say -- ${PROXY} ${SESSION}
	atf_check_equal '' "$(spool_files)"
}

atf_test_case header__has_a_deadline
header__has_a_deadline_body() {
	make_conf
	atf_check -s exit:111 -e match:'no PROXY header in time' \
	    ${SAY} hold -- ${PROXY} -t 1 ${SESSION}
}

atf_test_case peer__that_is_not_named_is_closed
peer__that_is_not_named_is_closed_body() {
	make_conf
	header='PROXY TCP4 192.0.2.7 198.51.100.1 1234 25\r\n'
	for allowed in 192.0.2.0/24 127.0.0.2 ::1,10.0.0.0/8; do
		atf_check -s exit:100 -e match:'ip=127.0.0.1 .*event=refused why="not a proxy' \
		    ${SAY} say "${header}QUIT\r\n" \
		    -- "${BUILD}/libexec/smtpserv-proxy" -a "${allowed}" ${SESSION}
	done
	for allowed in 127.0.0.1 '10.0.0.0/8,127.0.0.1' ::/0; do
		atf_check -o match:'^220 ' -e ignore \
		    ${SAY} say "${header}QUIT\r\n" \
		    -- "${BUILD}/libexec/smtpserv-proxy" -a ::2 -a "${allowed}" ${SESSION}
	done
	# A variable that somebody has set does not make it one.
	TCPREMOTEIP=192.0.2.1
	export TCPREMOTEIP
	atf_check -s exit:100 -e ignore ${SAY} say "${header}QUIT\r\n" \
	    -- "${BUILD}/libexec/smtpserv-proxy" -a 192.0.2.1 ${SESSION}
	# But where there is no socket, it tells who is there.
	printf "${header}hello\n" >in
	atf_check -o inline:'192.0.2.7 hello\n' -x \
	    "${BUILD}/libexec/smtpserv-proxy -a 192.0.2.1 \
	    sh -c 'echo \${TCPREMOTEIP} \$(cat)' <in"
}

atf_test_case session__takes_the_client_without_a_note
session__takes_the_client_without_a_note_body() {
	make_conf 'smtp.envelope = full'
	atf_check -o match:'accepted' -e save:log ${SAY} say \
	    'PROXY TCP6 2001:db8::7 2001:db8::1 1234 25\r\nHELO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\nQUIT\r\n' \
	    -- ${PROXY} ${SESSION}
	atf_check -o match:'\(\[IPv6:2001:db8::7\]\)' head -n 1 spool/1.TXT
	atf_check -o inline:'Client: 2001:db8::7\nClient-Port: 1234\n' \
	    grep ^Client spool/1.WRK
	atf_check -s exit:1 grep event=note log
}

# By a rule for one's own network, in which the balancer is.
atf_test_case session__behind_a_balancer_is_no_relay_for_all
session__behind_a_balancer_is_no_relay_for_all_body() {
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = ann@gnat'
	echo '@ |relay' | cdb -c -m deliver.cdb || atf_fail cdb
	export RELAYCLIENT=
	rcpt='HELO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nQUIT\r\n'
	atf_check -o match:'^250 2.1.5' -e ignore -x \
	    "printf '${rcpt}' | ${SESSION}"
	for header in 'PROXY TCP4 192.0.2.7 198.51.100.1 1234 25\r\n' \
	    'PROXY UNKNOWN\r\n' "${V2}"'\x20\0\0\0'; do
		atf_check -o match:'^550 5.1.1' -e ignore \
		    ${SAY} say "${header}${rcpt}" -- ${PROXY} ${SESSION}
	done
}

find_haproxy() {
	for haproxy in "${BUILD}/deps/usr/sbin/haproxy" \
	    "${BUILD%/*}/build/deps/usr/sbin/haproxy"; do
		[ ! -x "${haproxy}" ] || break
	done
	"${haproxy}" -v >version 2>&1 ||
	    atf_skip 'no build/deps/usr/sbin/haproxy that runs: make check-deps gets it'
}

# through_haproxy OPTION: as its clients see us, and as we see them.
through_haproxy() {
	rm -rf spool
	make_conf 'smtp.envelope = full'
	serve_by_tcpserver ${PROXY} ${SESSION}
	front=$(python3 "${BUILD}/tests/support/supervised.py" port)
	cat >haproxy.cfg <<-EOF
		global
		    stats socket ${PWD}/stats
		defaults
		    mode tcp
		    timeout connect 30s
		    timeout client 30s
		    timeout server 30s
		listen smtp
		    bind 127.0.0.1:${front}
		    option smtpchk EHLO balancer.example
		    server smtpserv 127.0.0.1:${PORT} $1 check check-send-proxy inter 200ms
	EOF
	atf_check -o save:clients -e ignore \
	    ${SAY} haproxy "${haproxy}" haproxy.cfg "${front}"
	kill "${SERVER}"
	wait "${SERVER}" || true
	# The client's port, not the balancer's; two of them.
	sort clients >want
	atf_check -o file:want -x "sed -n 's/^Client-Port: //p' spool/*.WRK | sort"
	atf_check_equal 2 "$(wc -l <clients)"
	atf_check -s exit:1 grep -E 'event=(note|fault)|refused why=' log
}

atf_test_case haproxy__sends_version_1
haproxy__sends_version_1_head() {
	atf_set require.progs 'tcpserver python3'
}
haproxy__sends_version_1_body() {
	find_haproxy
	through_haproxy send-proxy
}

atf_test_case haproxy__sends_version_2
haproxy__sends_version_2_head() {
	atf_set require.progs 'tcpserver python3'
}
haproxy__sends_version_2_body() {
	find_haproxy
	through_haproxy send-proxy-v2
}

atf_test_case usage__is_told
usage__is_told_body() {
	for wrong in '' 'true' '-a 127.0.0.1' '-a gnat true' '-a 1.2.3.4/33 true' \
	    '-a 1.2.3.4,x true' '-t 0 -a 127.0.0.1 true' '-x true'; do
		atf_check -s exit:100 -e match:'event=usage' \
		    "${BUILD}/libexec/smtpserv-proxy" ${wrong} </dev/null
	done
	printf 'PROXY UNKNOWN\r\n' >in
	atf_check -s exit:100 -e match:'op=run name=/nonexistent' -x \
	    "TCPREMOTEIP=127.0.0.1 ${PROXY} /nonexistent <in"
	atf_check -s exit:100 -x "${PROXY} true <&-"
}

atf_init_test_cases() {
	atf_add_test_case v1__client_is_told_and_the_rest_is_the_programs
	atf_add_test_case v2__client_is_told_and_the_rest_is_the_programs
	atf_add_test_case header__of_nobody_changes_nothing
	atf_add_test_case header__that_is_none_closes_without_a_word
	atf_add_test_case header__has_a_deadline
	atf_add_test_case peer__that_is_not_named_is_closed
	atf_add_test_case session__takes_the_client_without_a_note
	atf_add_test_case session__behind_a_balancer_is_no_relay_for_all
	atf_add_test_case haproxy__sends_version_1
	atf_add_test_case haproxy__sends_version_2
	atf_add_test_case usage__is_told
}
