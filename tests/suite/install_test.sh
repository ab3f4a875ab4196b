# `make install` puts things where PREFIX and SYSCONFDIR say, and what it puts
# there says so: programs, pages and examples.

. "$(atf_get_srcdir)/../support/smtpserv.subr"

ROOT=$(atf_get_srcdir)/../../..

atf_test_case install__is_of_the_places_that_are_set
install__is_of_the_places_that_are_set_head() {
	atf_set timeout 300
}
install__is_of_the_places_that_are_set_body() {
	sanitizers_cannot 'be linked again without their flags'
	# Not in the build that other tests are using, and a dynamic and a
	# static program only: they are linked anew.
	mkdir copy
	cp -a "${BUILD}/obj" "${BUILD}/share" copy
	programs="${PWD}/copy/bin/smtpserv-conf"
	programs="${programs} ${PWD}/copy/libexec/smtpserv-session"
	make -C "${ROOT}" B="${PWD}/copy" PROGRAMS="${programs}" PREFIX=/usr \
	    SYSCONFDIR=/opt/mail DESTDIR="${PWD}/at" install >log 2>&1 ||
	    atf_fail "make: $(tail -n 1 log)"
	find at | grep /usr/local >found
	grep -rlE '/usr/local|/etc/smtpserv' at >>found
	atf_check -o empty cat found
	# They do not just say nothing.
	atf_check -o ignore grep -r /usr/libexec/smtpserv-session at/usr/share
	atf_check -o ignore grep -r /opt/mail/wattcp.cfg at/usr/share
	[ -x at/usr/share/smtpserv/s6/smtpserv/run ] || atf_fail 'no mode'
	[ -f at/opt/mail/wattcp.cfg ] || atf_fail 'no configuration'
	for program in 'bin/smtpserv-conf list' libexec/smtpserv-session; do
		atf_check -s not-exit:0 -o ignore -e match:/opt/mail/wattcp.cfg \
		    at/usr/${program} </dev/null
	done
	# The programs know one another by where they are.
	make_conf
	atf_check -o match:"^session=${PWD}/at/usr/libexec/smtpserv-session\$" \
	    -e ignore at/usr/bin/smtpserv-conf -f wattcp.cfg service s6
}

atf_init_test_cases() {
	atf_add_test_case install__is_of_the_places_that_are_set
}
