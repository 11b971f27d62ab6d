import { describe, expect, it } from 'vitest';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useCommandHome } from '../kit/command-home.ts';
import { keyPattern } from '../../source/shared/client-key.ts';

const home = useCommandHome({ inPlace: true });

type Listed = {
  name: string;
  kind: string;
  revokedAt: string | null;
  lastUsedAt: string | null;
  limits: object;
};

const list = async (): Promise<Listed[]> => (await home.json(['key', 'list'])) as Listed[];
const create = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await home.run(['key', 'create', ...args]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trimEnd();
};

const statusWith = async (url: string, key: string | null): Promise<number> => {
  const headers = { 'content-type': 'application/json', ...(key === null ? {} : { 'x-api-key': key }) };
  return (await fetch(`${url}/v1/messages`, { method: 'POST', headers, body: '{}' })).status;
};
/** Nobody can serve in a home without an account: who gets that far was let in. */
const letIn = 503;

const everything = (): string =>
  readdirSync(home.path, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');

describe('key create', () => {
  it('prints the key alone, once, and leaves it nowhere', async () => {
    const { code, stdout, stderr } = await home.runProgram(['key', 'create', 'laptop']);
    expect(code).toBe(0);
    expect(stdout.trimEnd()).toMatch(keyPattern);
    expect(stderr).toContain('from now on every client has to show a key');
    const key = stdout.trimEnd();
    expect(everything()).not.toContain(key.slice(4));
    expect(JSON.stringify(await list())).not.toContain(key.slice(4));
    expect((await home.run(['key', 'create', 'second'])).stderr).not.toContain('from now on');
  });

  it('with --json prints what scripts rely on, and takes every limit', async () => {
    await home.addAccount('work');
    const args = ['ci', '--requests-per-minute', '30', '--concurrent', '2', '--daily-usd', '5.5'];
    const more = [
      '--daily-tokens',
      '1000',
      '--models',
      'claude-*,gpt-5',
      '--accounts',
      'work',
      '--hold',
      '2m',
      '--expires',
      '30d',
    ];
    const printed = JSON.parse(await create(...args, ...more, '--json')) as Record<string, unknown>;
    const limits = {
      requestsPerMinute: 30,
      concurrent: 2,
      dailyUsd: 5.5,
      dailyTokens: 1000,
      models: ['claude-*', 'gpt-5'],
      accounts: ['work'],
      holdMs: 120_000,
      expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
    };
    expect(printed).toEqual({
      id: expect.any(String),
      name: 'ci',
      key: expect.stringMatching(keyPattern),
      createdAt: expect.stringMatching(/Z$/),
      limits,
    });
    expect(await list()).toEqual([
      {
        id: printed['id'],
        name: 'ci',
        kind: 'user',
        createdAt: printed['createdAt'],
        lastUsedAt: null,
        revokedAt: null,
        limits,
      },
    ]);
  });

  it.each([
    [['a b'], 2, /"a b" is not a key name/],
    [['../x'], 2, /is not a key name/],
    [['default'], 2, /default stands for everybody without a key/],
    [['ci', '--concurrent', '0'], 2, /--concurrent: 0 is out of range; use a whole number/],
    [['ci', '--daily-usd', 'much'], 2, /--daily-usd: "much" is not an amount of money/],
    [['ci', '--expires', 'soon'], 2, /--expires: wanted a length of time, got soon; write it as 90s/],
    [['ci', '--models', ''], 2, /--models: is an empty list/],
    [['ci', '--accounts', 'nobody'], 3, /there is no account nobody/],
  ])('%j is refused, and nothing is written', async (args, code, said) => {
    const before = home.snapshot();
    const ran = await home.run(['key', 'create', ...args]);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toMatch(said);
    expect(home.snapshot()).toBe(before);
  });
});

describe('keys of a running instance', () => {
  it('open, change and end at once', async () => {
    const { url } = await home.serve();
    expect(await statusWith(url, null)).toBe(letIn);
    const key = await create('laptop');
    expect([await statusWith(url, null), await statusWith(url, key)]).toEqual([401, letIn]);
    const rotated = (await home.run(['key', 'rotate', 'laptop', '--grace', '1h'])).stdout.trimEnd();
    expect([await statusWith(url, key), await statusWith(url, rotated)]).toEqual([letIn, letIn]);
    const third = (await home.run(['key', 'rotate', 'laptop'])).stdout.trimEnd();
    expect([await statusWith(url, rotated), await statusWith(url, third)]).toEqual([401, letIn]);
    await expect.poll(async () => (await list())[0]?.lastUsedAt).toMatch(/Z$/);
    expect(await home.run(['key', 'revoke', 'laptop'])).toMatchObject({
      code: 0,
      stdout: 'revoked laptop\n',
    });
    // That the only key has gone lets nobody in.
    expect([await statusWith(url, third), await statusWith(url, null)]).toEqual([401, 401]);
    expect(await home.run(['config', 'set', 'requireClientKey', 'false'])).toMatchObject({ code: 0 });
    expect([await statusWith(url, third), await statusWith(url, null)]).toEqual([401, letIn]);
    expect(everything()).not.toContain(third.slice(4));
  });

  it('end by themselves when their time is over', async () => {
    const { url } = await home.serve();
    const key = await create('brief', '--expires', '4s');
    expect(await statusWith(url, key)).toBe(letIn);
    await expect.poll(() => statusWith(url, key)).toBe(401);
    expect((await home.run(['key', 'list'])).stdout).toMatch(/brief +user +expired/);
  });

  it('that were made before it started are known to it', async () => {
    const key = await create('laptop');
    const { url } = await home.serve();
    expect([await statusWith(url, null), await statusWith(url, key)]).toEqual([401, letIn]);
    const rows = (await home.run(['history', '--json'])).stdout;
    expect(rows).not.toContain(key.slice(4));
  });
});

describe('key revoke and key rotate without an instance', () => {
  it('change the records, and say when there is no such key', async () => {
    await create('laptop');
    expect((await home.run(['key', 'rotate', 'laptob'])).stderr).toContain('did you mean laptop?');
    expect((await home.run(['key', 'revoke', 'nobody'])).code).toBe(3);
    expect((await home.run(['key', 'rotate', 'laptop'])).stdout.trimEnd()).toMatch(keyPattern);
    expect((await home.run(['key', 'revoke', 'laptop'])).code).toBe(0);
    expect((await list())[0]?.revokedAt).toMatch(/Z$/);
    expect((await home.run(['key', 'list'])).stdout).toMatch(/laptop +user +revoked/);
  });
});
