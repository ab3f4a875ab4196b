# The spool under kill -9, under faults, after power cuts; and whether these
# tests would notice.  The work is crash's, a C program beside this one; each
# case prints how many states it has tried.

. "$(atf_get_srcdir)/../support/smtpserv.subr"

HERE=$(atf_get_srcdir)

# ptrace(2) is needed, and programs that make their own system calls only.
need_trace() {
	case ${BUILD} in
	*/asan)
		atf_skip 'the sanitizers make system calls of their own' ;;
	esac
	code=0
	"${HERE}/crash" probe 2>err || code=$?
	case ${code} in
	0) ;;
	2 | 3) atf_skip "ptrace does not work here: $(cat err)" ;;
	*) atf_fail "crash probe: $(cat err)" ;;
	esac
}

# In memory where that is possible: the harness syncs as much as the product.
crash() {
	work=$(mktemp -d /dev/shm/crash.XXXXXX 2>/dev/null || echo "${PWD}")
	code=0
	"${HERE}/crash" -s "${HERE}/smtpserv-session" \
	    -t "${BUILD}/bin/smtpserv-spool" \
	    -q "${HERE}/smtpserv-queue" \
	    -k "${BUILD}/bin/smtpserv-work" \
	    -p "${BUILD}/bin/smtpserv-pull" -w "${work}" "$@" \
	    >out 2>err || code=$?
	[ "${work}" = "${PWD}" ] || rm -rf "${work}"
	cat out err
	case ${code} in
	0) ;;
	2) atf_skip "$(sed -n 's/^skipped: //p' out)" ;;
	*) atf_fail "crash $*: $(cat err out | head -n 2 | tr '\n' ' ')" ;;
	esac
}

atf_test_case kill__at_every_system_call
kill__at_every_system_call_body() {
	need_trace
	crash kill
}

atf_test_case power_cut__every_state_posix_allows
power_cut__every_state_posix_allows_body() {
	need_trace
	crash power
}

atf_test_case power_cut__again_in_the_next_session
power_cut__again_in_the_next_session_body() {
	need_trace
	crash twice
}

atf_test_case power_cut__after_a_kill_and_the_next_session
power_cut__after_a_kill_and_the_next_session_body() {
	need_trace
	crash kill-power first limit reboot legacy repair
}

atf_test_case fail_every_system_call__one_message
fail_every_system_call__one_message_body() {
	need_trace
	crash fail first one limit reboot legacy taken long full three
}

atf_test_case fail_every_system_call__several_messages
fail_every_system_call__several_messages_body() {
	need_trace
	crash fail two wrap vanish toobig
}

atf_test_case fail_every_system_call__chunks
fail_every_system_call__chunks_body() {
	need_trace
	crash fail chunks chunks-vanish
}

atf_test_case fail_every_system_call__queue
fail_every_system_call__queue_body() {
	need_trace
	crash fail queue queue-long queue-full queue-given-up \
	    queue-three
}

atf_test_case queued__killed_and_fail_at_every_system_call
queued__killed_and_fail_at_every_system_call_body() {
	need_trace
	crash queued
}

atf_test_case fail_every_system_call__tools
fail_every_system_call__tools_body() {
	need_trace
	crash fail clean repair repair-torn claim remove \
	    hold release give-up give-up-held retry
}

# One stage, where a power cut leaves of a rename one name.
atf_test_case one_stage__killed_at_every_system_call
one_stage__killed_at_every_system_call_body() {
	need_trace
	crash -1 kill one marks clean-marks queue
}

atf_test_case one_stage__power_cut__every_state_with_atomic_renames
one_stage__power_cut__every_state_with_atomic_renames_body() {
	need_trace
	crash -1 power
}

atf_test_case one_stage__power_cut__again_in_the_next_session
one_stage__power_cut__again_in_the_next_session_body() {
	need_trace
	crash -1 twice limit
}

atf_test_case one_stage__power_cut__while_clean_completes_the_killed
one_stage__power_cut__while_clean_completes_the_killed_body() {
	need_trace
	crash -1 kill-clean one first long queue claim remove
}

atf_test_case power_cut__while_clean_removes_what_the_killed_left
power_cut__while_clean_removes_what_the_killed_left_body() {
	need_trace
	crash kill-clean one long claim remove
}

atf_test_case one_stage__fail_every_system_call
one_stage__fail_every_system_call_body() {
	need_trace
	crash -1 fail clean-marks one marks queue
}

atf_test_case one_stage__others_at_every_system_call
one_stage__others_at_every_system_call_body() {
	need_trace
	crash -1 others marks clean-marks three
}

atf_test_case others__at_every_system_call
others__at_every_system_call_body() {
	need_trace
	crash others
}

atf_test_case hammer__many_at_once_and_killed
hammer__many_at_once_and_killed_body() {
	crash hammer 300
}

atf_test_case hammer__round_the_wrap_with_repairs
hammer__round_the_wrap_with_repairs_body() {
	crash hammer-wrap 300
}

atf_test_case disk_full__for_real
disk_full__for_real_body() {
	crash full
}

atf_test_case worker__killed_at_every_system_call
worker__killed_at_every_system_call_body() {
	need_trace
	crash work-kill
}

atf_test_case agents__killed_at_every_system_call
agents__killed_at_every_system_call_body() {
	need_trace
	crash work-kill-agent
}

atf_test_case worker__fails_at_every_system_call
worker__fails_at_every_system_call_body() {
	need_trace
	crash work-fail
}

atf_test_case agents__fail_at_every_system_call
agents__fail_at_every_system_call_body() {
	need_trace
	crash work-fail-agent
}

atf_test_case worker__another_at_every_system_call
worker__another_at_every_system_call_body() {
	need_trace
	crash work-others
}

atf_test_case worker__power_cuts
worker__power_cuts_body() {
	need_trace
	crash work-power
}

atf_test_case worker__several_at_once_and_killed
worker__several_at_once_and_killed_body() {
	crash work-hammer 40
}

# OB-173: worker, talker, dialer, smtpserv-mx, smtpserv-tlsc.
atf_test_case leaving__killed_at_every_call_that_matters
leaving__killed_at_every_call_that_matters_body() {
	need_trace
	crash leave-kill
}

# OB-175, OB-176
atf_test_case leaving__fails_at_every_call_that_matters
leaving__fails_at_every_call_that_matters_body() {
	need_trace
	crash leave-fail
}

# OB-177
atf_test_case leaving__power_cuts
leaving__power_cuts_body() {
	need_trace
	crash leave-power
}

# C2, C3: of a message from a queue, killed and fail at every call; and what was
# acknowledged is there after a power cut.
atf_test_case pull__killed_and_fails_at_every_system_call
pull__killed_and_fails_at_every_system_call_body() {
	need_trace
	crash pull-kill
	crash pull-fail
}

atf_test_case pull__power_cuts
pull__power_cuts_body() {
	need_trace
	crash pull-power
}

# The line `NAME: value` of a variant's patch.
header() {
	sed -n "s/^$1: //p" "${HERE}/variants/$2.patch"
}

atf_test_case variants__wrong_ones_are_caught
variants__wrong_ones_are_caught_body() {
	need_trace
	missed=
	for patch in "${HERE}"/variants/*.patch; do
		name=$(basename "${patch}" .patch)
		variant=${HERE}/variants/${name}
		[ ! -e "${variant}.failed" ] || {
			cat "${variant}.failed"
			atf_fail "${name} cannot be built: mend the patch"
		}
		session=${HERE}/smtpserv-session
		tool=${BUILD}/bin/smtpserv-spool
		worker=${BUILD}/bin/smtpserv-work
		queue=${HERE}/smtpserv-queue
		pull=${BUILD}/bin/smtpserv-pull
		case $(header program "${name}") in
		session) session=${variant} ;;
		work) worker=${variant} ;;
		queue) queue=${variant} ;;
		pull) pull=${variant} ;;
		*) tool=${variant} ;;
		esac
		code=0
		# The case is a word for crash, and one for its script.
		# shellcheck disable=SC2046
		"${HERE}/crash" -s "${session}" -t "${tool}" \
		    -q "${queue}" -k "${worker}" -p "${pull}" \
		    -x "$(header finds "${name}")" $(header case "${name}") \
		    >out 2>&1 || code=$?
		echo "${name}: $(head -n 2 out | tr '\n' ' ')"
		[ "${code}" -eq 1 ] || missed="${missed} ${name}"
	done
	[ -z "${missed}" ] || atf_fail "not caught:${missed}"
}

atf_init_test_cases() {
	atf_add_test_case kill__at_every_system_call
	atf_add_test_case power_cut__every_state_posix_allows
	atf_add_test_case power_cut__again_in_the_next_session
	atf_add_test_case power_cut__after_a_kill_and_the_next_session
	atf_add_test_case fail_every_system_call__one_message
	atf_add_test_case fail_every_system_call__several_messages
	atf_add_test_case fail_every_system_call__chunks
	atf_add_test_case fail_every_system_call__queue
	atf_add_test_case queued__killed_and_fail_at_every_system_call
	atf_add_test_case fail_every_system_call__tools
	atf_add_test_case one_stage__killed_at_every_system_call
	atf_add_test_case \
	    one_stage__power_cut__every_state_with_atomic_renames
	atf_add_test_case \
	    one_stage__power_cut__again_in_the_next_session
	atf_add_test_case \
	    one_stage__power_cut__while_clean_completes_the_killed
	atf_add_test_case \
	    power_cut__while_clean_removes_what_the_killed_left
	atf_add_test_case one_stage__fail_every_system_call
	atf_add_test_case one_stage__others_at_every_system_call
	atf_add_test_case others__at_every_system_call
	atf_add_test_case hammer__many_at_once_and_killed
	atf_add_test_case hammer__round_the_wrap_with_repairs
	atf_add_test_case disk_full__for_real
	atf_add_test_case worker__killed_at_every_system_call
	atf_add_test_case agents__killed_at_every_system_call
	atf_add_test_case agents__fail_at_every_system_call
	atf_add_test_case worker__fails_at_every_system_call
	atf_add_test_case worker__another_at_every_system_call
	atf_add_test_case worker__power_cuts
	atf_add_test_case worker__several_at_once_and_killed
	atf_add_test_case pull__killed_and_fails_at_every_system_call
	atf_add_test_case pull__power_cuts
	atf_add_test_case leaving__killed_at_every_call_that_matters
	atf_add_test_case leaving__fails_at_every_call_that_matters
	atf_add_test_case leaving__power_cuts
	atf_add_test_case variants__wrong_ones_are_caught
}
