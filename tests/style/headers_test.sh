# Each header is a contract that can be read, and compiled, alone.

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..

headers() {
	(cd "${ROOT}" && find lib bin libexec -name '*.h' | sort)
}

atf_test_case header__compiles_by_itself
header__compiles_by_itself_head() {
	atf_set require.progs cc
}
header__compiles_by_itself_body() {
	headers >list
	atf_check -o match:lib/base/base.h cat list
	cd "${ROOT}" || atf_fail "no ${ROOT}"
	while read -r header; do
		# Included, not compiled as the main file, as readers use it.
		echo "#include \"${header##*/}\"" |
		    cc -std=c11 -D_GNU_SOURCE -Ilib -iquote "${header%/*}" \
		    -iquote "$(echo "${header}" | cut -d / -f 1,2)" \
		    -Wall -Wextra -Wpedantic -Wundef -Werror -fsyntax-only \
		    -x c - || atf_fail "${header}"
	done <"${OLDPWD}/list"
}

atf_test_case header__guard_is_directory_and_file
header__guard_is_directory_and_file_body() {
	headers | while read -r header; do
		name=${header#*/}
		guard=$(echo "${name%.h}_H" | tr 'a-z/-' 'A-Z__')
		grep -q "^#ifndef ${guard}\$" "${ROOT}/${header}" &&
		    grep -q "^#define ${guard}\$" "${ROOT}/${header}" ||
		    echo "${header}: want ${guard}"
	done >bad
	atf_check -o empty cat bad
}

atf_test_case header__begins_with_its_contract
header__begins_with_its_contract_body() {
	# The licence, then a comment that begins with the file's name.
	headers | while read -r header; do
		name=${header##*/}
		sed -n '1p' "${ROOT}/${header}" | grep -q SPDX &&
		    sed -n '3p' "${ROOT}/${header}" |
		    grep -q "^ \* ${name%.h}: " || echo "${header}"
	done >bad
	atf_check -o empty cat bad
}

atf_test_case source__includes_its_own_header_first
source__includes_its_own_header_first_body() {
	(cd "${ROOT}" && find lib bin libexec -name '*.c') |
	    while read -r file; do
		[ -f "${ROOT}/${file%.c}.h" ] || continue
		name=${file##*/}
		grep '#include' "${ROOT}/${file}" | sed -n 1p |
		    grep -q "[\"/]${name%.c}\.h\"" || echo "${file}"
	done >bad
	atf_check -o empty cat bad
}

atf_init_test_cases() {
	atf_add_test_case header__compiles_by_itself
	atf_add_test_case header__guard_is_directory_and_file
	atf_add_test_case header__begins_with_its_contract
	atf_add_test_case source__includes_its_own_header_first
}
