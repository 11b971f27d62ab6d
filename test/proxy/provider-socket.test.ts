import dns, { type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openSocket } from '../../source/proxy/provider-socket.ts';
import { targetOf } from '../../source/proxy/target.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { answerAll, answerBytes, ask, endAll, ending, startProxy } from './start-proxy.ts';

afterEach(endAll);

type Resolved = readonly LookupAddress[] | 'ENOTFOUND' | 'EAI_AGAIN' | 'never';

/** What the machine's resolver says of `provider.example`, one word for each question; the last one again and again. */
const resolving = (...words: Resolved[]) => {
  const asked: string[] = [];
  const real = dns.lookup;
  const lookup = (name: string, options: object, done: (...told: unknown[]) => void): void => {
    if (name !== 'provider.example') return real(name, options, done as never);
    const word = words[Math.min(asked.push(name), words.length) - 1] ?? 'never';
    if (word === 'never') return;
    const failure = Object.assign(new Error('no such name'), { code: word });
    process.nextTick(() => (typeof word === 'string' ? done(failure) : done(null, word)));
  };
  const spy = vi.spyOn(dns, 'lookup').mockImplementation(lookup as never);
  onTestFinished(() => spy.mockRestore());
  return asked;
};

const six = { address: '::1', family: 6 };
const four = { address: '127.0.0.1', family: 4 };
const other = { address: '127.0.0.2', family: 4 };

describe('a name', () => {
  test.each([
    ['whose first address refuses', [six, four]],
    ['of which several refuse', [other, six, four]],
    ['with one address', [four]],
  ])('%s is reached', async (_, addresses) => {
    resolving(addresses);
    const upstream = ending(await startRawUpstream());
    const socket = openSocket(targetOf(`http://provider.example:${upstream.port}`), {
      get: () => undefined,
      set: () => undefined,
    });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    expect(socket.remoteAddress).toBe('127.0.0.1');
  });

  const out = async (): Promise<{ url: string; port: number }> => {
    const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));
    return { url: `http://provider.example:${upstream.port}`, port: upstream.port };
  };

  test.each(['ENOTFOUND', 'EAI_AGAIN'] as const)(
    'that is not known (%s) is one account out of reach, at once',
    async (word) => {
      const asked = resolving(word);
      const { url, port } = await out();
      const started = performance.now();
      const proxy = await startProxy([
        { name: 'lost', url, priority: 1 },
        { name: 'there', url: `http://127.0.0.1:${port}`, priority: 2 },
      ]);
      expect((await ask(proxy)).status).toBe(200);
      expect(performance.now() - started).toBeLessThan(3000);
      expect((await proxy.row()).attempts).toMatchObject([
        { account: 'lost', verdict: 'unreachable' },
        { account: 'there', verdict: 'forwarded' },
      ]);
      expect(asked).toEqual(['provider.example']);
    },
  );

  test('that was not known is asked for again by the next request, and found', async () => {
    const asked = resolving('ENOTFOUND', [four]);
    const proxy = await startProxy([{ name: 'work', url: (await out()).url }]);
    expect((await ask(proxy)).status).toBe(502);
    expect((await ask(proxy)).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  test('whose resolver is silent costs the time to connect, no more', async () => {
    resolving('never');
    const config = { timeouts: { connectMs: 200 } };
    const proxy = await startProxy([{ name: 'work', url: (await out()).url }], { config });
    const started = performance.now();
    expect((await ask(proxy)).status).toBe(504);
    expect(performance.now() - started).toBeLessThan(3000);
    expect(await proxy.row()).toMatchObject({ mayHaveRunTwice: false, outcome: 'rejected' });
  });
});
