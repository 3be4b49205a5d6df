import { beforeEach, describe, expect, test } from '@jest/globals';
import { createContract } from '../../src/admin/create-contract.ts';
import { createUser } from '../../src/admin/create-user.ts';
import { listContracts, showContract } from '../../src/admin/find-contract.ts';
import { updateContract } from '../../src/admin/update-contract.ts';
import { describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { type Desk, deskOf, START } from './desk.ts';

describeOnBothEngines('contracts', (open) => {
  let db: TestDatabase;
  let desk: Desk;
  beforeEach(async () => {
    db = await open();
    desk = deskOf(db);
  });
  const create = (id = 'acme', policy: unknown = { lock: { tries: 3 } }) =>
    createContract(desk.context, { id, name: ' 関所システムズ ', policy });

  test('a contract is created with its policy, and the trail says so', async () => {
    const { contract, policyInput } = await create();
    expect(contract).toMatchObject({ id: 'acme', name: '関所システムズ', createdAt: START });
    expect(contract.policy.lock.tries).toBe(3);
    expect(contract.policy.code.digits).toBe(6);
    expect(policyInput).toEqual({ lock: { tries: 3 } });
    expect(await showContract(desk.context, 'acme')).toEqual({ contract, policyInput });
    expect(await desk.trail()).toMatchObject([
      {
        actor: 'command',
        action: 'contract.create',
        contractId: 'acme',
        subject: 'acme',
        details: { name: '関所システムズ', policy: ['lock'] },
        at: START,
      },
    ]);
  });

  test('of two that create one contract at once, one is told that it exists', async () => {
    const results = await Promise.allSettled([create(), create()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(create()).rejects.toMatchObject({
      code: 'already_exists',
      message: 'there is a contract "acme" already',
    });
    expect(await desk.trail()).toHaveLength(1);
  });

  test('an odd id or name is refused and nothing is changed', async () => {
    for (const id of ['', '-a', 'A', 'a b', 'a_b', 'ａ', 'a\0', 'x'.repeat(64), '../x', 'a\n']) {
      await expect(create(id)).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringMatching(/^contract: id: /),
      });
    }
    for (const name of ['', '  ', 'a\0b', 'a\nb', 'x'.repeat(101)]) {
      const refused = createContract(desk.context, { id: 'acme', name });
      await expect(refused).rejects.toMatchObject({ code: 'invalid_input' });
    }
    expect(await db.count('contracts')).toBe(0);
  });

  test('every fault of a policy is named by its path, and nothing is changed', async () => {
    const policy = { code: { digits: 9, colour: 1 }, lock: { tries: '3' }, nonsense: true };
    await expect(create('acme', policy)).rejects.toMatchObject({
      code: 'invalid_input',
      message: [
        'policy:',
        '  code.digits: Too big: expected number to be <=8',
        '  code.colour: there is no such setting',
        '  lock.tries: expected number, received string',
        '  nonsense: there is no such setting',
      ].join('\n'),
    });
    for (const none of [null, [], 'text', 7]) {
      await expect(create('acme', none)).rejects.toMatchObject({ code: 'invalid_input' });
    }
    expect([await db.count('contracts'), await db.count('audit_events')]).toEqual([0, 0]);
  });

  test('lists and says what is not there', async () => {
    for (const id of ['b', 'a']) await create(id);
    expect((await listContracts(desk.context)).map(({ id }) => id)).toEqual(['a', 'b']);
    const nobody = { code: 'not_found', message: 'there is no contract "nobody"' };
    await expect(showContract(desk.context, 'nobody')).rejects.toMatchObject(nobody);
    await expect(updateContract(desk.context, 'nobody', { name: 'x' })).rejects.toMatchObject(nobody);
  });

  describe('an update', () => {
    beforeEach(async () => {
      await create('acme', { lock: { tries: 3 }, code: { digits: 8 } });
      desk.advance(1000);
    });

    test('changes the name and leaves the policy', async () => {
      const { contract, policyInput } = await updateContract(desk.context, 'acme', { name: '新' });
      expect(contract).toMatchObject({ name: '新', createdAt: START, updatedAt: START + 1000 });
      expect(policyInput).toEqual({ lock: { tries: 3 }, code: { digits: 8 } });
    });

    test('replaces all that the policy set, and the trail names what changed', async () => {
      const policy = { code: { digits: 8 }, history_days: 31 };
      const { contract, policyInput } = await updateContract(desk.context, 'acme', { policy });
      expect(policyInput).toEqual(policy);
      expect(contract.policy).toMatchObject({ lock: { tries: 5 }, history_days: 31 });
      expect((await desk.trail()).at(-1)).toMatchObject({
        action: 'contract.update',
        details: { changed: ['policy.history_days', 'policy.lock'] },
      });
    });

    test('with a fault changes nothing', async () => {
      const before = await showContract(desk.context, 'acme');
      for (const changes of [{}, { name: '' }, { policy: { lock: 3 } }, { name: 'ok', policy: { x: 1 } }]) {
        await expect(updateContract(desk.context, 'acme', changes)).rejects.toMatchObject({
          code: 'invalid_input',
        });
      }
      expect(await showContract(desk.context, 'acme')).toEqual(before);
      expect(await desk.trail()).toHaveLength(1);
    });

    test('settles how user IDs are compared with the first user', async () => {
      const strict = { policy: { user_id: { case_sensitive: true } } };
      await updateContract(desk.context, 'acme', strict);
      await updateContract(desk.context, 'acme', { policy: {} });
      const user = {
        contractId: 'acme',
        userId: 'u',
        devices: [{ address: 'a@b.example' }],
      };
      await createUser(desk.context, user);
      await expect(updateContract(desk.context, 'acme', strict)).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining('user_id.case_sensitive'),
      });
      await updateContract(desk.context, 'acme', { policy: { user_id: { case_sensitive: false } } });
    });

    test('many at once: those that saw an older contract are refused, and none is mixed with another', async () => {
      const settled = await Promise.allSettled(
        Array.from({ length: 8 }, (_, number) =>
          updateContract(desk.context, 'acme', {
            name: `n${number}`,
            policy: { history_days: 100 + number },
          }),
        ),
      );
      const refused = settled.filter(({ status }) => status === 'rejected');
      expect(refused.length).toBeLessThan(8);
      for (const refusal of refused) expect(refusal).toMatchObject({ reason: { code: 'invalid_input' } });
      const { contract } = await showContract(desk.context, 'acme');
      expect(contract.name).toBe(`n${contract.policy.history_days - 100}`);
    });

    test('of a name and a policy at once none is lost', async () => {
      const settled = await Promise.allSettled([
        updateContract(desk.context, 'acme', { name: '新' }),
        updateContract(desk.context, 'acme', { policy: { history_days: 77 } }),
      ]);
      const { contract } = await showContract(desk.context, 'acme');
      if (settled[0].status === 'fulfilled') expect(contract.name).toBe('新');
      if (settled[1].status === 'fulfilled') expect(contract.policy.history_days).toBe(77);
    });
  });
});
