# Each header is a contract that can be read, and compiled, alone.

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..

headers() {
	(cd "${ROOT}" && find lib bin libexec -name '*.h' | sort)
}

# A header that has a source was compiled with it, which includes it first.
atf_test_case header__compiles_by_itself
header__compiles_by_itself_head() {
	atf_set require.progs cc
}
header__compiles_by_itself_body() {
	headers | while read -r header; do
		[ -f "${ROOT}/${header%.h}.c" ] || echo "${header}"
	done >list
	atf_check -o match:delivery.h cat list
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
	(cd "${ROOT}" && headers | xargs awk '
		FNR == 1 {
			guard = FILENAME
			sub("[^/]*/", "", guard)
			gsub("[/.-]", "_", guard)
			want[FILENAME] = guard = toupper(guard)
		}
		$0 == "#ifndef " guard || $0 == "#define " guard {
			has[FILENAME]++
		}
		END {
			for (file in want)
				if (has[file] != 2)
					print file ": want " want[file]
		}') >bad
	atf_check -o empty cat bad
}

atf_test_case header__begins_with_its_contract
header__begins_with_its_contract_body() {
	# The licence, then a comment that begins with the file's name.
	(cd "${ROOT}" && headers | xargs awk '
		FNR == 1 && !/SPDX/ { print FILENAME }
		FNR == 3 {
			name = FILENAME
			gsub(".*/|[.]h$", "", name)
			if (index($0, " * " name ": ") != 1)
				print FILENAME
		}') >bad
	atf_check -o empty cat bad
}

atf_test_case source__includes_its_own_header_first
source__includes_its_own_header_first_body() {
	(cd "${ROOT}" && find lib bin libexec -name '*.c') |
	    while read -r file; do
		[ ! -f "${ROOT}/${file%.c}.h" ] || echo "${ROOT}/${file}"
	done >list
	xargs awk '
		FNR == 1 { seen = 0 }
		/^#include/ && !seen++ {
			name = FILENAME
			gsub(".*/|c$", "", name)
			if (index($0, "\"" name "h\"") == 0 &&
			    index($0, "/" name "h\"") == 0)
				print FILENAME
		}' <list >bad
	atf_check -o empty cat bad
}

atf_init_test_cases() {
	atf_add_test_case header__compiles_by_itself
	atf_add_test_case header__guard_is_directory_and_file
	atf_add_test_case header__begins_with_its_contract
	atf_add_test_case source__includes_its_own_header_first
}
