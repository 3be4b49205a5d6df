/** The words of mails about invitations, credentials and dates in Japanese. */
export const invitationMails = {
  'mail.facts.service': 'サービス',
  'mail.facts.user_id': 'ユーザID',
  'mail.facts.valid_until': 'ログインできる期限',
  'mail.facts.register_until': '登録の期限',
  'mail.facts.administrator': '登録した管理者',
  'mail.sites': 'ご利用になれるサイト',
  'mail.registration_url': '認証情報取得先URL',
  'mail.initial_otp': '初回OTP（ワンタイムパスワード）',
  'mail.delete_if_not_you': 'お心当たりがない場合は、このメールを破棄してください。',

  'mail.recovery_code.subject': '{site}：認証情報の再登録に使うワンタイムパスワードのお知らせ',
  'mail.recovery_code.intro': '「{site}」の認証情報を登録し直すためのワンタイムパスワードです。',
  'mail.recovery_code.how': '再登録を始めたブラウザーの画面に入力してください。一度だけ使えます。',
  'mail.recovery_code.not_you':
    'お心当たりがない場合は、このメールを破棄してください。ワンタイムパスワードと秘密の質問の答えがそろわない限り、認証情報は変わりません。何度も届く場合は、ご利用のサイトの窓口にご連絡ください。',

  'mail.registered.subject': '{site}：認証情報登録完了のお知らせ',
  'mail.registered.intro': '「{site}」で使う認証情報の登録が完了しました。',
  'mail.registered.facts': '登録の内容',
  'mail.registered.was_you': 'ご本人による登録であれば、何もする必要はありません。',
  'mail.registered.not_you':
    'お心当たりがない場合は、第三者が登録したおそれがあります。すぐにご利用のサイトの窓口にご連絡ください。',

  'mail.credentials_renewed.subject': '{site}：認証情報再登録のお知らせ',
  'mail.credentials_renewed.intro': '「{site}」で使う認証情報が登録し直されました。',
  'mail.credentials_renewed.facts': '再登録の内容',
  'mail.credentials_renewed.effect':
    '以前の認証情報は使えません。このログインシステムでのログインは、すべて終わりました。サイトを開いたままの場合は、サイトでもログアウトしてください。',
  'mail.credentials_renewed.was_you':
    'ご本人による再登録であれば、新しい認証情報でログインし直してください。',
  'mail.credentials_renewed.not_you':
    'お心当たりがない場合は、第三者が登録したおそれがあります。すぐにご利用のサイトの窓口にご連絡ください。',

  'mail.invitation.subject': '{site}：認証情報登録のご案内',
  'mail.invitation.intro':
    '「{site}」をご利用になるための認証情報（秘密の質問と答えなど）の登録をお願いします。',
  'mail.invitation.how':
    '認証情報取得先URLを開き、初回OTPを入力して、認証情報を登録してください。登録が済むと、初回OTPは使えなくなります。',
  'mail.invitation.how_apart':
    '初回OTPは、別のメールでお送りします。認証情報取得先URLを開き、届いた初回OTPを入力して、認証情報を登録してください。',
  'mail.invitation.never_ask':
    '初回OTPを、電話やメールでお尋ねすることは決してありません。URLと初回OTPは、だれにも教えないでください。',

  'mail.invitation_code.subject': '{site}：初回OTPのお知らせ',
  'mail.invitation_code.intro': '「{site}」の認証情報の登録に使う初回OTPです。',
  'mail.invitation_code.how':
    '別のメールでお送りする認証情報取得先URLを開き、この初回OTPを入力してください。登録が済むと使えなくなります。',

  'mail.invitation_reminder.subject': '{site}：認証情報登録の期限が近づいています',
  'mail.invitation_reminder.intro':
    '「{site}」をご利用になるための認証情報が、まだ登録されていません。期限までに登録をお願いします。',
  'mail.invitation_reminder.how_apart':
    '認証情報取得先URLを開き、初回OTPを入力して、認証情報を登録してください。初回OTPをまだ受け取っていない場合や、分からない場合は、窓口または管理者にお問い合わせください。',

  'mail.invitation_notice.subject': '{site}：利用者登録のお知らせ',
  'mail.invitation_notice.intro': '「{site}」の利用者として登録されました。',
  'mail.invitation_notice.how':
    'ユーザIDと初回OTPは、管理者からお受け取りください。一緒に渡される認証情報取得先URLを開き、初回OTPを入力して、認証情報を登録してください。',
  'mail.invitation_notice.not_you': 'お心当たりがない場合は、管理者または窓口にご連絡ください。',

  'mail.handover.subject': '{contract}：利用者への初回OTPのお渡しのお願い',
  'mail.handover.intro': '次の内容を、利用者ご本人にお渡しください。',
  'mail.handover.how':
    '利用者には、管理者から受け取るようにメールでお知らせします。ご本人であることを確かめてからお渡しになり、お渡しした後は、このメールを削除してください。',
  'mail.handover.next':
    '登録が済むと、初回OTPは使えなくなります。登録の期限を過ぎた場合は、新しいものを発行してください。',

  'mail.validity_ends.subject': '{site}：ログインできる期限が近づいています',
  'mail.validity_ends.intro': '「{site}」にログインできる期限が近づいています。',
  'mail.validity_ends.next':
    '期限を過ぎると、ログインできなくなります。引き続きご利用になる場合は、ご利用のサイトの管理者または窓口にご連絡ください。',

  'mail.user_validity_ends.subject': '{contract}：利用者がログインできる期限が近づいています',
  'mail.user_validity_ends.intro': '次の利用者は、まもなくログインできなくなります。',
  'mail.user_validity_ends.list': '利用者と、ログインできる期限',
  'mail.user_validity_ends.next':
    '引き続きご利用になる利用者については、ログインできる期限を延ばしてください。そのほかの利用者には、何もする必要はありません。',
};
