# Wrong variants of the keeper (variants/*.patch): each must be found by the
# case that it names.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/certs.subr"

VARIANTS="$(atf_get_srcdir)/variants"

# Does the case of that variant pass?  Then its name goes to `missed`.
try() {
	read -r group only <"$1.case"
	name=${1##*/}
	mkdir "${name}"
	for file in ca* client* elsewhere*; do
		ln -s "../${file}" "${name}/${file}"
	done
	(cd "${name}" && exec python3 \
	    "$(atf_get_srcdir)/../../support/keeper.py" "$1" "${group}" \
	    "${only}" >out 2>&1)
	# Something else than a case that failed proves nothing.
	if [ $? -ne 1 ] || ! grep -q ': ' "${name}/out" ||
	    grep -q Traceback "${name}/out"; then
		echo "${name}" >>missed
		cat "${name}/out"
	fi
}

atf_test_case variant__is_found_by_its_case
variant__is_found_by_its_case_body() {
	sanitizers_cannot 'be linked with what is built without them'
	[ -z "$(ls "${VARIANTS}"/*.failed 2>/dev/null)" ] ||
	    atf_fail "does not build: $(cat "${VARIANTS}"/*.failed)"
	authority ca
	certificate client ca /CN=mailpub ''
	certificate elsewhere ca /CN=node DNS:gnat.example,IP:192.0.2.1
	: >missed
	for case in "${VARIANTS}"/*.case; do
		try "${case%.case}" &
	done
	wait
	atf_check -o empty sort missed
	# No variant, no finding: that would prove nothing.
	atf_check test "$(ls "${VARIANTS}"/*.case | wc -l)" -ge 15
}

atf_init_test_cases() {
	atf_add_test_case variant__is_found_by_its_case
}
