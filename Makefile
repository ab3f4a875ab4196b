# SMTPSERV.  GNU make.  `make help` lists the targets.

PREFIX     = /usr/local
SYSCONFDIR = /etc/smtpserv
DESTDIR    =
CC         = cc
CFLAGS     = -O2 -g
LDFLAGS    =
# The session is started once a connection, so it is small and static, and by
# musl, whose programs start three times as often a second as glibc's.  It is
# position-independent all the same; musl-gcc must be told how, and where the
# kernel's headers are.  Each page and each mapping counts, so the segments are
# few; and nothing would make relocations read-only in such a program, so no room
# is left for that.  Of a file of lib it gets the functions that it calls.
MULTIARCH = $(shell $(CC) -print-multiarch)
MUSL      = /usr/lib/$(MULTIARCH:%-gnu=%-musl)
STATIC_CC = $(if $(wildcard $(MUSL)/rcrt1.o),musl-gcc,$(CC))
STATIC    = $(if $(filter musl-gcc,$(STATIC_CC)),-static -nostartfiles \
	-Wl$(comma)-pie$(comma)--no-dynamic-linker$(comma)-z$(comma)text$(comma)-z$(comma)noseparate-code$(comma)-z$(comma)norelro \
	$(MUSL)/rcrt1.o $(MUSL)/crti.o $(MUSL)/crtn.o,-static-pie) -Wl,--gc-sections
SECTIONS  = -ffunction-sections -fdata-sections
KERNEL_H  = -idirafter /usr/include -idirafter /usr/include/$(MULTIARCH)
comma     = ,
# Debian's archive links with either libc.
LIBCDB    = $(shell $(CC) -print-file-name=libcdb.a)

WARN   = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wredundant-decls \
	-Wwrite-strings -Wcast-qual -Wcast-align -Wpointer-arith -Wconversion \
	-Wsign-conversion -Wformat=2 -Wvla -Wswitch-enum -Wundef \
	-Wimplicit-fallthrough
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -fno-common
ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE $(WARN) $(HARDEN) -Ilib -MMD -MP $(CFLAGS)
ALL_LDFLAGS = -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS)

B    = build
DEPS = build/deps
O = $(B)/obj

# What Debian calls the things that are needed: to build and run, and to test.
RUN_PACKAGES   = gcc libc6-dev make musl-tools libcdb-dev libtls-dev \
	libssl-dev librabbitmq-dev libgmime-3.0-dev pkg-config tinycdb \
	ucspi-tcp
CHECK_PACKAGES = $(RUN_PACKAGES) libatf-dev atf-sh kyua mandoc xinetd s6 ipsvd \
	systemd swaks curl msmtp python3 procps strace patch openssl \
	python3-aiosmtpd libnet-ssleay-perl mutt spamassassin \
	php-cli libphp-phpmailer iproute2 ldnsutils
# Not every release has these.
CHECK_OPTIONAL = mailfront cvm python3-aiodns python3-aiohttp python3-yaml python3-dkim
# Unpacked into build/deps, because as packages they would replace others.  The
# libraries that they need are installed.
CHECK_UNPACKED = openbsd-inetd postfix dovecot-core dovecot-sieve dovecot-lmtpd \
	haproxy bsd-mailx procmail maildrop courier-authlib spamc \
	exim4-daemon-light prometheus fail2ban logcheck nsd unbound
# Likewise, if this release has it; with what it imports, which is above.
CHECK_UNPACKED_OPTIONAL = postfix-mta-sts-resolver
UNPACK_postfix-mta-sts-resolver = mta-sts
# Apart, for it brings a sendmail, too.
UNPACK_exim4-daemon-light = exim4
# These would start what serves, and the tests want only what looks.
UNPACK_prometheus = prometheus
UNPACK_fail2ban = fail2ban
UNPACK_logcheck = logcheck
UNPACK_nsd = nsd
UNPACK_unbound = unbound
# For three nodes of RabbitMQ, which `make check-quorum` starts and ends itself.
QUORUM_UNPACKED = rabbitmq-server $(addprefix erlang-,asn1 base crypto eldap \
	ftp inets mnesia os-mon parsetools public-key runtime-tools snmp ssl \
	syntax-tools tftp tools xmerl)

LIB_SRC     = $(wildcard lib/*/*.c)
LIB         = $(O)/libsmtpserv.a
STATIC_LIB  = $(O)/static/libsmtpserv.a
BIN         = $(notdir $(wildcard bin/*))
LIBEXEC     = $(notdir $(wildcard libexec/*))
# Static, but with glibc's resolver, because musl has none that tells what DNSSEC
# says of an answer; each start would load it else.
RESOLVER_LIBEXEC = smtpserv-mx
# Started once a connection or a message.
STATIC_LIBEXEC = smtpserv-session smtpserv-queue smtpserv-queue-amqp \
	smtpserv-broker smtpserv-tls smtpserv-proxy smtpserv-remote
MAN         = $(wildcard bin/*/*.[1578] libexec/*/*.[1578] lib/*/*.[1578])

# The program that a path belongs to, if it is one's: a part of it in a
# directory of its own includes the others as those in the program's do.
program_of = $(if $(filter bin libexec,$(word 1,$(subst /, ,$(1)))),$(word \
	1,$(subst /, ,$(1)))/$(word 2,$(subst /, ,$(1))))
include_of = $(addprefix -I,$(call program_of,$(1)))

PROGRAMS = $(BIN:%=$(B)/bin/%) $(LIBEXEC:%=$(B)/libexec/%)
# What packs SMTPSERV is not installed with it.
ETC      = $(shell find etc \( -path etc/debian -o -path etc/container -o -path \
	etc/bash-completion \) -prune -o ! -type d -print)
SHARE    = $(ETC:etc/%=$(B)/share/smtpserv/%)
PAGES    = $(foreach m,$(MAN),$(B)/share/man/man$(subst .,,$(suffix $m))/$(notdir $m))
COMPLETE = $(BIN:%=$(B)/share/bash-completion/completions/%)

all: $(PROGRAMS) $(PAGES) $(SHARE) $(COMPLETE)

# Each step says in a short line what it does, or with V=1 how.
Q    = $(if $(V),,@)
step = @$(if $(V),,printf '  %-6s %s\n' $(1) $(@:$(B)/%=%) && )mkdir -p $(@D)

help:
	@sed -n 's/^#: //p' Makefile

#: make             build into build/, laid out as installed
#: make run         install what is needed, build, and serve 127.0.0.1:2525
#: make check       install what the tests need, build, and run them
#: make check-page  the status page in a browser, with screenshots
#: make check-release SUITE=trixie
#:                  run and check on that release of Debian, bare (as root)
#: make check-quorum  what three nodes of RabbitMQ are needed for (three minutes)
#: make nodes       three nodes of RabbitMQ in var/nodes: smtpserv-quorum(7)
#: make deb         a Debian package, into build/deb
#: make check-deb   lintian; and install, upgrade, remove, purge it (as root)
#: make install     into $(DESTDIR)$(PREFIX)
#: make uninstall   take that out again
#: make asan        the tests, under the address and undefined sanitizers
#: make fuzz        each fuzz target for FUZZ_SECONDS (60), from its seeds
#: make bench       speed, beside other servers' (ten minutes)
#: make bench-deliver
#:                  speed from a sender into a Maildir, or to LMTP
#: make bench-remote
#:                  speed of mail that leaves, beside Postfix
#: make bench-quorum  speed by way of three nodes of RabbitMQ, and while they die
#: make crash-disks  power cuts of real ext4, xfs and btrfs (root, FUSE)
#: make bench-slow  both on a disk whose flush takes 5 ms (root, FUSE)
#: make lint        formatter, analysers, manual pages; what is to be silent
#: make format      let clang-format have its way
#: make clean       remove build/
#: With V=1 each shows its commands.

packages = @sh tests/support/packages.sh

run-deps:
	$(packages) install $(RUN_PACKAGES)

check-deps: $(patsubst %,$(DEPS)/.%,$(CHECK_UNPACKED) $(CHECK_UNPACKED_OPTIONAL))
	$(packages) install $(CHECK_PACKAGES) $$(cat $^)
	$(packages) try $(CHECK_OPTIONAL)

$(CHECK_UNPACKED_OPTIONAL:%=$(DEPS)/.%): $(DEPS)/.%:
	$(packages) tryunpack $(DEPS) $* $(or $(UNPACK_$*),.)

$(QUORUM_UNPACKED:%=$(DEPS)/.%): $(DEPS)/.%:
	$(packages) tryunpack $(DEPS) $* rabbitmq

$(DEPS)/.%:
	$(packages) unpack $(DEPS) $* $(or $(UNPACK_$*),.)

# What was missing may be the compiler, so the build begins anew.
run: run-deps
	@$(MAKE) --no-print-directory all
	@mkdir -p var/rqueue
	@[ -f var/wattcp.cfg ] || printf '%s\n' \
		'# Made by `make run`; smtpserv.conf(5) has all the keys.' \
		'smtp.listen = 127.0.0.1:2525' \
		'smtp.subdir = "$(CURDIR)/var/rqueue"' >var/wattcp.cfg
	@echo
	@echo 'Send it a message, from another terminal:'
	@echo '    printf "Subject: Beers?\n\nSix?\n" | curl -sS smtp://127.0.0.1:2525 \'
	@echo '        --mail-from erick@maggot --mail-rcpt bruce@gnat.example --upload-file -'
	@echo 'and look at it:'
	@echo '    build/bin/smtpserv-spool -f var/wattcp.cfg list'
	@echo 'Control-C ends the server.'
	@echo
	@$(B)/bin/smtpserv -f var/wattcp.cfg

# As many jobs as there are processors, unless make was told how many.
MAKE_ALL = $(MAKE) --no-print-directory \
	$(if $(findstring jobserver,$(MAKEFLAGS)),,-j$$(nproc))

check: check-deps
	@$(MAKE_ALL) check-built

check-built: tests
	sh tests/support/check.sh $(B)

check-quorum: $(QUORUM_UNPACKED:%=$(DEPS)/.%)
	$(packages) install $(CHECK_PACKAGES) $$(cat $^)
	@$(MAKE) --no-print-directory tests
	sh tests/support/rabbitmq.sh rabbit_check $(B)

# As smtpserv-quorum(7) uses them.
nodes: $(QUORUM_UNPACKED:%=$(DEPS)/.%)
	$(packages) install $(RUN_PACKAGES) openssl python3 util-linux s6 curl \
		$$(cat $^)
	@$(MAKE) --no-print-directory all
	sh tests/support/rabbitmq.sh rabbit_begin

# A browser is large, so this is not part of `make check`.
check-page:
	$(packages) install $(RUN_PACKAGES) python3 chromium-headless-shell
	@$(MAKE) --no-print-directory all
	python3 tests/page/page.py $(B)

check-release:
	$(packages) install debootstrap util-linux
	bash tests/support/release.sh $(or $(SUITE),trixie)

.PHONY: deb check-deb
DEB_PACKAGES = $(RUN_PACKAGES) build-essential debhelper mandoc

deb:
	$(packages) install $(DEB_PACKAGES)
	bash tests/support/deb.sh build

check-deb: deb
	$(packages) install lintian debootstrap util-linux
	@INSTALLED='$(INSTALLED)' bash tests/support/deb.sh check

# libatf-c leaks when it lists its cases.
asan: check-deps
	@mkdir -p build/asan && ln -sfn ../deps build/asan/deps
	@LSAN_OPTIONS=suppressions=$(CURDIR)/tests/support/lsan.supp:print_suppressions=0 \
	$(MAKE_ALL) check-built B=build/asan STATIC_CC=$(CC) \
		STATIC=-pie CFLAGS='-O1 -g -fsanitize=address,undefined \
		-fno-sanitize-recover=all' LDFLAGS='-fsanitize=address,undefined'

# Nothing of this is part of `make check`.  Peers are fetched by bench.py where
# apt-get can; without root, unshare or strace their columns stay empty.
BENCH_PACKAGES = $(RUN_PACKAGES) python3 strace util-linux
BENCH_TOOLS = floor bare connect consume banner-static banner-pie backlog.so

bench-deps: $(DEPS)/.postfix
	$(packages) install $(BENCH_PACKAGES) $$(cat $^)

bench: bench-deps
	@$(MAKE) --no-print-directory all $(BENCH_TOOLS:%=$(B)/bench/%)
	python3 tests/bench/bench.py $(B)
	python3 tests/bench/latency.py $(B) | tee -a $(B)/bench/results.txt

bench-deliver: bench-deps
	@$(MAKE) --no-print-directory all $(B)/bench/backlog.so
	python3 tests/bench/deliver.py $(B)

bench-quorum: bench-deps $(QUORUM_UNPACKED:%=$(DEPS)/.%)
	$(packages) install openssl $$(cat $(QUORUM_UNPACKED:%=$(DEPS)/.%))
	@$(MAKE) --no-print-directory all $(B)/bench/each $(B)/bench/fresh
	python3 tests/bench/quorum.py $(B)

bench-remote: bench-deps
	@$(MAKE) --no-print-directory all $(B)/bench/sink
	python3 tests/bench/remote.py $(B)

SLOW_PACKAGES = $(BENCH_PACKAGES) libfuse3-dev fuse3 pkg-config e2fsprogs \
	xfsprogs btrfs-progs

bench-slow: bench-deps
	$(packages) install $(SLOW_PACKAGES)
	$(packages) try mailfront
	@$(MAKE) --no-print-directory all $(B)/bench/slowfs $(B)/bench/backlog.so
	python3 tests/bench/slow.py $(B)

crash-disks:
	@$(MAKE) --no-print-directory all $(B)/bench/slowfs
	python3 tests/crash/disks.py $(B)

$(B)/bench/slowfs: tests/bench/slowfs.c
	$(call step,link)
	$(Q)$(CC) $(ALL_CFLAGS) -D_FILE_OFFSET_BITS=64 -pie $(ALL_LDFLAGS) -o $@ $< \
		$$(pkg-config --cflags --libs fuse3)

$(B)/bench/%: tests/bench/%.c
	$(call step,link)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(ALL_LDFLAGS) -o $@ $<

# A connection for each message.
$(B)/bench/fresh: tests/bench/fresh.c
	$(call step,link)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(ALL_LDFLAGS) -o $@ $< -lrabbitmq

# The floor of a connection: built as the session is, and not even that.
$(B)/bench/banner-%: $(O)/static/tests/bench/banner.o
	$(call step,link)
	$(Q)$(STATIC_CC) $(if $(filter pie,$*),$(STATIC),-static -no-pie) \
		$(ALL_LDFLAGS) -o $@ $<

# The floor of mail under a super-server.
$(B)/bench/bare: $(O)/static/tests/bench/floor.o
	$(call step,link)
	$(Q)$(STATIC_CC) -static -no-pie $(ALL_LDFLAGS) -o $@ $<

# The floor of a client.
$(B)/bench/hello: $(O)/static/tests/bench/hello.o
	$(call step,link)
	$(Q)$(STATIC_CC) -static -no-pie $(ALL_LDFLAGS) -o $@ $<

$(B)/bench/%.so: tests/bench/%.c
	$(call step,link)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -shared $(ALL_LDFLAGS) -o $@ $<

LINT_PACKAGES = clang-format clang-tidy cppcheck shellcheck mandoc $(RUN_PACKAGES)
SOURCES = $(shell find bin libexec lib -name '*.[ch]')
SCRIPTS = .ci/run $(wildcard etc/debian/*.p*[mt] etc/container/service/*/*) \
	etc/debian/generator $(wildcard tests/support/*.sh) \
	$(filter %/run %/finish,$(ETC)) \
	$(filter-out %.txt,$(filter etc/recipes/%,$(ETC)))
C_FILES = $(filter %.c,$(SOURCES))
analysed = -std=c11 -D_GNU_SOURCE $(call include_of,$*) \
	$(if $(filter %/mime.c,$*),$(GMIME)) -Ilib

lint:
	$(packages) install $(LINT_PACKAGES)
	@$(MAKE_ALL) lint-installed

# What takes longest is begun first.
lint-installed: lint-cppcheck $(C_FILES:%=lint-tidy/%) \
	$(C_FILES:%=lint-gcc/%) lint-format lint-scripts lint-pages

lint-cppcheck:
	cppcheck --enable=warning,performance,portability --error-exitcode=1 \
		--inline-suppr --quiet --std=c11 -D_GNU_SOURCE -Ilib lib libexec bin

$(C_FILES:%=lint-tidy/%): lint-tidy/%:
	$(Q)clang-tidy --quiet $* -- $(analysed)

$(C_FILES:%=lint-gcc/%): lint-gcc/%:
	$(Q)$(CC) $* $(analysed) -O1 -fanalyzer -Werror -c -o /dev/null

lint-format:
	clang-format --dry-run -Werror $(SOURCES)

lint-scripts:
	shellcheck $(SCRIPTS)

lint-pages:
	mandoc -T lint -W warning $(MAN)

format:
	clang-format -i $(SOURCES)

# What is in build/ as it lies there, but for the objects and the tests, and but
# for the pages and examples: they are written for /usr/local and /etc/smtpserv,
# and installed for the places that are set.
INSTALL = install
INSTALLED = $(patsubst $(B)/%,%,$(PROGRAMS) $(PAGES) $(SHARE) $(COMPLETE))
TO_PLACES = sed -e 's,/usr/local,$(PREFIX),g' -e 's,/etc/smtpserv,$(SYSCONFDIR),g'
install: all
	$(Q)for f in $(INSTALLED); do \
		$(if $(V),,echo "  install $(DESTDIR)$(PREFIX)/$$f";) \
		$(INSTALL) -D -m $$([ -x $(B)/$$f ] && echo 755 || echo 644) \
		$(B)/$$f $(DESTDIR)$(PREFIX)/$$f || exit 1; \
		case $$f in share/*) \
		$(TO_PLACES) $(B)/$$f >$(DESTDIR)$(PREFIX)/$$f || exit 1;; \
		esac; done
	$(Q)[ -f $(DESTDIR)$(SYSCONFDIR)/wattcp.cfg ] || \
		$(INSTALL) -D -m 644 etc/wattcp.cfg $(DESTDIR)$(SYSCONFDIR)/wattcp.cfg

# The configuration and the spool are yours: they stay.
uninstall:
	$(Q)for f in $(INSTALLED); do rm -f $(DESTDIR)$(PREFIX)/$$f; done

# One file of the programs has SYSCONFDIR in it, and is made anew if that changes.
PLACED = $(O)/lib/conf/conf.o $(O)/static/lib/conf/conf.o
$(PLACED): ALL_CFLAGS += -DSYSCONFDIR='"$(SYSCONFDIR)"'
$(PLACED): $(B)/.sysconfdir
$(B)/.sysconfdir: FORCE
	@mkdir -p $(@D)
	@echo '$(SYSCONFDIR)' | cmp -s - $@ || echo '$(SYSCONFDIR)' >$@
FORCE:

# Objects: as usual, and once more for the static programs.
$(O)/%.o: %.c
	$(call step,cc)
	$(Q)$(CC) $(ALL_CFLAGS) $(call include_of,$*) -c -o $@ $<

$(O)/static/%.o: %.c
	$(call step,cc)
	$(Q)$(STATIC_CC) $(ALL_CFLAGS) $(SECTIONS) $(KERNEL_H) $(call include_of,$*) \
		-c -o $@ $<

$(LIB): $(LIB_SRC:%.c=$(O)/%.o)
$(STATIC_LIB): $(LIB_SRC:%.c=$(O)/static/%.o)
$(LIB) $(STATIC_LIB):
	$(call step,ar)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# A program is its directory, with those in it, and the library.
.SECONDARY:
.SECONDEXPANSION:
sources = $(wildcard $(1)/*.c $(1)/*/*.c)
objects = $(patsubst %.c,$(O)/%.o,$(call sources,$(1)))

$(BIN:%=$(B)/bin/%): $(B)/bin/%: $$(call objects,bin/$$*) $(LIB)
	$(call step,link)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(LIBCDB) $(LIBS_$*)

$(patsubst %,$(B)/libexec/%,$(filter-out $(STATIC_LIBEXEC) $(RESOLVER_LIBEXEC),$(LIBEXEC))): $(B)/libexec/%: $$(call objects,libexec/$$*) $(LIB)
	$(call step,link)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(LIBCDB) $(LIBS_$*)

LIBS_smtpserv-tlsd = -ltls
LIBS_smtpserv-tlsc = -lssl -lcrypto
LIBS_smtpserv-publish = $(LIBS_amqp) -lssl
LIBS_smtpserv-pull = $(LIBS_amqp)
# Of the programs that use lib/amqp, and of its tests.
LIBS_amqp = -lrabbitmq -lcrypto
LIBS_smtpserv-status = $(shell pkg-config --libs gmime-3.0)
# Its headers are not ours to warn about.
GMIME = $(patsubst -I%,-isystem %,$(shell pkg-config --cflags-only-I gmime-3.0))
$(O)/libexec/smtpserv-status/mime.o: ALL_CFLAGS += $(GMIME)

# The sanitizers have no run time for static programs.
RESOLVER_STATIC = $(if $(filter -pie,$(STATIC)),-pie,-static-pie)

$(RESOLVER_LIBEXEC:%=$(B)/libexec/%): $(B)/libexec/%: $$(call objects,libexec/$$*) $(LIB)
	$(call step,link)
	$(Q)$(CC) $(RESOLVER_STATIC) $(ALL_LDFLAGS) -o $@ $^ $(LIBCDB) -lresolv

static_objects = $(patsubst %.c,$(O)/static/%.o,$(call sources,$(1)))

$(STATIC_LIBEXEC:%=$(B)/libexec/%): $(B)/libexec/%: $$(call static_objects,libexec/$$*) $(STATIC_LIB)
	$(call step,link)
	$(Q)$(STATIC_CC) $(ALL_LDFLAGS) $(STATIC) -o $@ $^ $(LIBCDB)

$(PAGES): $$(filter %/$$(@F),$(MAN))
	$(call step,copy)
	$(Q)cp $< $@

# Tests: C and sh programs, mirrored into build/tests with their Kyuafiles.
T         = $(B)/tests
TEST_C    = $(shell find tests -name '*_test.c')
TEST_SH   = $(shell find tests -name '*_test.sh')
TEST_DATA = $(shell find tests -name Kyuafile -o -path 'tests/support/*' -type f) tests/style/layers
TESTS     = $(TEST_C:%.c=$(B)/%) $(TEST_SH:%.sh=$(B)/%) $(TEST_DATA:%=$(B)/%) \
	$(T)/crash/crash $(T)/crash/variants/.built \
	$(T)/bin/smtpserv-publish/variants/.built \
	$(FUZZ:%=$(T)/fuzz/replay_%) $(T)/fuzz/seeds/.copied
ATF_SH    = /usr/bin/atf-sh

# What a unit test of a program links: all of the program but main().
dir_of = $(patsubst %/,%,$(dir $(1)))
parts  = $(foreach p,$(call program_of,$(1)),$(filter-out \
	%/$(notdir $p).o,$(call objects,$p)))

$(T)/%_test: tests/%_test.c $$(call parts,$$*) $(LIB)
	$(call step,link)
	$(Q)$(CC) $(ALL_CFLAGS) $(call include_of,$*) -I$(call dir_of,$*) $(ALL_LDFLAGS) -o $@ \
		$< $(filter-out $(LIB),$(filter %.o,$^)) $(LIB) $(LIBCDB) \
		$(LIBS_$(notdir $(or $(call program_of,$*),$(call dir_of,$*)))) -latf-c

$(T)/%_test: tests/%_test.sh
	$(call step,script)
	$(Q){ echo '#! $(ATF_SH)'; cat $<; } >$@
	@chmod +x $@

$(TEST_DATA:%=$(B)/%): $(B)/%: %
	$(call step,copy)
	$(Q)cp $< $@

# The crash harness, and wrong variants of the product, which it must catch.
CRASH_OBJ = $(patsubst %.c,$(O)/%.o,$(wildcard tests/crash/*.c))
$(T)/crash/crash: $(CRASH_OBJ) $(LIB)
	$(call step,link)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -Wl,--wrap=pthread_create -o $@ $^ $(LIBCDB)

# The product, but that texts of a few KiB are large ones (spool.c), so that
# all that is done to those is done to short ones, of which all is tried, and
# that both numbers of stages are tried on any file system (stages.c).  Their
# clock stands still.
CRASH_CC = $(STATIC_CC) $(ALL_CFLAGS) $(KERNEL_H) -DWRITE_BEHIND=16384U \
	-DSTAGES_BY_FILE
CRASH_LD = $(STATIC_CC) $(ALL_LDFLAGS) $(STATIC) -Wl,--wrap=time \
	$(O)/crash/clock.o
CRASH_OWN = $(O)/crash/spool.o $(O)/crash/stages.o
CRASH_PROGRAMS = $(patsubst %,$(T)/crash/smtpserv-%,session queue broker)
$(CRASH_OWN): $(O)/crash/%.o: lib/spool/%.c
	$(call step,cc)
	$(Q)$(CRASH_CC) -c -o $@ $<
$(O)/crash/clock.o: tests/crash/clock.c
	$(call step,cc)
	$(Q)$(CRASH_CC) -c -o $@ $<
$(CRASH_PROGRAMS): $(T)/crash/%: $$(call static_objects,libexec/$$*) $(CRASH_OWN) $(STATIC_LIB) | $(O)/crash/clock.o
	$(call step,link)
	$(Q)$(CRASH_LD) -o $@ $^ $(LIBCDB)

$(T)/crash/variants/.built: $(CRASH_PROGRAMS) $(wildcard tests/crash/variants/*) $(PROGRAMS)
	$(call step,build)
	$(Q)B=$(B) LIBS='$(LIBCDB)' COMPILE='$(CRASH_CC)' \
	LINK='$(CRASH_LD)' \
	TOOL_COMPILE='$(CC) $(ALL_CFLAGS)' TOOL_LINK='$(CC) -pie $(ALL_LDFLAGS)' \
	PULL_LIBS='$(LIBS_smtpserv-pull)' \
		sh tests/crash/variants/build.sh
	@touch $@

# Wrong variants of the keeper.
KEEPER = bin/smtpserv-publish
$(T)/$(KEEPER)/variants/.built: $(wildcard tests/$(KEEPER)/variants/*) $(B)/$(KEEPER)
	$(call step,build)
	$(Q)B=$(B) COMPILE='$(CC) $(ALL_CFLAGS)' LINK='$(CC) -pie $(ALL_LDFLAGS)' \
		LIBS='$(LIB) $(LIBCDB) $(LIBS_smtpserv-publish)' \
		sh tests/$(KEEPER)/variants/build.sh
	@touch $@

# Fuzz targets: their seeds are replayed by `make check`, with any compiler.
FUZZ     = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SRC = tests/fuzz/fuzz.c tests/fuzz/dotted.c tests/fuzz/world.c \
	$(addprefix libexec/smtpserv-session/,alien.c auth.c session.c verbs.c \
	message.c secure.c state.c) \
	$(addprefix libexec/smtpserv-mx/,search.c lookup.c print.c places.c \
	hosts.c target.c) \
	$(addprefix libexec/smtpserv-remote/,talk.c talkcompose.c talkend.c \
	talkfit.c talkhello.c talkmail.c talkout.c talkoutcome.c talkinput.c talktext.c talkturn.c text.c) \
	$(addprefix bin/smtpserv-work/deliver/,lmtpdialog.c hops.c)
FUZZ_DIRS = -Ilibexec/smtpserv-session -Ilibexec/smtpserv-mx \
	-Ilibexec/smtpserv-remote -Ilibexec/smtpserv-status -Ibin/smtpserv-work
# What only one of them needs.
FUZZ_SRC_mime = libexec/smtpserv-status/mime.c
FUZZ_OBJ_mime = $(FUZZ_SRC_mime:%.c=$(O)/%.o)
FUZZ_LIBS_mime = $(LIBS_smtpserv-status)
FUZZ_SECONDS = 60

$(O)/tests/fuzz/%.o: ALL_CFLAGS += $(FUZZ_DIRS)
$(T)/fuzz/replay_%: $(O)/tests/fuzz/fuzz_%.o $(O)/tests/fuzz/replay.o $(FUZZ_SRC:%.c=$(O)/%.o) $$(FUZZ_OBJ_$$*) $(LIB)
	$(call step,link)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(LIBCDB) $(FUZZ_LIBS_$*)

$(T)/fuzz/seeds/.copied: $(shell find tests/fuzz/seeds -type f)
	$(call step,copy)
	$(Q)rm -rf $(@D) && cp -R tests/fuzz/seeds $(@D)
	@touch $@

fuzz:
	$(packages) install clang
	$(packages) install libclang-rt-$$(clang -dumpversion | cut -d . -f 1)-dev
	@$(MAKE) --no-print-directory -j2 $(FUZZ:%=fuzz-%)

fuzz-%: tests/fuzz/fuzz_%.c
	$(call step,fuzz)
	@mkdir -p $(B)/fuzz/finds_$*
	$(Q)clang -std=c11 -D_GNU_SOURCE -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -Ilib $(FUZZ_DIRS) \
		$(if $(FUZZ_LIBS_$*),$(GMIME)) -o $(B)/fuzz/$* $< $(FUZZ_SRC) \
		$(FUZZ_SRC_$*) $(filter-out lib/amqp/%,$(LIB_SRC)) $(LIBCDB) \
		$(FUZZ_LIBS_$*)
	$(Q)$(B)/fuzz/$* -max_total_time=$(FUZZ_SECONDS) -verbosity=1 \
		-dict=tests/fuzz/smtp.dict -artifact_prefix=$(B)/fuzz/ \
		$(B)/fuzz/finds_$* tests/fuzz/seeds/$* 2>$(B)/fuzz/$*.log || \
		{ tail -n 40 $(B)/fuzz/$*.log; exit 1; }
	@tail -n 1 $(B)/fuzz/$*.log

tests: all $(TESTS)

$(SHARE): $(B)/share/smtpserv/%: etc/%
	$(call step,copy)
	$(Q)cp -p $< $@

$(COMPLETE): etc/bash-completion
	$(call step,copy)
	$(Q)cp -p $< $@

clean:
	rm -rf $(B)

.PHONY: FORCE all help run-deps check-deps run check check-built check-page check-quorum nodes check-release asan bench bench-deps bench-deliver bench-quorum bench-remote bench-slow crash-disks fuzz lint lint-installed lint-cppcheck lint-format lint-scripts lint-pages format install uninstall \
	clean tests
-include $(shell find $(O) -name '*.d' 2>/dev/null)
