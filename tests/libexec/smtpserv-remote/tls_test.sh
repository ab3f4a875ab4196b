# smtpserv-remote(8): when TLS is started, and what is said without it.  The
# handshake is faketlsc.py's, so that it comes out as the test wants.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/remote.subr"

MAIL='<|>250 ok|<|>250 ok|<|>354 go|.|>250 2.0.0 taken|<|>221 bye'
TLS='>220 hi|<|>250-hi\r\n250 STARTTLS|<|>220 go'
GOOD='= TLSv1.3 TLS_AES_256_GCM_SHA384 256 anonymous'
NAMED='= TLSv1.3 TLS_AES_256_GCM_SHA384 256 name relay.example'

# A level, more configuration, and the verdict; then servers, as of play().
set_up() {
	mkdir -p programs
	cp "${BUILD}/libexec/smtpserv-remote" programs/
	cp "${BUILD}/tests/support/faketlsc.py" programs/smtpserv-tlsc
	chmod +x programs/smtpserv-tlsc
	REMOTE="${PWD}/programs/smtpserv-remote -f ${PWD}/wattcp.cfg"
	make_remote "smtp.remote.tls = $1" "$2"
	rm -f verdict said args
	[ -z "$3" ] || echo "$3" >verdict
	printf 'text\n' >message
	shift 3
	[ -z "${PLAYER}" ] || kill "${PLAYER}"
	play "$@"
}

# What was said, but for the client's address.
said() {
	sed 's/^-- .*/--/' said >got
	atf_check -o inline:"$1" cat got
}

ENVELOPE='MAIL FROM:<a@x>\nRCPT TO:<b@y>\nDATA\n'
HELLO='--\nEHLO gnat.example.test\n'

# OB-107
atf_test_case none__says_no_starttls
none__says_no_starttls_body() {
	set_up none '' '' ">220 hi|<|>250-hi\r\n250 STARTTLS|${MAIL}"
	bring a@x b@y
	reports rK taken
	said "${HELLO}${ENVELOPE}QUIT\n"
}

# OB-107, OB-109, OB-113, OB-189, OB-190
atf_test_case may__has_tls_where_it_is_offered
may__has_tls_where_it_is_offered_body() {
	set_up may '' "${GOOD}" "${TLS}|<|>250 hi|${MAIL}"
	bring a@x b@y
	reports rK taken
	said "${HELLO}STARTTLS\nEHLO gnat.example.test\n${ENVELOPE}QUIT\n"
	atf_check -o match:'^-l may .*-s .127.0.0.1.' cat args
	atf_check -o match:'event=tls .*policy=key verdict="= TLSv1.3 TLS_AES' \
	    -o match:'event=sent .*tls="TLSv1.3 .* 256 anonymous".*result=K' \
	    -o match:'event=connection .*messages=1 octets=.* ms=.* end=' cat log
	set_up may '' "${GOOD}" ">220 hi|<|>250 hi|${MAIL}"
	bring a@x b@y
	reports rK taken
	said "${HELLO}${ENVELOPE}QUIT\n"
}

# OB-110
atf_test_case may__goes_on_in_clear_at_the_same_address
may__goes_on_in_clear_at_the_same_address_body() {
	for verdict in '! validation-failure no handshake' ''; do
		set_up may '' "${verdict}" "${TLS}" \
		    ">220 hi|<|>250-hi\r\n250 STARTTLS|${MAIL}"
		bring a@x b@y
		reports rK taken
		said "${HELLO}STARTTLS\n${HELLO}${ENVELOPE}QUIT\n"
	done
	atf_check -o match:'-l may' cat args
	# Lost behind the handshake.
	set_up may '' "${GOOD}" "${TLS}|<|X" \
	    ">220 hi|<|>250-hi\r\n250 STARTTLS|${MAIL}"
	bring a@x b@y
	reports rK taken
	# Refused: nothing has gone wrong yet.
	set_up may '' '' '>220 hi|<|>250-hi\r\n250 STARTTLS|<|>454 not now|'"${MAIL}"
	bring a@x b@y
	reports rK taken
}

# OB-111, OB-112: nothing of a message is said in clear.
atf_test_case encrypt__says_nothing_in_clear
encrypt__says_nothing_in_clear_body() {
	for level in encrypt verify; do
		set_up ${level} '' '! certificate-expired since 2020' "${TLS}"
		bring a@x b@y
		reports Z 'since 2020.*(#4.7.5)'
		said "${HELLO}STARTTLS\n"
		set_up ${level} '' '' "${TLS}"
		bring a@x b@y
		reports Z '(#4.7.5)'
		said "${HELLO}STARTTLS\n"
		set_up ${level} '' '' '>220 hi|<|>250 hi|<|>221 bye'
		bring a@x b@y
		reports Z '(#4.7.4)'
		said "${HELLO}"
		set_up ${level} '' '' \
		    '>220 hi|<|>250-hi\r\n250 STARTTLS|<|>454 not now|<|>221 bye'
		bring a@x b@y
		reports Z '#4.7'
		atf_check -s exit:1 grep -q MAIL said
	done
}

# OB-108: bytes behind the 220 are an attack.
atf_test_case starttls__with_bytes_behind_it_is_not_begun
starttls__with_bytes_behind_it_is_not_begun_body() {
	set_up encrypt '' "${GOOD}" \
	    '>220 hi|<|>250-hi\r\n250 STARTTLS|<|!220 go\r\n250 injected\r\n|W'
	bring a@x b@y
	reports Z '#4.'
	test ! -e args || atf_fail 'TLS was started'
	said "${HELLO}STARTTLS\n"
}

# OB-40
atf_test_case port_465__has_tls_before_the_greeting
port_465__has_tls_before_the_greeting_body() {
	unshare -rn true 2>/dev/null ||
	    atf_skip 'no name space of the network here'
	set_up encrypt '' "${GOOD}" X
	cat >inside <<-EOF
		ip link set lo up || exit 1
		rm -f port
		sed 's/, 0),/, 465),/' "${BUILD}/tests/support/steps.py" >steps.py
		python3 steps.py '>220 hi|<|>250 hi|${MAIL}' &
		until test -s port; do sleep 0.01; done
		${REMOTE} '[127.0.0.1]:465' a@x b@y <message >report.0
		kill \$!
	EOF
	atf_check -e save:log unshare -rn sh inside
	tr '\0' '\n' <report.0 >report
	reports rK taken
	atf_check -o match:'-l encrypt' cat args
}

account() {
	echo "$1" >accounts
	chmod 0600 accounts
	ACCOUNTS="smtp.remote.auth = ${PWD}/accounts"
}

# OB-141, OB-143: AUTH PLAIN is user and password, with a NUL before each.
atf_test_case account__is_used_where_the_relay_is_known
account__is_used_where_the_relay_is_known_body() {
	account '127.0.0.1:1 nobody else'
	login='<|>250-hi\r\n250 AUTH LOGIN PLAIN|<|>235 in'
	set_up may "${ACCOUNTS}" "${NAMED}" "${TLS}|${login}|${MAIL}"
	account "127.0.0.1:${PORT} erick secret"
	bring a@x b@y
	reports rK taken
	atf_check -o inline:'AUTH PLAIN AGVyaWNrAHNlY3JldA==\n' grep AUTH said
	# By its name, whatever the key says.
	atf_check -o match:'^-l verify' cat args
	atf_check -s exit:1 grep -q -e secret -e c2VjcmV0 log report args
	# A dry run logs in, too, and says so.
	set_up may "${ACCOUNTS}" "${NAMED}" "${TLS}|${login}|>221 bye"
	account "127.0.0.1:${PORT} erick secret"
	atf_check -o match:'^login yes$' -e ignore \
	    ${REMOTE} -n "[127.0.0.1]:${PORT}"
	# Another port has no account.
	account '127.0.0.1:1 erick secret'
	set_up may "${ACCOUNTS}" "${GOOD}" "${TLS}|<|>250-hi\r\n250 AUTH PLAIN|${MAIL}"
	bring a@x b@y
	reports rK taken
	atf_check -s exit:1 grep -q AUTH said
}

# OB-142
atf_test_case account__is_kept_from_who_is_not_known
account__is_kept_from_who_is_not_known_body() {
	account '127.0.0.1:1 nobody else'
	offer='>250-hi\r\n250 AUTH PLAIN'
	# TLS with somebody, none, and none that is offered.
	for script in "${TLS}|<|${offer}|<|>221 bye" \
	    ">220 hi|<|${offer}|<|>221 bye"; do
		set_up may "${ACCOUNTS}" "${GOOD}" "${script}"
		account "127.0.0.1:${PORT} erick secret"
		bring a@x b@y
		reports Z '#4.7'
		atf_check -s exit:1 grep -q -e AUTH -e MAIL said
	done
	set_up none "${ACCOUNTS}" '' ">220 hi|<|${offer}|<|>221 bye"
	account "127.0.0.1:${PORT} erick secret"
	bring a@x b@y
	reports Z '#4.7'
	atf_check -s exit:1 grep -q -e AUTH -e MAIL said
}

# OB-142, OB-143, OB-147
atf_test_case account__in_clear_on_this_machine_if_it_says_so
account__in_clear_on_this_machine_if_it_says_so_body() {
	account '127.0.0.1:1 nobody else'
	set_up none "${ACCOUNTS}" '' ">220 hi|<|>250-hi\r\n250 AUTH LOGIN|<|>334 VXNlcm5hbWU6|<|>334 UGFzc3dvcmQ6|<|>235 in|${MAIL}"
	account "127.0.0.1:${PORT} erick \"six beers\" plaintext"
	bring a@x b@y
	reports rK taken
	atf_check -o inline:'AUTH LOGIN\nZXJpY2s=\nc2l4IGJlZXJz\n' \
	    sed -n '/AUTH/,/^c2/p' said
}

# OB-143, OB-144, OB-145
atf_test_case account__that_is_refused_is_for_later
account__that_is_refused_is_for_later_body() {
	account '127.0.0.1:1 nobody else'
	set_up none "${ACCOUNTS}" '' \
	    '>220 hi|<|>250-hi\r\n250 AUTH PLAIN|<|>535 5.7.8 no|<|>221 bye'
	account "127.0.0.1:${PORT} erick secret plaintext"
	bring a@x b@y
	reports Z '(#4.7.8)'
	atf_check -s exit:1 grep -q MAIL said
	# A mechanism that we do not know is not mail without a password.
	set_up none "${ACCOUNTS}" '' \
	    '>220 hi|<|>250-hi\r\n250 AUTH CRAM-MD5|<|>221 bye'
	account "127.0.0.1:${PORT} erick secret plaintext"
	bring a@x b@y
	reports Z '(#4.7.0)'
	atf_check -s exit:1 grep -q -e MAIL -e AUTH said
	set_up none '' '' '>220 hi|<|>250 hi|<|>530 5.7.0 who?|<|>221 bye'
	bring a@x b@y
	reports Z '(#4.7.0)'
}

# OB-148
atf_test_case mailauth__is_said_if_it_is_wanted
mailauth__is_said_if_it_is_wanted_body() {
	account '127.0.0.1:1 nobody else'
	for want in yes no; do
		set_up none "${ACCOUNTS}
smtp.remote.mailauth = ${want}" '' \
		    ">220 hi|<|>250-hi\r\n250 AUTH PLAIN|<|>235 in|${MAIL}"
		account "127.0.0.1:${PORT} erick secret plaintext"
		bring a@x b@y
		reports rK taken
		grep MAIL said >>mails
	done
	atf_check -o inline:'MAIL FROM:<a@x> AUTH=<>\nMAIL FROM:<a@x>\n' cat mails
}

# OB-146
atf_test_case account__is_in_no_place_but_the_talker
account__is_in_no_place_but_the_talker_body() {
	set_up none '' '' X
	account 'relay.example:587 erick secret'
	set_up none "${ACCOUNTS}" '' X
	chmod 0640 accounts
	HOST='[relay.example]:587'
	bring a@x b@y
	reports Z 'accounts: others can read it.*(#4.3.5)'
	HOST=
	echo 'not an account: secret' >accounts
	chmod 0600 accounts
	bring a@x b@y
	reports Z 'accounts:1: not an account: want HOST:PORT USER PASSWORD .#4.3.5'
	atf_check -s exit:1 grep -q secret report log
	# While it is used.
	account '127.0.0.1:1 nobody else'
	set_up none "${ACCOUNTS}" '' \
	    ">220 hi|<|>250-hi\r\n250 AUTH PLAIN|G|<|>235 in|${MAIL}"
	account "127.0.0.1:${PORT} erick secret plaintext"
	${REMOTE} "[127.0.0.1]:${PORT}" a@x b@y <message >report.0 2>log &
	dialer=$!
	await_file said
	for pid in ${dialer} $(pgrep -P ${dialer}); do
		cat "/proc/${pid}/cmdline" "/proc/${pid}/environ"
	done >words 2>/dev/null
	atf_check -s exit:1 grep -q -e secret -e erick words
	# No core, and nobody looks in: not even the user as whom it runs.
	atf_check_equal 0 "$(stat -c %u "/proc/${dialer}/mem")"
	: >go
	wait ${dialer}
	atf_check -o match:'^AUTH PLAIN' cat said
}

atf_init_test_cases() {
	atf_add_test_case none__says_no_starttls
	atf_add_test_case may__has_tls_where_it_is_offered
	atf_add_test_case may__goes_on_in_clear_at_the_same_address
	atf_add_test_case encrypt__says_nothing_in_clear
	atf_add_test_case starttls__with_bytes_behind_it_is_not_begun
	atf_add_test_case port_465__has_tls_before_the_greeting
	atf_add_test_case account__is_used_where_the_relay_is_known
	atf_add_test_case account__is_kept_from_who_is_not_known
	atf_add_test_case account__in_clear_on_this_machine_if_it_says_so
	atf_add_test_case account__that_is_refused_is_for_later
	atf_add_test_case mailauth__is_said_if_it_is_wanted
	atf_add_test_case account__is_in_no_place_but_the_talker
}
