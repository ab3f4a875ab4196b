# Mail from other people's clients, through a real super-server: it arrives
# byte for byte.

. "$(atf_get_srcdir)/../support/smtpserv.subr"

serve() {
	make_conf
	serve_by_tcpserver ${SESSION}
}

# What is hard to carry: dots, 8-bit bytes, the longest line, an empty end.
hard_text() {
	printf 'Subject: byte for byte\n'
	printf 'X-Long: %0990d\n' 0
	printf '\n'
	printf '.\n..\n.dot\n..dots\n'
	printf 'QUIT\nFrom here\n>From there\n blank\nblank \n\ttab\t\n'
	printf '8-bit: \344\366\374 \303\274 \200\377\n'
	printf '%0998d\n' 0
	printf '\n\nlast line, but for an empty one\n\n'
}

# arrived NUMBER: as it was sent, in `sent`.  Some clients ask for SMTPUTF8
# whatever they send.
arrived() {
	body "$1" >received
	atf_check -o file:sent cat received
	atf_check -o inline:'From: erick@maggot\n' head -n 1 "spool/$1.WRK"
	atf_check -o match:'^Received: from client\.example \(\[127\.0\.0\.1\]\) by gnat\.example\.test with (UTF8|E)?SMTP$' \
	    head -n 1 "spool/$1.TXT"
}

atf_test_case smtplib__arrives_byte_for_byte
smtplib__arrives_byte_for_byte_head() {
	atf_set require.progs 'tcpserver python3'
}
smtplib__arrives_byte_for_byte_body() {
	serve
	hard_text >sent
	atf_check python3 "${BUILD}/tests/support/smtplib_client.py" \
	    "${PORT}" sent
	arrived 1
	atf_check -o inline:'From: erick@maggot
To: bruce@gnat
To: ann@gnat
Body: 8BITMIME
' cat spool/1.WRK
}

atf_test_case curl__arrives_byte_for_byte
curl__arrives_byte_for_byte_head() {
	atf_set require.progs 'tcpserver curl'
}
curl__arrives_byte_for_byte_body() {
	serve
	hard_text >sent
	sed 's/$/\r/' sent >in
	atf_check curl -sS "smtp://127.0.0.1:${PORT}/client.example" \
	    --mail-from erick@maggot --mail-rcpt bruce@gnat \
	    --mail-rcpt ann@gnat -T in
	arrived 1
	atf_check curl -sS "smtp://127.0.0.1:${PORT}/client.example" \
	    --crlf --mail-from erick@maggot --mail-rcpt bruce@gnat -T sent
	arrived 2
	# It ends lines that have an end, too, and the last of them is the text's.
	atf_check curl -sS -m 60 "smtp://127.0.0.1:${PORT}/client.example" \
	    --crlf --mail-from erick@maggot --mail-rcpt bruce@gnat -T in
	arrived 3
}

atf_test_case msmtp__arrives_byte_for_byte
msmtp__arrives_byte_for_byte_head() {
	atf_set require.progs 'tcpserver msmtp'
}
msmtp__arrives_byte_for_byte_body() {
	serve
	{
		echo 'From: erick@maggot'
		echo 'Message-ID: <1@maggot>'
		echo 'Date: Mon, 23 Nov 2026 19:03:48 +0000'
		hard_text
	} >sent
	atf_check msmtp --file=/dev/null --host=127.0.0.1 --port="${PORT}" \
	    --domain=client.example --tls=off --auth=off \
	    --from=erick@maggot bruce@gnat ann@gnat <sent
	arrived 1
}

atf_test_case phpmailer__gets_its_mail_through
phpmailer__gets_its_mail_through_head() {
	atf_set descr 'PHPMailer, with addresses and a greeting that the RFC
	    does not know, and DSN: two messages over one connection'
	atf_set require.progs 'tcpserver php python3'
}
phpmailer__gets_its_mail_through_body() {
	test -e /usr/share/php/libphp-phpmailer/src/PHPMailer.php ||
	    atf_skip 'no PHPMailer: install libphp-phpmailer'
	serve
	atf_check php "${BUILD}/tests/support/phpmailer.php" "${PORT}"
	verp=bounces+$(printf '0123456789%.0s' 1 2 3 4 5 6 7)@maggot.example
	atf_check -o inline:"From: ${verp}
To: bruce@gnat.example
Notify: SUCCESS,FAILURE
To: try..this.@docomo.example
Notify: SUCCESS,FAILURE
" cat spool/1.WRK
	atf_check -o inline:"From: ${verp}
To: postmaster@gnat.example
Notify: SUCCESS,FAILURE
" cat spool/2.WRK
	for n in 1 2; do
		atf_check -o match:'^Received: from \[127\.0\.0\.1\] \(\[127\.0\.0\.1\]\) by gnat\.example\.test with ESMTP$' \
		    head -n 1 "spool/${n}.TXT"
		atf_check -o inline:"From: König <shop@maggot.example>
Subject: Grüße
Schön:
.
..
.dot

file.bin b'\\\\x00\\\\r\\\\n.\\\\r\\\\n\\\\xff'
" python3 -c '
import email, email.policy, sys
with open(sys.argv[1], "rb") as f:
    mail = email.message_from_binary_file(f, policy=email.policy.default)
print("From:", mail["from"])
print("Subject:", mail["subject"])
print(mail.get_body().get_content())
for part in mail.iter_attachments():
    print(part.get_filename(), part.get_content())
' "spool/${n}.TXT"
	done
	atf_check -o match:'helo=web_01\.\.shop-' cat log
}

atf_test_case swaks__arrives_byte_for_byte
swaks__arrives_byte_for_byte_head() {
	atf_set require.progs 'tcpserver swaks'
}
swaks__arrives_byte_for_byte_body() {
	serve
	hard_text >sent
	# With --no-data-fixup the text is on the wire as it is in the file.
	{
		sed 's/^\./../; s/$/\r/' sent
		printf '.'
	} >in
	atf_check -o save:talk swaks --server 127.0.0.1 --port "${PORT}" \
	    --ehlo client.example --from erick@maggot \
	    --to bruce@gnat,ann@gnat --no-data-fixup --data @in
	arrived 1
	atf_check -o save:talk swaks --server 127.0.0.1 --port "${PORT}" \
	    --ehlo client.example --from erick@maggot --to bruce@gnat \
	    --pipeline --body 'an easy one'
	atf_check -o match:'^an easy one$' cat spool/2.TXT
}

atf_test_case smtp_source__arrives_byte_for_byte
smtp_source__arrives_byte_for_byte_head() {
	atf_set require.progs tcpserver
}
smtp_source__arrives_byte_for_byte_body() {
	deps="${BUILD}/deps/usr"
	test -x "${deps}/sbin/smtp-source" ||
	    atf_skip 'no smtp-source: make deps unpacks it'
	LD_LIBRARY_PATH="${deps}/lib/postfix"
	MAIL_CONFIG="${PWD}/postfix"
	export LD_LIBRARY_PATH MAIL_CONFIG
	mkdir postfix
	: >postfix/main.cf
	"${deps}/sbin/smtp-source" -? 2>&1 | grep -q usage ||
	    atf_skip 'smtp-source does not run here'
	serve
	hard_text >sent
	# It sends a line end after what follows the last one, even if nothing.
	head -c -1 sent >in
	atf_check "${deps}/sbin/smtp-source" -4 -s 5 -m 25 \
	    -M client.example -f erick@maggot -t bruce@gnat -F "${PWD}/in" \
	    "inet:127.0.0.1:${PORT}"
	atf_check -o inline:'25\n' -x 'ls spool/*.WRK | wc -l'
	for n in $(spool_files | sed -n 's/\.WRK$//p'); do
		arrived "${n}"
	done
	# What it makes up itself, many messages a connection.
	rm spool/*.TXT spool/*.WRK
	atf_check "${deps}/sbin/smtp-source" -4 -d -s 5 -m 25 -l 20000 \
	    -M client.example -f erick@maggot -t bruce@gnat \
	    "inet:127.0.0.1:${PORT}"
	atf_check -o inline:'25\n' -x 'ls spool/*.WRK | wc -l'
	atf_check -o inline:'25\n' -x \
	    "grep -c '^Message-Id: ' spool/*.TXT -h | awk '{ n += \$1 } END { print n }'"
}

atf_init_test_cases() {
	atf_add_test_case smtplib__arrives_byte_for_byte
	atf_add_test_case curl__arrives_byte_for_byte
	atf_add_test_case msmtp__arrives_byte_for_byte
	atf_add_test_case phpmailer__gets_its_mail_through
	atf_add_test_case swaks__arrives_byte_for_byte
	atf_add_test_case smtp_source__arrives_byte_for_byte
}
