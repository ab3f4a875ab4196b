#!/bin/sh
# Build wrong variants of the keeper: each patch in this directory on a copy of
# the file it names, linked with the other objects.
#
#	B=build COMPILE='cc flags' LINK='cc flags' LIBS='libraries' sh build.sh
#
# A patch begins with a line that says what is wrong, and then `case:`, the
# group of keeper.py and the case that finds it.  One that does not apply any
# more leaves NAME.failed, which fails the test.
set -u
here=$(dirname "$0")
out=${B}/tests/bin/smtpserv-publish/variants
mkdir -p "${out}"
rm -f "${out}"/*

build() {
	name=$1
	patch=$2
	work=${B}/obj/variants/${name}
	file=$(sed -n 's,^--- a/,,p' "${patch}")
	rm -rf "${work}"
	mkdir -p "${work}"
	cp "${file}" "${work}" || return
	patch -s -d "${work}" "${file##*/}" <"${patch}" || return
	${COMPILE} -I"${file%/*}" -c -o "${work}/variant.o" \
	    "${work}/${file##*/}" || return
	others=
	for c in bin/smtpserv-publish/*.c; do
		[ "${c}" = "${file}" ] || others="${others} ${B}/obj/${c%.c}.o"
	done
	# Of the library what it defines itself is not taken.
	${LINK} -o "${out}/${name}" "${work}/variant.o" ${others} ${LIBS} ||
		return
	sed -n 's/^case: //p' "${patch}" >"${out}/${name}.case"
}

for patch in "${here}"/*.patch; do
	name=${patch##*/}
	name=${name%.patch}
	build "${name}" "${patch}" || echo "${name}" >"${out}/${name}.failed"
done
