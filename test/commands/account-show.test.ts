import { beforeEach, expect, test } from 'vitest';
import { run, windowRow } from '../../source/commands/account-show.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { useContextHome } from '../kit/command-context.ts';
import { accountRecord, now, writeAccounts } from './account-records.ts';

const home = useContextHome();
const work = accountRecord('work', { caps: { '5h': 0.5 }, models: ['claude-*'], paused: true });
beforeEach(() => writeAccounts(home.path, [work, accountRecord('home')]));

const show = async (options: Record<string, true> = {}, name = 'work'): Promise<string> => {
  const clock = { now: () => now, monotonic: () => 0 };
  const { context, stdout } = home.context({ positionals: [name], options, clock });
  expect(await run(context)).toBe(0);
  return stdout();
};

test('says all that is known of one account, by name or id', async () => {
  const lines = (await show()).split('\n');
  expect(lines[0]).toBe('work');
  for (const line of [
    '  kind      compatible',
    '  address   https://relay.example',
    '  state     paused: paused by you',
    '  order     priority 200, weight 1',
    '  caps      5h=50',
    '  models    claude-*',
    '  overage   allow',
    '  at once   none',
    '  requests  0 since the start, 0 in flight, not used yet',
    '  secret    in the encrypted vault',
  ]) {
    expect(lines).toContain(line);
  }
  expect(await show({}, 'id-work')).toBe(lines.join('\n'));
});

test('as JSON is what account list prints of it', async () => {
  expect(JSON.parse(await show({ json: true }))).toMatchObject({
    id: 'id-work',
    name: 'work',
    state: 'paused',
    caps: { '5h': 0.5 },
    models: ['claude-*'],
    windows: [],
  });
});

test('of nobody names the nearest', async () => {
  await expect(show({}, 'wrok')).rejects.toMatchObject({ exitCode: 3, hint: 'did you mean work?' });
});

test('what was read of a window is shown with its age', () => {
  const window = {
    id: '5h',
    scope: null,
    utilization: 0.42,
    status: 'allowed',
    resetsAt: asEpoch(now + 3_600_000),
    source: 'usage',
    seenAt: asEpoch(now - 240_000),
  } as const;
  expect(windowRow(window, now)).toEqual(['5h', '42% used, resets in 1h00m; read 4m00s ago']);
  const old = { ...window, seenAt: asEpoch(now - 660_000) };
  expect(windowRow(old, now)[1]).toMatch(/read 11m.* ago, stale$/);
});
