# The Debian package is of this version, and is built with what the Makefile
# wants.  `make check-deb' tries the package itself.

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..
DEBIAN=${ROOT}/etc/debian

atf_test_case changelog__has_this_version
changelog__has_this_version_body() {
	version=$(sed -n 's/^#define SMTPSERV_VERSION "\(.*\)"/\1/p' \
	    "${ROOT}/lib/base/base.h")
	atf_check -o inline:"smtpserv (${version}) unstable; urgency=medium\n" \
	    sed -n 1p "${DEBIAN}/changelog"
}

# All that is linked, and the compiler that Debian does not take for granted.
atf_test_case control__names_what_a_build_needs
control__names_what_a_build_needs_body() {
	sed -n '/^Build-Depends:/,/^[^ B]/s/^[^ ]*  *\([a-z0-9.+-]*\).*/\1/p' \
	    "${DEBIAN}/control" | sort >named
	sed -n '/^RUN_PACKAGES/,/[^\\]$/p' "${ROOT}/Makefile" |
	    grep -oE '[a-z0-9.+-]+-dev|musl-tools|pkg-config' | grep -vx libc6-dev |
	    sort >needed
	atf_check -o match:libcdb-dev cat needed
	comm -13 named needed >missing
	atf_check -o empty cat missing
}

atf_test_case licence__is_the_same
licence__is_the_same_body() {
	sed -n '/^ Permission/,$s/^ \.\{0,1\}//p' "${DEBIAN}/copyright" >there
	sed -n '/^Permission/,$p' "${ROOT}/LICENSE" >here
	atf_check -o file:here cat there
}

atf_test_case scripts__are_sound
scripts__are_sound_body() {
	for script in "${DEBIAN}"/*.p*[mt] "${DEBIAN}/generator"; do
		atf_check sh -n "${script}"
	done
	[ -x "${DEBIAN}/rules" ] || atf_fail 'rules cannot be executed'
}

# What it copies is there, and it is no root that runs.
atf_test_case container__is_sound
container__is_sound_body() {
	file=${ROOT}/etc/container/Containerfile
	sed -n 's/^COPY \(--[^ ]* \)*\([^ ]*\) .*/\2/p' "${file}" |
	    grep -v '^build/deb/' >copied
	atf_check -o match:etc/container cat copied
	while read -r path; do
		[ -e "${ROOT}/${path}" ] || echo "${path}"
	done <copied >missing
	atf_check -o empty cat missing
	atf_check -o match:'^smtpserv$' sed -n 's/^USER //p' "${file}"
	grep -n '^[^#]' "${file}" | grep -Ev \
	    '^[0-9]+:(ARG|FROM|COPY|RUN|USER|VOLUME|EXPOSE|HEALTHCHECK|CMD|[ ])' >bad
	atf_check -o empty cat bad
	for script in "${ROOT}"/etc/container/service/*/*; do
		[ -x "${script}" ] || atf_fail "${script} cannot be executed"
		atf_check sh -n "${script}"
	done
	for service in receiver worker; do
		atf_check cmp "${ROOT}/etc/s6/smtpserv/finish" \
		    "${ROOT}/etc/container/service/${service}/finish"
	done
}

atf_init_test_cases() {
	atf_add_test_case changelog__has_this_version
	atf_add_test_case control__names_what_a_build_needs
	atf_add_test_case licence__is_the_same
	atf_add_test_case scripts__are_sound
	atf_add_test_case container__is_sound
}
