#!/bin/sh
# SPDX-License-Identifier: ISC
# but.sh PATTERN COMMAND...: what the command says but for the lines that match
# PATTERN; its exit code.
set -u

pattern=$1
shift
said=$("$@")
code=$?
[ -z "${said}" ] || printf '%s\n' "${said}" | grep -v -e "${pattern}"
exit "${code}"
