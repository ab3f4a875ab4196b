# The wrong versions of the programs, which the crash tests must catch, are
# patches: whoever changes what they change mends them, too.

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..

atf_test_case variant__applies_to_its_source
variant__applies_to_its_source_head() {
	atf_set require.progs patch
}
variant__applies_to_its_source_body() {
	for patch in "${ROOT}"/tests/crash/variants/*.patch; do
		file=$(sed -n 's,^--- a/,,p' "${patch}")
		patch -s -o changed "${ROOT}/${file}" <"${patch}" >said 2>&1 ||
		    echo "${patch##*/}: $(head -n 1 said)"
	done >bad
	atf_check -o not-empty cat changed
	atf_check -o empty cat bad
}

atf_init_test_cases() {
	atf_add_test_case variant__applies_to_its_source
}
