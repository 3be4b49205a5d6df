/** The words of the pages for forgotten credentials in Japanese. */
export const forgotten = {
  'forgotten.next': '次へ',
  'forgotten.restart': '別のユーザIDでやり直す',

  'forgotten.start.title': '認証情報をお忘れの方',
  'forgotten.start.intro':
    '「{site}」へのログインに使う認証情報を、ご自身で登録し直すことができます。ユーザIDを入力して、次の順に進んでください。',
  'forgotten.start.code':
    '登録されているメールアドレスに届く、{digits}桁のワンタイムパスワードを入力します。',
  'forgotten.start.question': '登録されている秘密の質問に答えます。',
  'forgotten.start.credentials_all': '新しい秘密の質問と答え、新しいパスワードを登録します。',
  'forgotten.start.credentials_some':
    '新しい秘密の質問と答えを登録します。パスワードでログインしている方は、新しいパスワードも登録します。',
  'forgotten.start.credentials_none': '新しい秘密の質問と答えを登録します。',
  'forgotten.start.no_password':
    'パスワードはありません。登録し直したあとも、これまでと同じように、ユーザIDとメールで届くワンタイムパスワードでログインします。',
  'forgotten.start.ask_desk':
    'ユーザIDや秘密の質問の答えがわからない場合、メールを受け取れない場合は、次の窓口にご連絡ください。',
  'forgotten.start.ask_site':
    'ユーザIDや秘密の質問の答えがわからない場合、メールを受け取れない場合は、ご利用のサイトの窓口にご連絡ください。',

  'forgotten.code.sent_if_possible':
    'このユーザIDで登録し直すことができる場合は、登録されているメールアドレスに、{digits}桁のワンタイムパスワードが届きます。',
  'forgotten.code.wrong':
    'ワンタイムパスワードが正しくありません。間違いが続くと、アカウントがロックされます。届いたメールのうち最も新しいものをお確かめください。',
  'forgotten.code.ask_desk':
    'それでも届かない場合は、ユーザIDが違うか、ご自身では登録し直せない状態になっています。次の窓口にご連絡ください。',
  'forgotten.code.ask_site':
    'それでも届かない場合は、ユーザIDが違うか、ご自身では登録し直せない状態になっています。ご利用のサイトの窓口にご連絡ください。',

  'forgotten.question.intro': '登録されている秘密の質問の答えを入力してください。',
  'forgotten.question.hint': '大文字と小文字、ひらがなとカタカナ、空白や記号の違いは区別しません。',
  'forgotten.question.wrong':
    '秘密の質問の答えが正しくありません。間違いが続くと、アカウントがロックされます。',
  'forgotten.question.ask_desk': '答えがわからない場合は、次の窓口にご連絡ください。',
  'forgotten.question.ask_site': '答えがわからない場合は、ご利用のサイトの窓口にご連絡ください。',

  'forgotten.credentials.title': '新しい認証情報の登録',
  'forgotten.credentials.intro':
    'ご本人であることを確認しました。新しい認証情報を登録すると、これまでの認証情報は使えなくなり、ほかのブラウザーも含め、このログインシステムでのログインはすべて終わります。',

  'forgotten.done.title': '認証情報を登録し直しました',
  'forgotten.done.text':
    'このログインシステムでのこれまでのログインは、すべて終わりました。登録されているメールアドレスに、お知らせをお送りします。',
  'forgotten.done.with_password': '新しいパスワードでログインしてください。',
  'forgotten.done.with_code': 'これまでと同じように、ユーザIDとワンタイムパスワードでログインしてください。',
  'forgotten.done.log_in': '「{site}」にログイン',

  'forgotten.problem.restart': '最初からやり直す',
  'forgotten.problem.off.title': '認証情報をお忘れの方',
  'forgotten.problem.off.text': '認証情報は、窓口で登録し直します。このページからは登録し直せません。',
  'forgotten.problem.off_desk': '次の窓口にご連絡ください。',
  'forgotten.problem.off_site': 'ご利用のサイトの窓口にご連絡ください。',
  'forgotten.problem.code_expired.title': '認証に失敗しました',
  'forgotten.problem.code_expired.text':
    'ワンタイムパスワードの有効期限が切れています。最初からやり直して、新しいワンタイムパスワードを受け取ってください。',
  'forgotten.problem.too_late.title': '時間切れになりました',
  'forgotten.problem.too_late.text':
    '安全のため、ワンタイムパスワードの入力から30分を過ぎると、登録し直せなくなります。認証情報は変わっていません。',
  'forgotten.problem.ended.title': '続けられませんでした',
  'forgotten.problem.ended.text':
    '操作の途中で、利用者の状態や登録内容が変わりました。ここで入力された認証情報は登録していません。',
  'forgotten.problem.ended_desk':
    'お心当たりがない場合や、繰り返し表示される場合は、次の窓口にご連絡ください。',
  'forgotten.problem.ended_site':
    'お心当たりがない場合や、繰り返し表示される場合は、ご利用のサイトの窓口にご連絡ください。',
} as const;
