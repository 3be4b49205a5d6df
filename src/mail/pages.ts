/** The HTML body of mails. It is a page too: typed, sampled and tested like those of the web. */
import { definePage, type SupportDesk } from '../http/page.ts';
import type { Letter } from './letter.ts';

export interface LetterMailLocals extends Letter {
  readonly contractName: string;
  readonly support: SupportDesk | null;
}

const support: SupportDesk = {
  name: '関所システムズ サポート窓口',
  email: 'support@example.com',
  phone: '03-1234-5678',
  hours: '平日 9:00～17:00',
  url: 'https://support.example.com/otp',
};
const about = { contractName: '関所システムズ', support };

const loginCode: LetterMailLocals = {
  ...about,
  subject: '電子調達ポータル：ワンタイムパスワードのお知らせ',
  intro: '「電子調達ポータル」へのログインに使うワンタイムパスワードです。',
  blocks: [
    {
      kind: 'code',
      label: 'ワンタイムパスワード',
      value: '123456',
      note: '有効期限：2026/11/21 13:15:09',
    },
    { kind: 'words', lines: ['ログインを始めたブラウザーの画面に入力してください。'] },
    { kind: 'words', lines: ['だれにも教えないでください。'], strong: true },
    {
      kind: 'facts',
      heading: 'このワンタイムパスワードを求めた操作',
      facts: [
        { name: 'サイト', value: '電子調達ポータル' },
        { name: 'ブラウザー', value: 'Chrome 142 (Windows)' },
      ],
    },
  ],
};

const invitation: LetterMailLocals = {
  ...about,
  support: { name: 'ヘルプデスク' },
  subject: '関所システムズ：認証情報登録のご案内',
  intro: '「関所システムズ」をご利用になるための認証情報の登録をお願いします。',
  blocks: [
    { kind: 'facts', heading: null, facts: [{ name: 'ユーザID', value: 'p-01-usr007' }] },
    {
      kind: 'link',
      label: '認証情報取得先URL',
      url: 'https://login.example.com/register/mV1Z3kq7dYw4n9c0Rr5sT8uXbA2eGfHjKlMoPpQiSt',
    },
    {
      kind: 'sites',
      heading: 'ご利用になれるサイト',
      sites: [
        { name: '電子調達ポータル', url: 'https://portal.example/' },
        { name: '電子入札', url: 'https://bids.example/start' },
      ],
    },
  ],
};

export const letterMail = definePage<LetterMailLocals>('mail/letter', [
  loginCode,
  invitation,
  { ...loginCode, blocks: [], support: null },
]);
