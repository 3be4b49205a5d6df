/** The HTML bodies of mails. They are pages too: typed, sampled and tested like those of the web. */
import { definePage, type SupportDesk } from '../http/page.ts';

/** The mail with the one-time password. Times are written for people. */
export interface LoginCodeMailLocals {
  siteName: string;
  contractName: string;
  code: string;
  digits: number;
  expiresAt: string;
  requestedAt: string;
  /** The browser that asked: `Chrome 142 (Windows)`. */
  browser: string;
  /** The IP address that asked. */
  address: string;
  support: SupportDesk | null;
}

/** The mail about a login from a browser not seen before. */
export interface NewBrowserMailLocals {
  siteName: string;
  contractName: string;
  at: string;
  browser: string;
  address: string;
  support: SupportDesk | null;
}

const support: SupportDesk = {
  name: '関所システムズ サポート窓口',
  email: 'support@example.com',
  phone: '03-1234-5678',
  hours: '平日 9:00～17:00',
  url: 'https://support.example.com/otp',
};
const facts = {
  siteName: '電子調達ポータル',
  contractName: '関所システムズ',
  browser: 'Chrome 142 (Windows)',
  address: '203.0.113.7',
};

const loginCode: LoginCodeMailLocals = {
  ...facts,
  code: '123456',
  digits: 6,
  expiresAt: '2026/11/21 13:15:09',
  requestedAt: '2026/11/21 13:05:09',
  support,
};

export const loginCodeMail = definePage<LoginCodeMailLocals>('mail/login-code', [
  loginCode,
  { ...loginCode, code: '0123456789', digits: 10, support: null },
]);

const newBrowser: NewBrowserMailLocals = { ...facts, at: '2026/11/21 13:05:09', support };

export const newBrowserMail = definePage<NewBrowserMailLocals>('mail/new-browser', [
  newBrowser,
  { ...newBrowser, support: { name: 'ヘルプデスク' } },
]);
