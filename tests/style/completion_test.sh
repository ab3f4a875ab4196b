# The completion for bash, against what each program says of itself.

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..
BUILD=$(realpath "$(atf_get_srcdir)/../..")

# What bash would show behind these words, one a line, sorted.
complete() {
	name=${1##*/}
	bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
	    $(complete -p "${1##*/}" | sed "s/.*-F \([^ ]*\).*/\1/")
	    printf "%s\n" "${COMPREPLY[@]}"' \
	    "${BUILD}/share/bash-completion/completions/${name}" "$@" | sort -u
}

# The options in lines of a usage; -it is two.
options() {
	grep -o -e '[[ ]-[^] [|]*' | tr -d '[ ' | while read -r option; do
		case ${option} in
		--*) echo "${option}" ;;
		*) echo "${option#-}" | sed 's/./-&\n/g' | grep . ;;
		esac
	done | sort -u
}

atf_test_case program__options_and_commands_are_completed
program__options_and_commands_are_completed_head() {
	atf_set require.progs bash
}
program__options_and_commands_are_completed_body() {
	for program in "${BUILD}"/bin/*; do
		"${program}" --help >help
		sed -n 1p help | options >want
		complete "${program}" - >got
		atf_check -o file:want cat got
		sed -n '/^commands:/,$s/^\t\([a-z]*\).*/\1/p' help |
		    sort >commands
		[ -s commands ] || continue
		complete "${program}" '' >got
		atf_check -o file:commands cat got
		while read -r command; do
			sed -n "s/^\t${command}\( .*\)*\$/\1/p" help |
			    options >want
			[ -s want ] || continue
			complete "${program}" "${command}" - >got
			atf_check -o file:want cat got
			complete "${program}" -f file "${command}" - >got
			atf_check -o file:want cat got
			echo "${program##*/} ${command}" >>tried
		done <commands
	done
	# What was read was something.
	atf_check -o match:'^smtpserv-conf service$' \
	    -o match:'^smtpserv-spool remove$' cat tried
}

atf_test_case argument__is_completed_by_what_it_is
argument__is_completed_by_what_it_is_head() {
	atf_set require.progs bash
}
argument__is_completed_by_what_it_is_body() {
	mkdir spool
	echo "smtp.subdir = \"${PWD}/spool\"" >wattcp.cfg
	echo 'Subject: x' | "${BUILD}/bin/smtpserv-inject" -C wattcp.cfg \
	    bruce@gnat || atf_fail 'no message'
	conf=${BUILD}/bin/smtpserv-conf
	complete "${conf}" service '' >got
	atf_check -o inline:'inetd\ns6\nsystemd\ntcpserver\nxinetd\n' cat got
	complete "${conf}" -f wattcp.cfg get smtp.q >got
	atf_check -o inline:'smtp.queue\nsmtp.queue.envelope\nsmtp.queuelife\n' \
	    cat got
	complete "${conf}" -f wa >got
	atf_check -o inline:'wattcp.cfg\n' cat got
	complete "${conf}" service -d s >got
	atf_check -o inline:'spool\n' cat got
	complete "${conf}" check -u roo >got
	atf_check -o inline:'root\n' cat got
	complete "${BUILD}/bin/smtpserv-spool" -f wattcp.cfg show '' >got
	atf_check -o inline:'1\n' cat got
}

atf_init_test_cases() {
	atf_add_test_case program__options_and_commands_are_completed
	atf_add_test_case argument__is_completed_by_what_it_is
}
