import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unlimited } from '../../source/shared/client-key.ts';
import { isReadingCommand, mayCarrySecret, parseCommand } from '../../source/control/command-table.ts';

const account = { name: 'work', kind: 'api-key', baseUrl: null, priority: null, weight: 2, force: false };

describe('parseCommand', () => {
  test('takes every command with its arguments', () => {
    const commands = [
      { name: 'status', args: {} },
      { name: 'account.list', args: {} },
      { name: 'account.add', args: account },
      { name: 'account.remove', args: { account: 'work' } },
      { name: 'account.pause', args: { account: 'work' } },
      { name: 'account.resume', args: { account: 'work' } },
      { name: 'config.set', args: { key: 'allowedHosts', value: ['a', 'b'] } },
      { name: 'config.unset', args: { key: 'port' } },
      { name: 'key.create', args: { name: 'ci', kind: 'user', limits: unlimited, pid: null } },
      { name: 'key.list', args: {} },
      { name: 'key.rotate', args: { key: 'ci', graceMs: 0 } },
      { name: 'key.revoke', args: { key: 'ci', kind: null } },
      { name: 'stop', args: {} },
    ];
    expect(commands.map((command) => parseCommand(command))).toEqual(commands);
  });

  test('takes an absent argument for null where null is allowed, and an absent switch for off', () => {
    const { name, kind, force } = account;
    expect(parseCommand({ name: 'account.add', args: { name, kind, force } })).toEqual({
      name: 'account.add',
      args: { name, kind, baseUrl: null, priority: null, weight: null, force },
    });
    expect(parseCommand({ name: 'config.set', args: { key: 'port' } })).toHaveProperty('problem');
  });

  test('leaves out arguments it does not know', () => {
    expect(parseCommand({ name: 'stop', args: { now: true } })).toEqual({ name: 'stop', args: {} });
  });

  test.each([
    [
      { name: 'account.add', args: { ...account, kind: 'root' } },
      /^account.add: kind: wanted one of api-key/,
    ],
    [{ name: 'account.add', args: { ...account, weight: 'heavy' } }, /^account.add: weight: wanted a number/],
    [
      { name: 'account.add', args: { ...account, name: 'x'.repeat(4097) } },
      /^account.add: name: wanted text/,
    ],
    [{ name: 'key.create', args: { name: 'ci', kind: 'user', limits: {} } }, /^key.create: limits: wanted/],
    [
      { name: 'key.create', args: { name: 'ci', kind: 'user', limits: { ...unlimited, models: [1] } } },
      /^key.create: limits: wanted/,
    ],
    [
      { name: 'key.create', args: { name: 'ci', kind: 'root', limits: unlimited } },
      /kind: wanted one of user/,
    ],
    [{ name: 'key.rotate', args: { key: 'ci', graceMs: -1 } }, /graceMs: wanted a length of time/],
    [{ name: 'key.rotate', args: { key: 'ci', graceMs: 1e300 } }, /graceMs: wanted a length of time/],
    [
      { name: 'key.create', args: { name: 'ci', kind: 'user', limits: { ...unlimited, expiresAt: 1e15 } } },
      /^key.create: limits: wanted/,
    ],
    [
      { name: 'key.create', args: { name: 'ci', kind: 'run', limits: unlimited, pid: 2 ** 31 } },
      /pid: wanted the number of a process/,
    ],
    [{ name: 'account.pause', args: {} }, /^account.pause: account: wanted text/],
    [{ name: 'account.pause', args: null }, /args: wanted an object/],
    [{ name: 'hack\u001B[2J' }, /^unknown command hack\\x1b\[2J$/],
    [{ name: 'toString' }, /^unknown command toString$/],
    [{ name: '__proto__' }, /^unknown command __proto__$/],
    [{ name: 7 }, /command.name/],
    [null, /wanted an object/],
  ])('refuses %j', (value, problem) => {
    expect(parseCommand(value)).toEqual({ problem: expect.stringMatching(problem) });
  });

  test('refuses a setting that is deep, or has keys that reach a prototype', () => {
    const set = (value: string) =>
      parseCommand(JSON.parse(`{"name":"config.set","args":{"key":"k","value":${value}}}`));
    expect(set(`${'['.repeat(50)}${']'.repeat(50)}`)).toHaveProperty('problem');
    expect(set(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toHaveProperty('problem');
    expect(set('{"__proto__":{"polluted":1}}')).toHaveProperty('problem');
    expect(set('{"a":{"constructor":1}}')).toHaveProperty('problem');
    expect(set('{"a":[1,null,"b"]}')).toHaveProperty('args.value.a', [1, null, 'b']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('a problem never quotes the value of an argument', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (value) => {
        const marked = `sk-ant-${value}`;
        const result = parseCommand({ name: 'account.add', args: { ...account, kind: marked, name: 5 } });
        expect(JSON.stringify(result)).not.toContain(marked);
      }),
    );
  });
});

test('only looking is reading, and only a new account comes with a secret', () => {
  expect([isReadingCommand('status'), isReadingCommand('account.list')]).toEqual([true, true]);
  for (const name of ['account.add', 'account.pause', 'config.set', 'stop'] as const) {
    expect(isReadingCommand(name)).toBe(false);
  }
  expect(mayCarrySecret('account.add')).toBe(true);
  expect(mayCarrySecret('config.set')).toBe(false);
});
