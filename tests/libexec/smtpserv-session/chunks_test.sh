# smtpserv-session(8) and BDAT (RFC 3030), against clients that mean harm or
# are cut off; they are in tests/support/chunks.py.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

# attack WHAT [LINE-OF-CONFIGURATION...]
attack() {
	what=$1
	shift
	make_conf 'smtp.sync = no' 'smtp.maxerrors = 1000' "$@"
	atf_check -s exit:0 -e save:log \
	    python3 "${BUILD}/tests/support/chunks.py" "${what}" ${SESSION}
}

atf_test_case bdat__nothing_smuggled
bdat__nothing_smuggled_head() {
	atf_set descr 'no chunk ends before its last octet;
	    the text has no CR and no NUL, and sent on by DATA is one message'
}
bdat__nothing_smuggled_body() {
	attack smuggle
}

atf_test_case bdat__cut_in_two_at_every_octet
bdat__cut_in_two_at_every_octet_head() {
	atf_set descr 'wherever two chunks meet, the same is stored'
}
bdat__cut_in_two_at_every_octet_body() {
	attack cut_in_two
}

atf_test_case eof__at_every_offset
eof__at_every_offset_head() {
	atf_set descr 'a message only if its last
	    chunk has come whole; else the spool is clean, and nothing hangs'
}
eof__at_every_offset_body() {
	attack eof_anywhere
}

atf_test_case eof__of_both_directions_at_every_offset
eof__of_both_directions_at_every_offset_head() {
	atf_set descr 'the client is gone, deaf and dumb'
}
eof__of_both_directions_at_every_offset_body() {
	attack vanish_anywhere
}

atf_test_case bdat__sizes_of_any_length
bdat__sizes_of_any_length_head() {
	atf_set descr 'sizes of 1 to 25 digits; what is over 20 is
	    501 and the end'
}
bdat__sizes_of_any_length_body() {
	attack sizes
}

atf_test_case memory__endless_chunk
memory__endless_chunk_head() {
	atf_set descr 'a chunk of any size and shape is 552 and no
	    memory'
}
memory__endless_chunk_body() {
	sanitizers_cannot 'be bounded in memory'
	attack endless 'smtp.maxsize = 1000000'
}

atf_test_case endings__in_and_between_chunks
endings__in_and_between_chunks_head() {
	atf_set descr 'A signal, a silent client: 421, and nothing is left; kill
	    leaves what smtpserv-spool clean removes'
}
endings__in_and_between_chunks_body() {
	attack endings 'inactive = 1'
}

atf_test_case bdat__large_message_in_odd_chunks
bdat__large_message_in_odd_chunks_head() {
	atf_set descr '40 MB in chunks of 1 octet to some megabytes'
}
bdat__large_message_in_odd_chunks_body() {
	attack large 'smtp.maxsize = 0'
}

atf_init_test_cases() {
	atf_add_test_case bdat__nothing_smuggled
	atf_add_test_case bdat__cut_in_two_at_every_octet
	atf_add_test_case eof__at_every_offset
	atf_add_test_case eof__of_both_directions_at_every_offset
	atf_add_test_case bdat__sizes_of_any_length
	atf_add_test_case memory__endless_chunk
	atf_add_test_case endings__in_and_between_chunks
	atf_add_test_case bdat__large_message_in_odd_chunks
}
