# smtpserv-conf(1) check: the table of smtp.deliver, smtpserv-deliver(5).

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

# Most tables here have no key `@', and root's spool is root's: what is noted of
# that is seen once.
ALL=${CONF}
CONF="sh ${BUILD}/tests/support/but.sh \
    note:.smtp.deliver:.no.key\\|note:.*run.as.root ${CONF}"

# The source tree, above the build directory wherever that is in it.
SOURCE=${BUILD}
while [ "${SOURCE}" != / ] && [ ! -f "${SOURCE}/etc/wattcp.cfg" ]; do
	SOURCE=$(dirname "${SOURCE}")
done

# A table of the lines on descriptor 0, in which HERE is the directory, and a
# configuration with it; arguments are lines of that.
make_table() {
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" "$@"
	sed "s,HERE,${PWD},g; s,LONG,${LONG}," >deliver.txt
	echo 'root@gnat.example.test |exit 0' >>deliver.txt
	atf_check cdb -c -m deliver.cdb deliver.txt
}

# The check says these lines on descriptor 0, of the table, and no others;
# those that begin with `conf:' are of the configuration.
says() {
	sed "/^conf:/!s,^,${PWD}/deliver.cdb: ,; s,HERE,${PWD},g; s,LONG,${LONG},
	    s,^conf:,${PWD}/wattcp.cfg:," >want
	atf_check -s exit:1 -o save:got ${CONF} check
	atf_check -o file:want cat got
}

OPS='smtp.postmaster = ops@gnat.example.test'
# One more than fits into a path beside @b.
LONG=$(printf '%0253d' 0)

atf_test_case check__has_nothing_to_say_of_a_good_table
check__has_nothing_to_say_of_a_good_table_body() {
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test    HERE/ops/
		ann@gnat.example.test    HERE/spool/
		ann@gnat.example.test    |cat >/dev/null; echo "$SENDER"
		ann@gnat.example.test    |/bin/cat >/dev/null
		sales@gnat.example.test  &ann@gnat.example.test
		sales@gnat.example.test  &ops+sales@gnat.example.test
		all@gnat.example.test    &sales@gnat.example.test
		all@gnat.example.test    &ann@gnat.example.test
		list+owner@gnat.example.test  &Ann@GNAT.example.test
		list@gnat.example.test   &list+owner@gnat.example.test
		@maggot.example.test     lmtp:[127.0.0.1]:24
		@other.example.test      &anybody@maggot.example.test
		@[192.0.2.1]             pegasus:HERE/spool/
		m%x!y@gnat.example.test  &postmaster
	TABLE
	atf_check ${CONF} check
	# With a route, mail may be forwarded anywhere.
	make_table 'smtp.postmaster = me@elsewhere.example' <<-'TABLE'
		ann@gnat.example.test  &ann@elsewhere.example
		@                      |relay
	TABLE
	atf_check ${CONF} check
}

atf_test_case check__notes_what_becomes_of_reports_without_a_route
check__notes_what_becomes_of_reports_without_a_route_body() {
	echo 'ops@gnat.example.test HERE/ops/' | make_table "${OPS}"
	atf_check -o match:"^${PWD}/wattcp.cfg: note: smtp.deliver: no key .@.: \
no report can leave for senders elsewhere: \
those of failures go to postmaster, those of delays nowhere$" ${ALL} check
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test HERE/ops/
		@ lmtp:[127.0.0.1]:24
	TABLE
	atf_check -o not-match:'no key' ${ALL} check
}

atf_test_case check__names_every_bad_key
check__names_every_bad_key_body() {
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test /tmp/
		Ann@gnat.example.test /tmp/
		ann /tmp/
		postmaster /tmp/
		bob@ /tmp/
		"cat"@gnat.example.test /tmp/
		@Gnat.example.test /tmp/
		@gnat..example.test /tmp/
		@gnat.example.test. /tmp/
		@[192.0.2.256] /tmp/
		a@-gnat /tmp/
		LONG@b /tmp/
		ann@gnat,ann@cat /tmp/
	TABLE
	says <<-'WANT'
		Ann@gnat.example.test: never found: keys are looked up in lower case
		ann: never found: want local@domain, @domain or @
		postmaster: never found: want local@domain, @domain or @
		bob@: never found: no domain behind the `@'
		"cat"@gnat.example.test: never found: addresses are looked up without quotes
		@Gnat.example.test: never found: keys are looked up in lower case
		@gnat..example.test: never found: no domain behind the `@'
		@gnat.example.test.: never found: domains are looked up without a last dot
		@[192.0.2.256]: never found: no domain behind the `@'
		a@-gnat: never found: no domain behind the `@'
		LONG@b: never found: no address is as long
	WANT
}

atf_test_case check__shows_no_control_byte_of_a_key
check__shows_no_control_byte_of_a_key_body() {
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" "${OPS}"
	printf '+4,5:a\033@b->/tmp/\n+21,5:ops@gnat.example.test->/tmp/\n\n' |
	    cdb -c deliver.cdb || atf_fail 'cdb'
	says <<-'WANT'
		a\x1b@b: never found: no address has such a local part
		root@gnat.example.test: nobody gets this mail, which is cron's and the like's
	WANT
}

atf_test_case check__names_every_bad_instruction
check__names_every_bad_instruction_body() {
	: >file
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test /tmp/
		a@b
		a@b |
		a@b HERE/none/below/
		a@b HERE/file/
		a@b HERE/file/below/
		a@b HERE/file
		a@b pegasus:HERE/none/
		a@b lmtp:unix:HERE/file
		a@b lmtp:unix:/x/
		a@b lmtp:127.0.0.1:24
		a@b smtp:relay.example:25
		a@b /home/%u/Maildir/ # ann
		a@b |HERE/none --option
		a@b |HERE/file
		a@b |HERE/no;true
		a@b |"HERE/no such" "$SENDER"
		a@b |HERE/$(echo none)
		a@b ann
	TABLE
	[ "$(id -u)" -ne 0 ] || chmod 0 file
	says <<-'WANT'
		a@b: no instruction behind the key
		a@b: |: no command behind `|'
		a@b: HERE/none/below/: cannot be made: the directory above it is not there
		a@b: HERE/file/: not a directory
		a@b: HERE/file/below/: not a directory
		a@b: HERE/file: a directory is a full path that ends with `/'
		a@b: pegasus:HERE/none/: no such directory
		a@b: lmtp:unix:HERE/file: not a socket
		a@b: lmtp:unix:/x/: want lmtp:unix:/path, the full path of a socket
		a@b: lmtp:127.0.0.1:24: want lmtp:unix:/path or lmtp:[host]:port
		a@b: smtp:relay.example:25: want smtp: alone, or smtp:[host]:port
		a@b: /home/%u/Maildir/ # ann: a directory is a full path that ends with `/'
		a@b: |HERE/none --option: no such program
		a@b: |HERE/file: cannot be executed by the worker's user
		a@b: |HERE/no;true: no such program
		a@b: |"HERE/no such" "$SENDER": no such program
		a@b: ann: no instruction: want |command, /directory/, &user@host, lmtp:unix:/path, lmtp:[host]:port, smtp:, smtp:[host]:port or pegasus:/directory/
	WANT
}

atf_test_case check__notes_what_may_be_there_another_time
check__notes_what_may_be_there_another_time_body() {
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test lmtp:unix:HERE/socket
	TABLE
	atf_check -o match:'note: ops@.*: lmtp:unix:.*: No such file' \
	    ${CONF} check
}

atf_test_case check__notes_variables_that_the_shell_takes_apart
check__notes_variables_that_the_shell_takes_apart_body() {
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test |echo $RECIPIENT
		a@b |echo "$SENDER" ${EXT}
		a@b |echo "$SENDER" '$EXT' \$EXT $HOME x=$EXT "a $LOCAL"
		a@b |X=$EXT; echo $X $RECIPIENTS
	TABLE
	atf_check -o save:got ${CONF} check
	atf_check -o inline:'ops@gnat.example.test $RECIPIENT\na@b $EXT\n' \
	    sed -n 's/.*note: \([^:]*\): .*: \($[A-Z]*\) stands outside.*/\1 \2/p' got
	atf_check_equal 2 "$(wc -l <got)"
}

atf_test_case check__names_what_stands_there_twice
check__names_what_stands_there_twice_body() {
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test /tmp/
		a@b &ops@gnat.example.test
		a@b /tmp/
		b@b /tmp/
		a@b &ops@gnat.example.test
	TABLE
	says <<-'WANT'
		a@b: &ops@gnat.example.test: stands there twice: all mail would come twice
	WANT
}

# One line of the table, and nothing else, is wrong for the worker's user.
atf_test_case check__looks_with_the_eyes_of_the_worker
check__looks_with_the_eyes_of_the_worker_head() {
	atf_set require.user root
}
check__looks_with_the_eyes_of_the_worker_body() {
	chmod 755 .
	mkdir -p mine/new mine/tmp mine/cur theirs shut peg
	mkdir -p mail/tmp mail/new mail/cur
	cp /bin/true program
	chmod 700 shut program
	chmod 755 peg
	chown nobody theirs
	chown -R nobody mail
	chown root mail/new
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test HERE/theirs/
		a@b HERE/mine/
		a@b HERE/theirs/new/
		a@b HERE/peg/new/
		a@b HERE/mail/
		a@b HERE/shut/in/
		a@b pegasus:HERE/peg/
		a@b |HERE/program "$SENDER"
	TABLE
	atf_check ${CONF} check
	chown nobody spool
	says <<-'WANT'
		a@b: HERE/mine/: cannot be written
		a@b: HERE/peg/new/: cannot be made: the directory above it cannot be written
		a@b: HERE/mail/: cannot be written
		a@b: HERE/shut/in/: Permission denied
		a@b: pegasus:HERE/peg/: cannot be written
		a@b: |HERE/program "$SENDER": cannot be executed by the worker's user
	WANT
	atf_check ${CONF} check -u root
}

atf_test_case check__knows_whom_commands_may_run_as
check__knows_whom_commands_may_run_as_head() {
	atf_set require.user root
}
check__knows_whom_commands_may_run_as_body() {
	chmod 755 .
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test user:nobody |/bin/true
		a@b user:daemon |/bin/true
		a@b user:root |/bin/true
		a@b user:no-such-user |/bin/true
		a@b user:daemon /home/a/Maildir/
	TABLE
	chown nobody spool
	says <<-'WANT'
		note: a@b: user:daemon |/bin/true: only run by a worker that is root
		a@b: user:root |/bin/true: never run: mail is not for root to run
		a@b: user:no-such-user |/bin/true: there is no such user
		a@b: user:daemon /home/a/Maildir/: want user:NAME |command: other instructions need no user
	WANT
	chmod 664 deliver.cdb
	atf_check -s exit:1 -o match:'daemon .*never run: others than root can' \
	    ${CONF} check
}

# Once, and not of those that name a user.
atf_test_case check__notes_commands_that_root_would_run
check__notes_commands_that_root_would_run_head() {
	atf_set require.user root
}
check__notes_commands_that_root_would_run_body() {
	chmod 755 .
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test /tmp/
		a@b user:daemon |/bin/true
		c@d |exit 0
		e@f |exit 1
		@ lmtp:[127.0.0.1]:24
	TABLE
	root='|exit 0: would be run as root, as the spool is root'
	atf_check -o save:got ${ALL} check
	atf_check -o inline:'1\n' grep -c 'run as root' got
	atf_check -o match:"note: c@d: ${root}" cat got
	chown nobody spool
	atf_check -o not-match:'run as root' ${ALL} check
}

atf_test_case check__counts_waiting_mail_that_would_be_given_up
check__counts_waiting_mail_that_would_be_given_up_body() {
	make_conf
	for sender in erick@maggot ''; do
		lines 'EHLO maggot' "MAIL FROM:<${sender}>" \
		    'RCPT TO:<ann@gnat.example.test>' 'RCPT TO:<x@y>' \
		    'RCPT TO:<z@y>' DATA 'Subject: x' '' . QUIT |
		    ${SESSION} >out 2>log || atf_fail session
	done
	lines 'EHLO maggot' 'MAIL FROM:<erick@maggot>' \
	    'RCPT TO:<ann@gnat.example.test>' DATA 'Subject: x' '' . QUIT |
	    ${SESSION} >out 2>log || atf_fail session
	atf_check ${CONF} check
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test /tmp/
		ann@gnat.example.test /tmp/
	TABLE
	says <<-'WANT'
		conf: smtp.deliver: 2 messages in the spool are for 4 recipients that have no key: smtpserv-work would give them up, and send 1 report
	WANT
	echo '@y /tmp/' >>deliver.txt
	atf_check cdb -c -m deliver.cdb deliver.txt
	atf_check ${CONF} check
}

atf_test_case check__finds_every_circle_of_forwards
check__finds_every_circle_of_forwards_body() {
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test /tmp/
		self@b &self@b
		one@b &two@b
		two@b &ann@b
		two@b &Three@B
		three@b &one+x@b
		ann@b /tmp/
		@c &any@c
		@d &x@e
		@e &ann@b
		@e &y@d
		list+owner@b &list@b
		list@b &list+request@b
		list@b &list+owner@b
	TABLE
	says <<-'WANT'
		self@b: forwards go in a circle: self@b -> self@b
		one@b: forwards go in a circle: one@b -> two@b -> three@b -> one@b
		@c: forwards go in a circle: @c -> @c
		@d: forwards go in a circle: @d -> @e -> @d
		list+owner@b: forwards go in a circle: list+owner@b -> list@b -> list+owner@b
		list@b: forwards go in a circle: list@b -> list@b
	WANT
	sort got >a
	sort want >b
	atf_check -o file:b cat a
}

atf_test_case check__names_forwards_to_nobody
check__names_forwards_to_nobody_body() {
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test /tmp/
		a@b &nobody@b
		a@b &a@elsewhere.example
		a@b &ops@gnat.example.test
		a@b &postmaster@b
		a@b &postmaster@elsewhere.example
	TABLE
	says <<-'WANT'
		a@b: &nobody@b: nobody: it has no key, and there is no key `@'
		a@b: &a@elsewhere.example: nobody: it has no key, and there is no key `@'
		a@b: &postmaster@elsewhere.example: nobody: it has no key, and there is no key `@'
	WANT
}

atf_test_case check__insists_on_a_postmaster_who_gets_his_mail
check__insists_on_a_postmaster_who_gets_his_mail_body() {
	make_table <<-'TABLE'
		ann@b /tmp/
		loop@b &postmaster
	TABLE
	echo 'conf: smtp.postmaster: missing: with smtp.deliver it must say where postmaster'"'"'s mail goes' >missing
	{
		cat missing
		echo 'loop@b: &postmaster: nobody: it has no key, and there is no key `@'"'"
	} | says
	# whoever WHAT PROBLEM
	whoever() {
		sed -i /postmaster/d wattcp.cfg
		echo "smtp.postmaster = \"$1\"" >>wattcp.cfg
		echo "conf: smtp.postmaster: $2" | says
	}
	circle='forwards go in a circle: smtp.postmaster ->'
	whoever 'nobody@b' "&nobody@b: nobody: it has no key, and there is no key \`@'"
	whoever '&nobody@b' "&nobody@b: nobody: it has no key, and there is no key \`@'"
	whoever 'postmaster@b' "${circle} smtp.postmaster"
	whoever 'loop@b' "${circle} loop@b -> smtp.postmaster"
	whoever "${PWD}/none/none/" \
	    "${PWD}/none/none/: cannot be made: the directory above it is not there"
	whoever '|/no/such/program' '|/no/such/program: no such program'
	sed -i /postmaster/d wattcp.cfg
	echo 'smtp.postmaster = ann@b' >>wattcp.cfg
	atf_check ${CONF} check
	# A name that is none is told with its line.
	sed -i /postmaster/d wattcp.cfg
	echo 'smtp.postmaster = ann' >>wattcp.cfg
	atf_check -s exit:1 \
	    -o match:'wattcp.cfg:5: smtp.postmaster: want user@host, or' \
	    ${CONF} check
}

atf_test_case check__names_a_table_that_is_none
check__names_a_table_that_is_none_body() {
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test /tmp/
	TABLE
	cp deliver.cdb good
	rm deliver.cdb
	says <<-'WANT'
		conf: smtp.deliver: unable to open table HERE/deliver.cdb: No such file or directory
	WANT
	head -c 2050 good >deliver.cdb
	atf_check -s exit:1 -o match:'smtp.deliver: .* which is damaged' \
	    ${CONF} check
	# One that has lost a page, and one whose keys have changed since.
	{
		head -c $(($(stat -c %s good) - 16)) good
		head -c 16 /dev/zero
	} >deliver.cdb
	atf_check -s exit:1 -o match:'smtp.deliver: .* which is damaged' \
	    ${CONF} check
	sed 's/ops@/spo@/' good >deliver.cdb
	atf_check -s exit:1 \
	    -o match:'spo@gnat.example.test: not found: the table is damaged' \
	    ${CONF} check
}

atf_test_case check__is_done_with_a_large_table
check__is_done_with_a_large_table_body() {
	# Each forwards to the next, but for the last, who does to nobody.
	seq 50000 | awk '{ printf "u%d@b &u%d@b\n", $1, $1 + 1 }' >many
	make_table 'smtp.postmaster = u1@b' <many
	says <<-'WANT'
		u50000@b: &u50001@b: nobody: it has no key, and there is no key `@'
	WANT
	# Or to the first: a circle that is too long to be shown whole.
	echo 'u50001@b &u1@b' >>many
	make_table 'smtp.postmaster = u1@b' <many
	atf_check -s exit:1 -o save:got ${CONF} check
	atf_check -o match:'u1@b: .* u1@b -> u2@b -> .* -> \.\.\.$' cat got
	atf_check -o inline:'1\n' grep -c . got
}

atf_test_case whose__says_what_the_table_says
whose__says_what_the_table_says_body() {
	make_table "${OPS}" <<-'TABLE'
		ops@gnat.example.test     /tmp/
		tickets@gnat.example.test |ticket "$EXT"
		tickets@gnat.example.test &ops@gnat.example.test
		@maggot.example.test      lmtp:[::1]:24
	TABLE
	atf_check -o inline:'tickets@gnat.example.test |ticket "$EXT"
tickets@gnat.example.test &ops@gnat.example.test
' ${CONF} whose Tickets+4711@Gnat.Example.Test
	atf_check -o inline:'@maggot.example.test lmtp:[::1]:24\n' \
	    ${CONF} whose anybody@maggot.example.test
	atf_check -o inline:'smtp.postmaster &ops@gnat.example.test\n' \
	    ${CONF} whose postmaster
	for nobody in ann@gnat.example.test ann @ ''; do
		atf_check -s exit:1 -e match:'nobody here by that name' \
		    ${CONF} whose "${nobody}"
	done
	atf_check -s exit:1 -e match:'want user@domain' ${CONF} whose ann
	echo '@ |relay' >>deliver.txt
	atf_check cdb -c -m deliver.cdb deliver.txt
	atf_check -o inline:'@ |relay\n' -e match:'that may relay' \
	    ${CONF} whose ann@elsewhere.example
	: >deliver.cdb
	atf_check -s exit:100 -e match:'deliver.cdb' ${CONF} whose ann@b
	make_conf
	atf_check -e match:'every recipient is accepted' ${CONF} whose ann@b
}

# What a table by which mail leaves needs for `check' to be silent.
LEAVES="smtp.remote.resolver = 127.0.0.1:53
smtp.remote.auth = ${PWD}/accounts"

# The example that is installed, and the one of the manual.
atf_test_case example__is_a_good_table
example__is_a_good_table_body() {
	make_table 'smtp.postmaster = ann@gnat.example' \
	    <"${SOURCE}/etc/deliver.txt"
	[ -d /var/mail ] || atf_skip 'no /var/mail here, as on Debian'
	atf_check ${CONF} check
	atf_check -o match:'^/var/mail/ann/$' \
	    cdb -q -m deliver.cdb ann@gnat.example
	# With what is commented out, too.
	sed "s/^#@/@/; s,/usr/local/share/,${BUILD}/share/," \
	    "${SOURCE}/etc/deliver.txt" >all
	echo 'relay.example:587 ann beers' >accounts
	chmod 600 accounts
	make_table 'smtp.postmaster = ann@gnat.example' "${LEAVES}" <all
	atf_check ${CONF} check
	atf_check -o match:'smtp:' cdb -q -m deliver.cdb @
}

atf_test_case manual__example_is_a_good_table
manual__example_is_a_good_table_body() {
	# What is not on this machine is another matter.
	sed -n '/deliver.txt :/,/\.Ed/p' \
	    "${BUILD}/share/man/man5/smtpserv-deliver.5" |
	    sed -n '/\.Bd/,/\.Ed/p' | grep -v '^\.' |
	    sed "s,/[a-z]*/[a-z]*/Maildir/,/tmp/,; s,|/srv/bin/,|,
	        s,/usr/local/share/,${BUILD}/share/," >text
	atf_check -o match:'^tickets@gnat.example' cat text
	echo 'relay.example:587 ann beers' >accounts
	chmod 600 accounts
	make_table 'smtp.postmaster = ann@gnat.example' "${LEAVES}" <text
	atf_check ${CONF} check
	atf_check -o inline:'2\n' -x \
	    'cdb -q -m deliver.cdb tickets@gnat.example | grep -c .'
}

# Cron's mail is to reach somebody, as soon as we have any mailboxes.
atf_test_case check__insists_on_somebody_for_root
check__insists_on_somebody_for_root_body() {
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" "${OPS}"
	echo 'ops@gnat.example.test |exit 0' | cdb -c -m deliver.cdb
	says <<-'WANT'
		root@gnat.example.test: nobody gets this mail, which is cron's and the like's
	WANT
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" "${OPS}" \
	    "smtp.aliases = ${PWD}/aliases"
	echo 'root: ops' >aliases
	touch -d '1 hour ago' aliases
	atf_check -o ignore ${CONF} check
	printf 'root: nobody, |cat\nno colon\na: b\nb: a\nf: /x\n' >aliases
	touch -d '1 hour ago' aliases
	sed "s,^,${PWD}/aliases: ," >want <<-'WANT'
		no colon: want NAME: ADDRESS, ...
		root@gnat.example.test: &nobody@gnat.example.test: nobody: it has no key, and there is no key `@'
		f@gnat.example.test: /x: a directory is a full path that ends with `/'
		a@gnat.example.test: forwards go in a circle: a@gnat.example.test -> b@gnat.example.test -> a@gnat.example.test
	WANT
	atf_check -s exit:1 -o file:want ${CONF} check
	make_conf "smtp.aliases = ${PWD}/aliases"
	atf_check -s exit:1 -o match:'smtp.aliases: is for a table' ${CONF} check
}

atf_init_test_cases() {
	atf_add_test_case check__insists_on_somebody_for_root
	atf_add_test_case check__has_nothing_to_say_of_a_good_table
	atf_add_test_case check__notes_what_becomes_of_reports_without_a_route
	atf_add_test_case check__names_every_bad_key
	atf_add_test_case check__shows_no_control_byte_of_a_key
	atf_add_test_case check__names_every_bad_instruction
	atf_add_test_case check__notes_what_may_be_there_another_time
	atf_add_test_case check__notes_variables_that_the_shell_takes_apart
	atf_add_test_case check__names_what_stands_there_twice
	atf_add_test_case check__looks_with_the_eyes_of_the_worker
	atf_add_test_case check__knows_whom_commands_may_run_as
	atf_add_test_case check__notes_commands_that_root_would_run
	atf_add_test_case check__counts_waiting_mail_that_would_be_given_up
	atf_add_test_case check__finds_every_circle_of_forwards
	atf_add_test_case check__names_forwards_to_nobody
	atf_add_test_case check__insists_on_a_postmaster_who_gets_his_mail
	atf_add_test_case check__names_a_table_that_is_none
	atf_add_test_case check__is_done_with_a_large_table
	atf_add_test_case whose__says_what_the_table_says
	atf_add_test_case example__is_a_good_table
	atf_add_test_case manual__example_is_a_good_table
}
