# No files of a program need each other in a circle, so that each can be read
# without the others: what one object lacks and another defines says who needs
# whom.

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..
OBJ=$(atf_get_srcdir)/../../obj

# The object of each source of program $1; those of a static one lie apart.
objects() {
	obj=${OBJ}
	[ ! -d "${OBJ}/static/$1" ] || obj=${OBJ}/static
	(cd "${ROOT}" && find "$1" -name '*.c') | sed "s,^,${obj}/,;s,c\$,o,"
}

# `from to` for each file of program $1, by name below it, that needs another.
edges() {
	# shellcheck disable=SC2046 # no object's name has a blank
	nm -A $(objects "$1") | sed "s,^[^:]*$1/\([^:]*\)\.o:,\1 ," |
	    awk '
		$2 == "U" || $2 == "w" { lacks[$1 " " $3] }
		NF == 4 && $3 ~ /[A-TV-Z]/ { home[$4] = $1 }
		END {
			for (pair in lacks) {
				split(pair, part, " ")
				if (part[2] in home)
					print part[1], home[part[2]]
			}
		}' | awk '$1 != $2' | sort -u
}

# The files that reach each other by the edges read, one circle a line.
circles() {
	awk '
	{ reach[$1, $2]; file[$1]; file[$2] }
	END {
		for (via in file)
			for (a in file)
				if ((a, via) in reach)
					for (b in file)
						if ((via, b) in reach)
							reach[a, b]
		for (a in file) {
			if (!((a, a) in reach) || a in told)
				continue
			for (b in file)
				if ((a, b) in reach && (b, a) in reach) {
					told[b]
					print a, b
				}
		}
	}' | sort | awk '
	$1 != last && last != "" { print ""; }
	{ printf "%s%s", $1 != last ? "" : " ", $2; last = $1 }
	END { if (last != "") print "" }'
}

atf_test_case circles__are_found
circles__are_found_body() {
	printf '%s\n' 'a b' 'b c' 'c d' 'd b' 'x y' 'y x' 'a x' 'y z' >graph
	circles <graph >got
	atf_check -o inline:'b c d\nx y\n' sort got
	printf '%s\n' 'a b' 'b c' 'a c' >graph
	circles <graph >got
	atf_check -o empty cat got
}

atf_test_case program__has_no_circle
program__has_no_circle_head() {
	atf_set require.progs nm
}
program__has_no_circle_body() {
	# shellcheck disable=SC2012 # no program's name is odd
	(cd "${ROOT}" && ls -d bin/* libexec/*) | while read -r program; do
		edges "${program}" >edges
		wc -l <edges >>seen
		circles <edges | sed "s,^,${program}: ,"
	done | sort >found
	# No edge, no circle: that would prove nothing.
	atf_check -o match:'[1-9]' cat seen
	atf_check -o empty cat found
}

atf_init_test_cases() {
	atf_add_test_case circles__are_found
	atf_add_test_case program__has_no_circle
}
