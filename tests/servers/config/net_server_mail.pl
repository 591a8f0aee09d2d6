# net_server_mail.pl PORT: Net::Server::Mail with PIPELINING and 8BITMIME; ok@example.com is taken, all else is refused.
use strict; use warnings;
use IO::Socket::INET;
use Net::Server::Mail::ESMTP;
my $listener = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    my $child = fork;
    if ($child) { close $client; next; }
    my $smtp = Net::Server::Mail::ESMTP->new(socket => $client);
    $smtp->register('Net::Server::Mail::ESMTP::8BITMIME');
    $smtp->register('Net::Server::Mail::ESMTP::PIPELINING');
    $smtp->set_callback(RCPT => sub { $_[1] =~ /ok\@/ ? 1 : (0, 550, 'No such mailbox') });
    $smtp->set_callback(DATA => sub { my ($session, $data) = @_;
        $$data =~ /refused content/ ? (0, 554, 'Content refused') : (1, 250, 'Message queued') });
    $smtp->process;
    exit 0;
}
