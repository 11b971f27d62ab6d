import { expect, test } from 'vitest';
import { openKeyRing } from '../../source/commands/key-ring.ts';
import { run } from '../../source/commands/key-list.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { unlimited, type KeyLimits } from '../../source/shared/client-key.ts';
import { displayWidth } from '../../source/shared/display-width.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { useContextHome } from '../kit/command-context.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const home = useContextHome();
const clock = createFakeClock();

const create = async (name: string, limits: Partial<KeyLimits> = {}): Promise<void> => {
  const wanted = { name, kind: 'user', limits: { ...unlimited, ...limits } } as const;
  await openKeyRing(home.context({ clock }).context).create(wanted, newClientKey());
};

const list = async (options: Record<string, true> = {}, columns?: number): Promise<string[]> => {
  const given = home.context({ options, clock, ...(columns === undefined ? {} : { columns }) });
  expect(await run(given.context)).toBe(0);
  return given.stdout().split('\n').slice(0, -1);
};

test('without a key says how to make one, beside an empty output', async () => {
  const { context, stdout, stderr } = home.context();
  expect(await run(context)).toBe(0);
  expect([stdout(), stderr()]).toEqual(['', 'no key yet; make one: ccr-tui key create NAME\n']);
  expect(await list({ json: true })).toEqual(['[]']);
});

test('tells of each key its state and every limit that it has', async () => {
  await create('plain');
  await create('tight', {
    requestsPerMinute: 30,
    concurrent: 2,
    dailyUsd: 0.5,
    dailyTokens: 1000,
    models: ['claude-*', 'gpt-5'],
    holdMs: 240_000,
  });
  await create('brief', { expiresAt: asEpoch(clock.now() + 60_000) });
  await create('gone');
  await openKeyRing(home.context({ clock }).context).revoke('gone', null);
  const valid = await list();
  expect(valid).toHaveLength(5);
  expect(valid[0]).toMatch(/^KEY +KIND +STATE +LAST USED +LIMITS *$/);
  expect(valid[1]).toMatch(/^plain +user +valid +— *$/);
  expect(valid[2]).toMatch(
    /^tight +user +valid +— +30\/min {2}2 at once {2}0\.5 USD\/day {2}1000 tokens\/day {2}models claude-\*,gpt-5 {2}held 4m00s *$/,
  );
  expect(valid[3]).toMatch(/^brief +user +valid +— +until \S/);
  expect(valid[4]).toMatch(/^gone +user +revoked/);
  clock.advance(60_000);
  expect((await list())[3]).toMatch(/^brief +user +expired/);
});

test('fits the width of the terminal', async () => {
  await create('tight', { requestsPerMinute: 30, concurrent: 2, models: ['claude-'.padEnd(90, 'x')] });
  for (const line of await list({}, 60)) expect(displayWidth(line)).toBeLessThanOrEqual(60);
});
