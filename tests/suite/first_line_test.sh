# A text that would go on with the fields that we put on top of it: however it
# comes in and goes on, readers see where ours end.

. "$(atf_get_srcdir)/../support/smtpserv.subr"

# A client that is somewhere.
PROTO=TCP
TCPREMOTEIP=192.0.2.7
export PROTO TCPREMOTEIP

# What a forger would like our field to say.
FORGED='(forged authenticated bits=0) with ESMTPSA id 99 by gnat.example.test'
# First lines, as printf(1) has them; a rest that is a header of its own follows.
first_lines() {
	cat <<-LINES
		 ${FORGED}
		\\t${FORGED}
		\\000${FORGED}
		\\r${FORGED}
		\\r\\r\\t${FORGED}
		 \\r\\n ${FORGED}
		; ${FORGED}
		: forged
		\\t: forged
		forged and no field
		h\\303\\266: forged
		From forged Mon Nov 30 00:00:00 2026
		>From forged Mon Nov 30 00:00:00 2026
	LINES
}
COUNT=13
REST='\r\nReceived: from evil ([198.51.100.9]) by gnat with ESMTPSA\r\nSubject: Beers?\r\n\r\nSix?\r\n'

# The text with first line N, from 1.
text() {
	printf "$(first_lines | sed -n "$1p")"
	# A field of a mailbox's message is its own; no relay is made up there.
	case $(first_lines | sed -n "$1p") in
	*From*) printf '\r\nSubject: Beers?\r\n\r\nSix?\r\n' ;;
	*) printf "${REST}" ;;
	esac
}

# each COMMAND: once for each number of a text.
each() {
	n=0
	while [ ${n} -lt ${COUNT} ]; do
		n=$((n + 1))
		"$1" ${n}
	done
}

envelope() {
	lines "MAIL FROM:<erick@maggot>$1" 'RCPT TO:<bruce@gnat.example.test>'
}

by_data() {
	envelope ''
	lines DATA
	text "$1"
	lines .
}

by_bdat() {
	envelope ''
	text "$1" >text
	lines "BDAT 1"
	head -c 1 text
	lines "BDAT $(($(wc -c <text) - 1)) LAST"
	tail -c +2 text
}

by_queue() {
	text "$1" | atf_check -o inline:'0\n' -e ignore \
	    python3 "${BUILD}/tests/support/qqcall.py" send \
	    'Ferick@maggot|Tbruce@gnat.example.test||' -- \
	    "${BUILD}/libexec/smtpserv-queue" -f "${PWD}/wattcp.cfg"
}

# converse GREETING BY... -- COMMAND: each text, by each of these ways.
converse() {
	{
		lines "$1"
		shift
		while [ "$1" != -- ]; do
			each "$1"
			shift
		done
		lines QUIT
	} >in
	while [ "$1" != -- ]; do shift; done
	shift
	atf_check -o save:out -e save:log "$@" <in
	atf_check -s exit:1 grep '^[45]' out
}

# sound COUNT FILE...: so many, and no reader is fooled.
sound() {
	[ $(($# - 1)) -eq "$1" ] || atf_fail "want $1 files, there are $(($# - 1))"
	shift
	atf_check python3 "${BUILD}/tests/support/first_line.py" "$@"
	if perl -MMail::SpamAssassin -e 1 2>/dev/null; then
		atf_check perl "${BUILD}/tests/support/first_line.pl" "$@"
	else
		echo 'there is no SpamAssassin to ask' >unasked
	fi
}

# The last word of each test: what was not asked is said.
asked_all() {
	[ ! -e unasked ] || atf_skip "$(cat unasked)"
}

atf_test_case session__by_data_and_in_chunks
session__by_data_and_in_chunks_body() {
	make_conf
	converse 'EHLO client.example' by_data by_bdat -- ${SESSION}
	sound $((2 * COUNT)) spool/*.TXT
	asked_all
}

atf_test_case session__by_lmtp
session__by_lmtp_body() {
	make_conf
	converse 'LHLO client.example' by_data by_bdat -- ${SESSION} -l
	sound $((2 * COUNT)) spool/*.TXT
	asked_all
}

atf_test_case session__of_a_submission
session__of_a_submission_body() {
	make_conf 'smtp.auth = /bin/true' 'smtp.auth.plaintext = yes'
	greeting=$(printf 'EHLO client.example\r\nAUTH PLAIN AHUAcA==')
	converse "${greeting}" by_data by_bdat -- ${SESSION} -s
	sound $((2 * COUNT)) spool/*.TXT
	# What it adds is above, where our field ends, or the text's header does.
	atf_check -o inline:"$((2 * COUNT))\n" -x \
	    'grep -lx "Message-ID: <.*@gnat.example.test>" spool/*.TXT | wc -l'
	asked_all
}

atf_test_case session__to_a_queue
session__to_a_queue_body() {
	make_conf
	mv wattcp.cfg spool.cfg
	make_conf "smtp.queue = \"${BUILD}/libexec/smtpserv-queue -f ${PWD}/spool.cfg\""
	converse 'EHLO client.example' by_data by_bdat -- ${SESSION}
	sound $((2 * COUNT)) spool/*.TXT
	asked_all
}

atf_test_case queue__of_local_programs
queue__of_local_programs_body() {
	make_conf
	each by_queue
	sound ${COUNT} spool/*.TXT
	asked_all
}

# A program of somebody's that puts no trace header on top.
pair_of() {
	printf 'From: erick@gnat.example.test\n' >"spool/$1.WRK"
	for to in bruce fwd nobody; do
		printf 'To: %s@gnat.example.test\n' ${to} >>"spool/$1.WRK"
	done
	# As it would be stored, byte for byte: lines end in LF.
	text "$1" | sed 's/\r*$//' | tr '\0\r' '  ' >"spool/$1.TXT"
}

atf_test_case worker__of_a_text_without_a_trace
worker__of_a_text_without_a_trace_body() {
	make_conf "smtp.deliver = \"${PWD}/deliver.cdb\"" \
	    'smtp.postmaster = erick@gnat.example.test'
	cat >deliver.txt <<-END
		bruce@gnat.example.test ${PWD}/bruce/
		erick@gnat.example.test ${PWD}/erick/
		fwd@gnat.example.test &bruce@gnat.example.test
	END
	atf_check cdb -c -m deliver.cdb deliver.txt
	each pair_of
	atf_check -e save:log "${BUILD}/bin/smtpserv-work" \
	    -f "${PWD}/wattcp.cfg" --once
	# His own and one by way of fwd each, and what is told of nobody.
	sound $((2 * COUNT)) bruce/new/*
	atf_check -o inline:"${COUNT}\n" -x 'ls erick/new | wc -l'
	# In a report only its own part says such things, as a text.
	for report in erick/new/*; do
		sed '/^$/q' "${report}" >header
		atf_check -s exit:1 grep -E 'forged|evil' header
	done
	asked_all
}

atf_init_test_cases() {
	atf_add_test_case session__by_data_and_in_chunks
	atf_add_test_case session__by_lmtp
	atf_add_test_case session__of_a_submission
	atf_add_test_case session__to_a_queue
	atf_add_test_case queue__of_local_programs
	atf_add_test_case worker__of_a_text_without_a_trace
}
