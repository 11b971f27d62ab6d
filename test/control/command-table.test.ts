import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unlimited } from '../../source/shared/client-key.ts';
import { isReadingCommand, mayCarrySecret, parseCommand } from '../../source/control/command-table.ts';

const account = {
  name: 'work',
  kind: 'api-key',
  baseUrl: null,
  priority: null,
  weight: 2,
  caps: { '5h': 0.8 },
  models: ['claude-*'],
  force: false,
};
const unchanged = { priority: null, weight: null, caps: null, models: null, baseUrl: null };

const login = { termsAcceptedAt: 1, linkedTo: null, accountUuid: 'uuid', organization: 'Org', plan: null };

describe('parseCommand', () => {
  test('takes every command with its arguments', () => {
    const commands = [
      { name: 'status', args: {} },
      { name: 'account.list', args: {} },
      { name: 'account.add', args: account },
      { name: 'account.add', args: { ...account, kind: 'login', login } },
      { name: 'account.login', args: { account: 'home', login, force: true } },
      { name: 'account.remove', args: { account: 'work' } },
      { name: 'account.pause', args: { account: 'work' } },
      { name: 'account.resume', args: { account: 'work' } },
      { name: 'account.pauseAll', args: {} },
      { name: 'account.resumeAll', args: {} },
      { name: 'account.prefer', args: { account: 'work' } },
      { name: 'account.prefer', args: { account: null } },
      { name: 'account.rename', args: { account: 'work', to: 'office' } },
      { name: 'account.set', args: { account: 'work', ...unchanged, caps: {}, models: [] } },
      { name: 'account.set', args: { account: 'work', ...unchanged, overage: 'forbid' } },
      { name: 'account.set', args: { account: 'work', ...unchanged, overage: 0.5 } },
      { name: 'account.set', args: { account: 'work', ...unchanged, concurrent: 4 } },
      { name: 'account.reset', args: { account: 'work' } },
      { name: 'account.usage', args: { account: 'work' } },
      { name: 'account.test', args: { account: 'work' } },
      { name: 'config.set', args: { key: 'allowedHosts', value: ['a', 'b'] } },
      { name: 'config.unset', args: { key: 'port' } },
      { name: 'secret.set', args: { name: 'RELAY_KEY' } },
      { name: 'secret.list', args: {} },
      { name: 'secret.delete', args: { name: 'RELAY_KEY' } },
      { name: 'key.create', args: { name: 'ci', kind: 'user', limits: unlimited, pid: null } },
      { name: 'key.list', args: {} },
      { name: 'key.rotate', args: { key: 'ci', graceMs: 0 } },
      { name: 'key.revoke', args: { key: 'ci', kind: null } },
      { name: 'request.release', args: { request: 'r1' } },
      { name: 'request.cancel', args: { request: 'r1' } },
      { name: 'vault.init', args: { kdf: null } },
      { name: 'vault.passwd', args: { kdf: 'scrypt' } },
      { name: 'vault.unlock', args: {} },
      { name: 'vault.rotate', args: {} },
      { name: 'vault.move', args: { to: 'keychain' } },
      { name: 'stop', args: {} },
    ];
    expect(commands.map((command) => parseCommand(command))).toEqual(commands);
  });

  test('takes an absent argument for null where null is allowed, and an absent switch for off', () => {
    const { name, kind, force } = account;
    expect(parseCommand({ name: 'account.add', args: { name, kind, force } })).toEqual({
      name: 'account.add',
      args: { name, kind, baseUrl: null, priority: null, weight: null, caps: null, models: null, force },
    });
    expect(parseCommand({ name: 'account.set', args: { account: 'work' } })).toEqual({
      name: 'account.set',
      args: { account: 'work', ...unchanged },
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
    [{ name: 'account.set', args: { account: 'work', concurrent: '4' } }, /^account.set: concurrent: wanted/],
    [
      { name: 'account.set', args: { account: 'work', overage: 'never' } },
      /^account.set: overage: wanted forbid, allow/,
    ],
    [
      { name: 'account.set', args: { account: 'work', caps: { '5h': 'half' } } },
      /^account.set: caps: wanted/,
    ],
    [
      { name: 'account.set', args: { account: 'work', caps: JSON.parse('{"__proto__":1}') as unknown } },
      /^account.set: caps: wanted/,
    ],
    [{ name: 'account.set', args: { account: 'work', models: 'all' } }, /^account.set: models: wanted/],
    [{ name: 'account.add', args: { ...account, weight: 'heavy' } }, /^account.add: weight: wanted a number/],
    [
      { name: 'account.add', args: { ...account, name: 'x'.repeat(4097) } },
      /^account.add: name: wanted text/,
    ],
    [{ name: 'account.add', args: { ...account, login: {} } }, /^account.add: login: wanted an object/],
    [
      { name: 'account.add', args: { ...account, login: { ...login, termsAcceptedAt: null } } },
      /^account.add: login: wanted an object/,
    ],
    [
      { name: 'account.add', args: { ...account, login: { ...login, plan: ['max'] } } },
      /^account.add: login: wanted an object/,
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
