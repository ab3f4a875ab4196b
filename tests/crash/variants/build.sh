#!/bin/sh
# Build the wrong variants of the product: each patch in this directory on a
# copy of the file it names, linked with the product's other objects.
#
#	B=build COMPILE='cc -c flags' LINK='cc flags' (for the session)
#	TOOL_COMPILE=... TOOL_LINK=... (for the others) sh build.sh
#
# A patch begins with a line that says what is wrong, then `program: session`,
# `tool` or `work`, and `case:`, the arguments of crash that are to find it.  One that
# does not apply any more leaves variants/NAME.failed, which fails the test.
set -u
here=$(dirname "$0")
out=${B}/tests/crash/variants
mkdir -p "${out}"
rm -f "${out}"/*
# Where a session looks for it: beside itself.
ln -s ../smtpserv-broker "${out}/smtpserv-broker"
# And a worker, smtpserv-remote.
ln -sfn ../../libexec "${B}/tests/crash/libexec"

# The objects in directory $1 of program $2's sources.  One that a source has left
# there which is gone since is not among them.
objects() {
	find "$2" -name '*.c' | sed "s,^,$1/,;s,c\$,o,"
}

# The directory of the program that file $1 belongs to.
program_of() {
	echo "$1" | cut -d / -f 1,2
}

build() {
	name=$1
	patch=$2
	work=${B}/crash/${name}
	file=$(sed -n 's,^--- a/,,p' "${patch}")
	rm -rf "${work}"
	mkdir -p "${work}"
	cp "${file}" "${work}" || return
	patch -s -d "${work}" "${file##*/}" <"${patch}" || return
	compile=${TOOL_COMPILE}
	link=${TOOL_LINK}
	obj=${B}/obj
	own=
	libs=
	case $(sed -n 's/^program: //p' "${patch}") in
	tool) program=bin/smtpserv-spool ;;
	work) program=bin/smtpserv-work ;;
	pull)
		program=bin/smtpserv-pull
		libs=${PULL_LIBS}
		;;
	*)
		program=libexec/smtpserv-session
		[ "$(sed -n 's/^program: //p' "${patch}")" != queue ] ||
			program=libexec/smtpserv-queue
		compile=${COMPILE}
		link=${LINK}
		obj=${B}/obj/static
		# The harness's own (see Makefile), if it is not the patched one.
		for part in spool stages; do
			[ "${file}" = "lib/spool/${part}.c" ] ||
				own="${own} ${B}/obj/crash/${part}.o"
		done
		;;
	esac
	# Its own header is beside the original.
	${compile} -I"${file%/*}" -I"$(program_of "${file}")" -c \
	    -o "${work}/variant.o" "${work}/${file##*/}" || return
	others=
	for o in $(objects "${obj}" "${program}"); do
		[ "${o}" = "${obj}/${file%.c}.o" ] || others="${others} ${o}"
	done
	# What defines the same as an object before it is not taken out of lib.
	${link} -o "${out}/${name}" "${work}/variant.o" ${others} ${own} \
	    "${obj}/libsmtpserv.a" ${LIBS:-} ${libs}
}

build_or_say() {
	build "$1" "$2" >"${out}/$1.log" 2>&1 ||
		mv "${out}/$1.log" "${out}/$1.failed"
}

n=0
for patch in "${here}"/*.patch; do
	name=$(basename "${patch}" .patch)
	cp "${patch}" "${out}/${name}.patch"
	build_or_say "${name}" "${patch}" &
	n=$((n + 1))
	[ $((n % 4)) -ne 0 ] || wait
done
wait
