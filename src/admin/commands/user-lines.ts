/** A user as people read it on a terminal. */
import type { UserDetails } from '../find-user.ts';
import type { foundErrorJson, Json, supportViewJson } from '../representation.ts';
import { fields, table } from './output.ts';

type SupportViewJson = ReturnType<typeof supportViewJson>;
type Logins = SupportViewJson['logins'];
type Tries = ReturnType<typeof foundErrorJson>['wrong_tries'];

/** @param json the user's fields; objects and lists of them among them are not for these lines */
export function inLines({ devices }: UserDetails, json: Json): string {
  const flat = Object.entries(json).filter(
    ([name, value]) => typeof value !== 'object' || value === null || name === 'mailed_to',
  );
  const device = devices.map(({ number, address, type }) => `${number}  ${address}  ${type}`);
  return fields({ ...Object.fromEntries(flat), device });
}

/** What a support desk asks for. */
export function supportLines(details: UserDetails, json: SupportViewJson): string {
  const { logins, wrong_tries, mails } = json;
  return [
    inLines(details, { ...json, password_since: undefined, secret_answer_since: undefined }),
    credentialLines(json),
    loginLines('LAST LOGINS', logins, 'No logins yet.'),
    triesLines(wrong_tries),
    table(
      ['LAST MAILS', 'KIND', 'STATE', 'TRIES', 'TO', 'LAST REPLY'],
      mails.map((each) => [each.at, each.kind, each.state, each.tries, each.address, each.last_reply]),
      'No mails to these addresses in the last week.',
    ),
  ].join('\n\n');
}

function credentialLines({ password_since, secret_answer_since, invitation }: SupportViewJson): string {
  return fields({
    password: password_since === null ? 'none' : `since ${password_since}`,
    secret_answer: secret_answer_since === null ? 'none' : `since ${secret_answer_since}`,
    invitation:
      invitation === null
        ? 'none'
        : [
            `issued ${invitation.issued_at}`,
            `ends ${invitation.expires_at}`,
            ...(invitation.remind_at === null ? [] : [`reminds ${invitation.remind_at}`]),
            ...(invitation.spent_at === null ? ['not used'] : [`used ${invitation.spent_at}`]),
          ],
  });
}

/** The login history. @param title heads the times */
export function loginLines(title: string, logins: Logins, empty: string): string {
  return table(
    [title, 'RESULT', 'METHOD', 'ERROR CODE', 'SITE', 'ADDRESS', 'BROWSER'],
    logins.map((each) => [
      each.at,
      each.result,
      each.method,
      each.error_code,
      each.site ?? each.client_id,
      each.address,
      each.browser,
    ]),
    empty,
  );
}

const TRIED_IN: Readonly<Record<string, string>> = {
  unknown: 'unknown browsers',
  any: 'secret answers, in any browser',
};

export function triesLines(tries: Tries): string {
  return table(
    ['WRONG TRIES', 'LOCKED', 'IN'],
    tries.map((each) => [
      `${each.tries} of ${each.tries_allowed}`,
      each.locked ? (each.unlock_at ?? 'until unlocked') : 'no',
      TRIED_IN[each.browser] ?? `a known browser, seen ${each.last_seen_at}`,
    ]),
    '',
  );
}
