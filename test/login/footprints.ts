/** What a stranger sees of a request, and what it cost: to tell whether two user IDs can be told apart. */
import type { Installation } from '../support/installation.ts';
import type { Answer } from '../support/relying-party.ts';

export interface Footprint {
  readonly step: string;
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
  readonly queries: number;
  readonly commits: number;
}

/**
 * @param base the page that the interaction begins with
 * @param userIds whose names do not count
 */
export async function footprint(
  at: Installation,
  step: string,
  { base, userIds }: { base: string; userIds: readonly string[] },
  send: () => Promise<Answer>,
): Promise<Footprint> {
  // Contracts are kept for a few seconds: here every request looks them up.
  at.server.contracts.forget();
  const { counters } = at.server.database;
  const before = { ...counters };
  const { status, headers, body } = await send();
  const { date: _date, 'x-request-id': _id, ...rest } = headers;
  const plain = (text: string) =>
    text
      .replaceAll(new URL(base).pathname, '/interaction/uid')
      .replaceAll(/value="[^"]*"|<code>[^<]*<\/code>|\d\d:\d\d/g, '')
      .replaceAll(new RegExp(userIds.join('|'), 'g'), 'user');
  const kept = Object.entries(rest).map(([name, value]) => [name, plain(String(value))]);
  return {
    step,
    status,
    headers: Object.fromEntries(kept),
    body: plain(body),
    queries: counters.queries - before.queries,
    commits: counters.commits - before.commits,
  };
}
