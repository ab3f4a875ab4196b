# The includes go down, as tests/style/layers lists them.

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..

# `from to` for each module that includes another.
edges() {
	(cd "${ROOT}/lib" && grep '#include "' ./*/*.[ch]) |
	    sed -n 's,^\./\([a-z]*\)/[^:]*:#include "\([a-z]*\)/.*,\1 \2,p' |
	    awk '$1 != $2' | sort -u
}

atf_test_case lib__includes_only_declared_edges
lib__includes_only_declared_edges_body() {
	edges >actual
	sort -u "$(atf_get_srcdir)/layers" >allowed
	comm -23 actual allowed >illegal
	atf_check -o empty cat illegal
}

atf_test_case layers__lists_no_edge_that_is_not_there
layers__lists_no_edge_that_is_not_there_body() {
	edges >actual
	sort -u "$(atf_get_srcdir)/layers" >allowed
	comm -13 actual allowed >stale
	atf_check -o empty cat stale
}

atf_test_case layers__have_no_circle
layers__have_no_circle_body() {
	# tsort(1) complains about a circle, and only then.
	edges >actual
	atf_check -o ignore -e empty tsort actual
}

atf_test_case lib__includes_nothing_of_a_program
lib__includes_nothing_of_a_program_body() {
	(cd "${ROOT}/lib" && grep -n '#include "' ./*/*.[ch]) |
	    grep -v '#include "[a-z]*/[a-z0-9]*\.h"' >illegal
	atf_check -o empty cat illegal
}

atf_test_case program__includes_nothing_of_another
program__includes_nothing_of_another_body() {
	(cd "${ROOT}" && find bin libexec -name '*.[ch]' |
	    xargs grep '#include "') |
	    sed 's,^\(.*\)/[^/:]*:#include "\(.*\)".*,\1 \2,' |
	    while read -r dir header; do
		program=$(echo "${dir}" | cut -d / -f 1,2)
		[ -f "${ROOT}/${dir}/${header}" ] ||
		    [ -f "${ROOT}/${program}/${header}" ] ||
		    [ -f "${ROOT}/lib/${header}" ] || echo "${dir} ${header}"
		case ${header} in
		*..*) echo "${dir} ${header}" ;;
		esac
	done >illegal
	atf_check -o empty cat illegal
}

# A core is given bytes and ports: no descriptor, clock, file or environment.
atf_test_case core__includes_nothing_of_the_system
core__includes_nothing_of_the_system_body() {
	(cd "${ROOT}" && grep -En \
	    '#include ("(sys|conf|spool|log)/|<(sys/|unistd|fcntl|time|stdio|stdlib|errno))' \
	    libexec/smtpserv-session/session.[ch] \
	    bin/smtpserv-work/hops.[ch] \
	    lib/mail/*.[ch] \
	    lib/smtp/*.[ch] lib/envelope/*.[ch] lib/bytes/*.[ch]) |
	    grep -v '^lib/bytes/buf\.c:.*<stdio\.h>' >illegal
	atf_check -o empty cat illegal
}

atf_init_test_cases() {
	atf_add_test_case lib__includes_only_declared_edges
	atf_add_test_case layers__lists_no_edge_that_is_not_there
	atf_add_test_case layers__have_no_circle
	atf_add_test_case lib__includes_nothing_of_a_program
	atf_add_test_case program__includes_nothing_of_another
	atf_add_test_case core__includes_nothing_of_the_system
}
