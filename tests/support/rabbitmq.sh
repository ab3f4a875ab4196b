#!/bin/sh
# rabbitmq.sh FUNCTION ARGUMENT...: one of rabbitmq.subr's, for those that are
# not shells, with NODES and perhaps RABBIT in the environment.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# In the tree, or the copy in build/tests.
top=${here%/tests/support}
case ${top} in
*/build) build=${top} top=${top%/build} ;;
*/build/*) build=${top} top=${top%/build/*} ;;
*) build=${top}/build ;;
esac
RABBIT=${RABBIT:-$(readlink -f "${build}/deps/rabbitmq")}
export RABBIT_CONF="${top}/etc/rabbitmq/smtpserv.conf"
export RABBIT_DECLARE="${top}/etc/rabbitmq/declare"
export RABBIT_CERTS="${here}/certs.subr"
# shellcheck source=/dev/null
. "${here}/rabbitmq.subr"

# The tests that need nodes: one cluster for all of them, one after the other.
rabbit_check() {
	NODES=$(mktemp -d)
	chmod 755 "${NODES}"
	trap 'rabbit_stop; rm -rf "${NODES}"' EXIT
	trap 'exit 1' INT TERM
	# Each test says what there is not.
	if rabbit_can >"${NODES}/why"; then
		rabbit_start 3 >&2 && rabbit_declare || return 1
		rm "${NODES}/why"
	fi
	sh "${here}/check.sh" "$1" quorum -v parallelism=1 \
	    -v "test_suites.smtpserv.nodes=${NODES}"
}

"$@"
