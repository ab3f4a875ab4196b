#!/bin/sh
# Run the tests in $1/tests with kyua and count them.  kyua's own closing line
# counts what was skipped as passed, so the report is asked instead.
#
#	check.sh BUILD [DIRECTORY [OPTION...]]
#
# DIRECTORY is one below tests; options are kyua's.
set -u
build=$1
cd "${build}/tests/${2:-}" || exit 1
[ $# -lt 2 ] || shift
shift
rm -f results.db
# A test that runs make has jobs of its own.
unset MAKEFLAGS MFLAGS MAKELEVEL
# Half of the tests mostly wait for something.
kyua -v parallelism=$(($(nproc) * 2)) "$@" --logfile=kyua.log test \
    --results-file=results.db
code=$?
kyua --logfile=kyua.log report --results-file=results.db \
    --results-filter=skipped,failed,broken,xfail >report.txt
sed -n '/^===> Skipped/,/^===>/p; /^===> Broken/,/^===>/p; /^===> Failed/,/^===>/p' \
    report.txt
awk -v code="${code}" '
/^Test cases: / {
	for (i = 3; i < NF; i++) {
		gsub(",", "", $(i + 1))
		n[$(i + 1)] = $i
	}
}
END {
	failed = n["failed"] + n["broken"]
	passed = n["total"] - failed - n["skipped"]
	if (n["total"] == 0 || (code != 0 && failed == 0))
		failed++
	printf "%d passed, %d failed, %d skipped\n",
	    passed, failed, n["skipped"]
}' report.txt
exit "${code}"
