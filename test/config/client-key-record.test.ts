import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientKeyJson, maxKeys, parseClientKeys } from '../../source/config/client-key-record.ts';
import { unlimited, type ClientKeyRecord } from '../../source/shared/client-key.ts';
import { asEpoch } from '../../source/shared/types.ts';

const hash = Buffer.alloc(32, 7).toString('base64');
const at = asEpoch(1_790_000_000_123);

const record = (name: string, more: Partial<ClientKeyRecord> = {}): ClientKeyRecord => ({
  id: `id-${name}`,
  name,
  kind: 'user',
  hash,
  previous: null,
  store: 'vault',
  createdAt: at,
  lastUsedAt: null,
  revokedAt: null,
  limits: unlimited,
  process: null,
  ...more,
});

const problemsWith = (change: Record<string, unknown>): string[] =>
  parseClientKeys([{ ...clientKeyJson(record('laptop')), ...change }]).problems;

test('records come back from JSON exactly as they were', () => {
  const keys = [
    record('laptop', { lastUsedAt: at, previous: { hash, until: at } }),
    record('claude', { kind: 'run', process: { pid: 7, birth: 'boot:1' } }),
    record('ci', {
      limits: {
        requestsPerMinute: 10,
        holdMs: 60_000,
        concurrent: 2,
        dailyUsd: 0.5,
        dailyTokens: 1000,
        models: ['claude-*'],
        accounts: ['work'],
        expiresAt: at,
      },
    }),
  ];
  const json: unknown = JSON.parse(JSON.stringify(keys.map((key) => clientKeyJson(key))));
  expect(parseClientKeys(json)).toEqual({ keys, problems: [] });
});

test('what a person may leave out is no limit', () => {
  const { id, name, kind, hash: kept, store, createdAt } = clientKeyJson(record('laptop'));
  expect(parseClientKeys([{ id, name, kind, hash: kept, store, createdAt }]).keys).toEqual([
    record('laptop'),
  ]);
});

describe('a bad record names its place, what is wrong and what to do', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ name: 'a b' }, 'clientKeys[0].name: "a b" is not a key name; use up to 64 letters'],
    [{ name: 'default' }, 'clientKeys[0].name: default stands for everybody without a key; choose another'],
    [{ name: '../x' }, 'clientKeys[0].name: "../x" is not a key name'],
    [{ kind: 'root' }, 'clientKeys[0].kind: "root" is not a choice; use user, connect, run'],
    [{ hash: 'short' }, 'clientKeys[0].hash: is not the hash of a key'],
    [{ hash: undefined }, 'clientKeys[0].hash: is not the hash of a key'],
    [{ createdAt: 'today' }, 'clientKeys[0].createdAt: "today" is not a time'],
    [{ limits: { dailyUsd: 0 } }, 'clientKeys[0].limits.dailyUsd: 0 is not an amount of money'],
    [{ limits: { models: [] } }, 'clientKeys[0].limits.models: is an empty list; name at least one'],
    [{ limits: { models: ['a,b'] } }, 'clientKeys[0].limits.models: "a,b" is not a model pattern'],
    [{ limits: { rpm: 4 } }, 'clientKeys[0].limits.rpm: is not known'],
    [{ limits: 5 }, 'clientKeys[0].limits: 5 is not a group of limits'],
    [{ process: { pid: 0, birth: null } }, 'clientKeys[0].process.pid: 0 is out of range'],
    [{ previous: { hash: 'x', until: null } }, 'clientKeys[0].previous.hash: is not the hash of a key'],
    [{ secret: 'x' }, 'clientKeys[0].secret: is not known; remove it'],
  ])('%j', (change, problem) => {
    expect(problemsWith(change)[0]).toContain(problem);
  });

  test('a name or id may be taken once, but by revoked keys', () => {
    const twice = [record('a'), record('a', { id: 'other' })].map((key) => clientKeyJson(key));
    expect(parseClientKeys(twice).problems).toEqual([
      'clientKeys[1].name: a is taken by another key; rename or remove one of them',
    ]);
    const revoked = [record('a', { revokedAt: at }), record('a', { id: 'b' })].map((key) =>
      clientKeyJson(key),
    );
    expect(parseClientKeys(revoked).problems).toEqual([]);
    expect(
      parseClientKeys([record('a'), record('b', { id: 'id-a' })].map(clientKeyJson)).problems[0],
    ).toMatch(/^clientKeys\[1\]\.id: id-a is taken/);
  });

  test('the list has a bound, and has to be one', () => {
    const many = Array.from({ length: maxKeys + 1 }, (_, index) => clientKeyJson(record(`k${index}`)));
    expect(parseClientKeys(many).problems).toEqual(['clientKeys: has 1001 entries; use at most 1000']);
    expect(parseClientKeys({}).problems).toEqual(['clientKeys: {} is not a list; use a list of keys']);
  });

  test('whatever stands there: keys or problems, never an exception, never a key in clear', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean());
    const key = 'ccr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    const entry = fc.dictionary(
      fc.constantFrom('id', 'name', 'hash', 'limits', 'kind', 'process', '__proto__', 'x'),
      fc.oneof(leaf, fc.constant(key), fc.dictionary(fc.string(), leaf)),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(leaf, entry), { maxLength: 4 }), (value) => {
        const { keys, problems } = parseClientKeys(value);
        expect(keys.length === value.length || problems.length > 0).toBe(true);
        expect(problems.join()).not.toContain(key.slice(0, 20));
      }),
    );
  });
});
