#!/bin/sh
# rabbitmq.sh FUNCTION ARGUMENT...: one of rabbitmq.subr's, for people and for
# programs that are not shells.  NODES and RABBIT in the environment name other
# places than the usual ones.
set -u
here=$(cd "$(dirname "$0")" && pwd -P)
# In the tree, or the copy in build/tests.
top=${here%/tests/support}
case ${top} in
*/build) build=${top} top=${top%/build} ;;
*/build/*) build=${top} top=${top%/build/*} ;;
*) build=${top}/build ;;
esac
RABBIT=${RABBIT:-$(readlink -f "${build}/deps/rabbitmq")}
NODES=${NODES:-${top}/var/nodes}
export RABBIT_CHECK="${build}/bin/smtpserv-publish"
export RABBIT_CONF="${top}/etc/rabbitmq/smtpserv.conf"
export RABBIT_DECLARE="${top}/etc/rabbitmq/declare"
export RABBIT_CERTS="${here}/certs.subr"
# shellcheck source=/dev/null
. "${here}/rabbitmq.subr"

# Three that stay, for `make nodes`.
rabbit_begin() {
	rabbit_can || return 1
	rabbit_stop
	rm -rf "${NODES}"
	mkdir -p "${NODES}"
	chmod 755 "${NODES}"
	rabbit_start 3 && rabbit_declare || return 1
	for user in publish pull; do
		rabbit_keys "${user}" >"${NODES}/${user}.cfg"
	done
}

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
