# The manual pages: sound mdoc, and saying what the programs say.

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..
BUILD=$(atf_get_srcdir)/../..

pages() {
	(cd "${ROOT}" && ls lib/*/*.[1578] bin/*/*.[1578] \
	    libexec/*/*.[1578] 2>/dev/null)
}

# The page beside a program, or nothing.
page_of() {
	ls "${ROOT}/$1/${1##*/}".[18] 2>/dev/null
}

programs() {
	(cd "${ROOT}" && ls -d bin/* libexec/*)
}

# The words of a text, each once, without what the form needs.
words() {
	tr -s ' \t\n[]|()' '\n' | sed 's/[.,:;]*$//' |
	    grep -vx -e '' -e usage -e commands -e '--help' -e '--version' |
	    sort -u
}

# A page as plain text, and a section of it.
plain() {
	mandoc -T ascii -O width=500 "$1" | sed 's/.\x08//g'
}

section() {
	plain "$1" | awk -v want="$2" '/^[A-Z]/ { on = $0 == want; next } on'
}

atf_test_case page__is_sound_mdoc
page__is_sound_mdoc_head() {
	atf_set require.progs mandoc
}
page__is_sound_mdoc_body() {
	# Other packages' pages may not be installed, and ours are not.
	pages | while read -r page; do
		mandoc -T lint -W style "${ROOT}/${page}" 2>&1
	done | grep -v -e 'referenced manual not found' \
	    -e 'outdated mandoc\.db' >found
	atf_check -o empty cat found
}

atf_test_case page__names_itself_and_its_section
page__names_itself_and_its_section_body() {
	pages | while read -r page; do
		name=${page##*/}
		title=$(echo "${name%.*}" | tr '[:lower:]' '[:upper:]')
		grep -qix "\\.Dt ${title} ${name##*.}" "${ROOT}/${page}" &&
		    grep -Eq "^\\.Nm ${name%.*}( ,)?\$" "${ROOT}/${page}" ||
		    echo "${page}"
	done >bad
	atf_check -o empty cat bad
}

atf_test_case program_page__has_the_sections_of_the_house
program_page__has_the_sections_of_the_house_body() {
	programs | while read -r program; do
		page=$(page_of "${program}")
		[ -n "${page}" ] || continue
		for section in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' \
		    'SEE ALSO'; do
			grep -q "^\\.Sh ${section}\$" "${page}" ||
			    echo "${program}: ${section}"
		done
	done >missing
	atf_check -o empty cat missing
}

atf_test_case page__has_examples
page__has_examples_body() {
	pages | while read -r page; do
		sed -n '/^\.Sh EXAMPLES$/,/^\.Sh [^E]/p' "${ROOT}/${page}" |
		    grep -Eq '^\.(Bd|Dl)' || echo "${page}"
	done >missing
	atf_check -o empty cat missing
}

# A program with commands lists them in --help below the usage, and its page
# in a list.  So: all of the SYNOPSIS is in --help, and all of --help is in the
# page.
atf_test_case program__help_and_page_say_the_same
program__help_and_page_say_the_same_head() {
	atf_set require.progs mandoc
}
program__help_and_page_say_the_same_body() {
	touch bad
	for program in $(programs); do
		page=$(page_of "${program}")
		[ -n "${page}" ] || continue
		atf_check -o save:help -e empty "${BUILD}/${program}" --help
		atf_check -o match:"^usage: ${program##*/}" sed -n 1p help
		words <help >of_help
		section "${page}" SYNOPSIS | words >of_synopsis
		plain "${page}" | words >of_page
		comm -13 of_help of_synopsis |
		    sed "s,.*,${program} --help lacks &," >>bad
		comm -23 of_help of_page |
		    sed "s,.*,${page##*/} lacks &," >>bad
	done
	atf_check -o empty cat bad
}

atf_test_case program__version_is_its_name_and_a_number
program__version_is_its_name_and_a_number_body() {
	version=$(sed -n 's/^#define SMTPSERV_VERSION "\(.*\)"/\1/p' \
	    "${ROOT}/lib/base/base.h")
	for program in $(programs); do
		atf_check -o inline:"${program##*/} ${version}\n" \
		    "${BUILD}/${program}" --version
	done
}

atf_test_case program__exit_codes_are_in_its_page
program__exit_codes_are_in_its_page_body() {
	for program in $(programs); do
		page=$(page_of "${program}")
		[ -n "${page}" ] || continue
		for code in 0 100 111; do
			sed -n '/^\.Sh EXIT STATUS/,/^\.Sh/p' "${page}" |
			    grep -qw "${code}" || echo "${program}: ${code}"
		done
	done >missing
	atf_check -o empty cat missing
}

atf_init_test_cases() {
	atf_add_test_case page__is_sound_mdoc
	atf_add_test_case page__names_itself_and_its_section
	atf_add_test_case program_page__has_the_sections_of_the_house
	atf_add_test_case page__has_examples
	atf_add_test_case program__help_and_page_say_the_same
	atf_add_test_case program__version_is_its_name_and_a_number
	atf_add_test_case program__exit_codes_are_in_its_page
}
