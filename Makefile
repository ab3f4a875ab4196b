# SMTPSERV.  GNU make.  `make help` lists the targets.

PREFIX     = /usr/local
SYSCONFDIR = /etc/smtpserv
DESTDIR    =
CC         = cc
CFLAGS     = -O2 -g
LDFLAGS    =
# The session is started once a connection, so it is small and static: musl's
# starts three times as often a second as glibc's.
STATIC_CC  = $(if $(shell command -v musl-gcc),musl-gcc,$(CC))
STATIC     = -static-pie

WARN   = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wredundant-decls \
	-Wwrite-strings -Wcast-qual -Wcast-align -Wpointer-arith -Wconversion \
	-Wsign-conversion -Wformat=2 -Wvla -Wswitch-enum -Wundef \
	-Wimplicit-fallthrough
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -fno-common
ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE $(WARN) $(HARDEN) -Ilib -MMD -MP $(CFLAGS)
ALL_LDFLAGS = -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS)

B = build
O = $(B)/obj

# What Debian calls the things that are needed: to build and run, and to test.
RUN_PACKAGES   = gcc libc6-dev make musl-tools ucspi-tcp
CHECK_PACKAGES = $(RUN_PACKAGES) libatf-dev libatf-c-1 atf-sh kyua mandoc \
	xinetd s6 ipsvd systemd swaks curl msmtp python3 procps

LIB_SRC     = $(wildcard lib/*/*.c)
LIB         = $(O)/libsmtpserv.a
SESSION_SRC = $(wildcard libexec/smtpserv-session/*.c)
BIN         = $(notdir $(wildcard bin/*))
LIBEXEC     = $(notdir $(wildcard libexec/*))
MAN         = $(wildcard bin/*/*.[1578] libexec/*/*.[1578] lib/*/*.[1578])

PROGRAMS = $(BIN:%=$(B)/bin/%) $(LIBEXEC:%=$(B)/libexec/%)
PAGES    = $(foreach m,$(MAN),$(B)/share/man/man$(subst .,,$(suffix $m))/$(notdir $m))

all: $(PROGRAMS) $(PAGES)

help:
	@sed -n 's/^#: //p' Makefile

#: make             build into build/, laid out as installed
#: make run         install what is needed, build, and serve 127.0.0.1:2525
#: make check       install what the tests need, build, and run them
#: make install     into $(DESTDIR)$(PREFIX)
#: make uninstall   take that out again
#: make clean       remove build/

# Objects: as usual, and once more for the static session.
$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(O)/static/%.o: %.c
	@mkdir -p $(@D)
	$(STATIC_CC) $(ALL_CFLAGS) -c -o $@ $<

$(LIB): $(LIB_SRC:%.c=$(O)/%.o)
	@rm -f $@
	$(AR) rcs $@ $^

# A program is its directory and the library.
.SECONDEXPANSION:
$(BIN:%=$(B)/bin/%): $(B)/bin/%: $$(patsubst %.c,$(O)/%.o,$$(wildcard bin/%/*.c)) $(LIB)
	@mkdir -p $(@D)
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $^

$(B)/libexec/smtpserv-session: $(SESSION_SRC:%.c=$(O)/static/%.o) $(LIB_SRC:%.c=$(O)/static/%.o)
	@mkdir -p $(@D)
	$(STATIC_CC) $(STATIC) $(ALL_LDFLAGS) -o $@ $^

$(PAGES): $(MAN)
	@mkdir -p $(@D)
	cp $(filter %/$(@F),$(MAN)) $@

# Tests: C and sh programs, mirrored into build/tests with their Kyuafiles.
T         = $(B)/tests
TEST_C    = $(shell find tests -name '*_test.c')
TEST_SH   = $(shell find tests -name '*_test.sh')
TEST_DATA = $(shell find tests -name Kyuafile -o -path 'tests/support/*' -type f) tests/style/layers
TESTS     = $(TEST_C:%.c=$(B)/%) $(TEST_SH:%.sh=$(B)/%) $(TEST_DATA:%=$(B)/%)
ATF_SH    = /usr/bin/atf-sh

# What a unit test of a program links: all of the program but main().
parts = $(patsubst %.c,$(O)/%.o,$(filter-out %/$(notdir $(1)).c,$(wildcard $(1)/*.c)))

$(T)/%_test: tests/%_test.c $(LIB) $$(call parts,$$(patsubst %/,%,$$(dir $$*)))
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -I$(patsubst %/,%,$(dir $*)) $(ALL_LDFLAGS) -o $@ \
		$< $(filter-out $(LIB),$(filter %.o,$^)) $(LIB) -latf-c

$(T)/%_test: tests/%_test.sh
	@mkdir -p $(@D)
	{ echo '#! $(ATF_SH)'; cat $<; } >$@
	@chmod +x $@

$(TEST_DATA:%=$(B)/%): $(B)/%: %
	@mkdir -p $(@D)
	cp $< $@

tests: all $(TESTS)

clean:
	rm -rf $(B)

.PHONY: all help clean tests
-include $(shell find $(O) -name '*.d' 2>/dev/null)
