# first_line.pl FILE...
#
# What SpamAssassin reads in the Received fields of each message, with the client
# one of those whose word it believes: nothing may be in it that only the text
# says.
use strict;
use warnings;
use Mail::SpamAssassin;

my $sa = Mail::SpamAssassin->new({
	dont_copy_prefs => 1, local_tests_only => 1,
	rules_filename => '/dev/null', site_rules_filename => '/dev/null',
	userprefs_filename => '/dev/null',
	config_text => "trusted_networks 192.0.2.0/24\n" });
# It would rather have lists that sa-update fetches.
local $SIG{__WARN__} = sub { };
$sa->init(0);
my $bad = @ARGV == 0;
for my $name (@ARGV) {
	open(my $file, '<:raw', $name) or die "$name: $!";
	my $mail = $sa->parse(do { local $/; <$file> }, 1);
	my $status = Mail::SpamAssassin::PerMsgStatus->new($sa, $mail);
	$mail->extract_message_metadata($status);
	my $relays = join(' ', map { $mail->get_metadata($_) // '' }
	    qw(X-Spam-Relays-Trusted X-Spam-Relays-Untrusted));
	# Of a text that went on with the field above it.
	next unless $relays =~ /auth=ESMTPSA|evil|198\.51\.100/;
	print "$name: $relays\n";
	$bad = 1;
}
exit($bad);
