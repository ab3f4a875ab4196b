# tests/outbound.md says which test shows what of mail that leaves.

TESTS=$(atf_get_srcdir)/../../../tests
# `make asan` builds one directory further down.
[ -f "${TESTS}/outbound.md" ] || TESTS=$(atf_get_srcdir)/../../../../tests

# `number file` for each statement that a file below here names: one as
# OB-7, and several as OB-7 to OB-9.
named() {
	grep -rl 'OB-[0-9]' --include='*.c' --include='*.h' --include='*.sh' \
	    --include='*.py' --include='*.patch' . | sort | xargs awk '
	    {
		line = $0
		while (match(line, /OB-[0-9]+ to OB-[0-9]+/)) {
			split(substr(line, RSTART, RLENGTH), ends,
			    /OB-| to OB-/)
			for (n = ends[2]; n <= ends[3] + 0; n++)
				print n, substr(FILENAME, 3)
			line = substr(line, RSTART + RLENGTH)
		}
		line = $0
		while (match(line, /OB-[0-9]+/)) {
			print substr(line, RSTART + 3, RLENGTH - 3),
			    substr(FILENAME, 3)
			line = substr(line, RSTART + RLENGTH)
		}
	    }' | sort -u
}

# `number<tab>where` for each row.
rows() {
	sed -n 's/^| OB-\([0-9]*\) | [^|]* | \([^|]*[^| ]\) *|$/\1	\2/p' outbound.md
}

# OB-209: each has a row; its tests are there and name it; without one it has a reason.
atf_test_case outbound__each_statement_has_its_test
outbound__each_statement_has_its_test_body() {
	here=${PWD}
	cd "${TESTS}" || atf_fail 'no tests'
	named >"${here}/named"
	rows >"${here}/rows"
	cd "${here}"
	atf_check_equal "$(seq 209 | tr '\n' ' ')" "$(cut -f 1 rows | tr '\n' ' ')"
	cut -d ' ' -f 1 named | sort -un | awk '$1 < 1 || $1 > 209' >unknown
	atf_check -o empty cat unknown
	while IFS='	' read -r n where; do
		case ${where} in
		'not: '* | 'measured: '*)
			# Then nothing shows it, or this is not true any more.
			! grep -q "^${n} " named || echo "OB-${n} is named"
			continue
			;;
		esac
		for file in ${where}; do
			grep -qx "${n} ${file}" named ||
			    echo "OB-${n} is not in ${file}"
		done
	done <rows >wrong
	atf_check -o empty cat wrong
}

atf_init_test_cases() {
	atf_add_test_case outbound__each_statement_has_its_test
}
