import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeLine,
  isSameToken,
  parseClientLine,
  parseServerLine,
  parseSubscription,
} from '../../source/control/protocol.ts';
import { Secret } from '../../source/shared/secret.ts';

const client = (value: unknown) => parseClientLine(Buffer.from(JSON.stringify(value)));
const server = (value: unknown) => parseServerLine(Buffer.from(JSON.stringify(value)));
const account = {
  name: 'work',
  kind: 'api-key',
  baseUrl: null,
  priority: null,
  weight: null,
  caps: null,
  models: null,
  force: false,
  login: null,
};
const add = { name: 'account.add', args: account };

/** JSON that looks like the protocol at the top and is anything below. */
const likeMessage = fc.dictionary(
  fc.constantFrom(
    'hello',
    'id',
    'command',
    'secret',
    'subscribe',
    'result',
    'error',
    'event',
    'welcome',
    'x',
  ),
  fc.oneof(
    fc.jsonValue(),
    fc.record({ name: fc.constantFrom('status', 'account.add'), args: fc.jsonValue() }),
  ),
);

describe('what a client says', () => {
  test('is read as it was meant', () => {
    expect(client({ id: 1, command: { name: 'status', args: {} } })).toEqual({
      kind: 'command',
      id: 1,
      command: { name: 'status', args: {} },
      secret: null,
    });
    expect(client({ id: 2, subscribe: { after: 17 } })).toEqual({ kind: 'subscribe', id: 2, after: 17 });
    expect(client({ id: 2, subscribe: { after: null } })).toMatchObject({ after: null });
    const hello = client({ hello: { token: 'abc', protocol: 1, readOnly: true } });
    expect(hello).toMatchObject({ kind: 'hello', protocol: 1, readOnly: true });
    expect(JSON.stringify(hello)).not.toContain('abc');
  });

  test('carries a secret as bytes, whatever they are, and never in the command', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const message = client({ id: 1, command: add, secret: Buffer.from(bytes).toString('base64') });
        if (message.kind !== 'command') throw new Error(message.kind);
        expect([...(message.secret ?? [])]).toEqual([...bytes]);
        expect(message.command).toEqual(add);
      }),
    );
  });

  test.each([
    ['base64 it is not', { id: 1, command: add, secret: 'a b!' }],
    ['half a group', { id: 1, command: add, secret: 'abc' }],
    ['more than 64 KiB', { id: 1, command: add, secret: 'A'.repeat(90_000) }],
    ['no text', { id: 1, command: add, secret: [1, 2] }],
    ['a command that takes none', { id: 1, command: { name: 'stop', args: {} }, secret: 'AAAA' }],
  ])('a secret is refused: %s', (_, message) => {
    expect(client(message)).toMatchObject({
      kind: 'problem',
      id: 1,
      problem: expect.stringContaining('secret'),
    });
  });

  test.each([
    [{}],
    [[]],
    [{ id: -1, subscribe: { after: null } }],
    [{ id: 1.5, subscribe: { after: null } }],
    [{ id: '1', subscribe: { after: null } }],
    [{ id: 1, subscribe: 'all' }],
    [{ id: 1, subscribe: { after: -2 } }],
    [{ id: 1 }],
    [{ hello: 'me' }],
    [{ hello: { token: 5, protocol: 1 } }],
    [{ hello: { token: 'abc', protocol: 1, readOnly: 'no' } }],
  ])('is refused: %j', (message) => {
    expect(client(message)).toMatchObject({ kind: 'problem' });
  });

  test('is never more than a problem, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => parseClientLine(bytes).kind === 'problem'));
    fc.assert(
      fc.property(likeMessage, (message) => {
        expect(['hello', 'command', 'subscribe', 'problem']).toContain(client(message).kind);
      }),
    );
  });

  test('is refused when it is no UTF-8', () => {
    const line = Buffer.from('{"id":1,"subscribe":{"after":null},"x":"\u00FF"}', 'latin1');
    expect(parseClientLine(line)).toMatchObject({ kind: 'problem', id: null });
  });
});

describe('what a server says', () => {
  test('is read as it was meant', () => {
    const welcome = { protocol: 1, version: '1.0.0', pid: 5, url: 'http://127.0.0.1:4180' };
    expect(server({ welcome })).toEqual({ kind: 'welcome', welcome: { ...welcome, readOnly: false } });
    const only = { ...welcome, readOnly: true };
    expect(server({ welcome: only })).toEqual({ kind: 'welcome', welcome: only });
    expect(server({ id: 3, result: null })).toEqual({ kind: 'result', id: 3, result: null });
    const error = { code: 'locked', message: 'm', hint: null, problems: [] };
    expect(server({ id: 3, error })).toEqual({ kind: 'error', id: 3, error });
    expect(server({ id: null, error })).toEqual({ kind: 'error', id: null, error });
    const event = { seq: 9, event: { type: 'dropped', at: 1, count: 2 } };
    expect(server({ event })).toEqual({ kind: 'event', event });
  });

  test('is never more than a problem, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => parseServerLine(bytes).kind === 'problem'));
    fc.assert(
      fc.property(likeMessage, (message) => {
        expect(['welcome', 'result', 'error', 'event', 'problem']).toContain(server(message).kind);
      }),
    );
  });

  test('a subscription has a place in the feed', () => {
    expect(parseSubscription({ resumed: false, seq: 4, snapshot: { a: 1 } })).toEqual({
      resumed: false,
      seq: 4,
      snapshot: { a: 1 },
    });
    for (const wrong of [null, 5, {}, { resumed: 1, seq: 4 }, { resumed: true, seq: -1 }]) {
      expect(parseSubscription(wrong)).toBeNull();
    }
  });
});

test('a line holds no line end, whatever text is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = encodeLine({ text });
      expect(line.indexOf('\n')).toBe(line.length - 1);
    }),
  );
});

test('tokens of any length are compared without an exception', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(isSameToken(new Secret(one), new Secret(other))).toBe(one === other);
      expect(isSameToken(new Secret(one), new Secret(one))).toBe(true);
    }),
  );
});
