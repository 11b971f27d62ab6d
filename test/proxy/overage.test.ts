import { afterEach, expect, test } from 'vitest';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { fixture, now } from '../balancer/sample.ts';
import type { AccountRecord } from '../../source/shared/types.ts';
import { answerBytes, ask, endAll, ending, record, startProxy } from './start-proxy.ts';

afterEach(endAll);

const { headers: beyond } = fixture('unified-200-but-rejected-overage');
const { headers: within } = fixture('unified-allowed');

/** `work` serves beyond its week for money, and `home` from its plan; who is asked for what. */
const twoAccounts = async () => {
  const clock = createFakeClock(now);
  const asked: string[] = [];
  const upstream = ending(
    await startRawUpstream(async (connection) => {
      for (;;) {
        const message = await connection.message(60_000).catch(() => null);
        if (message === null) return;
        const name = message.header('authorization')?.replace('Bearer key-', '') ?? '';
        asked.push(name);
        await connection.send(answerBytes(200, name === 'work' ? beyond : within, '{}'));
      }
    }),
  );
  const kind = 'setup-token' as const;
  const accounts = ['work', 'home'].map((name) => ({
    name,
    kind,
    url: upstream.url,
    paused: name === 'home',
  }));
  const proxy = await startProxy(accounts, { clock });
  const set = (work: Partial<AccountRecord>, home: Partial<AccountRecord> = {}): void => {
    const [first, second] = accounts.map(record);
    if (first && second)
      proxy.proxy.setAccounts([
        { ...first, ...work },
        { ...second, ...home },
      ]);
  };
  const send = () => ask(proxy, { headers: { 'user-agent': 'claude-cli/2.1.330 (external, cli)' } });
  return { proxy, asked, set, send };
};

test('an account on paid overage serves when nobody else can, comes last when somebody can, and not at all when its owner forbids it', async () => {
  const { proxy, asked, set, send } = await twoAccounts();
  expect((await send()).status).toBe(200);
  await proxy.account('work', ({ onOverage, state }) => onOverage === true && state === 'ready');
  expect((await send()).status).toBe(200);
  expect(asked).toEqual(['work', 'work']);

  set({ overage: 'forbid' });
  await proxy.account('work', ({ state }) => state === 'capped');
  const refused = await send();
  expect([refused.status, refused.response?.header('x-ccr-error')]).toEqual([429, 'all_limited']);
  expect(refused.response?.header('x-should-retry')).toBe('false');
  expect(asked).toHaveLength(2);

  set({ overage: 0.5 });
  expect((await send()).status).toBe(200);
  set({ overage: 0.1 });
  expect((await send()).status).toBe(429);
  expect(asked).toEqual(['work', 'work', 'work']);

  set({}, { paused: false });
  for (let n = 0; n < 3; n += 1) await send();
  expect(asked.slice(-3)).toEqual(['home', 'home', 'home']);
});
