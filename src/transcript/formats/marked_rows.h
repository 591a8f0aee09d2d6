/* marked_rows.h - the marks of the programs whose formats are known.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_MARKED_ROWS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_MARKED_ROWS_H

#include "transcript/formats/marked.h"

extern const struct marks_row swaks_marks, curl_marks, python_smtplib_marks, perl_net_smtp_marks,
    msmtp_marks, nodemailer_marks, smtp_server_marks, phpmailer_marks, phpmailer_html_marks,
    commons_net_marks, ruby_net_smtp_marks, mutt_marks, fetchmail_marks, libesmtp_marks,
    haraka_marks, exim_marks, postfix_marks, postfix_notice_marks, sendmail_marks, aiosmtpd_marks;

#endif
