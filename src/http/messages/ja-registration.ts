/** The words of the registration pages in Japanese. */
export const registration = {
  'register.steps': '登録の流れ',
  'register.step.code': '初回認証',
  'register.step.credentials': '認証情報登録',
  'register.step.done': '認証情報登録完了',
  'register.user_id': 'ユーザID',

  'register.code.intro':
    '「{service}」にログインするための認証情報を登録します。はじめに、ご案内したワンタイムパスワードを入力してください。',
  'register.code.label': 'ワンタイムパスワード',
  'register.code.hint':
    '初回OTPとして、メールまたは管理者からお知らせした{digits}桁の数字です。{time}まで使えます。',
  'register.code.submit': '次へ',
  'register.code.empty': 'ワンタイムパスワードを入力してください。',
  'register.code.wrong': 'ワンタイムパスワードが正しくありません。',
  'register.code.wrong_next':
    '新しいご案内が届いている場合は、そちらのURLから登録してください。間違いが続くと、登録できなくなります。',
  'register.code.again':
    '安全のため、ワンタイムパスワードをもう一度入力してください。登録はまだ済んでいません。',

  'register.credentials.intro':
    'ログインに使う認証情報を登録します。秘密の質問とその答えは、認証情報をお忘れになったときに、ご本人であることの確認に使います。',
  'register.credentials.submit': '登録',

  'credentials.enter_again': '答えとパスワードは、安全のため、もう一度入力してください。',
  'credentials.enter_answer_again': '答えは、安全のため、もう一度入力してください。',
  'credentials.question.label': '秘密の質問',
  'credentials.question.choose': '選択してください',
  'credentials.question.none': '秘密の質問を選択してください。',
  'credentials.answer.label': '秘密の質問答え',
  'credentials.answer.hint':
    'ほかの人に知られにくく、ご自身は忘れない答えにしてください。大文字と小文字、ひらがなとカタカナ、空白や記号の違いは区別しません。',
  'credentials.answer.empty': '秘密の質問の答えを入力してください。',
  'credentials.answer.too_short':
    '秘密の質問の答えは、空白や記号を除いて2文字以上にしてください。漢字なら1文字でもかまいません。',
  'credentials.answer.too_long': '秘密の質問の答えは、100文字以内にしてください。',
  'credentials.password.label': 'パスワード',
  'credentials.password.hint':
    '{min}文字以上、256文字以内で決めてください。文字の種類は自由で、空白も使えます。よく使われるもの、ユーザIDやサービス名に似たもの、簡単に推測できるものは使えません。',
  'credentials.password.empty': 'パスワードを入力してください。',
  'credentials.password.show': 'パスワードを表示',
  'credentials.password.hide': 'パスワードを隠す',
  'credentials.password.strength': 'パスワードの強さ',
  'credentials.password_again.label': 'パスワード（確認のためもう一度）',
  'credentials.password_again.empty': '確認のため、パスワードをもう一度入力してください。',
  'credentials.password_again.differs': '確認のために入力されたパスワードが一致しません。',

  'register.done.text': '認証情報を登録しました。これからログインできます。',
  'register.done.again': 'この登録は、すでに済んでいます。サイトを開いて、ログインしてください。',
  'register.done.at': '登録日時',
  'register.done.next': 'サイトに移動して、ログインしてください。',
  'register.done.to_site': '「{site}」に移動',
  'register.done.open_site': 'ご利用のサイトを開いて、ログインしてください。',
  'register.done.not_you': '登録した覚えがない場合は、すぐにご利用のサイトの窓口にご連絡ください。',

  'register.problem.unknown.title': '登録用のURLを確認できませんでした',
  'register.problem.unknown.text':
    'URLの一部が欠けているか、新しいご案内が送られたため、使えなくなっています。メールのURL全体を開いたかどうか、より新しいご案内が届いていないかをお確かめください。',
  'register.problem.expired.title': '登録の期限が過ぎています',
  'register.problem.expired.text':
    'この登録用のURLは、もう使えません。登録するには、新しいご案内を受け取る必要があります。',
  'register.problem.not_allowed.title': '登録できません',
  'register.problem.not_allowed.text': 'このユーザIDは、現在ご利用になれません。',
  'register.problem.locked.title': '登録できなくなりました',
  'register.problem.locked.text':
    'ワンタイムパスワードの間違いが続いたため、このご案内による登録を止めています。新しいご案内を受け取ると、登録できるようになります。',
  'register.problem.locked.until': '{time}を過ぎると、このご案内からもう一度登録できます。',
  'register.problem.too_many_requests.title': 'アクセスが集中しています',
  'register.problem.too_many_requests.text': '操作が多いため、受け付けを一時的に止めています。',
  'register.problem.forged_request.title': '操作を確認できませんでした',
  'register.problem.forged_request.text':
    '安全のため、この操作は受け付けませんでした。ブラウザーのCookieが有効か確かめて、もう一度お試しください。',
  'register.problem.wait_until': '{time}を過ぎてから、もう一度お試しください。',
  'register.problem.retry': 'もう一度試す',
  'register.problem.contact_desk': 'くわしくは、次の窓口にお問い合わせください。',
  'register.problem.contact_site': 'くわしくは、ご利用のサイトの窓口にお問い合わせください。',
  'register.problem.ask_desk': '新しいご案内は、次の窓口にご依頼ください。',
  'register.problem.ask_site': '新しいご案内は、ご利用のサイトの窓口にご依頼ください。',
} as const;
