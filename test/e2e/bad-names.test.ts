import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectControl } from '../../source/control/client.ts';
import { readInstance } from '../../source/control/instance-lock.ts';
import { unlimited, type KeyLimits } from '../../source/shared/client-key.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { inRun } from '../kit/long-run.ts';
import { keyOf, useWorld } from './world.ts';

const world = useWorld();
const file = (name: string): string => join(world.home, name);

/** Names that want out of the folder, onto the terminal or into the prototype. */
const names: [what: string, name: string][] = [
  ['a path upwards', '../../outside'],
  ['an absolute path', '/tmp/outside'],
  ['a path upwards of Windows', '..\\..\\outside'],
  ['an escape sequence', '\x1b]0;owned\x07\x1b[2J'],
  ['an escape sequence in C1', '\x9b2J'],
  ['10 KB', 'a'.repeat(10_000)],
  ['emoji', '🦊🏳️‍🌈'],
  ['right to left', 'exe\u202etxt'],
  ['zero width', 'wo\u200brk'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['a line end', 'work\nccr-tui: all is well'],
  ['nothing', ''],
  ['blanks', '   '],
  ['an option', '--help-me'],
];
// What no terminal may be given and no line may be broken by.
const unsafe = /[\p{Cc}\p{Cf}]/u;
const single = /^ccr-tui: [^\n]{1,400}\n$/;

const everyFile = (): string =>
  readdirSync(world.home, { recursive: true, encoding: 'utf8' })
    // Not even looked at: a running instance opens its history in its own time, with a journal that comes and goes.
    .filter((name) => !/^(?:audit|history)/.test(name) && statSync(file(name)).isFile())
    .sort()
    .map((name) => `${name} ${readFileSync(file(name), 'base64')}`)
    .join('\n');

/** Each name with each command is 150 programs: the short run has each name once, and each command with another one. */
const stride = inRun(10, 1);

describe('a name', () => {
  it.each(names)(
    'that is %s is refused or unknown wherever one is wanted, in one clean line',
    async (what, name) => {
      const turn = names.findIndex(([each]) => each === what);
      await world.add('work', { url: 'https://provider.example' });
      const before = everyFile();
      const commands: [string[], string][] = [
        [
          ['account', 'add', name, '--kind', 'compatible', '--base-url', 'https://x.example'],
          `${keyOf('x')}\n`,
        ],
        [['account', 'remove', name], ''],
        [['account', 'pause', name], ''],
        [['key', 'create', name], ''],
        [['key', 'rotate', name], ''],
        [['key', 'revoke', name], ''],
        [['key', 'create', 'laptop', '--accounts', name], ''],
        [['config', 'get', name], ''],
        [['config', 'set', name, '1'], ''],
        [['connect', name], ''],
      ];
      // Letters alone make a name, if they make nothing else; this is an ordinary one.
      const isName = what === 'constructor';
      const makes = ([, verb = '', named]: string[]): boolean =>
        named === name && ['add', 'create'].includes(verb);
      const wrong = commands
        .filter(([args]) => !(isName && makes(args)))
        .filter((_, at) => (at + turn) % stride === 0);
      const ran = await Promise.all(wrong.map(([args, input]) => world.inPlace(args, input)));
      for (const { code, stdout, stderr } of ran) {
        expect(stdout).toBe('');
        expect([1, 2, 3]).toContain(code);
        expect(stderr).toMatch(single);
        expect(stderr.trimEnd()).not.toMatch(unsafe);
      }
      expect(everyFile()).toBe(before);
      expect(existsSync(join(dirname(world.home), 'outside'))).toBe(false);
      expect(existsSync('/tmp/outside')).toBe(false);
    },
  );

  it('that is any of these does no harm over the control socket, either, where even a NUL can be sent', async () => {
    const { url } = await world.serve();
    const instance = readInstance(file('instance.lock'));
    if (instance === null) throw new Error('no instance');
    const client = await connectControl(instance, { timeoutMs: 15_000 });
    const before = everyFile();
    const answers = [...names, ['NUL', 'wo\0rk'], ['1 MB', 'x'.repeat(900_000)]].flatMap(
      ([what, name = '']) => {
        const wanted = {
          kind: 'compatible',
          baseUrl: 'https://x.example',
          priority: null,
          weight: null,
        } as const;
        const add = (): Promise<unknown> =>
          client.run('account.add', { name, ...wanted, force: false }, Buffer.from('some-key'));
        const key = { kind: 'user', pid: null } as const;
        const secret = (): Buffer => Buffer.from(`ccr_${'k'.repeat(43)}`);
        const create = (as: string, limits: KeyLimits): Promise<unknown> =>
          client.run('key.create', { ...key, name: as, limits }, secret());
        return [
          ...(what === 'constructor' ? [] : [add(), create(name, unlimited)]),
          create('laptop', { ...unlimited, accounts: [name] }),
          client.run('key.rotate', { key: name, graceMs: 0 }, secret()),
          client.run('key.revoke', { key: name, kind: null }),
          client.run('account.remove', { account: name }),
          client.run('account.pause', { account: name }),
          client.run('config.set', { key: name, value: 1 }),
          client.run('config.set', { key: 'strategy', value: name }),
          client.run('config.unset', { key: name }),
        ];
      },
    );
    for (const answer of await Promise.allSettled(answers)) {
      const error: unknown = answer.status === 'rejected' ? answer.reason : answer.value;
      expect(error).toBeInstanceOf(CcrError);
      expect((error as CcrError).lines.join('').length).toBeLessThan(400);
      expect((error as CcrError).lines.join('')).not.toMatch(unsafe);
    }
    client.close();
    expect(everyFile()).toBe(before);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('that is a word of the language is an ordinary one, and reaches nothing else', async () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      await world.add(name, { url: 'https://provider.example' });
    }
    expect((await world.json<{ name: string }[]>(['account', 'list']))[0]?.map(({ name }) => name)).toEqual([
      'constructor',
      'toString',
      'hasOwnProperty',
    ]);
    expect(await world.run(['account', 'remove', 'valueOf'])).toMatchObject({ code: 3 });
    expect(await world.run(['account', 'remove', 'toString'])).toMatchObject({ code: 0 });
  });
});

const clientKey = (fields: object): string =>
  JSON.stringify({
    clientKeys: [
      {
        id: 'k',
        name: 'laptop',
        kind: 'user',
        hash: Buffer.alloc(32).toString('base64'),
        store: 'vault',
        createdAt: '2026-01-31T12:00:00.000Z',
        ...fields,
      },
    ],
  });
const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const account = (fields: object): string =>
  JSON.stringify({
    accounts: [
      {
        id: 'a',
        name: 'work',
        kind: 'compatible',
        baseUrl: 'https://x.example',
        store: 'vault',
        createdAt: '2026-01-31T12:00:00.000Z',
        ...fields,
      },
    ],
  });

/** What is in config.json, and what must be said of it. */
const files: [what: string, content: string | Buffer, said: RegExp][] = [
  ['50 levels deep', deep(50), /nested too deep/],
  ['a million levels deep', '['.repeat(1_000_000), /not valid JSON|nested too deep/],
  ['50 MB', Buffer.alloc(50 * 1024 * 1024, ' '), /larger than 1 MiB/],
  ['a byte order mark', '\uFEFF{"port": 4180}', /byte order mark/],
  ['UTF-16', Buffer.from('{"port": 4180}', 'utf16le'), /not valid JSON|UTF-8/],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), /not UTF-8/],
  ['a repeated key', '{"port": 4180, "port": 1}', /port: stands there twice/],
  ['a repeated key, escaped', '{"port": 4180, "\\u0070ort": 1}', /port: stands there twice/],
  ['__proto__', '{"__proto__": {"polluted": true}}', /__proto__: is not allowed/],
  [
    'constructor.prototype',
    '{"constructor": {"prototype": {"polluted": true}}}',
    /constructor: is not allowed/,
  ],
  [
    '__proto__ within an account',
    account({}).replace('"id"', '"__proto__": {"polluted": true}, "id"'),
    /__proto__: is not allowed/,
  ],
  [
    'wrong types everywhere',
    '{"port": [], "host": {}, "timeouts": 5, "accounts": {}}',
    /timeouts: .*\n.*port: .*\n.*host: .*\n.*accounts: /,
  ],
  ['numbers beyond all bounds', '{"port": 1e999, "drainMs": -0.5}', /port: .*\n.*drainMs: /],
  ['an account named like a path', account({ name: '../../x' }), /accounts\[0\]\.name: /],
  [
    'an account named by an escape sequence',
    account({ name: '\x1b[2J\x00' }),
    /accounts\[0\]\.name: "\\u001b/,
  ],
  ['an account with 10 KB of name', account({ name: 'x'.repeat(10_000) }), /accounts\[0\]\.name: "x{1,60}/],
  ['a key named like a path', clientKey({ name: '../../x' }), /clientKeys\[0\]\.name: /],
  [
    'a key named by an escape sequence',
    clientKey({ name: '\x1b[2J\x00\u202e' }),
    /clientKeys\[0\]\.name: "\\u001b/,
  ],
  ['a key with 10 KB of name', clientKey({ name: 'x'.repeat(10_000) }), /clientKeys\[0\]\.name: "x{1,60}/],
  ['a key named __proto__', clientKey({ name: '__proto__' }), /clientKeys\[0\]\.name: "__proto__"/],
  ['an account id that is a path', account({ id: '../vault' }), /accounts\[0\]\.id: /],
  [
    'an account that leads elsewhere',
    account({ baseUrl: 'https://169.254.169.254' }),
    /accounts\[0\]\.baseUrl: /,
  ],
  [
    'a key with an escape sequence',
    '{"\\u001b]0;owned\\u0007\\u202e": 1}',
    /\\x1b\]0;owned\\x07\\u202e: is not known/,
  ],
  [
    'a list of a million accounts',
    `{"accounts": [${'{},'.repeat(300_000)}{}]}`,
    /accounts: has 300001 entries/,
  ],
  ['text behind its end', '{} {}', /not valid JSON/],
];

describe('a settings file', () => {
  it.each(files)('with %s is told, and keeps every byte', async (_, content, said) => {
    const bytes = Buffer.from(content);
    writeFileSync(file('config.json'), bytes, { mode: 0o600 });
    const before = statSync(file('config.json')).mtimeMs;
    const ran = await Promise.all([
      world.inPlace(['config', 'set', 'port', '4280']),
      world.run(['serve', '--port', '0']),
    ]);
    for (const { code, stdout, stderr } of ran) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(said);
      for (const line of stderr.trimEnd().split('\n')) {
        expect(line).toMatch(/^ccr-tui: config\.json: .{1,400}$/u);
        expect(line).not.toMatch(unsafe);
      }
    }
    expect(readFileSync(file('config.json')).equals(bytes)).toBe(true);
    expect(statSync(file('config.json')).mtimeMs).toBe(before);
    expect(readdirSync(world.home)).toEqual(['config.json']);
  });

  it('with the line ends of Windows is an ordinary one', async () => {
    writeFileSync(file('config.json'), '{\r\n  "port": 4280\r\n}\r\n', { mode: 0o600 });
    expect(await world.run(['config', 'get', 'port'])).toMatchObject({ code: 0, stdout: '4280\n' });
  });
});
