<?php
// SPDX-License-Identifier: ISC
// phpmailer.php PORT: two mails over one connection by PHPMailer, as a shop or
// a forum sends them: a sender of a mailing list's length, DSN, an attachment,
// UTF-8, and a name in EHLO that is no domain.
foreach (['Exception', 'SMTP', 'PHPMailer'] as $part)
	require "/usr/share/php/libphp-phpmailer/src/$part.php";
PHPMailer\PHPMailer\PHPMailer::$validator = fn ($address) => true;

$mail = new PHPMailer\PHPMailer\PHPMailer(true);
$mail->isSMTP();
$mail->Host = '127.0.0.1';
$mail->Port = (int)$argv[1];
$mail->SMTPAutoTLS = false;
$mail->SMTPKeepAlive = true;
$mail->Helo = 'web_01..shop-';
$mail->dsn = 'SUCCESS,FAILURE';
$mail->CharSet = 'UTF-8';
$mail->Encoding = '8bit';
$mail->setFrom('shop@maggot.example', "K\u{f6}nig");
$mail->Sender = 'bounces+' . str_repeat('0123456789', 7) . '@maggot.example';
$mail->Subject = "Gr\u{fc}\u{df}e";
$mail->Body = "Sch\u{f6}n:\r\n.\r\n..\r\n.dot\r\n";
$mail->addStringAttachment("\0\r\n.\r\n\xff", 'file.bin');
$mail->addAddress('bruce@gnat.example.');
$mail->addCC('try..this.@docomo.example');
$mail->send();
$mail->clearAllRecipients();
$mail->addAddress('postmaster@gnat.example');
$mail->send();
$mail->smtpClose();
