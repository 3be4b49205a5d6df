/** What the greeting invites to: the sample site against this very provider, and users that the command adds. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sekisho } from '../admin/sekisho.ts';
import { Agent, type Page } from '../support/agent.ts';
import { textOf } from '../support/html-forms.ts';
import { startTrial, type Trial } from './trial.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial.close());

const PASSWORD = 'nagaku-furu 雨と 7 hiki no kani';

const ADDRESS: Record<string, string> = {
  'p-01-usr001': 'usr001@user.example',
  'p-01-usr003': 'usr003@user.example',
};

/** Answers the pages of a login with the code from the inbox. */
async function answer(first: Page, userId: string, address = ADDRESS[userId] ?? ''): Promise<Page> {
  const before = (await trial.mailsTo(address)).filter(({ subject }) =>
    subject.includes('ワンタイム'),
  ).length;
  const page = await first.submit({ user_id: userId });
  expect(page.h1).toContain('ワンタイムパスワード');
  return page.submit({ code: await trial.code(address, before) });
}

async function signedIn(userId = 'p-01-usr001', agent = new Agent()): Promise<Page> {
  const home = await agent.open(`${trial.site}/`);
  expect(home.html).toContain('p-01-usr001');
  return answer(await home.click('ログイン'), userId);
}

const authTime = (page: Page) => Number(/(\d{10}) \(/.exec(page.html)?.[1]);
const asksForUserId = (page: Page) => page.forms.some(({ names }) => names.has('user_id'));

test('the first visit ends on a page with user ID, contract and address', async () => {
  const page = await signedIn();
  expect(page).toMatchObject({ status: 200, url: `${trial.site}/`, h1: 'ログインしました' });
  const text = textOf(page.html, 'main');
  for (const shown of ['p-01-usr001', 'trial', 'usr001@user.example']) {
    expect(text).toContain(`${shown}取得元：UserInfo`);
  }
  for (const shown of ['urn:sekisho:acr:otp', 'otp']) expect(text).toContain(`${shown}取得元：IDトークン`);
  expect(text).not.toContain('なし');
  expect(authTime(page)).toBeGreaterThan(Date.now() / 1000 - 60);
});

test('the buttons: userinfo, refresh', async () => {
  const page = await signedIn();
  const asked = await page.submit({}, '/userinfo');
  expect(asked.html).toContain('UserInfo エンドポイントの応答');
  expect(asked.html).toContain('email_verified');
  for (let times = 0; times < 3; times += 1) {
    const refreshed = await (await page.agent.open(`${trial.site}/`)).submit({}, '/refresh');
    expect(refreshed).toMatchObject({ status: 200, h1: 'ログインしました' });
    expect(refreshed.html).toContain('トークンを更新しました');
  }
});

test('a sign-in again: with a fresh code, by age, by strength, in English', async () => {
  const page = await signedIn('p-01-usr003');
  const { agent } = page;
  // A login just now is recent enough: nothing is asked. Nor is it for a password that there is none of; the site says no.
  expect(await page.click('60秒以内')).toMatchObject({ url: `${trial.site}/`, h1: 'ログインしました' });
  const tooWeak = await page.click('パスワードとワンタイムパスワードの両方');
  expect(tooWeak.h1).toBe('【エラー】求めた方法でのログインではありません');
  expect((await agent.open(`${trial.site}/`)).h1).toBe('ログインしました');
  for (const label of ['新しいワンタイムパスワード', '今すぐ']) {
    const again = await page.click(label);
    expect(asksForUserId(again)).toBe(true);
    const back = await answer(again, 'p-01-usr003');
    expect(back).toMatchObject({ url: `${trial.site}/`, h1: 'ログインしました' });
    expect(authTime(back)).toBeGreaterThanOrEqual(authTime(page));
  }
  const english = await (await agent.open(`${trial.site}/`)).click('英語の画面');
  expect(english.headers['content-language']).toBe('en');
  expect(english.html).toContain('User ID');
});

test('another user takes the place of the first', async () => {
  const { agent } = await signedIn('p-01-usr001');
  const again = await agent.open(`${trial.site}/login?prompt=login`);
  const page = await answer(again, 'p-01-usr003');
  expect(page).toMatchObject({ url: `${trial.site}/`, h1: 'ログインしました' });
  expect(page.html).toContain('p-01-usr003');
  expect(page.html).not.toContain('usr001@');
});

test('an invited user registers by the mail in the inbox, logs in by password, and adds a code', async () => {
  const address = 'usr101@user.example';
  const code = await trial.code(address, 0);
  const [{ id = '' } = {}] = await trial.mailsTo(address);
  const mail = await new Agent().open(`${trial.issuer}/inbox/${id}`);
  expect(textOf(mail.html, 'main')).toContain('p-01-usr101');
  const first = await mail.click('/register/');
  const credentials = await first.submit({ code });
  const done = await credentials.submit({
    question: 'first_pet',
    answer: 'ポチ',
    password: PASSWORD,
    password_again: PASSWORD,
  });
  expect(done).toMatchObject({ status: 200, h1: '認証情報登録完了' });

  const asked = await (await done.click('見本サイト')).click('ログイン');
  const page = await (await asked.submit({ user_id: 'p-01-usr101' })).submit({ password: PASSWORD });
  expect(page).toMatchObject({ url: `${trial.site}/`, h1: 'ログインしました' });
  expect(textOf(page.html, 'main')).toContain('urn:sekisho:acr:password取得元：IDトークン');
  const more = await page.click('パスワードとワンタイムパスワードの両方');
  expect(textOf(more.html, 'main')).toContain('p-01-usr101');
  const stronger = await answer(more, 'p-01-usr101', address);
  expect(stronger).toMatchObject({ url: `${trial.site}/`, h1: 'ログインしました' });
  expect(textOf(stronger.html, 'main')).toContain('urn:sekisho:acr:password+otp取得元：IDトークン');
});

test('a login given up comes back with its error', async () => {
  const first = await new Agent().open(`${trial.site}/login`);
  const back = await first.submit({}, '/cancel');
  expect(back).toMatchObject({ status: 400, h1: expect.stringContaining('続けられませんでした') });
  expect(back.html).toContain('access_denied');
  expect(asksForUserId(await back.click('もう一度ログインする'))).toBe(true);
});

test('a login that another site initiates, by GET and by POST', async () => {
  const agent = new Agent();
  const wish = {
    iss: trial.issuer,
    login_hint: 'p-01-usr003',
    target_link_uri: `${trial.site}/?from=portal`,
  };
  const from = 'https://portal.example/';
  const byGet = await agent.open(`${trial.site}/login?${new URLSearchParams(wish)}`, { from });
  expect(byGet.form({ user_id: '' }).fields.user_id).toBe('p-01-usr003');
  const { location = '' } = await agent.post(`${trial.site}/login`, wish, { from });
  const byPost = await agent.open(location, { from });
  expect(byPost.form({ user_id: '' }).fields.user_id).toBe('p-01-usr003');
  expect((await answer(byPost, 'p-01-usr003')).url).toBe(`${trial.site}/?from=portal`);
});

test('logging out at the site asks at the provider and comes back', async () => {
  const page = await signedIn();
  const asked = await page.submit({}, '/logout');
  expect(asked.url.startsWith(trial.issuer)).toBe(true);
  expect(asked.html).toContain('見本サイト');
  const back = await asked.submit({ logout: 'yes' });
  expect(back).toMatchObject({ status: 200, url: `${trial.site}/signed-out` });
  expect(asksForUserId(await page.agent.open(`${trial.site}/login`))).toBe(true);
});

test('logging out at the provider reaches the site over the back channel', async () => {
  const { agent } = await signedIn();
  const other = await signedIn();
  const { body } = await agent.get(`${trial.issuer}/.well-known/openid-configuration`);
  const asked = await agent.open(JSON.parse(body).end_session_endpoint);
  expect(await asked.submit({ logout: 'yes' })).toMatchObject({ status: 200 });
  expect((await agent.open(`${trial.site}/`)).h1).toBe('見本サイトへようこそ');
  expect((await other.agent.open(`${trial.site}/`)).h1).toBe('ログインしました');
});

test('a user created by the command meanwhile can log in at once', async () => {
  const create = ['user', 'create', 'trial', 'p-01-new', '--email', 'new@user.example', '--active', '--json'];
  const run = await sekisho({ PORT: String(trial.port) }, trial.folder, create);
  expect(run).toMatchObject({ code: 0, err: '' });
  const home = await new Agent().open(`${trial.site}/`);
  const page = await answer(await home.click('ログイン'), 'p-01-new', 'new@user.example');
  expect(page).toMatchObject({ h1: 'ログインしました' });
  expect(textOf(page.html, 'main')).toContain('new@user.example');
});

test('all of this leaves nothing in the log', () => {
  expect(trial.err()).toBe('');
  expect(trial.out().split('Ctrl+C')[1]).toBe(' stops it.\n\n');
});
