import { describe, expect, test } from '@jest/globals';
import { contrastWithWhite, parsePolicy, policySchema } from '../../src/contracts/policy.ts';
import { DEFAULT_SECRET_QUESTIONS } from '../../src/contracts/secret-questions.ts';

/** The paths that have a fault. */
function faultsOf(input: unknown): string[] {
  const parsed = policySchema.safeParse(input);
  return parsed.success ? [] : [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].sort();
}

describe('a policy', () => {
  test('with nothing set has the defaults that the rules name', () => {
    expect(parsePolicy({})).toEqual({
      login_methods: ['otp'],
      user_id: { case_sensitive: false },
      code: { digits: 6, minutes: 10, resend_wait_seconds: 60, resends: 4, mails_per_hour: 5 },
      lock: { tries: 5 },
      password: { min_length: 15, min_length_with_otp: 8 },
      secret_question: { questions: DEFAULT_SECRET_QUESTIONS },
      registration: { days: 14, digits: 8, delivery: 'one_mail', remind_days_before: 3 },
      forgotten_credentials: { self_service: true },
      validity: { remind_days_before: 14 },
      unknown_user: 'tell',
      session: { hours: 12, refresh_token_days: 14 },
      mail: {},
      appearance: {},
      notices: { new_browser: true },
      rates: {
        code_requests_per_address: { points: 100, seconds: 600 },
        tries_per_address: { points: 200, seconds: 600 },
        code_requests_per_contract: { points: 20_000, seconds: 600 },
      },
      history_days: 400,
    });
  });

  test('fills in what is not set beside what is', () => {
    const policy = parsePolicy({ code: { digits: 8 }, rates: { tries_per_address: { points: 3 } } });
    expect(policy.code).toMatchObject({ digits: 8, minutes: 10 });
    expect(policy.rates.tries_per_address).toEqual({ points: 3, seconds: 600 });
  });

  test('gives each caller an object of its own', () => {
    parsePolicy({}).login_methods.push('otp');
    expect(parsePolicy({}).login_methods).toEqual(['otp']);
  });

  test('names every fault by its path', () => {
    const faults = faultsOf({
      login_methods: [],
      locale: 'fr',
      time_zone: 'Mars/Olympus',
      code: { digits: 5, minutes: 0.5 },
      lock: { tries: '5' },
      unknown_user: 'guess',
      support_desk: { email: 'x' },
      appearance: { colour: 'red', logo: 'https://x.example/logo.png' },
      rates: { tries_per_address: { points: 0 } },
      history_days: 1,
    });
    expect(faults).toEqual([
      'appearance.colour',
      'appearance.logo',
      'code.digits',
      'code.minutes',
      'history_days',
      'locale',
      'lock.tries',
      'login_methods',
      'rates.tries_per_address.points',
      'support_desk.email',
      'support_desk.name',
      'time_zone',
      'unknown_user',
    ]);
  });

  test('names the faults of questions, dates and administrators', () => {
    const question = { id: 'pet', ja: 'ペットの名前は？', en: 'Your pet?' };
    const faults = faultsOf({
      password: { min_length: 14, min_length_with_otp: 7 },
      secret_question: {
        questions: [question, { ...question, id: 'pet2', en: '' }, { ...question, id: 'Pet' }],
      },
      registration: { days: 0, digits: 5, delivery: 'pigeon', remind_days_before: -1 },
      validity: { remind_days_before: 91 },
      administrator: { name: 'a\r\nBcc: x@example.com', emails: [] },
    });
    expect(faults).toEqual([
      'administrator.emails',
      'administrator.name',
      'password.min_length',
      'password.min_length_with_otp',
      'registration.days',
      'registration.delivery',
      'registration.digits',
      'registration.remind_days_before',
      'secret_question.questions.1.en',
      'secret_question.questions.2.id',
      'validity.remind_days_before',
    ]);
    expect(faultsOf({ secret_question: { questions: [question, question] } })).toEqual([
      'secret_question.questions',
    ]);
  });

  test('gives each caller questions of its own', () => {
    parsePolicy({}).secret_question.questions.pop();
    expect(parsePolicy({}).secret_question.questions).toEqual(DEFAULT_SECRET_QUESTIONS);
  });

  test.each([null, [], 'text', 7, { unknown: 1 }, { code: { unknown: 1 } }, { code: null }, { lock: [] }])(
    '%j is none',
    (input) => {
      expect(policySchema.safeParse(input).success).toBe(false);
    },
  );

  test('texts that stand in mail heads and pages hold no control characters', () => {
    for (const bad of ['a\r\nBcc: x@example.com', 'a\0', '\u009f', ' ', '\ud800']) {
      expect(faultsOf({ mail: { sender_name: bad } })).toEqual(['mail.sender_name']);
      expect(faultsOf({ support_desk: { name: bad } })).toEqual(['support_desk.name']);
    }
  });

  test('links of the support desk go to web pages only', () => {
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'ftp://x.example', '//x.example']) {
      expect(faultsOf({ support_desk: { name: 'x', url } })).toEqual(['support_desk.url']);
    }
    expect(faultsOf({ support_desk: { name: 'x', url: 'https://x.example/help?a=b' } })).toEqual([]);
  });

  test('a logo is a picture in the policy itself, and no drawing that could hold a script', () => {
    expect(faultsOf({ appearance: { logo: 'data:image/png;base64,iVBORw0KGgo=' } })).toEqual([]);
    for (const logo of [
      'data:image/svg+xml;base64,PHN2Zz4=',
      'data:text/html;base64,eA==',
      'data:image/png;base64,"><',
    ]) {
      expect(faultsOf({ appearance: { logo } })).toEqual(['appearance.logo']);
    }
  });

  test('a colour must carry white text', () => {
    expect(faultsOf({ appearance: { colour: '#0017C1' } })).toEqual([]);
    expect(faultsOf({ appearance: { colour: '#ff8800' } })).toEqual(['appearance.colour']);
    expect(contrastWithWhite('#000000')).toBeCloseTo(21);
    expect(contrastWithWhite('#ffffff')).toBeCloseTo(1);
    expect(contrastWithWhite('#767676')).toBeCloseTo(4.54, 2);
  });
});
