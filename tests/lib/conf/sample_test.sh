# The table of keys against what people read: etc/wattcp.cfg and
# smtpserv.conf(5).

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

# The source tree, above the build directory wherever that is in it.
SOURCE=${BUILD}
while [ "${SOURCE}" != / ] && [ ! -f "${SOURCE}/etc/wattcp.cfg" ]; do
	SOURCE=$(dirname "${SOURCE}")
done
SAMPLE=${SOURCE}/etc/wattcp.cfg

# The table, as smtpserv-conf prints it: `key = default'.
print_table() {
	echo 'smtp.subdir = /var/spool/smtpserv' >wattcp.cfg
	${CONF} list | sed 's/^# //; s/ *$//'
}

atf_test_case wattcp_cfg__has_every_key_and_its_default
wattcp_cfg__has_every_key_and_its_default_body() {
	print_table >want
	atf_check -o file:want \
	    sed -n 's/^#\{0,1\}\([a-z0-9.]* =.*\)$/\1/p' "${SAMPLE}"
}

atf_test_case wattcp_cfg__explains_every_key
wattcp_cfg__explains_every_key_body() {
	# A line of comment stands right above every key.
	atf_check awk '/^#?[a-z0-9.]+ =/ && last !~ /^# / { print } { last = $0 }' \
	    "${SAMPLE}"
	# And it is the one of the table, if the table is here to be read.
	keys=${SOURCE}/lib/conf
	[ -f "${keys}/keys.c" ] || return 0
	tr -d '\n\t' <"${keys}/keys.c" |
	    sed 's/.*KEYS\[\] = {//; s/STACK(.*//; s/}, *{/},\n{/g' |
	    sed -n 's/.*"\([^"]*\)" *},.*/# \1/p' >meanings
	echo >>meanings
	for set in remote amqp pull; do
		tr -d '\n\t' <"${keys}/${set}.c" |
		    sed 's/.*ROWS\[\] = {//; s/), *\([A-Z]\)/),\n\1/g' |
		    sed -n 's/.*"\([^"]*\)"),*.*/# \1/p'
		echo
	done >>meanings
	atf_check -o inline:"$(print_table | wc -l)\n" grep -c . meanings
	while read -r line; do
		grep -qxF "${line}" "${SAMPLE}" || echo "${line}"
	done <meanings >missing
	atf_check -o empty cat missing
}

atf_test_case wattcp_cfg__loads_without_error
wattcp_cfg__loads_without_error_body() {
	atf_check -o ignore "${BUILD}/bin/smtpserv-conf" -f "${SAMPLE}" list
}

atf_test_case manual__has_every_key_and_no_other
manual__has_every_key_and_no_other_body() {
	page=${BUILD}/share/man/man5/smtpserv.conf.5
	[ -f "${page}" ] || atf_skip 'no smtpserv.conf(5) yet'
	print_table | sed 's/ =.*//' | sort >want
	sed -n 's/^\.It [A-Z][a-z] \([a-z0-9.]*\).*/\1/p' "${page}" | sort >got
	comm -23 want got >missing
	atf_check -o empty cat missing
	# What looks like one of our keys is one.
	grep '^smtp\.' got | comm -13 want - >surplus
	atf_check -o empty cat surplus
}

atf_init_test_cases() {
	atf_add_test_case wattcp_cfg__has_every_key_and_its_default
	atf_add_test_case wattcp_cfg__explains_every_key
	atf_add_test_case wattcp_cfg__loads_without_error
	atf_add_test_case manual__has_every_key_and_no_other
}
