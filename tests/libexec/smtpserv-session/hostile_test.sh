# smtpserv-session(8) against the attacks of the past; the attackers are in
# tests/support/hostile.py.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

# attack WHAT [LINE-OF-CONFIGURATION...]: see tests/support/hostile.py.
attack() {
	what=$1
	shift
	make_conf 'smtp.sync = no' "$@"
	atf_check -s exit:0 -e save:log \
	    python3 "${BUILD}/tests/support/hostile.py" "${what}" ${SESSION}
}

atf_test_case data__no_smuggled_end
data__no_smuggled_end_head() {
	atf_set descr 'no ending but CR LF
	    dot CR LF; the text has no CR and no NUL, and sent on is one message'
}
data__no_smuggled_end_body() {
	attack smuggle
}

atf_test_case data__line_ends_that_were_doubled
data__line_ends_that_were_doubled_head() {
	atf_set descr 'CRs directly before CR LF are of
	    that line end, which may be the last, and left out'
}
data__line_ends_that_were_doubled_body() {
	attack doubled
}

atf_test_case data__no_smuggled_end_when_refused
data__no_smuggled_end_when_refused_head() {
	atf_set descr 'smtp.bareeol=reject, 550 to each of these'
}
data__no_smuggled_end_when_refused_body() {
	attack smuggle_refused 'smtp.bareeol = reject'
}

atf_test_case eof__at_every_offset
eof__at_every_offset_head() {
	atf_set descr 'a message only if its CR LF
	    dot CR LF has come; else the spool is clean'
}
eof__at_every_offset_body() {
	attack eof_anywhere
}

atf_test_case eof__of_both_directions_at_every_offset
eof__of_both_directions_at_every_offset_head() {
	atf_set descr 'the client is gone, deaf and dumb: what
	    is there is whole, and was sent'
}
eof__of_both_directions_at_every_offset_body() {
	attack vanish_anywhere
}

atf_test_case input__any_chunking_is_the_same
input__any_chunking_is_the_same_head() {
	atf_set descr 'byte by byte, in two at each offset, in random
	    pieces: the same replies and files'
}
input__any_chunking_is_the_same_body() {
	attack any_chunking 'smtp.maxerrors = 1000'
}

atf_test_case rcpt__every_byte
rcpt__every_byte_head() {
	atf_set descr 'each byte in each place of a recipient: the
	    envelope has those that got 250, and is well-formed'
}
rcpt__every_byte_body() {
	attack every_byte_in_rcpt 'smtp.maxerrors = 10000'
}

atf_test_case mail__every_byte
mail__every_byte_head() {
	atf_set descr 'each byte in each place of a sender and of
	    parameters: each accepted one is stored as it was sent,
	    but for blanks around it and a last dot'
}
mail__every_byte_body() {
	attack every_byte_in_mail 'smtp.maxerrors = 10000'
}

atf_test_case helo__every_byte
helo__every_byte_head() {
	atf_set descr 'each byte in each place of a name: what is
	    accepted stands in the trace, if it can, the rest is 501'
}
helo__every_byte_body() {
	attack every_byte_in_helo 'smtp.maxerrors = 10000' 'smtp.envelope = full'
}

atf_test_case command__every_length
command__every_length_head() {
	atf_set descr 'one reply to a line of any length,
	    of 512 octets at most, and never with what was sent in it'
}
command__every_length_body() {
	attack every_length 'smtp.maxerrors = 10000'
}

atf_test_case command__nesting
command__nesting_head() {
	atf_set descr 'brackets, quotes, comments and backslashes by
	    the thousand: one reply each'
}
command__nesting_body() {
	attack nesting 'smtp.maxerrors = 10000'
}

atf_test_case memory__endless_lines
memory__endless_lines_head() {
	atf_set descr '512 MiB without a line end are 500 and no
	    memory'
}
memory__endless_lines_body() {
	sanitizers_cannot 'be bounded in memory'
	attack endless_lines
}

atf_test_case memory__endless_line_beyond_32_bits
memory__endless_line_beyond_32_bits_head() {
	atf_set descr 'a HELO of more octets than 32 bits can count is 500
	    and no memory'
}
memory__endless_line_beyond_32_bits_body() {
	sanitizers_cannot 'be bounded in memory'
	attack endless_line_beyond_32_bits
}

atf_test_case memory__endless_text
memory__endless_text_head() {
	atf_set descr 'a text of any size and shape is 552 and no
	    memory'
}
memory__endless_text_body() {
	sanitizers_cannot 'be bounded in memory'
	attack endless_text 'smtp.maxsize = 1000000'
}

atf_test_case memory__endless_recipients
memory__endless_recipients_head() {
	atf_set descr '50,000 recipients; 452 at exactly the limit,
	    and no memory'
}
memory__endless_recipients_body() {
	sanitizers_cannot 'be bounded in memory'
	attack endless_recipients
}

atf_test_case memory__replies_that_nobody_reads
memory__replies_that_nobody_reads_head() {
	atf_set descr 'a client that only sends'
}
memory__replies_that_nobody_reads_body() {
	sanitizers_cannot 'be bounded in memory'
	attack unread_replies 'smtp.maxerrors = 10000'
}

atf_test_case log__injection
log__injection_head() {
	atf_set descr 'one line an event, printable, the address
	    first, cuts marked'
}
log__injection_body() {
	attack log_injection 'smtp.maxerrors = 10000'
}

atf_test_case flood__errors
flood__errors_head() {
	atf_set descr 'one error more than smtp.maxerrors is 421'
}
flood__errors_body() {
	attack too_many_errors 'smtp.maxerrors = 5'
}

atf_test_case flood__commands_without_mail
flood__commands_without_mail_head() {
	atf_set descr 'NOOP and the like without end are 421'
}
flood__commands_without_mail_body() {
	attack too_many_idle_commands
}

atf_test_case spool__names_that_are_no_files
spool__names_that_are_no_files_head() {
	atf_set descr 'links, FIFOs, directories under our names:
	    untouched, and the message gets the next number'
}
spool__names_that_are_no_files_body() {
	attack obstacles
}

atf_init_test_cases() {
	atf_add_test_case data__no_smuggled_end
	atf_add_test_case data__line_ends_that_were_doubled
	atf_add_test_case data__no_smuggled_end_when_refused
	atf_add_test_case eof__at_every_offset
	atf_add_test_case eof__of_both_directions_at_every_offset
	atf_add_test_case input__any_chunking_is_the_same
	atf_add_test_case rcpt__every_byte
	atf_add_test_case mail__every_byte
	atf_add_test_case helo__every_byte
	atf_add_test_case command__every_length
	atf_add_test_case command__nesting
	atf_add_test_case memory__endless_lines
	atf_add_test_case memory__endless_line_beyond_32_bits
	atf_add_test_case memory__endless_text
	atf_add_test_case memory__endless_recipients
	atf_add_test_case memory__replies_that_nobody_reads
	atf_add_test_case log__injection
	atf_add_test_case flood__errors
	atf_add_test_case flood__commands_without_mail
	atf_add_test_case spool__names_that_are_no_files
}
