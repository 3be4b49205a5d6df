/** The fields for new credentials as pages show them (views/mixins/credentials.pug). */
import { hasPassword } from '../contracts/login-methods.ts';
import type { CredentialFaults, CredentialsFor } from './new-credentials.ts';
import { leastLength } from './password-rules.ts';

export interface CredentialFields {
  /** For password managers, and shown; never sent on. */
  userId: string;
  questions: { id: string; words: string }[];
  /** The id of the question that is chosen; '' for none. */
  question: string;
  /** null under a method without a password. */
  password: {
    /** Least characters. */
    min: number;
    /** Where a script asks how strong what was typed is (POST `csrf`, `password`). */
    strengthUrl: string;
  } | null;
  /** null: nothing was entered yet. What was secret is entered anew. */
  faults: CredentialFaults | null;
}

/** @param entered what stays on the page when it is refused @param locale the reader's */
export function credentialFields(
  who: CredentialsFor,
  locale: 'ja' | 'en',
  strengthUrl: string,
  entered: { question: string; faults: CredentialFaults | null } = { question: '', faults: null },
): CredentialFields {
  const { policy } = who.contract;
  const { questions } = policy.secret_question;
  return {
    userId: who.userId,
    questions: questions.map((question) => ({ id: question.id, words: question[locale] })),
    question: questions.some(({ id }) => id === entered.question) ? entered.question : '',
    password: hasPassword(who.method) ? { min: leastLength(who.method, policy), strengthUrl } : null,
    faults: entered.faults,
  };
}
