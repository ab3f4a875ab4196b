# Where things are, and what they are called, follows from one another.

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..
OBJ=$(atf_get_srcdir)/../../obj

atf_test_case module__has_a_test
module__has_a_test_body() {
	(cd "${ROOT}" && for c in lib/*/*.c; do
		test=tests/${c%.c}_test.c
		[ -f "${test}" ] || echo "${test} is missing"
	done) >missing
	atf_check -o empty cat missing
}

atf_test_case module__has_a_header
module__has_a_header_body() {
	# A file without one is part of the module its directory is named
	# after.
	(cd "${ROOT}" && for c in lib/*/*.c; do
		dir=${c%/*}
		[ -f "${c%.c}.h" ] || [ -f "${dir}/${dir##*/}.h" ] ||
		    echo "${c%.c}.h is missing"
	done) >missing
	atf_check -o empty cat missing
}

atf_test_case program__has_main_file_page_and_test
program__has_main_file_page_and_test_body() {
	(cd "${ROOT}" && for dir in bin/* libexec/*; do
		name=${dir##*/}
		[ -f "${dir}/${name}.c" ] || echo "${dir}/${name}.c"
		[ -f "${dir}/${name}.1" ] || [ -f "${dir}/${name}.8" ] ||
		    echo "${dir}/${name}.1 or .8"
		[ -f "tests/${dir}/${name}_test.sh" ] ||
		    echo "tests/${dir}/${name}_test.sh"
	done) >missing
	atf_check -o empty cat missing
}

atf_test_case test__is_registered_in_its_kyuafile
test__is_registered_in_its_kyuafile_body() {
	(cd "${ROOT}/tests" && find . -name '*_test.c' -o -name '*_test.sh') |
	    while read -r file; do
		name=${file##*/}
		name=${name%.*}
		grep -qs "\"${name}\"" "${ROOT}/tests/${file%/*}/Kyuafile" ||
		    echo "${file}"
	done >missing
	atf_check -o empty cat missing
}

atf_test_case kyuafile__is_included_by_the_one_above
kyuafile__is_included_by_the_one_above_body() {
	# Those of the quorum are not run by `make check`.
	(cd "${ROOT}/tests" && find . -mindepth 2 -name Kyuafile |
	    grep -vx ./quorum/Kyuafile) |
	    while read -r file; do
		dir=${file%/Kyuafile}
		grep -qs "include(\"${dir##*/}/Kyuafile\")" \
		    "${ROOT}/tests/${dir%/*}/Kyuafile" || echo "${file}"
	done >missing
	atf_check -o empty cat missing
}

# A name that a file of lib defines begins with the file's or the directory's;
# but the vocabulary needs no prefix, and a row of the table is a key.
atf_test_case external_name__begins_with_its_file_or_directory
external_name__begins_with_its_file_or_directory_head() {
	atf_set require.progs nm
}
external_name__begins_with_its_file_or_directory_body() {
	# What a source that is gone has left there is none of ours.
	for object in "${OBJ}"/lib/*/*.o; do
		file=${object#"${OBJ}"/}
		[ ! -f "${ROOT}/${file%.o}.c" ] || echo "${object}"
	done >objects
	xargs nm -A -g --defined-only <objects >symbols
	atf_check -o match:'/buf\.o:.* buf_init$' cat symbols
	awk '$3 !~ /^__/ {
		n = split($1, part, "/")
		dir = part[n - 1]
		file = part[n]
		sub(/\.o:.*/, "", file)
		name = tolower($3)
		if (name != file && index(name, file "_") != 1 &&
		    index(name, dir "_") != 1 && dir "/" file != "base/base" &&
		    (dir "/" file != "conf/keys" || name !~ /^key_/))
			print "lib/" dir "/" file ".c: " name
	}' symbols >bad
	atf_check -o empty cat bad
}

atf_test_case test_case__is_named_function_and_condition
test_case__is_named_function_and_condition_body() {
	# shellcheck disable=SC2046 # no test's name has a blank
	(cd "${ROOT}/tests" && grep -En \
	    '^(ATF_TC\(|ATF_TC_WITHOUT_HEAD\(|atf_test_case )' \
	    $(find . -name '*_test.c' -o -name '*_test.sh')) |
	    grep -Ev '(\(| )[a-z0-9_]+__[a-z0-9_]+' >bad
	atf_check -o empty cat bad
}

atf_init_test_cases() {
	atf_add_test_case module__has_a_test
	atf_add_test_case module__has_a_header
	atf_add_test_case program__has_main_file_page_and_test
	atf_add_test_case test__is_registered_in_its_kyuafile
	atf_add_test_case kyuafile__is_included_by_the_one_above
	atf_add_test_case external_name__begins_with_its_file_or_directory
	atf_add_test_case test_case__is_named_function_and_condition
}
