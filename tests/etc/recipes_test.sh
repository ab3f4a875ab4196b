# The recipes of etc/recipes, as a worker or a consumer runs them.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/dovecot.subr"

WORK="${BUILD}/bin/smtpserv-work -f ${PWD}/wattcp.cfg"
RECIPES=${BUILD}/share/smtpserv/recipes
SUPPORT=$(atf_get_srcdir)/../support
DEPS=${BUILD}/deps/usr

# Programs of packages that are unpacked, not installed.
PATH=${PATH}:${DEPS}/bin

# The message files are these and no others.
stored() {
	atf_check -o inline:"$1\n" echo $(spool_files)
}

# A table with these lines for bruce@gnat; reports go to a file.
make_table() {
	for line; do
		printf 'bruce@gnat %s\n' "${line}"
	done >deliver.txt
	echo "erick@maggot |cat >>${PWD}/report" >>deliver.txt
	cdb -c -m deliver.cdb deliver.txt
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = bruce@gnat' "${more-}"
}

# A message by a real session to bruce@gnat, with these lines behind its
# subject.
send() {
	{
		lines 'EHLO client.example'
		message "$@"
		lines 'QUIT'
	} | atf_check -o match:'^250 2.0.0 A' -e ignore ${SESSION}
}

# One pass, and what the log says of the delivery.
deliver() {
	atf_check -s ignore -e save:log ${WORK} --once --now
	atf_check -o match:"$1" cat log
}

# A server, and its end.
serve() {
	rm -f port
	python3 "${SUPPORT}/$@" >server.log 2>&1 &
	echo $! >server.pid
	await test -f port
}

stop() {
	kill "$(cat server.pid)"
	wait "$(cat server.pid)" || true
}

# Skip where a package is neither installed nor unpacked.
needs() {
	for program; do
		command -v "${program}" >/dev/null ||
		    atf_skip "no ${program}: make check-deps"
	done
}

recipe() {
	atf_set require.progs "cdb $*"
}

atf_test_case webhook__success_is_a_delivery
webhook__success_is_a_delivery_head() { recipe python3 curl; }
webhook__success_is_a_delivery_body() {
	serve webhook.py 204
	make_table "|${RECIPES}/webhook http://127.0.0.1:$(cat port)/in/"
	send '@wattcp.cfg' '..'
	cp spool/1.TXT text
	deliver 'result=delivered'
	# As a consumer without a worker does it.
	send hello
	atf_check -o ignore ${SPOOL} claim 2 -- "${RECIPES}/webhook" \
	    "http://127.0.0.1:$(cat port)/"
	stop
	stored ''
	atf_check cmp text posted.1
	atf_check -o match:'^hello' cat posted.2
	atf_check -o match:'^/in/$' -o match:'^Content-Type: message/rfc822$' \
	    -o match:'^X-Smtpserv-Sender: erick@maggot$' \
	    -o match:'^X-Smtpserv-Recipient: bruce@gnat$' \
	    -o match:'^X-Smtpserv-Number: 1$' cat headers.1
}

atf_test_case webhook__status_is_the_verdict
webhook__status_is_the_verdict_head() { recipe python3 curl; }
webhook__status_is_the_verdict_body() {
	serve webhook.py 503 429 302 404
	make_table "|${RECIPES}/webhook http://127.0.0.1:$(cat port)/"
	send hello
	deliver 'result=later .*HTTP 503'
	deliver 'result=later .*HTTP 429'
	deliver 'result=later .*HTTP 302'
	stored '1.TXT 1.WRK'
	deliver 'result=failed .*HTTP 404'
	stop
	stored ''
	atf_check -o match:'^Action: failed' -o match:'refused: HTTP 404' \
	    cat report
	# Nobody is there any more.
	send hello
	deliver 'result=later .*HTTP 000'
}

# What a scanner sends, as lines of a message: two attachments, whose names
# are what the arguments say.
scan() {
	send 'MIME-Version: 1.0' 'Content-Type: multipart/mixed; boundary=b' \
	    '' '--b' 'Content-Type: text/plain' '' 'see the scans' \
	    '--b' "Content-Type: application/pdf; name=\"$1\"" \
	    'Content-Transfer-Encoding: base64' \
	    "Content-Disposition: attachment; filename=\"$1\"" '' \
	    'JVBERi0xLjQK' \
	    '--b' "Content-Type: image/tiff; name=\"$2\"" \
	    'Content-Transfer-Encoding: base64' \
	    "Content-Disposition: attachment; filename=\"$2\"" '' \
	    'SUkqAA==' '--b--'
}

# The message helper puts an empty line behind the subject; this one does not.
message() {
	lines 'MAIL FROM:<erick@maggot>' 'RCPT TO:<bruce@gnat>' 'DATA' \
	    'Subject: a test' "$@" '.'
}

# All files but the spool's and the test's own.
saved() {
	find scans -type f | sed 's,^scans/,,' | sort
}

atf_test_case attachments__are_saved
attachments__are_saved_head() { recipe python3; }
attachments__are_saved_body() {
	mkdir scans
	make_table "|${RECIPES}/attachments ${PWD}/scans"
	scan 'page one.pdf' 'two.tiff'
	deliver 'result=delivered'
	saved >names
	atf_check -o match:'^1\..*page.one\.pdf$' -o match:'^1\..*two\.tiff$' \
	    cat names
	atf_check -o inline:'%PDF-1.4\n' cat scans/1.*.pdf
	atf_check -o empty find scans -name '.unpack*'
	stored ''
	# A second one lies beside the first; what was left long ago goes.
	mkdir scans/.unpack.old scans/.unpack.new
	touch -d '3 days ago' scans/.unpack.old
	scan 'page one.pdf' 'two.tiff'
	deliver 'result=delivered'
	atf_check -o inline:'2\n' -x 'ls scans/*.pdf | wc -l'
	atf_check -o inline:'scans/.unpack.new\n' find scans -name '.unpack*'
	# And one without any is a delivery like others.
	ls scans >before
	send '' hello
	deliver 'result=delivered'
	atf_check -o file:before ls scans
}

atf_test_case attachments__names_cannot_leave_the_directory
attachments__names_cannot_leave_the_directory_head() { recipe python3; }
attachments__names_cannot_leave_the_directory_body() {
	mkdir scans
	echo mine >scans/mine.txt
	echo mine >mine.txt
	make_table "|${RECIPES}/attachments ${PWD}/scans"
	scan '../mine.txt' "${PWD}/mine.txt"
	scan '-rf' '.hidden'
	scan 'a;touch evil;.pdf' '$(touch evil)`touch evil`'
	scan '..' '/'
	atf_check -s ignore -e save:log ${WORK} --once
	atf_check -o not-match:'result=(later|failed)' cat log
	atf_check -o inline:'mine\n' cat mine.txt
	atf_check -o inline:'mine\n' cat scans/mine.txt
	atf_check -o empty find . -name evil -o -name hidden
	# Everything that was saved begins with a message's number.
	saved | grep -v '^mine.txt$' >names
	atf_check -s exit:1 -o empty grep -Evx '[0-9]+\.[0-9]+\.[A-Za-z0-9._-]*' \
	    names
	atf_check -o inline:'8\n' -x 'wc -l <names'
}

# Every part that is no text is a file, whatever it is called.
atf_test_case attachments__none_is_lost
attachments__none_is_lost_head() { recipe python3; }
attachments__none_is_lost_body() {
	mkdir scans
	part='Content-Transfer-Encoding: base64

JVBERi0xLjQK'
	n=0
	# what describes the part, and the end of the file's name
	while IFS='|' read -r type disposition want; do
		n=$((n + 1))
		{
			printf '%s\n' 'MIME-Version: 1.0' \
			    'Content-Type: multipart/mixed; boundary=b' '' \
			    '--b' 'Content-Type: text/plain' '' 'a scan' '--b' \
			    "Content-Type: ${type}" "${disposition}" \
			    "${part}" '--b--'
		} | sed '/^-$/d' >message
		SMTPSERV_NUMBER=${n} atf_check -o inline:'1 saved\n' \
		    "${RECIPES}/attachments" scans <message
		atf_check -o inline:"scans/${n}.1.${want}\n" \
		    echo scans/"${n}".*
		atf_check -o match:'%PDF-1.4' cat "scans/${n}.1.${want}"
	done <<-'ROWS'
		application/pdf|Content-Disposition: attachment|part.pdf
		application/pdf|-|part.pdf
		application/pdf; name=""|Content-Disposition: attachment; filename=""|part.pdf
		application/x-what|Content-Disposition: inline|part.bin
		text/plain|Content-Disposition: attachment|part.txt
		text/plain; name=x|-|x
		text/csv|-|part.csv
		application/pdf|Content-Disposition: attachment; filename="..scan.pdf"|scan.pdf
		application/pdf|Content-Disposition: attachment; filename="a/b\\c.pdf"|c.pdf
		application/pdf|Content-Disposition: attachment; filename="=?utf-8?B?UHLDvGZiZXJpY2h0IMO8YmVyIMO/LnBkZg==?="|Pr_fbericht__ber__.pdf
		application/pdf|Content-Disposition: attachment; filename="=?x?B?/?="|part.pdf
		application/pdf|Content-Disposition: attachment; filename*=utf-8''%2e%2e%2Fa%00b.pdf|a_b.pdf
		application/pdf; name="only here.pdf"|-|only_here.pdf
	ROWS
	# All of a message, one that is attached, one cut short, an old one.
	printf 'Content-Type: application/pdf\n%s\n' "${part}" >message
	SMTPSERV_NUMBER=20 atf_check -o ignore "${RECIPES}/attachments" scans \
	    <message
	atf_check -o inline:'%PDF-1.4\n' cat scans/20.1.part.pdf
	printf '%s\n' 'Content-Type: multipart/mixed; boundary=b' '' '--b' \
	    'Content-Type: message/rfc822' '' 'Subject: inner' '' hi '--b--' >message
	SMTPSERV_NUMBER=21 atf_check -o ignore "${RECIPES}/attachments" scans \
	    <message
	atf_check -o inline:'Subject: inner\n\nhi' cat scans/21.1.message.eml
	printf '%s\n' 'Content-Type: multipart/mixed; boundary=b' '' '--b' \
	    'Content-Type: application/pdf' "${part}" >message
	SMTPSERV_NUMBER=22 atf_check -o ignore "${RECIPES}/attachments" scans \
	    <message
	atf_check -o match:'%PDF' cat scans/22.1.part.pdf
	printf 'Subject: x\n\nsee\nbegin 644 a.pdf\n%s\n%s\nend\n' \
	    '))5!$1BTQ+C0*' '`' >message
	SMTPSERV_NUMBER=23 atf_check -o inline:'1 saved\n' \
	    "${RECIPES}/attachments" scans <message
	atf_check -o match:'^%PDF' cat scans/23.1.a.pdf
	# What is another file stays it, and the message here.
	echo other >scans/24.1.part.pdf
	printf 'Content-Type: application/pdf\n%s\n' "${part}" >message
	SMTPSERV_NUMBER=24 atf_check -s exit:111 -o match:'another file' \
	    "${RECIPES}/attachments" scans <message
	atf_check -o empty find scans -name '.unpack*'
}

# The relay's word on a message, and nothing else, makes it fail.
atf_test_case relay__only_its_word_is_final
relay__only_its_word_is_final_head() { recipe python3 msmtp; }
relay__only_its_word_is_final_body() {
	set -- X=250 'RCPT=450 4.2.0 greylisted' 'RCPT=550 5.1.1 nobody' \
	    'MAIL=451 4.3.0 x' 'MAIL=550 5.7.1 x' 'DATA=421 x' 'DOT=452 x' \
	    'DOT=554 5.7.1 spam' 'GREETING=421 x' 'GREETING=554 x' \
	    GREETING=close RCPT=close DOT=close 'RCPT=421 x'
	serve relay.py "$@"
	for want in 0 111 100 111 100 111 111 100 111 111 111 111 111 111; do
		printf 'Subject: x\n\nhello\n' >message
		SENDER=a@b RECIPIENT=c@d atf_check -s exit:${want} -o save:said \
		    "${RECIPES}/to-relay" --file=/dev/null \
		    --host=127.0.0.1 --port="$(cat port)" <message
		[ "${want}" = 0 ] || atf_check -o not-empty cat said
	done
	stop
	# Nobody is there; no such name; no such option.
	for option in --port="$(cat port)" --host=no-such-relay.invalid \
	    --no-such-option; do
		SENDER= RECIPIENT=c@d atf_check -s exit:111 -o not-empty \
		    "${RECIPES}/to-relay" --file=/dev/null --host=127.0.0.1 \
		    "${option}" <message
	done
}

atf_test_case by_sender__the_first_pattern_that_fits_counts
by_sender__the_first_pattern_that_fits_counts_head() { recipe python3; }
by_sender__the_first_pattern_that_fits_counts_body() {
	make_conf 'smtp.remote.tls = none'
	export SMTPSERV_REMOTE="${BUILD}/libexec/smtpserv-remote"
	export WATTCP_CFG="${PWD}" RECIPIENT=c@d
	serve relay.py X=250 'RCPT=450 4.2.0 greylisted' \
	    'RCPT=550 5.1.1 nobody' 'DOT=554 5.7.1 spam' 'MAIL=550 5.7.1 x'
	printf 'Subject: x\n\nhello\n' >message
	here="[127.0.0.1]:$(cat port)"
	for want in 0 111 100 100 100; do
		SENDER=a@a.example atf_check -s exit:${want} -o not-empty \
		    -e ignore "${RECIPES}/by-sender" '*@b.example' \
		    '[127.0.0.1]:1' '*@a.example' "${here}" \
		    '*' '[127.0.0.1]:1' <message
	done
	stop
	SENDER=a@c.example atf_check -s exit:111 -o match:'refused' -e ignore \
	    "${RECIPES}/by-sender" '*@a.example' "${here}" \
	    '*' '[127.0.0.1]:1' <message
	SENDER= atf_check -s exit:111 -o match:'no relay for mail from <>' \
	    "${RECIPES}/by-sender" '*@*' "${here}" <message
}

# OB-78, by the line of smtpserv-recipes(7); the key is in no DNS, so it is handed over.
atf_test_case dkim__signature_holds_where_mail_arrives
dkim__signature_holds_where_mail_arrives_head() {
	recipe tcpserver openssl
}
dkim__signature_holds_where_mail_arrives_body() {
	[ -x /usr/bin/dkimsign ] || atf_skip 'no dkimsign: make check-deps'
	openssl genrsa -out s1.key 2048 2>/dev/null
	openssl rsa -in s1.key -pubout -outform DER 2>/dev/null >s1.pub
	mkdir -p there
	(cd there && make_conf)
	tcpserver -1 -H -R -l 0 127.0.0.1 0 "${BUILD}/libexec/smtpserv-session" \
	    -f there/wattcp.cfg >port 2>server.log &
	echo $! >server.pid
	await test -s port
	echo "@ smtp:[127.0.0.1]:$(cat port)" >deliver.txt
	cdb -c -m deliver.cdb deliver.txt
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" 'smtp.remote.tls = none' \
	    'smtp.postmaster = ann@gnat.example.test' \
	    "smtp.remote.filter = \"/usr/bin/dkimsign s1 example.org ${PWD}/s1.key\""
	printf 'From: erick@example.org\nTo: c@d.example\n' >spool/1.WRK
	{
		printf 'From: erick@example.org\nSubject: x\n\n.dot\n'
		head -c 2000 /dev/zero | tr '\0' x
		printf ' \n\n\n'
	} >spool/1.TXT
	deliver 'result=delivered'
	stop
	atf_check -o match:'^DKIM-Signature: .*' cat there/spool/1.TXT
	atf_check /usr/bin/python3 - <<-'PYTHON'
		import base64, dkim, sys
		key = base64.b64encode(open('s1.pub', 'rb').read())
		text = open('there/spool/1.TXT', 'rb').read()
		good = dkim.verify(text, dnsfunc=lambda name, timeout=5:
		                   b'v=DKIM1; k=rsa; p=' + key)
		bad = dkim.verify(text.replace(b'.dot', b'.got'),
		                  dnsfunc=lambda name, timeout=5:
		                  b'v=DKIM1; k=rsa; p=' + key)
		sys.exit(not good or bad)
	PYTHON
}

atf_test_case filter__spamc_sorts_into_junk
filter__spamc_sorts_into_junk_head() { recipe python3; }
filter__spamc_sorts_into_junk_body() {
	needs spamc
	serve spamd.py
	make_table \
	    "|${RECIPES}/filter ${PWD}/mail spamc -x -d 127.0.0.1 -p $(cat port)"
	send '' 'a bargain!'
	send '' 'just hello'
	deliver 'result=delivered'
	stop
	stored ''
	atf_check -o match:'^X-Spam-Flag: NO' -o match:'^just hello$' \
	    cat mail/new/*
	atf_check -o match:'^Return-Path: <erick@maggot>' \
	    -o match:'^Delivered-To: bruce@gnat' \
	    -o match:'^a bargain!$' cat mail/.Junk/new/*
	# Without a spamd nothing gets through unseen, and nothing is lost.
	send '' 'another'
	deliver 'result=later .*spamc exits with'
	stored '3.TXT 3.WRK'
	atf_check -o empty find mail/tmp -type f
}

atf_test_case filter__program_is_any
filter__program_is_any_head() { recipe; }
filter__program_is_any_body() {
	make_table "|${RECIPES}/filter ${PWD}/mail sed s/hello/goodbye/"
	send '' 'hello'
	deliver 'result=delivered'
	atf_check -o match:'^goodbye$' cat mail/new/*
	for want in '100 failed' '99 later' '1 later' '69 later'; do
		make_table "|${RECIPES}/filter ${PWD}/mail sh -c 'exit ${want% *}'"
		rm -f spool/*.WRK spool/*.TXT
		send '' 'hello'
		deliver "result=${want#* }"
	done
	make_table "|${RECIPES}/filter ${PWD}/mail true"
	deliver 'result=later .*written nothing'
	atf_check -o inline:'1\n' -x 'find mail -type f | wc -l'
	# DOS line ends end here; other bytes are nobody's business.
	rm -r mail spool
	more='smtp.eol = crlf'
	make_table "|${RECIPES}/filter ${PWD}/mail cat"
	send '' "$(printf '8 bits: \303\274 \377')"
	deliver 'result=delivered'
	atf_check -o empty -s exit:1 grep -l "$(printf '\r')" mail/new/*
	atf_check -o match:'^8 bits: ' -x "LC_ALL=C grep -a \
	    \"\$(printf 'bits: \303\274 \377')\" mail/new/*"
}

atf_test_case procmail__sorts_by_its_rules
procmail__sorts_by_its_rules_head() { recipe; }
procmail__sorts_by_its_rules_body() {
	needs procmail
	mkdir mail
	cat >procmailrc <<-RC
		MAILDIR=${PWD}/mail
		DEFAULT=${PWD}/mail/inbox/
		ORGMAIL=${PWD}/mail/inbox/
		LOGFILE=${PWD}/procmail.log
		:0
		* ^Subject:.*refuse
		{
		  EXITCODE=77
		  HOST
		}
		:0
		* ^X-List:
		lists/
	RC
	make_table "|${RECIPES}/to-procmail ${PWD}/procmailrc"
	send '' 'for the inbox'
	send 'X-List: beers' '' 'for the list'
	deliver 'result=delivered'
	stored ''
	atf_check -o match:'^for the inbox$' \
	    -o match:'^Return-Path: <erick@maggot>' \
	    -o match:'^Delivered-To: bruce@gnat' cat mail/inbox/new/*
	atf_check -o match:'^for the list$' cat mail/lists/new/*
	send 'Subject: refuse this' '' 'hello'
	deliver 'result=failed .*status=5.7.1'
	# What it cannot deliver stays here.
	printf '%s\n' DEFAULT=/proc/no/such ORGMAIL=/proc/no/such SUSPEND=0 \
	    NORESRETRY=0 LOCKSLEEP=1 >procmailrc
	send '' 'hello'
	deliver 'result=later'
	rm spool/*.WRK spool/*.TXT
	# And what no rule takes, not even where the file says nothing: the
	# system's mailbox is nobody's.
	printf '%s\n' SUSPEND=0 NORESRETRY=0 >procmailrc
	send '' 'hello'
	deliver 'result=later'
	atf_check -o not-empty ls spool/*.WRK
}

# What a recipe takes a message through may die in the middle of it.
atf_test_case all__half_a_message_goes_nowhere
all__half_a_message_goes_nowhere_body() {
	mkdir -p fake jobs/mqueue jobs/rqueue
	for name in procmail maildrop dovecot-lda msmtp; do
		printf '#!/bin/sh\ncat >ran\n' >"fake/${name}"
	done
	# The one of texts is killed, others are as ever.
	cat >fake/sed <<-SED
		#!/bin/sh
		case \$* in
		*From* | 's/'*'\$//') head -n 2; kill -9 \$\$ ;;
		*) exec $(command -v sed) "\$@" ;;
		esac
	SED
	chmod +x fake/*
	PATH=${PWD}/fake:${PATH}
	printf 'Subject: all of it\n\n%s\n' one two three >text
	: >rules
	atf_check -s exit:111 -e ignore "${RECIPES}/filter" mail cat <text
	for name in procmail maildrop; do
		atf_check -s exit:111 -e ignore \
		    "${RECIPES}/to-${name}" rules <text
	done
	atf_check -s exit:111 -e ignore "${RECIPES}/to-dovecot-lda" <text
	atf_check -s exit:111 -e ignore "${RECIPES}/to-relay" --host=x <text
	atf_check -s exit:111 -o ignore -e ignore \
	    "${RECIPES}/nos" mqueue jobs gate <text
	atf_check -o inline:'\n' echo $(find mail/new mail/tmp jobs -type f \
	    -name '*[0-9]*' 2>find.log; ls ran 2>find.log)
}

atf_test_case maildrop__sorts_by_its_rules
maildrop__sorts_by_its_rules_head() { recipe; }
maildrop__sorts_by_its_rules_body() {
	needs maildrop
	# The libraries of unpacked packages.
	libraries=$(echo "${DEPS}"/lib "${DEPS}"/lib/*-linux-gnu | tr ' ' :)
	for name in inbox lists; do
		mkdir -p "${name}/tmp" "${name}/new" "${name}/cur"
	done
	cat >mailfilter <<-RC
		if (/^Subject:.*refuse/)
		{
		  EXITCODE=77
		  exit
		}
		if (/^X-List:/)
		  to "${PWD}/lists"
		to "${PWD}/inbox"
	RC
	chmod 600 mailfilter
	make_table "|LD_LIBRARY_PATH=${libraries} \
${RECIPES}/to-maildrop ${PWD}/mailfilter"
	send '' 'for the inbox'
	send 'X-List: beers' '' 'for the list'
	deliver 'result=delivered'
	stored ''
	atf_check -o match:'^for the inbox$' \
	    -o match:'^Delivered-To: bruce@gnat' cat inbox/new/*
	atf_check -o match:'^for the list$' cat lists/new/*
	send 'Subject: refuse this' '' 'hello'
	deliver 'result=failed .*status=5.7.1'
	echo 'to "/proc/no/such/place"' >mailfilter
	send '' 'hello'
	deliver 'result=later'
}

atf_test_case dovecot_lda__delivers
dovecot_lda__delivers_head() {
	recipe unshare setpriv
	atf_set require.user root
}
dovecot_lda__delivers_body() {
	dovecot_or_skip
	mkdir mail home
	{
		dovecot_conf "${PWD}/mail"
		echo 'postmaster_address = postmaster@gnat'
	} >dovecot.conf
	make_table \
	    "|HOME=${PWD}/home ${RECIPES}/to-dovecot-lda -c ${PWD}/dovecot.conf"
	send '' 'by the lda'
	# It does not run as root; everything here becomes nobody's.
	chown -R 65534:65534 spool mail home report 2>/dev/null
	touch dovecot.log && chown 65534:65534 dovecot.log
	d=${PWD}
	while [ "${d}" != / ]; do
		chmod o+x "${d}" 2>/dev/null || true
		d=$(dirname "${d}")
	done
	atf_check -s ignore -e save:log unshare --mount sh -c "
		${DOVECOT_ENTER} &&
		TMPDIR=${PWD}/home exec setpriv --reuid=65534 --regid=65534 --clear-groups \
		    ${WORK} --once"
	atf_check -o match:'result=delivered' cat log
	stored ''
	atf_check -o match:'^by the lda$' \
	    -o match:'^Return-Path: <erick@maggot>' cat mail/new/*
}

atf_test_case notify__by_file_fifo_and_program
notify__by_file_fifo_and_program_head() { recipe; }
notify__by_file_fifo_and_program_body() {
	make_table "${PWD}/mail/" "|${RECIPES}/notify ${PWD}/news"
	send 'subject: six	\033[2J beers?' '' 'hello'
	send '' 'no other subject' 'Subject: not this'
	deliver 'result=delivered'
	stored ''
	printf 'bruce@gnat\terick@maggot\ta test\n' >want
	cat want want >wants
	atf_check -o file:wants cat news
	mkfifo fifo
	cat fifo >heard &
	make_table "|${RECIPES}/notify ${PWD}/fifo"
	send '' 'hello'
	deliver 'result=delivered'
	wait $!
	atf_check -o file:want cat heard
	cat >tell <<-'SH'
		#!/bin/sh
		printf '<%s>' "$@" >told
	SH
	chmod +x tell
	make_table "|${RECIPES}/notify -- ${PWD}/tell -n --"
	send '' 'hello'
	deliver 'result=delivered'
	atf_check -o inline:'<-n><--><Mail from erick@maggot><a test>' cat told
}

atf_test_case notify__is_no_reason_to_try_again
notify__is_no_reason_to_try_again_head() { recipe; }
notify__is_no_reason_to_try_again_body() {
	make_table "|${RECIPES}/notify -- false" \
	    "|${RECIPES}/notify ${PWD}/no/such/place" "${PWD}/mail/"
	send '' 'hello'
	deliver 'result=delivered'
	atf_check -o match:'^hello$' cat mail/new/*
}

atf_test_case notify__subject_cannot_write_to_a_terminal
notify__subject_cannot_write_to_a_terminal_head() { recipe; }
notify__subject_cannot_write_to_a_terminal_body() {
	printf 'SUBJECT: \033[2J\tx \303\274\r\n\nbody\n' >message
	atf_check -x "SENDER= RECIPIENT=b@g ${RECIPES}/notify news <message"
	printf 'b@g\tnobody\t?[2J?x ??\n' >want
	atf_check -o file:want cat news
}

# The spool directory of a NOS.
make_nos() {
	mkdir -p nos/mqueue nos/rqueue
	[ -z "${1-}" ] || printf '%s' "$1" >nos/mqueue/sequence.seq
}

atf_test_case nos__router_gets_a_job_with_all_recipients
nos__router_gets_a_job_with_all_recipients_head() { recipe; }
nos__router_gets_a_job_with_all_recipients_body() {
	make_nos 4711
	make_conf
	{
		lines 'EHLO client.example' 'MAIL FROM:<Erick@Maggot>' \
		    'RCPT TO:<Bruce@gnat>' 'RCPT TO:<ann@gnat>' 'DATA' \
		    'Subject: a test' '' 'From here' '...' '.' 'QUIT'
	} | atf_check -o ignore -e ignore ${SESSION}
	atf_check -o match:'^job 4712$' ${SPOOL} claim 1 -- \
	    "${RECIPES}/nos" rqueue "${PWD}/nos"
	stored ''
	atf_check -o inline:'From: erick@maggot\nTo: bruce@gnat\nTo: ann@gnat\n' \
	    cat nos/rqueue/4712.wrk
	sed '1,2d' nos/rqueue/4712.txt >text
	atf_check -o inline:'Subject: a test\n\n>From here\n..\n' cat text
	atf_check -o inline:'4712' cat nos/mqueue/sequence.seq
	atf_check -o inline:'4712.txt\n4712.wrk\n' ls nos/rqueue
	atf_check -o inline:'sequence.seq\n' ls nos/mqueue
}

atf_test_case nos__mqueue_names_the_next_host
nos__mqueue_names_the_next_host_head() { recipe; }
nos__mqueue_names_the_next_host_body() {
	make_nos
	make_table "|${RECIPES}/nos -c mqueue ${PWD}/nos gate.radio.example"
	send '' hello
	deliver 'result=delivered'
	atf_check -o inline:'gate.radio.example\r\nerick@maggot\r\nbruce@gnat\r\n' \
	    cat nos/mqueue/1.wrk
	atf_check -o match:'^hello.$' cat nos/mqueue/1.txt
	# The null sender is an empty line.
	atf_check -o ignore -x "SENDER= RECIPIENT=b@g ${RECIPES}/nos mqueue \
	    ${PWD}/nos host </dev/null"
	atf_check -o inline:'host\n\nb@g\n' cat nos/mqueue/2.wrk
}

atf_test_case nos__counter_is_read_as_nos_does
nos__counter_is_read_as_nos_does_head() { recipe; }
nos__counter_is_read_as_nos_does_body() {
	# what stands there, and the number that follows
	while read -r stands want; do
		rm -rf nos
		make_nos "$(printf "${stands}")"
		atf_check -o inline:"job ${want}\n" -x \
		    "SENDER=a@b RECIPIENT=c@d ${RECIPES}/nos rqueue nos \
		    </dev/null"
	done <<-'ROWS'
		5\n 6
		0007 8
		99999999 1
		100000000 1
		junk 1
		-5 1
	ROWS
	# A number that has any file is skipped.
	make_nos 7
	touch nos/mqueue/8.lck nos/rqueue/9.txt
	atf_check -o inline:'job 10\n' -x \
	    "SENDER=a@b RECIPIENT=c@d ${RECIPES}/nos rqueue nos </dev/null"
	atf_check -o inline:'10' cat nos/mqueue/sequence.seq
}

atf_test_case nos__lock_of_the_counter_is_respected
nos__lock_of_the_counter_is_respected_head() { recipe; }
nos__lock_of_the_counter_is_respected_body() {
	make_nos 1
	# Of one that is gone.
	sh -c 'printf "%10d\n" $$' >nos/mqueue/sequence.lck
	atf_check -o inline:'job 2\n' -x \
	    "SENDER=a@b RECIPIENT=c@d ${RECIPES}/nos rqueue nos </dev/null"
	# Of one that lives and lets go after a while.
	printf '%10d\n' $$ >nos/mqueue/sequence.lck
	SENDER=a@b RECIPIENT=c@d "${RECIPES}/nos" rqueue nos </dev/null >out &
	sleep 0.2
	atf_check -o empty cat out
	rm nos/mqueue/sequence.lck
	wait $!
	atf_check -o inline:'job 3\n' cat out
	atf_check -o inline:'sequence.seq\n' ls nos/mqueue
	# No job for whom there is no place.
	rm -r nos/rqueue
	atf_check -s exit:111 -o match:'no directory' -x \
	    "SENDER=a@b RECIPIENT=c@d ${RECIPES}/nos rqueue nos </dev/null"
}

atf_test_case nos__many_at_once_never_share_a_number
nos__many_at_once_never_share_a_number_head() { recipe; }
nos__many_at_once_never_share_a_number_body() {
	make_nos
	make_table "|${RECIPES}/nos rqueue ${PWD}/nos"
	for n in 1 2 3 4 5 6; do
		send '' "message ${n}"
	done
	atf_check -s ignore -e ignore ${WORK} --once
	stored ''
	atf_check -o inline:'6\n' -x 'ls nos/rqueue/*.wrk | wc -l'
	atf_check -o inline:'6\n' -x \
	    'grep -h "^message" nos/rqueue/*.txt | sort -u | wc -l'
	atf_check -o inline:'6' cat nos/mqueue/sequence.seq
}

atf_test_case pegasus__user_gets_new_mail
pegasus__user_gets_new_mail_head() { recipe; }
pegasus__user_gets_new_mail_body() {
	mkdir mail
	make_table "pegasus:${PWD}/mail/"
	send '' hello
	deliver 'result=delivered'
	stored ''
	atf_check -o inline:'1\n' -x 'ls mail/*.CNM | wc -l'
	atf_check -o match:'^hello.$' cat mail/*.CNM
}

# Each line is an instruction, and names a recipe that is there.
atf_test_case deliver_txt__is_a_table_of_all_recipes
deliver_txt__is_a_table_of_all_recipes_head() { recipe; }
deliver_txt__is_a_table_of_all_recipes_body() {
	cdb -c -m deliver.cdb "${RECIPES}/deliver.txt"
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = pat@gnat.example'
	atf_check -s ignore -o save:problems -e ignore ${CONF} check
	# Directories and sockets of other machines are missing here.
	atf_check -o not-match:'want|unknown|no instruction' cat problems
	for file in "${RECIPES}"/*; do
		name=${file##*/}
		[ "${name}" != deliver.txt ] || continue
		grep -q "recipes/${name} " "${RECIPES}/deliver.txt" ||
		    echo "${name}"
		grep -q "^# ${name}: " "${file}" || echo "${name}: no comment"
		# Its arguments are all dovecot-lda's.
		[ "${name}" = to-dovecot-lda ] || [ "$("${file}" </dev/null |
		    head -n 1 | cut -c 1-7)" = 'usage: ' ] ||
		    echo "${name}: no usage"
	done >missing
	atf_check -o empty cat missing
}

atf_init_test_cases() {
	atf_add_test_case webhook__success_is_a_delivery
	atf_add_test_case webhook__status_is_the_verdict
	atf_add_test_case attachments__are_saved
	atf_add_test_case attachments__names_cannot_leave_the_directory
	atf_add_test_case attachments__none_is_lost
	atf_add_test_case relay__only_its_word_is_final
	atf_add_test_case filter__spamc_sorts_into_junk
	atf_add_test_case filter__program_is_any
	atf_add_test_case procmail__sorts_by_its_rules
	atf_add_test_case all__half_a_message_goes_nowhere
	atf_add_test_case maildrop__sorts_by_its_rules
	atf_add_test_case dovecot_lda__delivers
	atf_add_test_case notify__by_file_fifo_and_program
	atf_add_test_case notify__is_no_reason_to_try_again
	atf_add_test_case notify__subject_cannot_write_to_a_terminal
	atf_add_test_case nos__router_gets_a_job_with_all_recipients
	atf_add_test_case nos__mqueue_names_the_next_host
	atf_add_test_case nos__counter_is_read_as_nos_does
	atf_add_test_case nos__lock_of_the_counter_is_respected
	atf_add_test_case nos__many_at_once_never_share_a_number
	atf_add_test_case pegasus__user_gets_new_mail
	atf_add_test_case by_sender__the_first_pattern_that_fits_counts
	atf_add_test_case dkim__signature_holds_where_mail_arrives
	atf_add_test_case deliver_txt__is_a_table_of_all_recipes
}
