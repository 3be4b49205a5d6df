import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { EXAMPLE, PAGE, policyReference } from '../../docs/generate-policy.ts';
import { policySchema } from '../../src/contracts/policy.ts';

test('docs/policy.md says what the schema says; if not: node docs/generate-policy.ts', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(policyReference());
});

test('its example is a policy', () => {
  expect(policySchema.safeParse(EXAMPLE).success).toBe(true);
});
