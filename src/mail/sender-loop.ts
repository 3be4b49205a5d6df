/**
 * The sender loop. A mail is sent by the process that holds its claim: the one that wrote it does so at once, without
 * reading it again; what is left over (deferred, or of a process that died) is picked up by whoever looks next. A mail
 * may be sent twice when a process dies between the mail server's answer and the commit, never by two that live.
 */
import { SECOND } from '../clock.ts';
import type { OneTimeCode } from '../credentials/store.ts';
import type { Claim, Mail, NewMail } from './mail.ts';
import type { MailCounters, Mailer, MailerOptions } from './mailer.ts';
import { logOutcome, settlementOf } from './outcome.ts';
import { sendMail } from './send-mail.ts';
import { type Settled, Settlements } from './settlements.ts';

/** How long a claim lasts, and so how long a mail of a dead process waits for another. */
const CLAIM = 15 * SECOND;
/** Claims with less than this left are renewed. */
const RENEW = 10 * SECOND;
const POLL = SECOND;
/** Mails that a process holds at once. What it cannot take is picked up later, by any process. */
const MOST_HELD = 1000;
/** Due mails taken at once, for each message that the transport carries at once. */
const HANDFULS = 2;
/** How long `stop` waits for mails that are on their way. */
const GRACE = 5 * SECOND;

interface Held {
  readonly mail: Mail;
  readonly code: OneTimeCode | null;
  claimedUntil: number;
}

export class SenderLoop implements Mailer {
  readonly counters: MailCounters = { handed_over: 0, refused: 0, given_up: 0, deferred: 0 };
  readonly #options: MailerOptions;
  readonly #held = new Map<string, Held>();
  readonly #queue: Held[] = [];
  readonly #settlements: Settlements;
  #sending = 0;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | undefined;
  #stopped = false;
  /** Whether more mails were due than the last look took. */
  #more = false;
  #troubled = false;
  #idleWaiters: (() => void)[] = [];

  constructor(options: MailerOptions) {
    this.#options = options;
    this.#settlements = new Settlements(options.work, options.processId, (settled, held) =>
      this.#written(settled, held),
    );
  }

  claim(): Claim {
    return { by: this.#options.processId, until: this.#options.clock.now() + CLAIM };
  }

  deliver(mails: readonly NewMail[], code: OneTimeCode | null = null): void {
    for (const mail of mails) {
      const carried = mail.codeId === code?.id ? code : null;
      this.#hold({ ...mail, state: 'waiting', tries: 0, lastReply: null }, carried, mail.createdAt + CLAIM);
    }
    this.#sendNext();
  }

  start(): void {
    const next = () => {
      if (!this.#stopped) this.#timer = setTimeout(() => void this.tick().then(next), POLL);
    };
    void this.tick().then(next);
  }

  tick(): Promise<void> {
    this.#ticking ??= this.#look().finally(() => {
      this.#ticking = undefined;
    });
    return this.#ticking;
  }

  async idle(): Promise<void> {
    if (this.#held.size > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#ticking;
    for (const { mail } of this.#queue.splice(0)) this.#release(mail);
    await this.#idleWithin(GRACE);
    this.#options.transport.close();
    await this.#idleWithin(SECOND);
  }

  async #idleWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.idle(), late]);
    clearTimeout(timer);
  }

  async #look(): Promise<void> {
    try {
      await this.#settlements.flush();
      await this.#renewClaims();
      await this.#takeDue();
      this.#troubled = false;
    } catch (error) {
      if (!this.#troubled) this.#options.logger.error({ err: error }, 'mails cannot be looked up');
      this.#troubled = true;
    }
  }

  async #renewClaims(): Promise<void> {
    const renewed = this.claim();
    const old = [...this.#held.values()].filter((held) => held.claimedUntil < renewed.until - CLAIM + RENEW);
    if (old.length === 0) return;
    const ids = old.map(({ mail }) => mail.id);
    await this.#options.work.write(({ mails }) => mails.extend(ids, renewed));
    for (const held of old) held.claimedUntil = renewed.until;
  }

  /** Takes a few mails at a time, so that fresh ones do not queue behind a backlog; `#sendNext` asks for more. */
  async #takeDue(): Promise<void> {
    const { work, clock, transport } = this.#options;
    const limit = HANDFULS * transport.parallel;
    if (this.#stopped || this.#queue.length >= limit) return;
    const now = clock.now();
    this.#more = false;
    if (!(await work.read(({ mails }) => mails.hasDue(now)))) return;
    const claim = this.claim();
    const due = await work.write(({ mails }) => mails.claimDue(claim, now, limit));
    for (const mail of due) this.#hold(mail, null, claim.until);
    this.#more = due.length === limit;
    this.#sendNext();
  }

  #hold(mail: Mail, code: OneTimeCode | null, claimedUntil: number): void {
    if (this.#stopped || this.#held.size >= MOST_HELD || this.#held.has(mail.id)) return;
    const held = { mail, code, claimedUntil };
    this.#held.set(mail.id, held);
    this.#queue.push(held);
  }

  #sendNext(): void {
    while (this.#sending < this.#options.transport.parallel) {
      const held = this.#queue.shift();
      if (!held) break;
      this.#sending += 1;
      void this.#send(held).finally(() => {
        this.#sending -= 1;
        this.#sendNext();
      });
    }
    if (this.#more && this.#queue.length === 0) void this.tick();
  }

  async #send({ mail, code, claimedUntil }: Held): Promise<void> {
    const { work, clock } = this.#options;
    // It could not be renewed, so it may be another's by now.
    if (clock.now() >= claimedUntil) return this.#drop(mail.id);
    const findCode = (id: string) => work.read(({ codes }) => codes.find(id));
    const findInvitation = (id: string) => work.read(({ invitations }) => invitations.find(id));
    try {
      const outcome = await sendMail(mail, code, { ...this.#options, findCode, findInvitation });
      const settlement = settlementOf(outcome, mail, clock.now());
      logOutcome(this.#options.logger, outcome, mail);
      this.#settlements.add({ id: mail.id, settlement });
    } catch (error) {
      // What it carries could not be read. The claim runs out, and then the mail is picked up again.
      this.#options.logger.error({ err: error, mail: mail.id }, 'mail cannot be sent now');
      this.#drop(mail.id);
    }
  }

  #written({ id, settlement: { state, tried } }: Settled, held: boolean): void {
    if (!held) this.#options.logger.warn({ mail: id }, 'mail was taken over by another process meanwhile');
    else if (state !== 'waiting') this.counters[state] += 1;
    else if (tried) this.counters.deferred += 1;
    this.#drop(id);
  }

  /** Gives a mail that was not tried back to whoever looks next. */
  #release(mail: Mail): void {
    const at = mail.dueAt;
    this.#settlements.add({ id: mail.id, settlement: { state: 'waiting', tried: false, reply: null, at } });
  }

  #drop(id: string): void {
    this.#held.delete(id);
    if (this.#held.size > 0) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}
