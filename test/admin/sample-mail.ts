import type { NewMail } from '../../src/mail/mail.ts';
import { newId } from '../../src/secrets.ts';
import { START } from './desk.ts';

/** A mail with a code, as a login leaves it in the outbox. */
export function sampleMail(changes: Partial<NewMail> = {}): NewMail {
  return {
    id: newId(),
    contractId: 'acme',
    recipient: 'taro@example.co.jp',
    locale: 'ja',
    content: {
      kind: 'login_code',
      requestedAt: START,
      siteName: '電子調達ポータル',
      contractName: '関所',
      browser: 'Firefox',
      address: '192.0.2.1',
      timeZone: 'Asia/Tokyo',
      senderName: '関所',
      support: null,
    },
    codeId: newId(),
    invitationId: null,
    attemptId: newId(),
    createdAt: START,
    dueAt: START,
    giveUpAt: START + 600_000,
    ...changes,
  };
}
