/** What a person enters to register credentials, read and checked: for registration and for forgotten credentials. */
import type { Contract } from '../contracts/contract.ts';
import { hasPassword, type LoginMethod } from '../contracts/login-methods.ts';
import type { SecretQuestion } from '../contracts/secret-questions.ts';
import { normalPassword } from './normal-password.ts';
import { type PasswordFault, passwordFault } from './password-rules.ts';
import { readAnswer } from './secret-answer.ts';

/** Who registers what. */
export interface CredentialsFor {
  readonly contract: Contract;
  readonly userId: string;
  readonly method: LoginMethod;
  /** Names of sites that a password must not be built around, besides the contract's. */
  readonly siteNames?: readonly string[];
}

/** Credentials that may be registered, still in clear: they live only until they are hashed. */
export interface NewCredentials {
  readonly question: SecretQuestion;
  /** Folded (secret-answer.ts). */
  readonly answer: string;
  /** Normalised (password-rules.ts); null under a method without one. */
  readonly password: string | null;
}

/** What is wrong with each field; null: nothing. */
export interface CredentialFaults {
  readonly question: 'none' | null;
  readonly answer: 'empty' | 'too_short' | 'too_long' | null;
  readonly password: PasswordFault | { readonly kind: 'empty' } | null;
  readonly password_again: 'empty' | 'differs' | null;
}

export type CredentialsReading =
  | { readonly kind: 'fine'; readonly credentials: NewCredentials }
  | { readonly kind: 'faulty'; readonly faults: CredentialFaults };

/** Reads the fields `question`, `answer`, `password` and `password_again`: all faults at once, or the credentials. */
export async function readNewCredentials(
  fields: ReadonlyMap<string, string>,
  who: CredentialsFor,
): Promise<CredentialsReading> {
  const { questions } = who.contract.policy.secret_question;
  const question = questions.find(({ id }) => id === fields.get('question'));
  const answer = readAnswer(fields.get('answer') ?? '');
  const password = hasPassword(who.method) ? await readPassword(fields, who) : NO_PASSWORD;
  const faults: CredentialFaults = {
    question: question ? null : 'none',
    answer: answer.kind === 'fault' ? answer.fault : null,
    ...password.faults,
  };
  if (!question || answer.kind === 'fault' || faults.password || faults.password_again) {
    return { kind: 'faulty', faults };
  }
  return { kind: 'fine', credentials: { question, answer: answer.answer, password: password.value } };
}

/** What a password must not be built around, and which rules hold. */
export function passwordContext({ contract, userId, method, siteNames = [] }: CredentialsFor) {
  const { name, policy } = contract;
  const likes = [userId, contract.id, name, policy.appearance.name ?? name, ...siteNames];
  return { method, policy, likes };
}

type PasswordFaults = Pick<CredentialFaults, 'password' | 'password_again'>;
const NO_PASSWORD = { value: null, faults: { password: null, password_again: null } };

/** Of a password that cannot be used, the repetition is not looked at: it is typed anew anyway. */
async function readPassword(
  fields: ReadonlyMap<string, string>,
  who: CredentialsFor,
): Promise<{ value: string; faults: PasswordFaults }> {
  const typed = fields.get('password') ?? '';
  const again = fields.get('password_again') ?? '';
  const value = normalPassword(typed);
  const fault =
    typed === '' ? ({ kind: 'empty' } as const) : await passwordFault(value, passwordContext(who));
  if (fault) return { value, faults: { password: fault, password_again: null } };
  const repeated = again === '' ? 'empty' : normalPassword(again) === value ? null : 'differs';
  return { value, faults: { password: null, password_again: repeated } };
}
