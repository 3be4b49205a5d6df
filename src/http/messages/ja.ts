import { forgotten } from './ja-forgotten.ts';
import { invitationMails } from './ja-invitation-mails.ts';
import { password } from './ja-password.ts';
import { registration } from './ja-registration.ts';

/** The words in Japanese. The keys of this catalogue are the keys of all. `{name}` stands for a value. */
export const ja = {
  'page.title': '{what}｜{service}',
  'page.error': '【エラー】',
  'page.skip': '本文へ移動',
  'page.help': 'ヘルプ',
  'page.reference': '受付番号',
  'page.back_to_site': '「{site}」に戻る',

  'support.heading': 'お問い合わせ先',
  'support.phone': '電話',
  'support.email': 'メール',
  'support.hours': '受付時間',
  'support.url': '案内ページ',

  'login.to_site': '「{site}」へのログイン',
  'login.cancel': 'ログインをやめてサイトに戻る',
  'login.back_to_login': 'ログインページに戻る',

  'login.user_id.title': 'ログイン',
  'login.forgotten': '認証情報をお忘れの方',

  'login.user_id.intro_then_code':
    'ユーザIDを送信すると、登録されているメールアドレスにワンタイムパスワードをお送りします。',
  'login.user_id.intro_then_any': 'ユーザIDを送信すると、ご利用のログイン方法に応じた画面に進みます。',
  'login.user_id.intro_beside_password': 'ユーザIDとパスワードを入力してください。',
  'login.user_id.label': 'ユーザID',
  'login.user_id.submit': '送信',
  'login.user_id.empty': 'ユーザIDを入力してください。',
  'login.user_id.too_long': 'ユーザIDが長すぎます。入力した内容をお確かめください。',

  'login.password.title': 'パスワードの入力',
  'login.password.submit': 'ログイン',
  'login.password.empty': 'パスワードを入力してください。',

  'login.step_up.title': '追加の確認',
  'login.step_up.code':
    '「{site}」のご利用には、ワンタイムパスワードによる確認も必要です。送信を押すと、登録されているメールアドレスに{digits}桁のワンタイムパスワードをお送りします。',
  'login.step_up.password': '「{site}」のご利用には、パスワードによる確認も必要です。',
  'login.step_up.submit': '送信',

  'login.unmet.title': 'このサイトにはログインできません',
  'login.unmet.text':
    '「{site}」は、ご利用のログイン方法より多くの確認を求めています。今のログイン方法のままでは、このサイトを利用できません。',
  'login.unmet.next': 'ログイン方法については、次の窓口にお問い合わせください。',
  'login.unmet.next_without_desk': 'ログイン方法については、ご利用のサイトの窓口にお問い合わせください。',

  'login.code.title': 'ワンタイムパスワードの入力',
  'login.code.sent': '登録されているメールアドレスに、{digits}桁のワンタイムパスワードをお送りします。',
  'login.code.sent_if_known':
    'ユーザIDが登録されている場合は、{digits}桁のワンタイムパスワードがメールで届きます。',
  'login.code.for_user': 'ユーザID',
  'login.code.label': 'ワンタイムパスワード',
  'login.code.hint': 'メールに書かれた{digits}桁の数字です。{time}まで、一度だけ使えます。',
  'login.code.submit': 'ログイン',
  'login.code.empty': 'ワンタイムパスワードを入力してください。',
  'login.code.resent': 'もう一度お送りしました。ワンタイムパスワードは前のメールと同じです。',
  'login.code.mail_state': 'メールの状態',
  'login.code.mail.waiting': '送信の順番を待っています。',
  'login.code.mail.handed_over': 'メールサーバーに渡しました。まもなく届きます。',
  'login.code.mail.refused':
    'メールサーバーにメールの受け取りを断られました。登録されているメールアドレスが今も使えるか、ご利用のサイトの窓口にご確認ください。',
  'login.code.mail.deferred': 'まだメールサーバーに渡せていません。少し時間をおいて、自動で送り直します。',
  'login.code.mail.given_up': 'メールを送信できませんでした。ご利用のサイトの窓口にご連絡ください。',
  'login.code.addresses': '宛先：{count}件',
  'login.code.refresh': '最新の状態を表示',
  'login.code.late.heading': 'メールが届かないとき',
  'login.code.late.spam': '迷惑メールのフォルダーをご確認ください。',
  'login.code.late.sender': '受信を制限している場合は、次の差出人からのメールを許可してください。',
  'login.code.late.same':
    '再送信しても、ワンタイムパスワードは変わりません。遅れて届いたメールのものも、そのまま使えます。',
  'login.code.resend': '再送信',
  'login.code.resend_wait': '再送信できるまで、あと{seconds}秒です。',
  'login.code.resend_left': '再送信できる回数：あと{left}回',
  'login.code.resend_none': 'これ以上は再送信できません。',
  'login.code.restart': '別のユーザIDでログインし直す',

  'login.problem.could_not_send.title': 'ワンタイムパスワードを送信できませんでした',
  'login.problem.could_not_send.text':
    'ユーザIDに間違いがないか確かめて、もう一度ログインしてください。登録のご案内が届いている方は、先にご案内のURLから認証情報を登録してください。繰り返し表示される場合は、ご利用のサイトの窓口にご連絡ください。',
  'login.problem.authentication_failed.title': '認証に失敗しました',
  'login.problem.authentication_failed.text':
    'ワンタイムパスワードが正しくありません。間違いが続くと、アカウントがロックされます。届いたメールのうち最も新しいものをお確かめください。',
  'login.problem.wrong_password.title': '認証に失敗しました',
  'login.problem.wrong_password.text':
    'ユーザIDまたはパスワードが正しくありません。間違いが続くと、アカウントがロックされます。登録のご案内が届いている方は、先にご案内のURLから認証情報を登録してください。',
  'login.problem.locked.title': 'アカウントがロックされています',
  'login.problem.locked.text': '入力の間違いが続いたため、お手続きを続けられなくなりました。',
  'login.problem.locked.next': 'ロックの解除は、次の窓口にご依頼ください。',
  'login.problem.locked.next_without_desk': 'ロックの解除は、ご利用のサイトの窓口にご依頼ください。',
  'login.problem.locked.error_code': 'エラーコード',
  'login.problem.locked.error_code_use': 'お問い合わせの際に、このエラーコードをお伝えください。',
  'login.problem.locked.until': '{time}を過ぎると、自動で解除されます。',
  'login.problem.code_expired.title': '認証に失敗しました',
  'login.problem.code_expired.text':
    'ワンタイムパスワードの有効期限が切れています。ログインページに戻り、新しいワンタイムパスワードを受け取ってください。',
  'login.problem.code_used.title': '認証に失敗しました',
  'login.problem.code_used.text':
    'このワンタイムパスワードは使用済みです。ログインページに戻り、新しいワンタイムパスワードを受け取ってください。',
  'login.problem.too_many_mails.title': 'これ以上メールをお送りできません',
  'login.problem.too_many_mails.text':
    '短い間に何度も送信したため、ワンタイムパスワードの送信を止めています。届いているメールがあれば、最も新しいものをご確認ください。',
  'login.problem.too_many_requests.title': 'アクセスが集中しています',
  'login.problem.too_many_requests.text': '操作が多いため、受け付けを一時的に止めています。',
  'login.problem.expired_page.title': 'このページは使えなくなりました',
  'login.problem.expired_page.text':
    '時間がたったか、ほかのタブや「戻る」ボタンで操作が進んだため、このページからは続けられません。',
  'login.problem.already_signed_in.title': 'ログインは済んでいます',
  'login.problem.already_signed_in.text':
    'このログインの操作はすでに完了しています。サイトに戻って、そのままお使いください。',
  'login.problem.forged_request.title': '操作を確認できませんでした',
  'login.problem.forged_request.text':
    '安全のため、この操作は受け付けませんでした。ブラウザーのCookieが有効か確かめて、もう一度お試しください。',
  'login.problem.resend_too_early.title': 'まだ再送信できません',
  'login.problem.resend_too_early.text': '前のメールを送ったばかりです。',
  'login.problem.resend_limit.title': 'これ以上は再送信できません',
  'login.problem.resend_limit.text':
    '再送信できる回数を使い切りました。届いているメールのワンタイムパスワードは、有効期限まで使えます。',
  'login.problem.wait_until': '{time}を過ぎてから、もう一度お試しください。',
  'login.problem.retry_code': 'ワンタイムパスワードを入力し直す',
  'login.problem.retry_password': 'パスワードを入力し直す',
  'login.problem.back_to_code': 'ワンタイムパスワードの入力に戻る',
  'login.problem.retry': 'もう一度試す',
  'login.problem.from_site': 'サイトに戻り、最初からログインしてください。',
  'login.problem.open_site': 'ご利用のサイトを開き直して、最初からログインしてください。',

  'oidc.error.title': 'ログインを始められませんでした',
  'oidc.error.unknown_client':
    'ログインを求めたサイトは登録されていません。サイトのアドレスをお確かめになるか、サイトの管理者にお知らせください。',
  'oidc.error.bad_redirect_uri':
    'ログイン後に戻る先のアドレスが、登録されたものと違います。サイトの管理者にお知らせください。',
  'oidc.error.expired': '操作の有効期限が切れています。サイトに戻り、最初からログインしてください。',
  'oidc.error.request': 'サイトからの要求を処理できませんでした。サイトに戻り、最初からやり直してください。',
  'oidc.error.logout_title': 'ログアウトできませんでした',
  'oidc.error.logout':
    'サイトからのログアウトの要求を処理できませんでした。ログアウトするには、サイトに戻ってやり直してください。',
  'oidc.error.details': '管理者に知らせる内容',
  'oidc.error.code': 'エラーコード',

  'oidc.logout.title': 'ログアウトの確認',
  'oidc.logout.question': 'ログアウトしますか。',
  'oidc.logout.asked_by': '「{site}」がログアウトを求めています。ログアウトしますか。',
  'oidc.logout.effect':
    'ログアウトすると、同じログインで使っているほかのサイトも、次に使うときにログインが必要になります。',
  'oidc.logout.yes': 'ログアウト',
  'oidc.logout.no': 'ログインしたままにする',
  'oidc.logged_out.title': 'ログアウトしました',
  'oidc.logged_out.text': '共用のパソコンをお使いの場合は、ブラウザーも閉じてください。',

  'oidc.form_post.title': 'サイトに戻ります',
  'oidc.form_post.text': '自動で切り替わらない場合は、「続ける」を押してください。',
  'oidc.form_post.continue': '続ける',

  'http.not_found.title': 'ページが見つかりません',
  'http.not_found.text':
    'アドレスが間違っているか、ページがなくなっています。ご利用のサイトから開き直してください。',
  'http.fault.title': '処理できませんでした',
  'http.fault.text':
    'システムに問題が起きました。しばらく待ってから、もう一度お試しください。繰り返す場合は、受付番号を添えてお問い合わせください。',
  'http.unavailable.title': '一時的に利用できません',
  'http.unavailable.text': 'ただいま処理を受け付けられません。数分待ってから、ページを開き直してください。',
  'http.refused.method.title': 'この操作はできません',
  'http.refused.method.text':
    'このアドレスでは受け付けていない操作です。ご利用のサイトから開き直してください。',
  'http.refused.too_large.title': '送信された内容が大きすぎます',
  'http.refused.too_large.text': '前のページに戻り、入力した内容を短くしてください。',
  'http.refused.malformed.title': '送信された内容を読み取れませんでした',
  'http.refused.malformed.text': '前のページに戻り、入力し直してください。',
  'http.refused.forged_request.title': '操作を確認できませんでした',
  'http.refused.forged_request.text':
    '安全のため、この操作は受け付けませんでした。ブラウザーのCookieが有効か確かめて、前のページを開き直してください。',
  'http.refused.misdirected.title': 'このアドレスでは開けません',
  'http.refused.misdirected.text':
    '試用モードのページは、このコンピューター自身の名前（localhost）でだけ開けます。アドレスを確かめてください。',
  'http.refused.too_many_requests.title': 'アクセスが集中しています',
  'http.refused.too_many_requests.text': '操作が多いため、受け付けを一時的に止めています。',
  'http.refused.again_in_seconds': '{seconds}秒ほど待ってから、前のページに戻り、もう一度お試しください。',
  'http.refused.again_in_minutes': '{minutes}分ほど待ってから、前のページに戻り、もう一度お試しください。',

  'inbox.title': '受信箱（試用）',
  'inbox.intro': '試用モードで送信したメールを、ここですべて確認できます。',
  'inbox.other_transport': 'これらのメールは、設定されたメールサーバーからも実際に送信されています。',
  'inbox.empty': 'メールはまだありません。見本サイトからログインすると、ここに届きます。',
  'inbox.refresh': '最新の状態を表示',
  'inbox.to': '宛先',
  'inbox.from': '差出人',
  'inbox.at': '日時',
  'inbox.text': 'テキスト版',
  'inbox.html': 'HTML版',
  'inbox.back': '受信箱に戻る',

  'mail.facts.at': '日時',
  'mail.facts.site': 'サイト',
  'mail.facts.browser': 'ブラウザー',
  'mail.facts.address': 'アクセス元IP',
  'mail.automatic': 'このメールは{contract}のログインシステムから自動でお送りしています。',

  'mail.login_code.subject': '{site}：ワンタイムパスワードのお知らせ',
  'mail.login_code.intro': '「{site}」へのログインに使うワンタイムパスワードです。',
  'mail.login_code.label': 'ワンタイムパスワード',
  'mail.login_code.expires': '有効期限：{time}',
  'mail.login_code.how': 'ログインを始めたブラウザーの画面に入力してください。一度だけ使えます。',
  'mail.login_code.requested': 'このワンタイムパスワードを求めた操作',
  'mail.login_code.never_ask':
    'ワンタイムパスワードを、電話やメールでお尋ねすることは決してありません。だれにも教えないでください。',
  'mail.login_code.not_you':
    'お心当たりがない場合は、このメールを破棄してください。ワンタイムパスワードを入力しない限り、だれもログインできません。何度も届く場合は、ご利用のサイトの窓口にご連絡ください。',

  'mail.new_browser.subject': '{site}：新しいブラウザーからのログインのお知らせ',
  'mail.new_browser.intro': '「{site}」に、これまで使われたことのないブラウザーからログインがありました。',
  'mail.new_browser.facts': 'ログインの内容',
  'mail.new_browser.was_you': 'ご本人によるログインであれば、何もする必要はありません。',
  'mail.new_browser.not_you':
    'お心当たりがない場合は、第三者がログインしたおそれがあります。すぐにご利用のサイトの窓口にご連絡ください。',
  ...password,
  ...registration,
  ...forgotten,
  ...invitationMails,
} as const;
