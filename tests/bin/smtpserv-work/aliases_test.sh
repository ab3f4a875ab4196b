# /etc/aliases, from a session, or sendmail's command line, to the worker.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/work.subr"

# Aliases, from stdin, that nobody has just written to.
make_aliases() {
	cat >aliases
	touch -d '1 minute ago' aliases
}

# A site with mailboxes for ann and bob, and these aliases.
make_it() {
	make_aliases
	make_site "smtp.aliases = ${PWD}/aliases" <<-TABLE
		postie@gnat.example.test ${PWD}/postie/
		ann@gnat.example.test ${PWD}/ann/
		bob@gnat.example.test ${PWD}/bob/
		@else.example |cat >>${PWD}/else
	TABLE
}

need_cdb() {
	atf_set require.progs cdb
}

atf_test_case alias__leads_to_people_commands_lists_and_files
alias__leads_to_people_commands_lists_and_files_head() { need_cdb; }
alias__leads_to_people_commands_lists_and_files_body() {
	make_it <<-ALIASES
		# as Debian has it
		root: ann,
		 "|cat >>${PWD}/piped", x@else.example
		Staff: :include:${PWD}/list
		dir: ${PWD}/dir/
		null: /dev/null
	ALIASES
	printf '# people\nbob, Ann <ann>\n' >list
	touch -d '1 minute ago' list
	send 's@else.example' root@gnat.example.test staff@gnat.example.test \
	    dir+x@gnat.example.test null@gnat.example.test
	work 0
	stored ''
	atf_check_equal 2 "$(mail_of ann | grep -c '^hello')"
	atf_check_equal 1 "$(mail_of bob | grep -c '^hello')"
	atf_check_equal 1 "$(mail_of dir | grep -c '^hello')"
	atf_check_equal 1 "$(grep -c '^hello' piped)"
	atf_check_equal 1 "$(grep -c '^hello' else)"
	# Who else is nobody.
	{
		lines 'HELO a' 'MAIL FROM:<s@else.example>' \
		    'RCPT TO:<eve@gnat.example.test>' \
		    'RCPT TO:<root@else.example>' 'RCPT TO:<root@x.example>' QUIT
	} | atf_check -o save:out -e ignore ${SESSION}
	codes >got
	atf_check -o inline:'220\n250\n250\n550\n250\n550\n221\n' cat got
}

# A name among its own items is the mailbox, and circles end.
atf_test_case alias__of_itself_and_in_circles
alias__of_itself_and_in_circles_head() { need_cdb; }
alias__of_itself_and_in_circles_body() {
	make_it <<-'ALIASES'
		ann: ann, bob
		bob: \bob
		one: two
		two: one
		postmaster: bob
	ALIASES
	send 's@else.example' ann@gnat.example.test
	work 0
	stored ''
	atf_check_equal 1 "$(mail_of ann | grep -c '^hello')"
	atf_check_equal 1 "$(mail_of bob | grep -c '^hello')"
	send 's@else.example' one@gnat.example.test
	work 0
	stored ''
	atf_check -o match:'to=one@gnat.example.test result=failed status=5.4.6' \
	    cat log
	atf_check -o match:'^Status: 5.4.6' cat else
	# Postmaster's mail goes where smtp.postmaster says.
	send 's@else.example' postmaster@gnat.example.test
	work 0
	atf_check_equal 1 "$(mail_of postie | grep -c '^hello')"
}

# A list may be anybody's: what it has beside addresses is not done.
atf_test_case alias__included_file_has_addresses_only
alias__included_file_has_addresses_only_head() { need_cdb; }
alias__included_file_has_addresses_only_body() {
	printf '|touch %s/evil\n' "${PWD}" >bad
	make_it <<-ALIASES
		list: :include:${PWD}/bad
		files: :include:${PWD}/bad2
		none: :include:${PWD}/no/such
		broken: "|cat
	ALIASES
	echo ":include:${PWD}/bad" >bad2
	touch -d '1 minute ago' bad bad2
	for name in list files none broken; do
		send 's@else.example' "${name}@gnat.example.test"
	done
	work 111
	atf_check_equal 4 "$(grep -c 'result=later status=4.3' log)"
	[ ! -e evil ] || atf_fail 'the command was run'
}

# A list as long as it likes, but no part of a line: it could be anybody's.
atf_test_case alias__long_line_of_an_included_file_reaches_nobody_else
alias__long_line_of_an_included_file_reaches_nobody_else_head() { need_cdb; }
alias__long_line_of_an_included_file_reaches_nobody_else_body() {
	make_it <<-ALIASES
		list: :include:${PWD}/list
	ALIASES
	# 4096 bytes, and who stands behind them, in what is a remark.
	printf '#%4095s%s\n' '' 'ann' >list
	touch -d '1 minute ago' list
	send 's@else.example' list@gnat.example.test
	work 111
	atf_check -o match:'result=later status=4.3.0 .*so long a line' cat log
	atf_check_equal 0 "$(mail_of ann | grep -c '^hello')"
	printf '#%400s\nbob\n' '' >list
	touch -d '1 minute ago' list
	rm spool/*.WRK spool/*.TXT
	send 's@else.example' list@gnat.example.test
	work 0
	atf_check_equal 1 "$(mail_of bob | grep -c '^hello')"
}

# What cannot be trusted makes nobody a nobody.
atf_test_case alias__file_in_trouble_is_no_refusal
alias__file_in_trouble_is_no_refusal_head() { need_cdb; }
alias__file_in_trouble_is_no_refusal_body() {
	echo 'root: ann' | make_it
	for trouble in 'chmod 646 aliases' 'touch aliases' 'rm aliases'; do
		${trouble}
		{
			lines 'HELO a' 'MAIL FROM:<s@else.example>' \
			    'RCPT TO:<root@gnat.example.test>' QUIT
		} | atf_check -o save:out -e match:aliases ${SESSION}
		codes >got
		atf_check -o inline:'220\n250\n250\n451\n221\n' cat got
		echo 'root: ann' | make_aliases
		chmod 644 aliases
	done
}

atf_init_test_cases() {
	atf_add_test_case alias__leads_to_people_commands_lists_and_files
	atf_add_test_case alias__of_itself_and_in_circles
	atf_add_test_case alias__included_file_has_addresses_only
	atf_add_test_case alias__long_line_of_an_included_file_reaches_nobody_else
	atf_add_test_case alias__file_in_trouble_is_no_refusal
}
