import { existsSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asDuration, asEpoch } from '../../source/shared/types.ts';
import { useCommandHome } from '../kit/command-home.ts';
import { writeHistory } from '../kit/given-history.ts';
import { smallTrace, smallWorld } from '../simulate/samples.ts';
import { pricedSample } from '../store/samples.ts';

const home = useCommandHome({ inPlace: true });
const file = (name: string): string => join(home.path, name);

const put = (name: string, content: unknown): string => {
  writeFileSync(file(name), typeof content === 'string' ? content : JSON.stringify(content));
  return file(name);
};

/** Larger than any file that can be read whole; it takes no room on the disk. */
const vast = (name: string): string => {
  truncateSync(put(name, ''), 3 * 1024 ** 3);
  return file(name);
};

const line = (...more: string[]): string[] => [
  'simulate',
  '--trace',
  put('small.trace.json', smallTrace()),
  '--accounts',
  put('small.accounts.json', smallWorld()),
  ...more,
];

describe('simulate', () => {
  it('prints the figures for people', async () => {
    const { code, stdout, stderr } = await home.run(line('--strategy', 'sticky'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^small +sticky\n/);
    expect(stdout).toMatch(/^served +4 \(100\.0 % of the work\)$/m);
  });

  it('--json prints them all, in their order', async () => {
    const { stdout } = await home.run(line('--strategy', 'sticky', '--json'));
    const figures = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(figures).sort()).toEqual(
      (
        'trace strategy requests served refused cancelled waitedMs moves warmMoves attempts429 cacheReadTokens ' +
        'cacheWriteTokens outputTokens costUsd apiCostUsd servedUsd offeredUsd servedShare cacheInflation ' +
        'expiredUnused expiredWhileRefused boundUsd boundShare'
      )
        .split(' ')
        .sort(),
    );
    expect(figures).toMatchObject({ trace: 'small', strategy: 'sticky', served: 4, moves: 1 });
  });

  it('--decisions writes a line for each request, - prints them instead of the figures', async () => {
    const log = file('decisions.ndjson');
    expect((await home.run(line('--strategy', 'sticky', '--decisions', log))).stdout).toContain('served');
    const lines = home.read('decisions.ndjson').trimEnd().split('\n');
    expect(lines.map((each) => JSON.parse(each) as unknown)[1]).toEqual({
      id: 1,
      outcome: 'served',
      account: 'b',
      at: 2000,
    });
    const { stdout } = await home.run(line('--strategy', 'sticky', '--decisions', '-'));
    expect(stdout).toBe(home.read('decisions.ndjson'));
  });

  it('holds for no longer than the world allows, by default as long as the settings say', async () => {
    const fixed = { id: '7d', kind: 'fixed', lengthMs: 3_600_000, resetAtMs: 50_000, models: null };
    const windows = [{ ...fixed, capacityUsd: 1, usedUsd: 1 }];
    const policy = { maxHoldMs: 60_000, failoverMs: 300, firstByteMs: 500 };
    const accounts = put(
      'held.json',
      smallWorld({ policy, accounts: [{ name: 'a', kind: 'plan', windows }] }),
    );
    const trace = put('held.trace.json', smallTrace());
    const waited = async (...more: string[]): Promise<number> => {
      const args = ['simulate', '--trace', trace, '--accounts', accounts, '--strategy', 'sticky', '--json'];
      return (JSON.parse((await home.run([...args, ...more])).stdout) as { waitedMs: number }).waitedMs;
    };
    expect(await waited('--hold', '1h')).toBeGreaterThan(45_000);
    expect(await waited('--hold', '10s')).toBeLessThan(1000);
    expect(await waited()).toBeLessThan(1000);
    await home.run(['config', 'set', 'holdMs', '60000']);
    expect(await waited()).toBeGreaterThan(45_000);
  });

  it('--from-history asks what another strategy would have done with what is recorded', async () => {
    const since = Date.now() - 3_600_000;
    const kinds = ['input', 'output', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead'];
    // A dollar for each token.
    const priceOfMine = { model: 'mine', ...Object.fromEntries(kinds.map((kind) => [kind, 1e6])) };
    const mine = { model: 'mine', upstreamModel: 'mine', costUsd: 0.1 };
    writeHistory(file('history.sqlite'), [
      ...[0, 1, 2].map((n) =>
        pricedSample(n, { at: asEpoch(since + 10_000 * n), totalMs: asDuration(1000) }),
      ),
      pricedSample(8, { at: asEpoch(since), ...mine }),
      pricedSample(9, { at: asEpoch(since), costUsd: null }),
    ]);
    await home.run(['config', 'set', 'prices', JSON.stringify([priceOfMine])]);
    const accounts = put('mine.json', smallWorld());
    const args = ['simulate', '--from-history', '--accounts', accounts, '--strategy', 'spread', '--json'];
    const { code, stdout, stderr } = await home.run(args);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'ccr-tui: 1 request is left out: what they cost is not known\n',
    });
    const figures = JSON.parse(stdout) as { offeredUsd: number };
    expect(figures).toMatchObject({ trace: 'history', requests: 4, served: 4 });
    expect(figures.offeredUsd).toBeGreaterThan(1000);
    expect(JSON.parse((await home.run([...args, '--since', '30m'])).stdout)).toMatchObject({ requests: 0 });
  });

  it('takes the accounts that COMMANDS.md shows', async () => {
    const commands = readFileSync(new URL('../../COMMANDS.md', import.meta.url), 'utf8');
    const [, example = ''] = /<!-- example: simulate -->\s+```json\n([^`]+)```/.exec(commands) ?? [];
    const args = ['--strategy', 'sticky', '--json', '--accounts', put('example.json', example)];
    const { code, stdout } = await home.run([...line(), ...args]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ served: 4, refused: 0, boundShare: null });
  });

  it('touches nothing of the home', async () => {
    await home.run(line('--strategy', 'drain'));
    expect(readdirSync(home.path).sort()).toEqual(['small.accounts.json', 'small.trace.json']);
    expect(existsSync(file('config.json'))).toBe(false);
  });
});

describe('what cannot be simulated is one line and exit 2', () => {
  it.each([
    [() => line(), /simulate needs --strategy/],
    [() => line('--strategy', 'drian'), /there is no strategy drian; did you mean drain\?/],
    [() => line('--strategy', 'constructor'), /there is no strategy constructor/],
    [() => line('--strategy', 'sticky', '--hold', 'long'), /--hold: wanted a length of time/],
    [() => ['simulate', '--strategy', 'sticky'], /simulate needs --accounts/],
    [() => line('--strategy', 'sticky', '--from-history'), /--trace and --from-history are two traces/],
    [
      () => [...line('--strategy', 'sticky'), '--trace', file('missing.json')],
      /missing\.json: cannot be read \(ENOENT\)/,
    ],
    [
      () => [...line('--strategy', 'sticky'), '--trace', put('broken.json', '{')],
      /broken\.json: the file: wanted JSON/,
    ],
    [
      () => [...line('--strategy', 'sticky'), '--trace', vast('vast.json')],
      /vast\.json: the file: wanted at most 256 MiB/,
    ],
    [
      () => [...line('--strategy', 'sticky'), '--accounts', put('other.json', smallTrace())],
      /other\.json: format: wanted ccr-accounts\/1/,
    ],
    [
      () => [
        'simulate',
        '--strategy',
        'sticky',
        '--trace',
        put('wrong.json', smallTrace({ cacheTtl: 7 })),
        '--accounts',
        put('other.json', smallWorld({ policy: 7 })),
      ],
      /wrong\.json: cacheTtl: wanted 5m or 1h; .*other\.json: policy: wanted an object/,
    ],
  ])('%#', async (args, message) => {
    const { code, stdout, stderr } = await home.run(args());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('a log that cannot be written is told', async () => {
    const { code, stderr } = await home.run(line('--strategy', 'sticky', '--decisions', file('no/where')));
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot be written \(ENOENT\)/);
  });
});
