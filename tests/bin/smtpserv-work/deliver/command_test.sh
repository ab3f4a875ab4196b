# Delivery commands of smtpserv-work(8): what they get, and what they come to.

. "$(atf_get_srcdir)/../../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../../support/work.subr"

atf_test_case command__environment
command__environment_body() {
	make_site <<'EOF'
bruce@gnat.example.test |env | sort >env; cat >stdin
@shop.example.test |env | sort >env
EOF
	printf 'From: "a b"@maggot.example\nTo: bruce+list-to-x@gnat.example.test\n' |
	    pair 7 "${TEXT}"
	SENDER=old EXT3=old DEFAULT=old work 0
	cat >want <<EOF
DEFAULT=list-to-x
DTLINE=Delivered-To: bruce+list-to-x@gnat.example.test
EXT2=to-x
EXT3=x
EXT4=
EXT=list-to-x
HOST2=gnat.example
HOST3=gnat
HOST4=
HOST=gnat.example.test
LOCAL=bruce+list-to-x
NEWSENDER="a b"@maggot.example
RECIPIENT=bruce+list-to-x@gnat.example.test
RPLINE=Return-Path: <"a b"@maggot.example>
SENDER="a b"@maggot.example
SMTPSERV_NUMBER=7
SMTPSERV_TXT=${PWD}/spool/7.TXT
EOF
	grep -E '^(DEFAULT|DTLINE|EXT|HOST|LOCAL|NEWSENDER|RECIPIENT|RPLINE|SENDER|SMTPSERV_)' env |
	    sort >got
	LC_ALL=C sort want >want.sorted
	LC_ALL=C sort got >got.sorted
	atf_check -o file:want.sorted cat got.sorted
	atf_check -o match:'^UFLINE=From "a-b"@maggot.example [A-Z][a-z][a-z] ' \
	    -o match:"^USER=$(id -un)\$" -o match:'^HOME=/' cat env
	printf '%b' "${TEXT}" >want
	atf_check -o file:want cat stdin
	# A quoted local part is handed out without its quotes.
	printf 'From: \nTo: "x y"@shop.example.test\n' | pair 8 "${TEXT}"
	work 0
	atf_check -o match:'^LOCAL=x y$' -o match:'^DEFAULT=x y$' \
	    -o match:'^SENDER=$' -o match:'^RPLINE=Return-Path: <>$' cat env
}

# Nothing of an address reaches the shell as a word of its language.
atf_test_case command__address_is_never_evaluated
command__address_is_never_evaluated_body() {
	make_site <<'EOF'
@gnat.example.test |printf '%s\n' "$RECIPIENT" "$SENDER" >>seen
EOF
	i=10
	for evil in '"`touch pwned`"' '"$(touch pwned)"' \
	    '"; touch pwned; "' "'touch" '"() { :;}; touch pwned"' '-x' \
	    '"| touch pwned"' '../x' '%s%n'; do
		printf 'From: %s@maggot\nTo: %s@gnat.example.test\n' \
		    "${evil}" "${evil}" | pair "${i}" "${TEXT}"
		echo "${evil}@gnat.example.test" >>want
		echo "${evil}@maggot" >>want
		i=$((i + 1))
	done
	work 0
	sort want >want.sorted
	sort seen >seen.sorted
	atf_check -o file:want.sorted cat seen.sorted
	[ ! -e pwned ] || atf_fail 'pwned'
}

atf_test_case command__exit_codes
command__exit_codes_body() {
	{
		for code in 0 1 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 \
		    99 100 111 112 126 127 200; do
			echo "c${code}@gnat.example.test |exit ${code}"
		done
		# Not reached where 99 is final, nor after a failure.
		echo "c0@gnat.example.test |echo more >after0"
		echo "c99@gnat.example.test |echo more >after99"
		echo "c111@gnat.example.test |echo more >after111"
		echo "c9@gnat.example.test |/nonexistent/program"
	} | make_site
	{
		echo 'From: erick@maggot'
		sed -n 's/ .*//; s/^/To: /p' deliver.txt | sort -u
	} | pair 5 "${TEXT}"
	work 111
	while read -r code want; do
		atf_check_equal "${code} ${want}" \
		    "${code} $(fate "c${code}@gnat.example.test")"
	done <<'EOF'
0 delivered 2.0.0
1 later 4.3.0
9 later 4.3.5
64 later 4.3.0
65 failed 5.6.0
66 later 4.3.0
67 failed 5.1.1
68 failed 5.1.2
69 failed 5.3.0
70 later 4.3.0
71 later 4.3.0
72 later 4.3.0
73 later 4.3.0
74 later 4.3.0
75 later 4.3.0
76 failed 5.5.0
77 failed 5.7.1
78 later 4.3.0
99 delivered 2.0.0
100 failed 5.3.0
111 later 4.3.0
112 failed 5.3.0
126 later 4.3.5
127 later 4.3.5
200 later 4.3.0
EOF
	[ -e after0 ] || atf_fail 'the second instruction was not followed'
	[ ! -e after99 ] || atf_fail '99 is not final'
	[ ! -e after111 ] || atf_fail 'a failure is not the end'
}

# What is to be a temporary failure, and why.
atf_test_case command__misbehaves
command__misbehaves_body() {
	make_site 'smtp.commandtime = 1' <<'EOF'
long@gnat.example.test |echo begun; sleep 600; echo done >long
signal@gnat.example.test |echo last words; kill -9 $$
flood@gnat.example.test |yes
away@gnat.example.test |setsid sh -c 'echo $$ >away.pid; exec sleep 600' & sleep 600
quiet@gnat.example.test |exec >/dev/null 2>&1; sleep 600 & sleep 600
EOF
	{
		echo 'From: erick@maggot'
		sed -n 's/ .*//; s/^/To: /p' deliver.txt
	} | pair 5 "${TEXT}"
	work 111
	for name in long signal flood away quiet; do
		atf_check_equal "${name} later 4.3.0" \
		    "${name} $(fate "${name}@gnat.example.test")"
	done
	atf_check -o match:'to=long@.*it ran too long.*begun' \
	    -o match:'to=signal@.*killed by signal 9: last words' \
	    -o match:'to=flood@.*printed without end.*: y y y' \
	    -o match:'to=away@.*it ran too long' \
	    -o match:'to=quiet@.*it ran too long' cat log
	[ ! -e long ] || atf_fail 'it went on'
	if kill -0 "$(cat away.pid)" 2>/dev/null; then
		atf_fail 'away is alive'
	fi
}

# The exit code is the verdict, whatever still runs: its group is ended, and a
# daemon, which has left it, goes on.
atf_test_case command__leaves_processes_behind
command__leaves_processes_behind_body() {
	cat >daemon <<'EOF'
#!/bin/sh
setsid sh -c 'echo $$ >daemon.pid; exec sleep 600' </dev/null >/dev/null 2>&1 &
until [ -s daemon.pid ]; do
	sleep 0.01
done
EOF
	chmod +x daemon
	make_site <<'EOF'
left@gnat.example.test |echo once >>log.left; sleep 600 & echo $! >left.pid
daemon@gnat.example.test |./daemon
no@gnat.example.test |sleep 600 & exit 77
short@gnat.example.test |sleep 0.2 & exit 0
EOF
	{
		echo 'From: '
		sed -n 's/ .*//; s/^/To: /p' deliver.txt
	} | pair 5 "${TEXT}"
	once
	kill -0 "$(cat daemon.pid)" || atf_fail 'the daemon is gone'
	kill "$(cat daemon.pid)"
	for name in left daemon short; do
		atf_check_equal "${name} delivered 2.0.0" \
		    "${name} $(fate "${name}@gnat.example.test")"
	done
	atf_check_equal 'failed 5.7.1' "$(fate no@gnat.example.test)"
	atf_check -o match:'to=left@.*the processes it left behind were ended' \
	    -o match:'to=no@.*the processes it left behind were ended' cat log
	atf_check -s exit:1 grep -E 'to=(daemon|short)@.*left behind' log
	if kill -0 "$(cat left.pid)" 2>/dev/null; then
		atf_fail 'what was left is alive'
	fi
	atf_check -o inline:'once\n' cat log.left
}

# Why, and what a recipe says that it has done.
atf_test_case command__output_of_success_is_logged
command__output_of_success_is_logged_body() {
	make_site <<'EOF'
ann@gnat.example.test |echo '3 saved'
EOF
	printf 'From: \nTo: ann@gnat.example.test\n' | pair 5 "${TEXT}"
	work 0
	atf_check -o match:'to=ann@.*result=delivered.*text="delivered: 3 saved"' \
	    cat log
}

# What an earlier try has done is not done again, unless the table changed.
atf_test_case command__done_is_not_repeated
command__done_is_not_repeated_body() {
	make_site <<EOF
ann@gnat.example.test |echo one >>did
ann@gnat.example.test &bob@gnat.example.test
ann@gnat.example.test |[ -e ready ] || exit 75
ann@gnat.example.test |echo last >>did
bob@gnat.example.test |echo bob >>did
EOF
	printf 'From: \nTo: ann@gnat.example.test\n' | pair 5 "${TEXT}"
	work 111
	atf_check -o match:'^Done: 2 [0-9a-f]{16}$' cat spool/5.WRK
	work 111
	atf_check -o inline:'bob\none\n' sort did
	# Another table: all of it, from its first instruction.
	make_table <<EOF
ann@gnat.example.test |echo two >>did
ann@gnat.example.test &bob@gnat.example.test
ann@gnat.example.test |[ -e ready ] || exit 75
bob@gnat.example.test |echo bob >>did
EOF
	work 111
	work 111
	atf_check -o inline:'bob\nbob\none\ntwo\n' sort did
	touch ready
	work 0
	atf_check -o inline:'bob\nbob\none\ntwo\n' sort did
	stored ''
}

# Those of an alias likewise.
atf_test_case command__done_of_an_alias_is_not_repeated
command__done_of_an_alias_is_not_repeated_body() {
	printf '%s\n' 'staff: "|echo one >>did", "|[ -e ready ] || exit 75",' \
	    ' "|echo last >>did"' >aliases
	touch -d '1 minute ago' aliases
	make_site "smtp.aliases = ${PWD}/aliases" <<EOF
pat@gnat.example.test |cat
EOF
	printf 'From: \nTo: staff@gnat.example.test\n' | pair 5 "${TEXT}"
	work 111
	work 111
	touch ready
	work 0
	atf_check -o inline:'one\nlast\n' cat did
}

# Of a delivery that dies, too.
atf_test_case command__done_survives_its_delivery
command__done_survives_its_delivery_body() {
	make_site <<'EOF'
ann@gnat.example.test |echo one >>did
ann@gnat.example.test |[ -e again ] || { touch again; kill -9 $PPID; }
EOF
	printf 'From: \nTo: ann@gnat.example.test\n' | pair 5 "${TEXT}"
	work 111
	atf_check -o match:'text="the delivery was killed by signal 9"' cat log
	work 0
	atf_check -o inline:'one\n' cat did
}

atf_test_case command__output_goes_into_the_report
command__output_goes_into_the_report_body() {
	make_site <<EOF
erick@gnat.example.test ${PWD}/erick/
no@gnat.example.test |printf 'You are\\n\\033[2Jnot \\377 wanted\\n'; exit 77
EOF
	printf 'From: erick@gnat.example.test\nTo: no@gnat.example.test\n' |
	    pair 5 "${TEXT}"
	work 0
	mail_of erick >mail
	atf_check -o match:'^Diagnostic-Code: x-smtpserv; .*permission denied' \
	    -o match:'^Status: 5.7.1$' cat mail
	mail_of erick >mail
	atf_check -o match:'You are \?\[2Jnot \? wanted' cat mail
}

# root runs no mail: the user's rights are those of the name, or the spool's.
atf_test_case command__of_root_runs_as_the_user_that_it_names
command__of_root_runs_as_the_user_that_it_names_head() {
	atf_set require.user root
}
command__of_root_runs_as_the_user_that_it_names_body() {
	who='echo "$(id -u):$(id -ru) $(id -G) $USER $HOME $PWD" $(wc -l)'
	make_site <<-EOF
		ann@gnat.example.test user:daemon |${who}
		root@gnat.example.test user:root |touch ${PWD}/pwned
		none@gnat.example.test user:no-such-user |true
		postie@gnat.example.test ${PWD}/postie/
	EOF
	home=$(getent passwd daemon | cut -d: -f6)
	for n in ann root none; do
		echo "To: ${n}@gnat.example.test"
	done >rcpts
	{ echo 'From: '; cat rcpts; } | pair 5 "${TEXT}"
	work 111
	uid=$(id -u daemon)
	atf_check_equal 'later 4.3.5' "$(fate root@gnat.example.test)"
	atf_check_equal 'later 4.3.5' "$(fate none@gnat.example.test)"
	atf_check -o match:"to=ann@.*${uid}:${uid} $(id -G daemon) daemon ${home} ${home} 5" \
	    -o match:'to=root@.*not run as user root: mail is not for root' \
	    -o match:'to=none@.*not run as user no-such-user: there is no such' \
	    cat log
	[ ! -e pwned ] || atf_fail 'root has run it'
	# Whoever else can write the table may not choose among users.
	chmod 664 deliver.cdb
	rm spool/5.*
	printf 'From: \nTo: ann@gnat.example.test\n' | pair 6 "${TEXT}"
	work 111
	atf_check_equal 'later 4.3.5' "$(fate ann@gnat.example.test)"
	atf_check -o match:'others than root can write to the table' cat log
}

atf_test_case command__of_root_runs_as_the_owner_of_the_spool
command__of_root_runs_as_the_owner_of_the_spool_head() {
	atf_set require.user root
}
command__of_root_runs_as_the_owner_of_the_spool_body() {
	echo 'ann@gnat.example.test |id -un' | make_site
	chown daemon spool
	printf 'From: \nTo: ann@gnat.example.test\n' | pair 5 "${TEXT}"
	work 0
	atf_check -o match:'to=ann@.*delivered: daemon' cat log
	printf 'From: \nTo: ann@gnat.example.test\n' | pair 6 "${TEXT}"
	work 0 -- sh -c 'id -un'
	atf_check -o match:'to=ann@.*delivered: daemon' cat log
	chown 54321 spool
	printf 'From: \nTo: ann@gnat.example.test\n' | pair 7 "${TEXT}"
	work 111
	atf_check -o match:"not run as user 54321: the spool's owner" cat log
}

# Others are run by root's worker alone.
atf_test_case command__of_a_user_runs_as_that_user_only
command__of_a_user_runs_as_that_user_only_head() {
	atf_set require.user root
	atf_set require.progs setpriv
}
command__of_a_user_runs_as_that_user_only_body() {
	make_site <<-'EOF'
		ann@gnat.example.test user:daemon |id -un
		bob@gnat.example.test user:bin |id -un
	EOF
	chmod 755 .
	printf 'From: \nTo: ann@gnat.example.test\nTo: bob@gnat.example.test\n' |
	    pair 5 "${TEXT}"
	chown -R daemon spool
	setpriv --reuid daemon --clear-groups -- \
	    test -x "${BUILD}/bin/smtpserv-work" -a -r "${PWD}/wattcp.cfg" ||
	    atf_skip "daemon cannot see this, or ${BUILD}"
	WORK="setpriv --reuid daemon --clear-groups -- ${WORK}"
	work 111
	atf_check -o match:'to=ann@.*delivered: daemon' \
	    -o match:'to=bob@.*not run as user bin: the worker is not root' \
	    cat log
}

atf_init_test_cases() {
	atf_add_test_case command__of_root_runs_as_the_user_that_it_names
	atf_add_test_case command__of_root_runs_as_the_owner_of_the_spool
	atf_add_test_case command__of_a_user_runs_as_that_user_only
	atf_add_test_case command__environment
	atf_add_test_case command__address_is_never_evaluated
	atf_add_test_case command__exit_codes
	atf_add_test_case command__misbehaves
	atf_add_test_case command__leaves_processes_behind
	atf_add_test_case command__output_of_success_is_logged
	atf_add_test_case command__done_is_not_repeated
	atf_add_test_case command__done_of_an_alias_is_not_repeated
	atf_add_test_case command__done_survives_its_delivery
	atf_add_test_case command__output_goes_into_the_report
}
