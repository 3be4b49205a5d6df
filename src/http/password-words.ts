/** What is said of a password while it is typed. */
import type { MessageKey, Translate } from './locale.ts';

/** As src/credentials/strength.ts judges it. */
export interface JudgedPassword {
  /** 0 to 4. */
  readonly level: number;
  readonly fault: ({ readonly kind: string } & Readonly<Record<string, string | number>>) | null;
  /** Message keys. */
  readonly advice: readonly string[];
}

/** The answer to the script of the form (public/password-strength.js). */
export interface StrengthAnswer {
  readonly level: number;
  /** A line for the level, one for what is wrong, and one for each piece of advice. */
  readonly words: string;
}

export function strengthAnswer(t: Translate, { level, fault, advice }: JudgedPassword): StrengthAnswer {
  const lines = [
    t(`password.level.${level}` as MessageKey),
    ...(fault ? [t(`password.fault.${fault.kind}` as MessageKey, fault)] : []),
    ...advice.map((key) => t(key as MessageKey)),
  ];
  return { level, words: lines.join('\n') };
}
