#!/bin/sh
# Get Debian packages, on whichever release this is.
#
#	packages.sh install PACKAGE...     those that are missing
#	packages.sh try PACKAGE...         the same for those that this release has;
#	                                   it says which it has not
#	packages.sh unpack DIR PACKAGE TO  into DIR/TO, not installed; DIR/.PACKAGE
#	                                   then names the libraries that it needs
#	packages.sh tryunpack DIR PACKAGE TO
#	                                   the same if this release has it
set -eu
export LC_ALL=C
if [ "$(id -u)" -eq 0 ]; then root=; else root=sudo; fi

say() {
	echo "packages: $*"
}

# Asks nobody, and says what goes wrong.  sudo passes no environment on.
apt() {
	${root} env DEBIAN_FRONTEND=noninteractive \
	    apt-get -qq -o Dpkg::Use-Pty=0 "$@"
}

# Of the packages that are named, those that are not installed.
missing() {
	for p; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null |
		    grep -q ' installed' || echo "$p"
	done
}

# Of the packages that are named, those that apt can get.
available() {
	for p; do
		apt-cache policy "$p" | grep -q 'Candidate: [^(]' && echo "$p"
	done
	return 0
}

# A new image has no lists at all, and so would know of no package.
want_lists() {
	set -- /var/lib/apt/lists/*_Packages*
	[ -e "$1" ] || apt update
}

install() {
	# shellcheck disable=SC2046 # no package's name has a blank
	set -- $(missing "$@")
	[ $# -gt 0 ] || return 0
	say "installing $*"
	apt update
	apt install -y --no-install-recommends "$@" >/dev/null
}

try() {
	# shellcheck disable=SC2046 # no package's name has a blank
	set -- $(missing "$@")
	[ $# -gt 0 ] || return 0
	want_lists
	there=$(available "$@")
	for p; do
		echo "${there}" | grep -qx "$p" ||
		    say "this release has no $p; what needs it is skipped"
	done
	# shellcheck disable=SC2086 # no package's name has a blank
	install ${there}
}

# The first of each group of alternatives, if it is a library's.
libraries() {
	dpkg-deb -f "$1" Pre-Depends Depends | sed 's/^[A-Z][A-Za-z-]*: //' |
	    tr ',' '\n' | sed -n 's/^ *\(lib[a-z0-9.+-]*\).*/\1/p' | sort -u
}

unpack() {
	dir=$1
	package=$2
	mkdir -p "${dir}/$3"
	# One at a time: apt's lists have one lock, for which it does not wait.
	exec 9>"${dir}/.lock"
	flock 9
	want_lists
	say "unpacking ${package}"
	(cd "${dir}" && rm -f "${package}"_*.deb &&
	    { apt-get -qq download "${package}" 2>/dev/null ||
	    { apt update && apt-get -qq download "${package}"; }; })
	dpkg-deb -x "${dir}/${package}"_*.deb "${dir}/$3"
	find "${dir}/$3" -type f -perm /6000 -exec chmod ug-s {} +
	libraries "${dir}/${package}"_*.deb >"${dir}/.${package}"
	rm "${dir}/${package}"_*.deb
}

tryunpack() {
	want_lists
	if [ -n "$(available "$2")" ]; then
		unpack "$@"
		return
	fi
	say "this release has no $2; what needs it is skipped"
	mkdir -p "$1"
	: >"$1/.$2"
}

"$@"
