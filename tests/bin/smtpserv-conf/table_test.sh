# smtpserv-conf(1) table: the text becomes the table, or the table stays.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

# What root is told of commands has a test elsewhere.
ALL=${CONF}
CONF="sh ${BUILD}/tests/support/but.sh note:.*run.as.root ${CONF}"

make_text() {
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = ann@gnat.example' "$@"
	cat >deliver.txt
}

# Nothing but these is there: no half table is left.
tables() {
	ls | grep cdb | tr '\n' ' '
}

atf_test_case table__is_what_cdb_makes_of_the_text
table__is_what_cdb_makes_of_the_text_body() {
	make_text <<-'TEXT'
		# people

		ann@gnat.example   /tmp/
		  	bob@gnat.example	 /tmp/ 
		list@gnat.example  &ann@gnat.example
		list@gnat.example  |echo "$SENDER" # not a comment
		@other.example     lmtp:[127.0.0.1]:24
	TEXT
	printf 'last@gnat.example /tmp/' >>deliver.txt
	cdb -c -m want.cdb deliver.txt
	atf_check ${CONF} table deliver.txt
	atf_check_equal "$(cdb -d want.cdb)" "$(cdb -d deliver.cdb)"
	cmp want.cdb deliver.cdb || atf_fail 'not the same file'
	atf_check -o inline:'last@gnat.example /tmp/\n' \
	    ${CONF} whose last@gnat.example
	# From a pipe, to another place.
	grep -v last deliver.txt >most.txt
	atf_check sh -c "${CONF} table - other.cdb <most.txt"
	atf_check -o inline:'/tmp/' cdb -q other.cdb ann@gnat.example
	atf_check_equal 'deliver.cdb other.cdb want.cdb ' "$(tables)"
}

atf_test_case table__with_an_error_leaves_the_old_one
table__with_an_error_leaves_the_old_one_body() {
	make_text <<-'TEXT'
		ann@gnat.example /tmp/
	TEXT
	atf_check ${CONF} table deliver.txt
	cp deliver.cdb old.cdb
	cat >deliver.txt <<-'TEXT'
		# one
		ann@gnat.example /tmp/
		bob@gnat.example /tmp/

		bob@gnat.example |/no/such
		Cat@gnat.example /tmp/
		bob /tmp/
	TEXT
	atf_check -s exit:1 -o inline:"deliver.txt:5: bob@gnat.example: |/no/such: no such program
deliver.txt:6: Cat@gnat.example: never found: keys are looked up in lower case
deliver.txt:7: bob: never found: want local@domain, @domain or @
" -e match:"deliver.cdb stays as it was" ${CONF} table deliver.txt
	cmp old.cdb deliver.cdb || atf_fail 'another table'
	atf_check -s exit:100 -e match:'unable to open none.txt' \
	    ${CONF} table none.txt
	# The disk is full: a limit on the size of files is as good.
	seq 1 20000 | sed 's,.*,x&@gnat.example /tmp/,' >>old.txt
	echo 'ann@gnat.example /tmp/' >>old.txt
	atf_check -s exit:111 -e match:'unable to write .*File too large' \
	    sh -c "trap '' XFSZ; ulimit -f 8; exec ${CONF} table old.txt"
	cmp old.cdb deliver.cdb || atf_fail 'another table'
	atf_check_equal 'deliver.cdb old.cdb ' "$(tables)"
}

atf_test_case table__keeps_mode_and_owner
table__keeps_mode_and_owner_head() {
	atf_set require.user root
}
table__keeps_mode_and_owner_body() {
	echo 'ann@gnat.example /tmp/' | make_text
	atf_check ${CONF} table deliver.txt
	atf_check -o inline:'644 root\n' stat -c '%a %U' deliver.cdb
	chmod 640 deliver.cdb
	chown nobody:nogroup deliver.cdb
	atf_check ${CONF} table deliver.txt
	atf_check -o inline:'640 nobody nogroup\n' stat -c '%a %U %G' deliver.cdb
}

# In the order in which a crash leaves the one table or the other.
atf_test_case table__is_durable_before_it_has_its_name
table__is_durable_before_it_has_its_name_head() {
	atf_set require.progs strace
}
table__is_durable_before_it_has_its_name_body() {
	case ${BUILD} in
	*/asan) atf_skip 'LeakSanitizer cannot be traced' ;;
	esac
	echo 'ann@gnat.example /tmp/' | make_text
	atf_check -e save:trace strace -e trace=fsync,rename,renameat,renameat2 \
	    -e signal=none ${ALL} table deliver.txt
	# Newer versions of the library sync the file, too.
	sed -n 's/^\(fsync\|rename\)[a-z0-9]*(.*= 0$/\1/p' trace >calls
	atf_check -o inline:'fsync\nrename\nfsync\n' uniq calls
}

atf_test_case table__of_mail_that_waits_says_what_it_would_do
table__of_mail_that_waits_says_what_it_would_do_body() {
	make_conf
	lines 'EHLO maggot' 'MAIL FROM:<erick@maggot>' 'RCPT TO:<x@y>' DATA \
	    'Subject: x' '' . QUIT | ${SESSION} >out 2>log || atf_fail session
	echo 'ann@gnat.example /tmp/' | make_text
	atf_check -o match:'note: smtp.deliver: 1 message in the spool is for 1 recipient that ' \
	    ${CONF} table deliver.txt
	[ -f deliver.cdb ] || atf_fail 'no table'
}

atf_test_case text__for_a_table_is_recognised
text__for_a_table_is_recognised_body() {
	make_text <<-'TEXT'
		ann@gnat.example /tmp/
	TEXT
	for n in 0 3000; do
		seq 1 ${n} | sed 's/^/# /' >>deliver.txt
		cp deliver.txt deliver.cdb
		atf_check -s exit:1 -o match:'smtp.deliver: unable to use as table its text, of which smtpserv-conf table makes one: .*/deliver.cdb$' \
		    ${CONF} check
	done
	# What is neither is damaged.
	head -c 3000 /dev/zero >deliver.cdb
	atf_check -s exit:1 -o match:'damaged' ${CONF} check
}

atf_init_test_cases() {
	atf_add_test_case table__is_what_cdb_makes_of_the_text
	atf_add_test_case table__with_an_error_leaves_the_old_one
	atf_add_test_case table__keeps_mode_and_owner
	atf_add_test_case table__is_durable_before_it_has_its_name
	atf_add_test_case table__of_mail_that_waits_says_what_it_would_do
	atf_add_test_case text__for_a_table_is_recognised
}
