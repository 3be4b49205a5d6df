import { describe, expect, test } from '@jest/globals';
import { parsePolicy } from '../../src/contracts/policy.ts';
import { type CodePageParts, codeLocals } from '../../src/login/code-page.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

function locals(
  changes: Partial<CodePageParts> = {},
  policy: Parameters<typeof parsePolicy>[0] = {},
  attempt = {},
) {
  return codeLocals({
    base: '/interaction/x',
    csrf: 'token',
    siteName: '見本サイト',
    contract: { id: 'shop', name: '契約', policy: parsePolicy(policy), createdAt: 0, updatedAt: 0 } as never,
    attempt: {
      id: 'attempt',
      contractId: 'shop',
      clientId: 'client',
      userSub: 'sub',
      userId: 'p-01',
      account: 'account',
      method: 'otp',
      needs: ['otp'],
      held: [],
      passwordAt: null,
      codeAt: null,
      answerAt: null,
      codeId: 'code',
      mails: 1,
      lastMailAt: NOW,
      createdAt: NOW,
      expiresAt: NOW + 600_000,
      ...attempt,
    },
    mails: [],
    mailFrom: 'login@sekisho.example',
    timeZone: 'UTC',
    now: NOW,
    error: null,
    resent: false,
    ...changes,
  });
}

const waiting = (tries: number) => ({ recipient: 'a@user.example', state: 'waiting' as const, tries });
const settled = (state: 'handed_over' | 'refused' | 'given_up') => ({
  recipient: 'b@user.example',
  state,
  tries: 1,
});

describe('the state of the mails together', () => {
  test.each([
    ['waiting', [waiting(0)]],
    ['waiting', [settled('handed_over'), waiting(0)]],
    ['waiting', [settled('refused'), waiting(0)]],
    ['handed_over', [settled('handed_over')]],
    ['handed_over', [settled('refused'), settled('handed_over')]],
    ['handed_over', [waiting(3), settled('handed_over')]],
    ['deferred', [waiting(1)]],
    ['deferred', [settled('refused'), waiting(2)]],
    ['refused', [settled('refused'), settled('given_up')]],
    ['given_up', [settled('given_up')]],
    ['unknown', []],
  ])('%s: %j', (state, mails) => {
    const count = new Set(mails.map(({ recipient }) => recipient)).size;
    expect(locals({ mails }).mail).toEqual({ state, count });
  });

  test('a silent contract never tells', () => {
    const mails = [settled('refused'), settled('handed_over')];
    expect(locals({ mails }, { unknown_user: 'silent' }).mail).toEqual({ state: 'unknown', count: 1 });
  });
});

describe('the resend', () => {
  test('waits for whole seconds, counted up', () => {
    expect(locals().resend).toEqual({ allowed: false, waitSeconds: 60, left: 4 });
    expect(locals({ now: NOW + 1 }).resend.waitSeconds).toBe(60);
    expect(locals({ now: NOW + 59_001 }).resend).toEqual({ allowed: false, waitSeconds: 1, left: 4 });
    expect(locals({ now: NOW + 60_000 }).resend).toEqual({ allowed: true, waitSeconds: 0, left: 4 });
  });

  test('ends with its number, also when the contract has lowered it meanwhile', () => {
    const now = NOW + 60_000;
    expect(locals({ now }, {}, { mails: 4 }).resend).toEqual({ allowed: true, waitSeconds: 0, left: 1 });
    expect(locals({ now }, {}, { mails: 5 }).resend).toEqual({ allowed: false, waitSeconds: 0, left: 0 });
    expect(locals({ now }, { code: { resends: 1 } }, { mails: 5 }).resend.left).toBe(0);
    expect(locals({ now }, { code: { resends: 0 } }).resend).toEqual({
      allowed: false,
      waitSeconds: 0,
      left: 0,
    });
  });
});

test('the end of the code is told in the time zone of the contract, or of the installation', () => {
  expect(locals().expiresAt).toBe('12:10');
  expect(locals({}, { time_zone: 'Asia/Tokyo' }).expiresAt).toBe('21:10');
});
