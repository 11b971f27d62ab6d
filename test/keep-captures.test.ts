import { afterEach, expect, test } from 'vitest';
import { loadSettings } from '../source/config/settings.ts';
import type { CaptureRules } from '../source/history/messages.ts';
import { keepCaptures, type KeepCapturesOptions, type KeptCaptures } from '../source/keep-captures.ts';
import type { CaptureRules as ProxyRules } from '../source/proxy/captures.ts';
import { systemClock } from '../source/shared/clock.ts';
import { CcrError } from '../source/shared/errors.ts';
import type { ProxyEvent } from '../source/shared/events.ts';

const kept: KeptCaptures[] = [];
afterEach(() => {
  for (const each of kept.splice(0)) each.close();
});

const locked = new CcrError('store_unavailable', 'the keychain is locked');
const key = new Uint8Array(32).fill(7);

type Started = {
  captures: KeptCaptures;
  config: KeepCapturesOptions['settings']['config'];
  proxy: ProxyRules[];
  history: CaptureRules[];
  events: ProxyEvent[];
  logged: string[];
};

const start = (captureKey: KeepCapturesOptions['proxy']['captureKey'], retryMs?: number): Started => {
  const { config } = loadSettings({ paths: { config: '/nonexistent/config.json' }, env: {} });
  const [proxy, history]: [ProxyRules[], CaptureRules[]] = [[], []];
  const [events, logged]: [ProxyEvent[], string[]] = [[], []];
  const captures = keepCaptures({
    settings: { config, accounts: [] },
    proxy: { setCapture: (rules) => void proxy.push(rules), captureKey },
    history: { captures: { setRules: (rules) => void history.push(rules), add: () => undefined } },
    store: { apply: (batch) => void events.push(...batch), log: (_, text) => void logged.push(text) },
    clock: systemClock,
    ...(retryMs === undefined ? {} : { retryMs }),
  });
  kept.push(captures);
  return { captures, config, proxy, history, events, logged };
};

test('off, no store is asked and nothing is said', async () => {
  let asked = 0;
  const { captures, proxy, events, logged } = start(async () => {
    asked += 1;
    return { key, notice: null };
  });
  await captures.apply();
  expect([asked, events, logged]).toEqual([0, [], []]);
  expect(proxy).toEqual([{ mode: 'off', bodyBytes: 64 * 1024 }]);
  expect(captures.status()).toEqual({ mode: 'off', reason: null });
});

test('on, the history has the key before the proxy begins, and everybody is told', async () => {
  const { captures, config, proxy, history, events, logged } = start(async () => ({
    key,
    notice: 'a vault was made',
  }));
  Object.assign(config, { capture: 'errors', captureKiB: 2, captureDays: 3, captureMiB: 4 });
  await captures.apply();
  expect(history).toEqual([{ key, days: 3, maxMiB: 4 }]);
  expect(proxy).toEqual([{ mode: 'errors', bodyBytes: 2048 }]);
  expect(events).toMatchObject([{ type: 'captureChanged', mode: 'errors', reason: null }]);
  expect(logged).toEqual([
    'a vault was made',
    'capture is on (errors): heads and bodies of requests that end badly are kept, encrypted',
  ]);
  Object.assign(config, { capture: 'off' });
  await captures.apply();
  expect(history.at(-1)).toEqual({ key: null, days: 3, maxMiB: 4 });
  expect(captures.status()).toEqual({ mode: 'off', reason: null });
  expect(logged.at(-1)).toBe('capture is off');
});

test('without a key it stays off and says why, until the store answers', async () => {
  let answers = false;
  const { captures, config, proxy, logged } = start(
    () => (answers ? Promise.resolve({ key, notice: null }) : Promise.reject(locked)),
    1,
  );
  Object.assign(config, { capture: 'all' });
  await captures.apply();
  const reason = 'no key for it: the keychain is locked';
  expect(captures.status()).toEqual({ mode: 'off', reason });
  expect(proxy.every(({ mode }) => mode === 'off')).toBe(true);
  expect(logged).toEqual([`capture is off: ${reason}`]);
  answers = true;
  while (captures.status().mode !== 'all') await new Promise((resolve) => setTimeout(resolve, 1));
  expect(logged).toHaveLength(2);
});

test('a setting that comes while a store is asked is the one that counts', async () => {
  const first = Promise.withResolvers<{ key: Uint8Array; notice: string | null }>();
  const { captures, config, proxy, logged } = start(() => first.promise);
  Object.assign(config, { capture: 'all' });
  const slow = captures.apply();
  Object.assign(config, { capture: 'off' });
  await captures.apply();
  const late = Uint8Array.from(key);
  first.resolve({ key: late, notice: 'a vault was made' });
  await slow;
  expect(logged).toEqual(['a vault was made']);
  expect(late).toEqual(new Uint8Array(32));
  expect(captures.status().mode).toBe('off');
  expect(proxy.map(({ mode }) => mode)).toEqual(['off']);
});

test('captures that were not kept are counted, and told once', () => {
  const { captures, logged } = start(async () => ({ key, notice: null }));
  for (const lost of [null, 'the disk is full', null, 'the disk is full']) captures.taken(lost);
  expect(captures.status().reason).toBe('2 captures missing');
  expect(logged).toEqual(['a captured request was not kept: the disk is full']);
});
