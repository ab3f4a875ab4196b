# What must not be in the sources at all, or only in one place.

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..
OBJ=$(atf_get_srcdir)/../../obj

# All that is shipped.
sources() {
	(cd "${ROOT}" && find lib bin libexec -name '*.[ch]' | sort)
}

# The names that the objects need from elsewhere, one a line.
wanted() {
	nm -u "$@" | awk '$1 == "U" { print $2 }' | sed 's/@.*//' | sort -u
}

# Nothing that a client sends can reach a shell, another program, or a memory
# that grows with what it sends.
#
# One file of the session, and no other, starts the helper that runs programs
# for it, before a byte is read; what it starts is fixed.
SESSION_START=helper
SESSION_NEVER='(system|popen|execl|execlp|execle|execv|execve|execvp|execvpe)
(fexecve|execveat|posix_spawn|posix_spawnp|fork|vfork|clone)
(setenv|putenv|unsetenv|clearenv|dlopen)
(malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf|vasprintf|alloca)
(gets|strcpy|strcat|sprintf|vsprintf|strtok|tmpnam|mktemp)'

atf_test_case session__calls_nothing_that_is_forbidden
session__calls_nothing_that_is_forbidden_body() {
	for names in ${SESSION_NEVER}; do
		(cd "${ROOT}" && find libexec/smtpserv-session -name '*.c' |
		    xargs grep -En "(^|[^[:alnum:]_])${names}[[:space:]]*\\(")
	done >found
	want=libexec/smtpserv-session/${SESSION_START}.c
	atf_check -s exit:1 grep -v "^${want}:[0-9]*:.*posix_spawn(" found
	atf_check -o inline:"${want}\n" cut -d : -f 1 found
}

atf_test_case session__objects_need_nothing_that_is_forbidden
session__objects_need_nothing_that_is_forbidden_head() {
	atf_set require.progs nm
}
session__objects_need_nothing_that_is_forbidden_body() {
	# A macro or a wrapper does not hide a call from the linker.
	objects=$(cd "${ROOT}" && find libexec/smtpserv-session -name '*.c' |
	    grep -v "/${SESSION_START}\.c\$" |
	    sed "s,^,${OBJ}/static/,;s,c\$,o,")
	# shellcheck disable=SC2086 # no object's name has a blank
	wanted ${objects} >symbols
	atf_check -o match:session_init cat symbols
	for names in ${SESSION_NEVER}; do
		grep -Ex "${names}" symbols
	done >found
	atf_check -o empty cat found
	wanted "${OBJ}/static/libexec/smtpserv-session/${SESSION_START}.o" \
	    >symbols
	for names in ${SESSION_NEVER}; do
		grep -Ex "${names}" symbols
	done >found
	atf_check -o inline:'posix_spawn\n' cat found
}

# The names that those objects of lib need that exit, print, or look around.
looking_around() {
	# shellcheck disable=SC2046 # no object's name has a blank
	wanted $(cat "$1") >symbols
	for names in '(exit|_exit|_Exit|abort|atexit|err|errx|warn|warnx)' \
	    '(getenv|secure_getenv|setenv|putenv)' \
	    '(sigaction|signal|alarm|setitimer)' \
	    '(printf|fprintf|vfprintf|puts|fputs|perror|syslog|fopen)' \
	    '(system|popen|execv|execve|execvp|fork|posix_spawn)'; do
		grep -Ex "${names}" symbols
	done
}

atf_test_case lib__neither_exits_nor_logs_nor_looks_around
lib__neither_exits_nor_logs_nor_looks_around_head() {
	atf_set require.progs nm
}
lib__neither_exits_nor_logs_nor_looks_around_body() {
	for object in "${OBJ}"/lib/*/*.o; do
		file=${object#"${OBJ}"/}
		[ -f "${ROOT}/${file%.o}.c" ] && echo "${object}"
	done >objects
	# The entrance of every program is the one room that does: it sets
	# signals in one file, and reads the environment in another.
	grep -v /lib/program/ objects >most
	looking_around most >found
	atf_check -o match:fcntl cat symbols
	atf_check -o empty cat found
	for object in $(grep /lib/program/ objects); do
		echo "${object}" >one
		looking_around one | sed "s,^,${object##*/} ,"
	done >found
	atf_check -o inline:'configured.o secure_getenv\nprogram.o sigaction\n' \
	    cat found
}

atf_test_case lib__has_no_writable_variable
lib__has_no_writable_variable_head() {
	atf_set require.progs nm
}
lib__has_no_writable_variable_body() {
	# Which descriptor a process logs to is the process's; so are the stacks
	# that are kept for its threads.
	ls "${OBJ}"/lib/*/*.o | grep -v -e '/log\.o$' -e '/syssync\.o$' >objects
	xargs nm -f sysv <objects >symbols
	# The sanitizers have some of their own.
	! grep -q __asan_ symbols || atf_skip "built with a sanitizer"
	atf_check -o match:bytes_of cat symbols
	awk -F '|' '
		/^Symbols from/ { file = $0 }
		$7 ~ /^\.(data|bss)$/ || $7 ~ /COM/ { print file, $1 }
	' symbols >found
	atf_check -o empty cat found
}

atf_test_case syslog_h__is_nowhere
syslog_h__is_nowhere_body() {
	(cd "${ROOT}" && sources | xargs grep -n '<\(sys/\)*syslog\.h>') >found
	atf_check -o empty cat found
}

atf_test_case cdb_h__is_in_two_files_only
cdb_h__is_in_two_files_only_body() {
	(cd "${ROOT}" && sources | xargs grep -n '[<"]cdb\.h[>"]') |
	    grep -Ev '^lib/table/cdb(file|make)\.c:' >found
	atf_check -o empty cat found
}

atf_test_case amqp_h__is_with_those_who_talk_to_a_broker
amqp_h__is_with_those_who_talk_to_a_broker_body() {
	(cd "${ROOT}" && sources |
	    xargs grep -nE '<(amqp|rabbitmq)|"amqp/(amqplink|rabbitmq)\.h"') |
	    grep -Ev '^(lib/amqp|bin/smtpserv-(publish|pull))/' >found
	atf_check -o empty cat found
}

atf_test_case source__has_its_licence_and_no_dead_wood
source__has_its_licence_and_no_dead_wood_body() {
	(cd "${ROOT}" && { sources; find tests -name '*_test.c'; } |
	    xargs awk '
		FNR == 1 && $0 != "/* SPDX-License-Identifier: ISC */" {
			print FILENAME ": no licence"
		}
		/XXX|FIXME|TODO|[ \t]$|^#if 0/ {
			print FILENAME ":" FNR ": " $0
		}') >found
	atf_check -o empty cat found
}

atf_test_case line__is_within_80_columns
line__is_within_80_columns_body() {
	# In UTF-8 a character has one byte that is not of this range.
	(cd "${ROOT}" && { sources; find lib bin libexec -name '*.[1578]'; } |
	    LC_ALL=C xargs awk '
		{
			gsub(/[\200-\277]/, "")
			while ((i = index($0, "\t")) > 0)
				$0 = sprintf("%s%*s%s", substr($0, 1, i - 1),
				    8 - (i - 1) % 8, "", substr($0, i + 1))
		}
		length($0) > 80 { print FILENAME ":" FNR ": " $0 }') >found
	atf_check -o empty cat found
}

# What some calls return may be thrown away anywhere:
#	close, closedir: of what was only read, or synced, or given up
#	buf_*, trace_*, ucspitls_put: a buffer keeps in mind that it overflowed,
#		and is asked when all is in it
#	snprintf, vsnprintf: cut on purpose
#	printf and its kin: standard output is asked at the end of the program,
#		and that a complaint was lost nobody can be told
#	fault_set, fail, failed, misused, say, program_misused,
#		problem_fail, problem_fault: they record or print, and give back what
#		they were given
#	sig*, signal, umask, setsid, posix_spawn_file_actions_destroy: they
#		cannot fail there
#	exec*: that it returns says it all
#	bytes_find, inet_pton: what they write to stays where they find nothing, or
#		it was looked at before
# Any other call, as (void)call(), has its reason in a comment in its line or
# above it, with no blank line between.
THROWN='close(dir)?|buf_[a-z_]+|trace_(date|received)|ucspitls_put|v?snprintf'
THROWN="${THROWN}|v?f?printf|fputs|fwrite|putchar|fault_set|fail|misused"
THROWN="${THROWN}|sig(emptyset|addset|action|procmask|nal)"
THROWN="${THROWN}|program_misused|problem_fa(il|ult)"
THROWN="${THROWN}|umask|setsid|posix_spawn_file_actions_destroy|execv?p?l?"
THROWN="${THROWN}|bytes_find|inet_pton"

atf_test_case result__is_thrown_away_for_a_reason
result__is_thrown_away_for_a_reason_body() {
	(cd "${ROOT}" && awk -v "thrown=${THROWN}" '
		FNR == 1 || NF == 0 { why = 0 }
		/\/\*|\*\// { why = 1 }
		match($0, /\(void\)[a-z_0-9]+\(/) {
			name = substr($0, RSTART + 6, RLENGTH - 7)
			if (!why && name !~ "^(" thrown ")$")
				print FILENAME ":" FNR ": " name
		}' ./lib/*/*.c ./bin/*/*.c ./libexec/*/*.c) >found
	atf_check -o empty cat found
}

atf_init_test_cases() {
	atf_add_test_case session__calls_nothing_that_is_forbidden
	atf_add_test_case session__objects_need_nothing_that_is_forbidden
	atf_add_test_case lib__neither_exits_nor_logs_nor_looks_around
	atf_add_test_case lib__has_no_writable_variable
	atf_add_test_case syslog_h__is_nowhere
	atf_add_test_case cdb_h__is_in_two_files_only
	atf_add_test_case amqp_h__is_with_those_who_talk_to_a_broker
	atf_add_test_case result__is_thrown_away_for_a_reason
	atf_add_test_case source__has_its_licence_and_no_dead_wood
	atf_add_test_case line__is_within_80_columns
}
