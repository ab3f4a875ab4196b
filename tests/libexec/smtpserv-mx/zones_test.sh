# smtpserv-mx(8) before a validating resolver and signed zones.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/dns.subr"

MX="${BUILD}/libexec/smtpserv-mx -f ${PWD}/wattcp.cfg"

# Our name space, with smtpserv-mx in it.
enter() {
	dns_enter
	make_conf 'smtp.listen = 192.0.2.1:25'
	MX="${WORLD} ${MX}"
}

# Exit code, domain, the rest of the verdict, and the lines by the names below,
# parted by commas.
routes() {
	cat <<-'TABLE'
		0 two secure two.test , 10 mx1.two 6 , 10 mx1.two 4 , 20 mx2.two 66 , 20 mx2.two 44
		0 alias secure two.test , 10 mx1.two 6 , 10 mx1.two 4 , 20 mx2.two 66 , 20 mx2.two 44
		0 chain secure two.test , 10 mx1.two 6 , 10 mx1.two 4 , 20 mx2.two 66 , 20 mx2.two 44
		0 nullbeside secure nullbeside.test , 10 mx1.two 6 , 10 mx1.two 4
		100 null nullmx 5.1.10 null.test takes no mail (null MX)
		111 circle again 4.4.3 MX records of circle.test: SERVFAIL
		0 aliasmx secure aliasmx.test , 10 mxalias.aliasmx 6 , 10 mxalias.aliasmx 4
		100 noaddress nomx 5.4.4 no host of noaddress.test has an address
		100 absent nomx 5.4.4 no host of absent.test has an address
		100 nothing nomx 5.4.4 no host of nothing.test has an address
		100 nope nohost 5.1.2 there is no domain nope.test
		0 someaddress secure someaddress.test , 20 mx2.two 66 , 20 mx2.two 44
		0 aonly secure aonly.test , 0 aonly 4
		0 aaaaonly secure aaaaonly.test , 0 aaaaonly 6
		0 aliasa secure aonly.test , 0 aliasa 4
		0 v4only secure v4only.test , 10 mx.v4only 4
		0 café secure xn--caf-dma.test , 10 mx1.two 6 , 10 mx1.two 4
		0 deadmx secure deadmx.test , 10 mx.dead - - error addresses of mx.dead.test: SERVFAIL , 20 mx2.two 66 , 20 mx2.two 44
		111 alldead again 4.4.3 addresses of mx.dead.test: SERVFAIL
		100 selfbest self 5.4.6 selfbest.test leads back to this host
		0 selfsecond secure selfsecond.test , 10 mx1.two 6 , 10 mx1.two 4
		100 selfequal self 5.4.6 selfequal.test leads back to this host
		111 selfdead again 4.4.4 addresses of mx.dead.test: SERVFAIL
		100 selfa self 5.4.6 selfa.test leads back to this host
		0 insecure secure insecure.test , 10 mx.plain 4-
		0 plain insecure plain.test , 10 mx.plain 4-
		0 secure.plain insecure secure.plain.test , 10 mx.good 4-
		111 forged again 4.4.3 MX records of forged.test: SERVFAIL
		0 good secure good.test , 10 mx.good 4 tlsa=mx.good.test 3.1.1.GOOD
		0 unusable secure unusable.test , 10 mx.unusable 4 tlsa=mx.unusable.test 1.1.1.GOOD
		0 several secure several.test , 10 mx.several 4 tlsa=mx.several.test 2.0.1.HALF 3.1.2.HALFHALF
		0 tlsaalias secure tlsaalias.test , 10 mx.tlsaalias 4 tlsa=mx.tlsaalias.test 3.1.1.GOOD
		0 goodalias secure goodalias.test , 10 mx.goodalias 4 tlsa=mx.good.test 3.1.1.GOOD
		0 ownalias secure ownalias.test , 10 mx.ownalias 6 tlsa=mx.ownalias.test 3.1.1.FS , 10 mx.ownalias 4 tlsa=mx.ownalias.test 3.1.1.FS
		0 plainalias secure plainalias.test , 10 mx.plainalias 4 tlsa=mx.plainalias.test 3.1.1.ES
		0 tlsainsecure secure tlsainsecure.test , 10 mx.tlsainsecure 4
		0 tlsadead secure tlsadead.test , 10 mx.tlsadead - - error TLSA records of _25._tcp.mx.tlsadead.test: SERVFAIL , 20 mx2.two 66 , 20 mx2.two 44
		111 tlsaforged again 4.4.3 TLSA records of _25._tcp.mx.tlsaforged.test: SERVFAIL
		0 many secure many.test , 1 mx1.many-exchangers 4 , 2 mx2.many-exchangers 4 , 3 mx3.many-exchangers 4 , 4 mx4.many-exchangers 4 , 5 mx5.many-exchangers 4
		0 [relay] secure relay.test , 0 relay 6 , 0 relay 4
		0 [relay]:587 secure relay.test , 0 relay 6:587 tlsa=relay.test 3.1.1.DS , 0 relay 4:587 tlsa=relay.test 3.1.1.DS
		111 [nope]:587 again 4.4.4 the relay nope.test has no address
	TABLE
}

# The table's words as the route has them.
spelled() {
	half=00112233445566778899AABBCCDDEEFF
	good=0123456789ABCDEF
	four() { echo "$1$1$1$1"; }
	sed -e "s/^\(in\)*secure/ok &/" -e 's/^/= /' -e 's/ , /\n/g' |
	    sed -E -e '2,$s/^([0-9]+ [^ ]+)/\1.test/' \
	    -e 's/ 66( |$)/ 2001:db8:1::26 25 secure\1/' \
	    -e 's/ 44( |$)/ 198.51.100.26 25 secure\1/' \
	    -e 's/ 4-$/ 198.51.100.25 25 insecure/' \
	    -e 's/ 6(:587)?( |$)/ 2001:db8:1::25\1 25 secure\2/' \
	    -e 's/ 4(:587)?( |$)/ 198.51.100.25\1 25 secure\2/' \
	    -e 's/:587 25/ 587/' \
	    -e "s/GOOD/$(four ${good})/" \
	    -e "s/HALFHALF/$(four ${half})/" -e "s/HALF/${half}${half}/" \
	    -e "s/FS/$(four FFFFFFFFFFFFFFFF)/" \
	    -e "s/ES/$(four EEEEEEEEEEEEEEEE)/" \
	    -e "s/DS/$(four DDDDDDDDDDDDDDDD)/"
}

# Records of one name come in any order.
in_order() {
	awk '/tlsa=/ && NF == 8 && $7 > $8 { t = $7; $7 = $8; $8 = t } { print }' "$1" >in_order
	mv in_order "$1"
}

# OB-13 to OB-20, OB-22, OB-25 to OB-27, OB-117 to OB-119, OB-125 to OB-128
atf_test_case route__is_exact_for_each_zone
route__is_exact_for_each_zone_body() {
	dns_or_skip
	enter
	dns_zone >zone
	dns_start zone
	routes | while read -r code domain route; do
		echo "${route}" | spelled >want
		case ${domain} in
		[[]*) domain="${domain%%]*}.test]${domain#*]}" ;;
		*) domain=${domain}.test ;;
		esac
		${MX} "${domain}" >got
		echo "exit $?" >>got
		in_order got
		echo "exit ${code}" >>want
		cmp -s want got || diff want got | sed "s/^/${domain} /" >>bad
		echo >>done
	done
	touch bad
	atf_check -o empty cat bad
	atf_check_equal "$(routes | wc -l)" "$(wc -l <done)"
	# Records that are on the wire more than a datagram came by TCP.
	atf_check -o match:'^;; MSG SIZE  rcvd: [0-9]{4}' \
	    ${WORLD} drill -t many.test MX @127.0.0.1
}

# OB-31: whose word counts.
atf_test_case ad__is_believed_where_it_can_be
ad__is_believed_where_it_can_be_body() {
	dns_world_or_skip
	enter
	cat >rules <<-'RULES'
		a.test MX ad = 10:mx.a.test
		mx.a.test A ad = 198.51.100.25
		mx.a.test AAAA ad
		_25._tcp.mx.a.test TLSA ad = 3.1.1.AB
	RULES
	dns_lie 192.0.2.1 53
	dns_lie 127.0.0.1 53
	dns_lie ::1 53
	believed='= ok secure a.test\n10 mx.a.test 198.51.100.25 25 secure tlsa=mx.a.test 3.1.1.AB\n'
	unknown='= ok insecure a.test\n10 mx.a.test 198.51.100.25 25 insecure\n'
	while read -r code servers; do
		for line in $(echo "${servers}" | sed 's/ /_/g;s/,/ /g'); do
			echo "${line}" | tr _ ' '
		done >resolv.conf
		case ${code} in
		0) want=${believed} word='trusted' ;;
		*) want=${unknown} word='not trusted' ;;
		esac
		atf_check -o inline:"${want}" ${MX} a.test
		atf_check -s exit:"${code}" -o match:"53 ${word}\$" ${MX} -n
	done <<-'TABLE'
		0 nameserver 127.0.0.1
		0 nameserver ::1
		0 nameserver ::1,nameserver 127.0.0.1
		1 nameserver 192.0.2.1
		1 nameserver 127.0.0.1,nameserver 192.0.2.1
		1 nameserver ::1,nameserver 192.0.2.1
		0 nameserver 192.0.2.1,options trust-ad
	TABLE
	# It is not meant for servers that are set here.
	make_conf 'smtp.listen = 192.0.2.1:25' \
	    'smtp.remote.resolver = 192.0.2.1:53'
	atf_check -o inline:"${unknown}" ${MX} a.test
	atf_check -s exit:1 -o inline:'192.0.2.1:53 not trusted\n' ${MX} -n
	make_conf 'smtp.listen = 192.0.2.1:25' \
	    'smtp.remote.resolver = [::1]:53, 127.0.0.1:53'
	atf_check -o inline:"${believed}" ${MX} a.test
	atf_check -o inline:'[::1]:53 127.0.0.1:53 trusted\n' ${MX} -n
	# Without a configuration, by hand; then we listen everywhere.
	echo 'nameserver ::1' >resolv.conf
	mkdir none
	atf_check -s exit:100 -o match:'^= self 5\.4\.6 ' ${WORLD} \
	    env WATTCP_CFG="${PWD}/none/" "${BUILD}/libexec/smtpserv-mx" a.test
}

# OB-34: what cannot be reached at all comes last.
atf_test_case address__without_a_route_comes_last
address__without_a_route_comes_last_body() {
	dns_world_or_skip
	enter
	cat >rules <<-'RULES'
		a.test MX = 10:mx.a.test
		mx.a.test A = 203.0.113.5 198.51.100.25
		mx.a.test AAAA = 2001:db8:dead::1 2001:db8:2::1
	RULES
	dns_lie 127.0.0.1 53
	atf_check -o save:route ${MX} a.test
	atf_check -o inline:'198.51.100.25\n2001:db8:dead::1\n203.0.113.5\n2001:db8:2::1\n' \
	    awk 'NR > 1 { print $3 }' route
}

atf_init_test_cases() {
	atf_add_test_case route__is_exact_for_each_zone
	atf_add_test_case ad__is_believed_where_it_can_be
	atf_add_test_case address__without_a_route_comes_last
}
