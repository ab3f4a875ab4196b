# Black-box tests of smtpserv-conf(1).

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

PROGRAM="${BUILD}/bin/smtpserv-conf"

# The source tree, above the build directory wherever that is in it.
SOURCE=${BUILD}
while [ "${SOURCE}" != / ] && [ ! -f "${SOURCE}/etc/wattcp.cfg" ]; do
	SOURCE=$(dirname "${SOURCE}")
done

atf_test_case usage__help_version_and_mistakes
usage__help_version_and_mistakes_body() {
	make_conf
	atf_check -o match:'^usage: smtpserv-conf ' ${PROGRAM} --help
	atf_check -o match:'^smtpserv-conf [0-9.]*$' ${PROGRAM} --version
	atf_check -s exit:100 \
	    -e inline:'smtpserv-conf: nothing: no such command; --help lists them\n' \
	    ${CONF} nothing
	for mistake in '' 'get' 'get a b' 'list x' 'check x' \
	    'whose' 'whose a b' 'table' 'table a b c' 'check -u' \
	    'service' 'service launchd' 'service -u a/b xinetd' \
	    'service -x xinetd' '-x check'; do
		atf_check -s exit:100 -e match:'^usage: ' ${CONF} ${mistake}
	done
}

atf_test_case check__nothing_to_say
check__nothing_to_say_body() {
	make_conf
	atf_check ${CONF} check
}

atf_test_case check__names_file_and_line_of_every_problem
check__names_file_and_line_of_every_problem_body() {
	cat >wattcp.cfg <<-'EOF'
		hostname = gnat
		smtp.sesions = 3
		smtp.sessions = many
		smtp.subdir = "/spool
		a = b = c
		smtp.eol = dos
		nonsense
		include = none.cfg
	EOF
	atf_check -s exit:1 -o save:out ${CONF} check
	atf_check -o inline:'2\n3\n4\n5\n6\n7\n8\n' \
	    sed -n "s,^${PWD}/wattcp.cfg:\([0-9]*\): .*,\1,p" out
	atf_check -o match:':2: smtp.sesions: no such key' cat out
	atf_check -o match:':3: smtp.sessions: not a number .*: 1 to 10000$' \
	    -o match:':6: smtp.eol: not one of .*: lf, crlf$' cat out
}

atf_test_case check__names_the_included_file
check__names_the_included_file_body() {
	make_conf 'include = more.cfg'
	printf '\nsmtp.eol = dos\n' >more.cfg
	atf_check -s exit:1 -o match:"^${PWD}/more.cfg:2: smtp.eol: " \
	    ${CONF} check
}

atf_test_case check__missing_spool_key_is_an_error
check__missing_spool_key_is_an_error_body() {
	echo 'hostname = gnat' >wattcp.cfg
	atf_check -s exit:1 -o match:'^[^:]*: smtp.subdir: missing' \
	    ${CONF} check
}

atf_test_case check__missing_file_is_an_error
check__missing_file_is_an_error_body() {
	atf_check -s exit:1 -o match:'wattcp.cfg: No such file' ${CONF} check
}

atf_test_case check__what_is_missing_is_said_beside_other_errors
check__what_is_missing_is_said_beside_other_errors_body() {
	printf 'smtp.subdr = /x\nsmtp.deliver = d.cdb\n' >wattcp.cfg
	atf_check -s exit:1 -o save:out ${CONF} check
	atf_check -o match:'smtp.subdr: no such key' \
	    -o match:' smtp.subdir: missing' -o match:'not a full path' \
	    -o not-match:DOS cat out
}

atf_test_case check__missing_directory_is_an_error
check__missing_directory_is_an_error_body() {
	make_conf
	rmdir spool
	atf_check -s exit:1 -o match:'cfg: smtp.subdir: no such directory.*451' \
	    ${CONF} check
	echo >spool
	atf_check -s exit:1 -o match:'cfg: smtp.subdir: not a directory.*451' \
	    ${CONF} check
}

atf_test_case check__looks_with_the_eyes_of_the_spools_user
check__looks_with_the_eyes_of_the_spools_user_head() {
	atf_set require.user root
}
check__looks_with_the_eyes_of_the_spools_user_body() {
	chmod 755 .
	make_conf 'smtp.auth = "/bin/true"'
	chown nobody spool
	atf_check ${CONF} check
	echo 1 >spool/sequence.seq
	chmod 600 spool/sequence.seq
	atf_check -s exit:1 -o match:"smtp.subdir: ${PWD}/spool/sequence.seq cannot be .* by nobody: Permission denied: mail will be answered 451" \
	    ${CONF} check
	atf_check ${CONF} check -u root
	chown nobody spool/sequence.seq
	cp /bin/true check-password
	chmod 700 check-password
	make_conf "smtp.auth = \"${PWD}/check-password\""
	atf_check -s exit:1 -o match:'no program that can be run by nobody: AUTH' \
	    ${CONF} check
	chmod 600 wattcp.cfg
	atf_check -s exit:1 -o match:'by nobody: .*: sessions will answer 421' \
	    ${CONF} check
	atf_check -s exit:100 -e match:'find user no-such-user' \
	    ${CONF} check -u no-such-user
}

atf_test_case check__says_why_a_key_cannot_be_used
check__says_why_a_key_cannot_be_used_head() {
	atf_set require.progs openssl
}
check__says_why_a_key_cannot_be_used_body() {
	make_key key cert
	make_key other ignored
	echo junk >junk.pem
	make_conf "smtp.tls.cert = \"${PWD}/cert.pem\"" \
	    "smtp.tls.key = \"${PWD}/key.pem\""
	atf_check ${CONF} check
	cp key.pem right.pem
	cp other.pem key.pem
	atf_check -s exit:1 \
	    -o match:'cfg: smtp.tls.key: .*not the key .* answered 454$' \
	    ${CONF} check
	cp junk.pem key.pem
	atf_check -s exit:1 -o match:'cfg: smtp.tls.key: no key .* 454$' \
	    ${CONF} check
	rm key.pem
	atf_check -s exit:1 -o match:'cfg: smtp.tls.key: No such file .* 454$' \
	    ${CONF} check
	mv right.pem key.pem
	cp junk.pem cert.pem
	atf_check -s exit:1 \
	    -o match:'cfg: smtp.tls.cert: no certificate .* 454$' ${CONF} check
	make_old_key
	atf_check -s exit:1 \
	    -o match:'cfg: smtp.tls.cert: expired on 2020-02-01$' ${CONF} check
}

# make_key KEY CERT: KEY.pem and CERT.pem.
make_key() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$1.pem" -out "$2.pem" -days 30 -subj /CN=x \
	    2>>openssl.log || atf_fail openssl
}

# The same for what was valid long ago: only `openssl ca` knows how, everywhere.
make_old_key() {
	: >index
	cat >ca.cnf <<-'CNF'
		[ca]
		default_ca = it
		[it]
		database = index
		new_certs_dir = .
		default_md = sha256
		rand_serial = yes
		policy = any
		[any]
		commonName = supplied
	CNF
	openssl req -new -key key.pem -out csr -subj /CN=x 2>>openssl.log &&
	    openssl ca -batch -config ca.cnf -selfsign -keyfile key.pem -in csr \
	    -out cert.pem -startdate 20200101000000Z \
	    -enddate 20200201000000Z -notext >>openssl.log 2>&1 ||
	    atf_fail "$(cat openssl.log)"
}

atf_test_case check__program_that_cannot_be_run_is_an_error
check__program_that_cannot_be_run_is_an_error_body() {
	make_conf 'smtp.queue = "/bin/true with arguments"' \
	    'smtp.auth = /bin/true'
	rmdir spool
	atf_check -o not-match:'no program' -o not-match:smtp.subdir \
	    ${CONF} check
	make_conf "smtp.queue = \"${PWD}/missing -x\"" \
	    "smtp.auth = ${PWD}/wattcp.cfg"
	atf_check -s exit:1 -o match:'cfg: smtp.queue: no program .* 451' \
	    -o match:'cfg: smtp.auth: no program .* 454' ${CONF} check
	make_conf 'smtp.auth = /bin/true' 'smtp.auth.plaintext = yes'
	atf_check -o match:'note: smtp.auth.plaintext: .* passwords' \
	    ${CONF} check
}

atf_test_case check__queue_for_everybody_is_a_note
check__queue_for_everybody_is_a_note_body() {
	make_conf 'smtp.queue = "/bin/true"'
	atf_check -o match:'note: smtp.queue: without smtp.deliver .* relay' \
	    ${CONF} check
	printf '+6,1:postma->x\n\n' | cdb -c deliver.cdb -
	make_conf 'smtp.queue = "/bin/true"' \
	    "smtp.deliver = \"${PWD}/deliver.cdb\"" 'smtp.postmaster = ops@x'
	atf_check -s ignore -o not-match:relay ${CONF} check
}

atf_test_case systemd__leaves_your_programs_what_they_need
systemd__leaves_your_programs_what_they_need_body() {
	make_conf
	atf_check -o match:'^NoNewPrivileges=yes' -o match:'^ProtectSystem' \
	    ${CONF} service systemd
	for key in auth queue; do
		make_conf "smtp.${key} = /bin/true"
		atf_check -o not-match:'NoNewPriv|Protect|Restrict|Private' \
		    -o match:'programs of yours' ${CONF} service systemd
	done
}

atf_test_case check__names_a_bad_host_name
check__names_a_bad_host_name_body() {
	make_conf
	long=$(printf 'a%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20)
	name=${long}.${long}.${long}.${long}.${long}.${long}
	make_conf "hostname = ${name}" "domain = ${name}.${name}"
	atf_check -s exit:1 -o match:'hostname: hostname.domain is not' \
	    ${CONF} check
}

# The sample of the manual of 1991 has an address of its own, name servers
# and a DOS path: it loads, and no mail could be stored there.
atf_test_case check__original_sample_loads
check__original_sample_loads_body() {
	cat >wattcp.cfg <<-'EOF'
		my_ip=129.97.176.99 # set ip address
		netmask=255.255.254.0 # 23 bit subnet mask
		nameserver=129.97.129.140 # primary and
		nameserver=129.97.128.196 # secondary nameservers
		gateway=129.97.176.1 # my gateway to the world
		# for advanced subnetting details see the complete
		# wattcp installation guide ftpable from
		# sunee.uwaterloo.ca in pub/wattcp/apps.zip
		domainslist="watstar.uwaterloo.ca"
		inactive=1200
		hostname=maggot
		smtp.subdir=n:\spool\rqueue
		smtp.sessions=12
	EOF
	atf_check -s exit:1 -o save:out ${CONF} check
	atf_check -o inline:'6\n' grep -c "^${PWD}/wattcp.cfg:[0-9]*: note: " \
	    out
	atf_check -o match:' smtp.subdir: no such directory.* 451' cat out
	atf_check -o inline:'7\n' grep -c . out
	atf_check -o inline:'1: note: my_ip: not used: the operating system does that now\n' \
	    sed -n "s,^${PWD}/wattcp.cfg:1:,1:,p" out
	atf_check -o inline:'12\n' ${CONF} get smtp.sessions
	atf_check -o inline:'watstar.uwaterloo.ca\n' ${CONF} get domainslist
}

atf_test_case get__effective_values_by_any_name
get__effective_values_by_any_name_body() {
	make_conf 'smtp.eol = CRLF' 'smtp.maxsize = 0010'
	atf_check -o inline:'crlf\n' ${CONF} get SMTP.EOL
	atf_check -o inline:'10\n' ${CONF} get smtp.maxsize
	atf_check -o inline:'1200\n' ${CONF} get inactive
	atf_check -o inline:'example.test\n' ${CONF} get Domain.Suffix
	atf_check -o inline:"${PWD}/spool\n" ${CONF} get smtp.subdir
}

atf_test_case get__unknown_key_is_100
get__unknown_key_is_100_body() {
	make_conf
	atf_check -s exit:100 -e match:'smtp.nothing: no such key' \
	    ${CONF} get smtp.nothing
	atf_check -s exit:100 -e match:'netmask: ' ${CONF} get netmask
}

atf_test_case get__wrong_configuration_is_100
get__wrong_configuration_is_100_body() {
	make_conf 'smtp.eol = dos'
	atf_check -s exit:100 -e match:'wattcp.cfg:4: smtp.eol: ' \
	    ${CONF} get smtp.sessions
}

atf_test_case list__loads_again_as_the_same
list__loads_again_as_the_same_body() {
	mkdir -p 'a # b; c = d'
	make_conf 'smtp.sessions = 3' 'smtp.listen = [::1]:25, 127.0.0.1:26' \
	    "smtp.subdir = \"${PWD}/a # b; c = d\""
	atf_check -o save:first ${CONF} list
	cp first wattcp.cfg
	atf_check -o file:first ${CONF} list
	atf_check ${CONF} check
	atf_check -o inline:"smtp.subdir = \"${PWD}/a # b; c = d\"\n" \
	    grep '^smtp.subdir' first
	atf_check -o inline:'0\n' -s exit:1 grep -c my_ip first
}

atf_test_case list__unset_values_are_comments
list__unset_values_are_comments_body() {
	echo 'smtp.subdir = /spool' >wattcp.cfg
	atf_check -o match:'^# hostname = $' -o match:'^# domain = $' \
	    ${CONF} list
}

atf_test_case search__environment_names_the_directory
search__environment_names_the_directory_body() {
	make_conf
	mkdir dir
	sed 's/gnat/ant/' wattcp.cfg >dir/wattcp.cfg
	atf_check -o inline:'gnat\n' env "WATTCP_CFG=${PWD}" \
	    ${PROGRAM} get hostname
	atf_check -o inline:'ant\n' env "WATTCP.CFG=${PWD}/dir" \
	    "WATTCP_CFG=${PWD}" ${PROGRAM} get hostname
	atf_check -o inline:'gnat\n' env "WATTCP.CFG=${PWD}/dir" \
	    ${CONF} get hostname
}

atf_test_case service__paths_are_absolute
service__paths_are_absolute_body() {
	make_conf
	atf_check -o save:out ${PROGRAM} -f wattcp.cfg service xinetd
	atf_check -o match:"server_args     = -f ${PWD}/wattcp.cfg$" cat out
	atf_check -o match:"server          = ${BUILD}/libexec/smtpserv-session$" \
	    cat out
	atf_check -o match:'user            = smtpserv$' cat out
}

atf_test_case service__refuses_what_an_entry_cannot_say
service__refuses_what_an_entry_cannot_say_body() {
	make_conf 'smtp.listen = [::1]:25'
	atf_check -s exit:100 -e match:'tcpserver has no IPv6' \
	    ${CONF} service tcpserver
	cp wattcp.cfg 'a b.cfg'
	atf_check -s exit:100 -e match:'cannot hold' \
	    ${PROGRAM} -f 'a b.cfg' service inetd
	atf_check -o match:"conf='${PWD}/a b.cfg'" -e ignore \
	    ${PROGRAM} -f 'a b.cfg' service s6
}

# etc/ as shipped is what an installation in /usr/local prints, which here is
# one in ./local.  Only the configuration's being in /tmp makes a difference.
atf_test_case service__shipped_entries_are_its_output
service__shipped_entries_are_its_output_body() {
	mkdir -p local/bin local/libexec local/share/smtpserv/xinetd
	cp "${PROGRAM}" local/bin
	cp "${BUILD}/libexec/smtpserv-session" local/libexec
	cp "${SOURCE}/etc/xinetd/busy.txt" local/share/smtpserv/xinetd
	cp "${SOURCE}/etc/wattcp.cfg" .
	for kind in xinetd s6 tcpserver systemd inetd; do
		atf_check -o save:printed -e ignore ./local/bin/smtpserv-conf \
		    -f wattcp.cfg service "${kind}"
		sed "s,${PWD}/local/,/usr/local/,g
		    s,${PWD}/wattcp.cfg,/etc/smtpserv/wattcp.cfg,g
		    s,^PrivateTmp=no,PrivateTmp=yes," printed >${kind}
	done
	cat "${SOURCE}/etc/systemd/smtpserv.socket" \
	    "${SOURCE}/etc/systemd/smtpserv@.service" >shipped
	atf_check -o file:shipped cat systemd
	atf_check -o file:"${SOURCE}/etc/xinetd/smtpserv" cat xinetd
	atf_check -o file:"${SOURCE}/etc/s6/smtpserv/run" cat s6
	mkdir made
	atf_check ./local/bin/smtpserv-conf -f wattcp.cfg service -d made s6
	for service in smtpserv smtpserv-work; do
		atf_check -o file:made/finish \
		    cat "${SOURCE}/etc/s6/${service}/finish"
	done
	atf_check -o file:"${SOURCE}/etc/tcpserver/run" cat tcpserver
	atf_check -o file:"${SOURCE}/etc/inetd/smtpserv.conf" cat inetd
	# And those of the other roles, for a certificate in /etc/smtpserv.
	printf 'smtp.tls.cert = /etc/smtpserv/cert.pem\n%s\n' \
	    'smtp.tls.key = /etc/smtpserv/key.pem' >>wattcp.cfg
	for role in submission submissions lmtp status; do
		for kind in xinetd s6 tcpserver systemd inetd; do
			shipped="${SOURCE}/etc/${kind}/smtpserv-${role}"
			[ -f "${shipped}" ] || continue
			atf_check -o save:printed -e ignore \
			    ./local/bin/smtpserv-conf \
			    -f wattcp.cfg service -r "${role}" "${kind}"
			sed "s,${PWD}/local/,/usr/local/,g
			    s,${PWD}/wattcp.cfg,/etc/smtpserv/wattcp.cfg,g
			    s,^PrivateTmp=no,PrivateTmp=yes," printed >printed.role
			atf_check -o file:"${shipped}" cat printed.role
			echo "${role}" >>compared
		done
	done
	atf_check_equal 18 "$(wc -l <compared)"
}

atf_test_case service__is_made_in_a_directory
service__is_made_in_a_directory_body() {
	make_conf 'smtp.tls.cert = /etc/cert.pem'
	mkdir units run etc
	for role in smtp submission; do
		name=smtpserv
		[ "${role}" = smtp ] || name=smtpserv-${role}
		atf_check -o save:printed ${CONF} service -r ${role} systemd
		atf_check ${CONF} service -d units -r ${role} systemd
		atf_check -o file:printed \
		    cat "units/${name}.socket" "units/${name}@.service"
		atf_check -o inline:"# ${name}@.service\n" \
		    head -n 1 "units/${name}@.service"
		atf_check ${CONF} service -d etc -r ${role} xinetd
		[ -f "etc/${name}" ] || atf_fail "no etc/${name}"
	done
	for kind in s6 tcpserver; do
		# What is not yet a script that runs is told how to become one.
		atf_check -o save:printed -e match:"chmod .x.*-d .*${kind}" \
		    ${CONF} service ${kind}
		chmod +x printed
		atf_check -o file:printed -x "${CONF} service ${kind} | cat"
		touch x
		chmod +x x
		atf_check -x "${CONF} service ${kind} >x"
		atf_check ${CONF} service -d run ${kind}
		cmp run/run printed || atf_fail 'not what is printed'
		[ -x run/run ] || atf_fail 'cannot be executed'
		# What is printed says so.
		atf_check -o match:'chmod .x' cat printed
		rm run/run
		case ${kind} in
		s6) atf_check -s exit:125 run/finish 100 0
			atf_check run/finish 111 0
			atf_check run/finish 256 15
			rm run/finish ;;
		esac
	done
	atf_check -s exit:100 -e match:'inetd has one file' \
	    ${CONF} service -d etc inetd
	atf_check -s exit:100 -e match:'unable to make none/run: No such' \
	    ${CONF} service -d none s6
	atf_check_equal '' "$(ls run)"
}

atf_test_case output__a_full_disk_is_111
output__a_full_disk_is_111_body() {
	make_conf
	atf_check -s exit:111 -e match:'unable to write' \
	    sh -c "${CONF} list >/dev/full"
}

atf_init_test_cases() {
	atf_add_test_case usage__help_version_and_mistakes
	atf_add_test_case check__nothing_to_say
	atf_add_test_case check__names_file_and_line_of_every_problem
	atf_add_test_case check__names_the_included_file
	atf_add_test_case check__missing_spool_key_is_an_error
	atf_add_test_case check__missing_file_is_an_error
	atf_add_test_case check__what_is_missing_is_said_beside_other_errors
	atf_add_test_case check__missing_directory_is_an_error
	atf_add_test_case check__looks_with_the_eyes_of_the_spools_user
	atf_add_test_case check__says_why_a_key_cannot_be_used
	atf_add_test_case check__program_that_cannot_be_run_is_an_error
	atf_add_test_case check__queue_for_everybody_is_a_note
	atf_add_test_case systemd__leaves_your_programs_what_they_need
	atf_add_test_case check__names_a_bad_host_name
	atf_add_test_case check__original_sample_loads
	atf_add_test_case get__effective_values_by_any_name
	atf_add_test_case get__unknown_key_is_100
	atf_add_test_case get__wrong_configuration_is_100
	atf_add_test_case list__loads_again_as_the_same
	atf_add_test_case list__unset_values_are_comments
	atf_add_test_case search__environment_names_the_directory
	atf_add_test_case service__paths_are_absolute
	atf_add_test_case service__refuses_what_an_entry_cannot_say
	atf_add_test_case service__shipped_entries_are_its_output
	atf_add_test_case service__is_made_in_a_directory
	atf_add_test_case output__a_full_disk_is_111
}
