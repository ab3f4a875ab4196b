# The includes of lib go down, as tests/style/layers draws them.

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..

# `from to` for each room that includes another.
edges() {
	(cd "${ROOT}/lib" && grep '#include "' ./*/*.[ch]) |
	    sed -n 's,^\./\([a-z]*\)/[^:]*:#include "\([a-z]*\)/.*,\1 \2,p' |
	    awk '$1 != $2' | sort -u
}

# What is drawn: `floor room number`, from 1 upwards, and `uses room other`.
drawn() {
	grep -v '^#' "$(atf_get_srcdir)/layers" | tac |
	    sed 's/[()]/ & /g' | awk '{
		for (i = 1; i <= NF; i++) {
			if ($i == "(" || $i == ")")
				inside = $i == "("
			else if (inside)
				print "uses", room, $i
			else
				print "floor", room = $i, NR
		}
	}'
}

atf_test_case layers__draw_each_room_once
layers__draw_each_room_once_body() {
	ls "${ROOT}/lib" >there
	drawn | awk '$1 == "floor" { print $2 }' | sort >rooms
	atf_check -o file:there cat rooms
}

atf_test_case lib__includes_only_what_is_drawn_below
lib__includes_only_what_is_drawn_below_body() {
	drawn >layers
	edges >actual
	atf_check -o match:'^smtp bytes$' cat actual
	# Upwards, sideways, or not in the room's brackets.
	awk '
	$1 == "floor" { floor[$2] = $3; next }
	$1 == "uses" { uses[$2, $3]; next }
	floor[$2] >= floor[$1] || (floor[$2] > 2 && !(($1, $2) in uses))
	' layers actual >illegal
	atf_check -o empty cat illegal
}

atf_test_case layers__draw_no_use_that_is_not_there
layers__draw_no_use_that_is_not_there_body() {
	edges >actual
	drawn | sed -n 's/^uses //p' | sort | comm -23 - actual >stale
	atf_check -o empty cat stale
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
		program=${dir#*/}
		program=${dir%%/*}/${program%%/*}
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
	    libexec/smtpserv-session/state.[ch] \
	    libexec/smtpserv-session/message.[ch] \
	    libexec/smtpserv-session/auth.[ch] \
	    libexec/smtpserv-session/secure.[ch] \
	    libexec/smtpserv-session/verbs.[ch] \
	    libexec/smtpserv-session/alien.[ch] \
	    bin/smtpserv-work/deliver/lmtpdialog.[ch] \
	    bin/smtpserv-work/deliver/hops.[ch] \
	    lib/mail/*.[ch] \
	    lib/smtp/*.[ch] lib/envelope/*.[ch] lib/bytes/*.[ch]) |
	    grep -v '^lib/bytes/buf\.c:.*<stdio\.h>' >illegal
	atf_check -o empty cat illegal
}

atf_init_test_cases() {
	atf_add_test_case layers__draw_each_room_once
	atf_add_test_case lib__includes_only_what_is_drawn_below
	atf_add_test_case layers__draw_no_use_that_is_not_there
	atf_add_test_case lib__includes_nothing_of_a_program
	atf_add_test_case program__includes_nothing_of_another
	atf_add_test_case core__includes_nothing_of_the_system
}
