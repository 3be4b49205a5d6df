/** The inbox of the trial mode, which shows every mail that was sent. */
import { definePage } from '../http/page.ts';

/** One line of the list. `at` is written for people. */
export interface MailLine {
  id: string;
  to: string;
  subject: string;
  at: string;
}

export interface InboxLocals {
  /** Newest first. */
  mails: readonly MailLine[];
  /** True when mails also go out by a real mail server. */
  otherTransport: boolean;
}

/** One mail. `htmlUrl` is where its HTML body is served, for a sandboxed frame; null when it has none. */
export interface MessageLocals extends MailLine {
  from: string;
  text: string;
  htmlUrl: string | null;
}

const line: MailLine = {
  id: '42',
  to: 'taro@example.com',
  subject: '電子調達ポータル：ワンタイムパスワードのお知らせ',
  at: '2026/11/21 13:05:09',
};

export const inboxPage = definePage<InboxLocals>('inbox/list', [
  { mails: [line, { ...line, id: '41', to: 'a..b.@docomo.ne.jp' }], otherTransport: false },
  { mails: [], otherTransport: true },
]);

export const messagePage = definePage<MessageLocals>('inbox/message', [
  {
    ...line,
    from: '関所 <otp@login.example.com>',
    text: 'ワンタイムパスワード\n\n  123456\n\n有効期限：13:15',
    htmlUrl: '/inbox/42/html',
  },
  {
    ...line,
    from: 'otp@login.example.com',
    text: 'Hello\nhttps://login.example.com/register/mV1Z3kq7dYw4n9c0Rr5sT8uXbA2eGfHjKlMoPpQiSt\n',
    htmlUrl: null,
  },
]);
