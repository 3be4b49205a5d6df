import type { Locale } from '../../http/locale.ts';

const ja = {
  brand: '見本サイト',
  'home.title': '見本サイトへようこそ',
  'home.what':
    'これは、ログインを OpenID Connect プロバイダーに任せる Web サイトの見本です。ログインすると、プロバイダーから受け取った情報をそのまま表示します。',
  'home.login': 'ログイン',
  'home.users': '試せるユーザID',
  'home.inbox': '届いたメールを見る',
  'home.language': 'English',
  'home.signed_out': 'ログアウトしました。',
  'session.title': 'ログインしました',
  'session.claims': 'プロバイダーから受け取った情報',
  'session.from': '取得元：',
  'session.from.id_token': 'IDトークン',
  'session.from.userinfo': 'UserInfo',
  'session.from.and': '、',
  'session.none': 'なし',
  'session.userinfo': 'UserInfo エンドポイントの応答',
  'session.refreshed': 'トークンを更新しました。',
  'session.again': 'もう一度ログインする',
  'session.again.fresh': '新しいワンタイムパスワードで確認する',
  'session.again.recent': '60秒以内のログインを求める',
  'session.again.now': '今すぐのログインを求める',
  'session.again.step_up': 'パスワードとワンタイムパスワードの両方を求める',
  'session.again.language': '英語の画面でログインし直す',
  'session.calls': 'プロバイダーを呼び出す',
  'session.call.userinfo': 'UserInfo を取得する',
  'session.call.refresh': 'トークンを更新する',
  'session.account': 'アカウント管理',
  'session.logout': 'ログアウト',
  'claim.sub': '利用者の識別子',
  'claim.user_id': 'ユーザID',
  'claim.contract': '契約',
  'claim.email': 'メールアドレス',
  'claim.acr': '認証の強さ',
  'claim.amr': '認証に使った手段',
  'claim.auth_time': 'ログインした時刻',
  'problem.provider_said_no': '続けられませんでした',
  'problem.provider_said_no.text': 'プロバイダーの応答に次の問題がありました。',
  'problem.not_begun': 'このログインは続けられません',
  'problem.not_begun.text':
    'このブラウザーで始めたログインではないか、時間がたちすぎたか、すでに完了しています。もう一度ログインしてください。',
  'problem.too_weak': '求めた方法でのログインではありません',
  'problem.too_weak.text':
    'この利用者は、このサイトが求めた方法では確認できません。プロバイダーが返したのは、それより弱いログインです。',
  'problem.unreachable': 'いまはログインできません',
  'problem.unreachable.text': 'プロバイダーに接続できません。しばらくしてから、もう一度お試しください。',
  'problem.bad_request': 'このログインは始められません',
  'problem.bad_request.text':
    'ほかのプロバイダーへのログイン、またはほかのサイトへの移動が求められました。このサイトからログインしてください。',
  'problem.error': 'エラー',
  'problem.description': '説明',
  'problem.again': 'もう一度ログインする',
  'problem.home': '見本サイトのトップへ',
} as const;

/** Key of one of this site's own words. */
export type SampleKey = keyof typeof ja;

const en: Record<SampleKey, string> = {
  brand: 'Sample site',
  'home.title': 'Welcome to the sample site',
  'home.what':
    'This is an example of a Web site that leaves logging in to an OpenID Connect provider. Log in, and it shows what it was told by the provider.',
  'home.login': 'Log in',
  'home.users': 'User IDs to try',
  'home.inbox': 'See the mails that have arrived',
  'home.language': '日本語',
  'home.signed_out': 'You have logged out.',
  'session.title': 'You are logged in',
  'session.claims': 'What the provider said',
  'session.from': 'From: ',
  'session.from.id_token': 'ID token',
  'session.from.userinfo': 'userinfo',
  'session.from.and': ', ',
  'session.none': 'none',
  'session.userinfo': 'What the userinfo endpoint says',
  'session.refreshed': 'The tokens were refreshed.',
  'session.again': 'Log in once more',
  'session.again.fresh': 'Confirm with a new one-time password',
  'session.again.recent': 'Ask for a login of the last 60 seconds',
  'session.again.now': 'Ask for a login right now',
  'session.again.step_up': 'Ask for both password and one-time password',
  'session.again.language': 'Log in again in Japanese',
  'session.calls': 'Call the provider',
  'session.call.userinfo': 'Fetch userinfo',
  'session.call.refresh': 'Refresh the tokens',
  'session.account': 'Account management',
  'session.logout': 'Log out',
  'claim.sub': 'Identifier of the user',
  'claim.user_id': 'User ID',
  'claim.contract': 'Contract',
  'claim.email': 'E-mail address',
  'claim.acr': 'Strength of the login',
  'claim.amr': 'Means of the login',
  'claim.auth_time': 'Time of the login',
  'problem.provider_said_no': 'This could not be completed',
  'problem.provider_said_no.text': 'There was a problem with the answer of the provider.',
  'problem.not_begun': 'This login cannot go on',
  'problem.not_begun.text':
    'It was not begun in this browser, took too long, or is already complete. Please log in again.',
  'problem.too_weak': 'This is not the login that was asked for',
  'problem.too_weak.text':
    'This user cannot prove what this site asked for. The provider returned a weaker login.',
  'problem.unreachable': 'You cannot log in at the moment',
  'problem.unreachable.text': 'The provider cannot be reached. Please try again in a while.',
  'problem.bad_request': 'This login cannot be started',
  'problem.bad_request.text':
    'It asked for another provider, or to go on to another site. Please log in from this site.',
  'problem.error': 'Error',
  'problem.description': 'Description',
  'problem.again': 'Log in again',
  'problem.home': 'Top page of the sample site',
};

/** This site's words in a language, as a function that templates call with a key. */
export function sampleWords(locale: Locale): (key: SampleKey) => string {
  const words = locale === 'ja' ? ja : en;
  return (key) => words[key];
}
