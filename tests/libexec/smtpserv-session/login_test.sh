# smtpserv-session(8) with smtp.auth: checkpassword programs, clients, attackers.
# What AUTH says to each line is auth_test's.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

HANDOVER="${BUILD}/tests/support/handover.py"

# Knows bob and his password; for ann it cannot tell.
make_auth() {
	cat >check <<'END'
#!/bin/sh
tr '\0' '\n' <&3 >secret
echo "$@" >arguments
case $(sed -n 1,3p secret | tr '\n' ' ') in
'bob secret  '|'bob secret ') shift; exec "$@" ;;
ann*) exit 111 ;;
esac
exit 1
END
	chmod +x check
	make_conf "smtp.auth = \"${PWD}/check -v\"" "$@"
}

# PLAIN's words: plain USER PASSWORD.
plain() {
	printf '\0%s\0%s' "$1" "$2" | base64 -w 0
}

login_and_send() {
	{
		lines 'EHLO client.example' "AUTH PLAIN $(plain "$1" "$2")"
		message 'some text'
		lines 'QUIT'
	} >in
	atf_check -o save:out -e save:log ${SESSION} <in
	codes >got
}

atf_test_case login__is_in_trace_and_envelope
login__is_in_trace_and_envelope_body() {
	make_auth 'smtp.auth.plaintext = yes' 'smtp.envelope = full'
	login_and_send bob secret
	atf_check -o inline:'220 250 235 250 250 354 250 221\n' echo $(cat got)
	atf_check -o inline:'-v /bin/true\n' cat arguments
	atf_check -o match:' with ESMTPA$' sed -n 1p spool/1.TXT
	atf_check -o match:'^Auth: bob$' cat spool/1.WRK
	atf_check -o match:'^Proto: ESMTPA$' cat spool/1.WRK
	atf_check -o match:'event=login user=bob exit=0' cat log
	# Nobody's is there.
	{
		lines 'EHLO client.example'
		message 'some text'
		lines 'QUIT'
	} >in
	atf_check -o ignore -e ignore ${SESSION} <in
	atf_check -o match:' with ESMTP$' sed -n 1p spool/2.TXT
	atf_check -s exit:1 grep '^Auth' spool/2.WRK
}

atf_test_case login__that_fails_is_nobody
login__that_fails_is_nobody_body() {
	make_auth 'smtp.auth.plaintext = yes'
	login_and_send bob guess
	atf_check -o inline:'220 250 535 250 250 354 250 221\n' echo $(cat got)
	atf_check -o match:' with ESMTP$' sed -n 1p spool/1.TXT
	atf_check -o match:'event=login user=bob exit=1' cat log
	login_and_send ann secret
	atf_check -o inline:'220 250 454 250 250 354 250 221\n' echo $(cat got)
	rm check
	login_and_send bob secret
	atf_check -o inline:'220 250 454 250 250 354 250 221\n' echo $(cat got)
	atf_check -o match:'event=login user=bob exit=120' cat log
}

atf_test_case login__needs_tls_unless_told_otherwise
login__needs_tls_unless_told_otherwise_body() {
	make_auth
	login_and_send bob secret
	atf_check -o inline:'220 250 538 250 250 354 250 221\n' echo $(cat got)
	atf_check -o not-match:'AUTH PLAIN' cat out
	atf_check -s exit:1 test -e secret
	# TLS around the whole of it, on pipes.
	export SSL_PROTOCOL=TLSv1.3
	login_and_send bob secret
	atf_check -o inline:'220 250 235 250 250 354 250 221\n' echo $(cat got)
	atf_check -o match:'^250-AUTH PLAIN LOGIN' cat out
	atf_check -o match:' with ESMTPSA$' sed -n 1p spool/2.TXT
}

atf_test_case password__is_in_no_log
password__is_in_no_log_body() {
	make_auth 'smtp.auth.plaintext = yes' 'smtp.maxerrors = 100'
	word=$(plain bob hush-hush)
	{
		lines 'EHLO client.example' "AUTH PLAIN ${word}" \
		    "AUTH  plain  ${word}" "AUTH XPLAIN ${word}" 'AUTH PLAIN' \
		    "${word}x" 'AUTH LOGIN' "$(printf bob | base64)" \
		    "$(printf hush-hush | base64)"
	} >in
	atf_check -o save:out -e save:log ${SESSION} <in
	atf_check -o match:'^421 ' cat out
	atf_check -s exit:1 grep -e "${word}" -e hush -e \
	    "$(printf hush-hush | base64)" log out
}

atf_test_case relay__is_for_who_has_logged_in
relay__is_for_who_has_logged_in_head() {
	atf_set require.progs cdb
}
relay__is_for_who_has_logged_in_body() {
	printf 'bob@gnat.example.test /tmp/\n@ |true\n' >deliver.txt
	cdb -c -m deliver.cdb deliver.txt
	make_auth 'smtp.auth.plaintext = yes' \
	    "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = bob@gnat.example.test'
	login_and_send bob secret
	atf_check -o inline:'220 250 235 250 250 354 250 221\n' echo $(cat got)
	login_and_send bob guess
	atf_check -o match:'^220 250 535 250 550 ' echo $(cat got)
}

atf_test_case attacker__is_bounded_and_leaves_nothing
attacker__is_bounded_and_leaves_nothing_body() {
	make_auth 'smtp.auth.plaintext = yes' 'smtp.maxerrors = 100'
	atf_check -e ignore python3 "${HANDOVER}" login_floods ${SESSION}
	atf_check -e ignore python3 "${HANDOVER}" login_cuts ${SESSION}
	pgrep -f "${PWD}" >left
	atf_check -o empty cat left
}

atf_test_case session__that_is_killed_leaves_no_process
session__that_is_killed_leaves_no_process_body() {
	printf '#!/bin/sh\nexec sleep 1000\n' >queue
	chmod +x queue
	make_conf "smtp.queue = ${PWD}/queue" 'smtp.programtime = 1'
	atf_check -e ignore python3 "${HANDOVER}" dead_session ${SESSION}
}

# A checkpassword that others wrote.
atf_test_case cvm__knows_who_is_who
cvm__knows_who_is_who_head() {
	atf_set require.progs 'cvm-checkpassword cvm-pwfile python3'
}
cvm__knows_who_is_who_body() {
	python3 -W ignore -c 'import crypt
print("bob:" + crypt.crypt("secret", crypt.METHOD_SHA512), end="")' >passwords
	echo ":$(id -u):$(id -g):Bob:/tmp:/bin/sh" >>passwords
	printf '#!/bin/sh\nexec cvm-pwfile\n' >module
	chmod +x module
	make_conf 'smtp.auth.plaintext = yes' \
	    "smtp.auth = \"$(command -v cvm-checkpassword) ${PWD}/module\""
	export CVM_PWFILE_PATH="${PWD}/passwords" CVM_PWFILE_PWCMP=crypt
	login_and_send bob secret
	atf_check -o inline:'220 250 235 250 250 354 250 221\n' echo $(cat got)
	login_and_send bob Secret
	atf_check -o inline:'220 250 535 250 250 354 250 221\n' echo $(cat got)
	login_and_send eve secret
	atf_check -o inline:'220 250 535 250 250 354 250 221\n' echo $(cat got)
}

arrived() {
	atf_check -o match:' with (UTF8|E)SMTPA$' head -n 1 "spool/$1.TXT"
	atf_check -o inline:"$1\n" -x 'ls spool | grep -c WRK'
}

atf_test_case client__swaks_curl_and_msmtp_log_in
client__swaks_curl_and_msmtp_log_in_head() {
	atf_set require.progs 'tcpserver swaks curl msmtp'
}
client__swaks_curl_and_msmtp_log_in_body() {
	make_auth 'smtp.auth.plaintext = yes'
	serve_by_tcpserver ${SESSION}
	printf 'From: erick@maggot\nSubject: x\n\ntext\n' >text
	for how in PLAIN LOGIN; do
		atf_check -o ignore swaks --server 127.0.0.1 --port "${PORT}" \
		    --from erick@maggot --to bruce@gnat --auth "${how}" \
		    --auth-user bob --auth-password secret
		arrived $((n = ${n:-0} + 1))
		atf_check -o ignore curl -sS "smtp://127.0.0.1:${PORT}/a" \
		    --login-options "AUTH=${how}" --user bob:secret \
		    --mail-from erick@maggot --mail-rcpt bruce@gnat -T text
		arrived $((n = n + 1))
		atf_check msmtp --file=/dev/null --host=127.0.0.1 \
		    --port="${PORT}" --tls=off \
		    --auth="$(echo "${how}" | tr '[:upper:]' '[:lower:]')" \
		    --user=bob --passwordeval='echo secret' \
		    --from=erick@maggot bruce@gnat <text
		arrived $((n = n + 1))
	done
	# And are told when they are wrong.
	atf_check -s exit:28 -o match:'535 5\.7\.8' -e ignore \
	    swaks --server 127.0.0.1 --port "${PORT}" \
	    --from erick@maggot --to bruce@gnat --auth PLAIN \
	    --auth-user bob --auth-password guess
	atf_check -s exit:67 -e match:'.' curl -sS \
	    "smtp://127.0.0.1:${PORT}/a" --user bob:guess \
	    --mail-from erick@maggot --mail-rcpt bruce@gnat -T text
}

atf_init_test_cases() {
	atf_add_test_case login__is_in_trace_and_envelope
	atf_add_test_case login__that_fails_is_nobody
	atf_add_test_case login__needs_tls_unless_told_otherwise
	atf_add_test_case password__is_in_no_log
	atf_add_test_case relay__is_for_who_has_logged_in
	atf_add_test_case attacker__is_bounded_and_leaves_nothing
	atf_add_test_case session__that_is_killed_leaves_no_process
	atf_add_test_case cvm__knows_who_is_who
	atf_add_test_case client__swaks_curl_and_msmtp_log_in
}
