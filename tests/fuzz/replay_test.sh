# The seeds of the fuzz targets, and what fuzzing has found, through programs
# that the ordinary compiler made, which stand, like the seeds, beside this one.

replay() {
	srcdir=$(atf_get_srcdir)
	seeds="${srcdir}/seeds/$1"
	[ -d "${seeds}" ] || atf_fail "no seeds in ${seeds}"
	atf_check -o save:out -e save:err "${srcdir}/replay_$1" "${seeds}"
	n=$(find "${seeds}" -type f | wc -l)
	atf_check_equal "$((n)) inputs" "$(cat out)"
}

# One a line.
TARGETS='
aliases
smtpline
smtpcmd
smtpauth
smtpdata
session
envelope
conf
counter
mark
qmail
broker
handover
given
report
ucspitls
tlspolicy
proxy
address
messageid
instruction
logline
table
lmtp
ehlo
talk
hops
plan
httprequest
mime
outcome
dns
mx
route
feed
published
'

for target in ${TARGETS}; do
	eval "
	atf_test_case ${target}__holds_for_every_seed
	${target}__holds_for_every_seed_body() {
		replay ${target}
	}"
done

atf_init_test_cases() {
	for target in ${TARGETS}; do
		atf_add_test_case ${target}__holds_for_every_seed
	done
}
