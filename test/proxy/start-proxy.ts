import { resolvePaths } from '../../source/config/paths.ts';
import { openTokens } from '../../source/credentials/open-tokens.ts';
import type { SecretKeeper } from '../../source/credentials/secret-keeper.ts';
import type { TokenNews } from '../../source/credentials/token-work.ts';
import { systemClock } from '../../source/shared/clock.ts';
import type { OpenTokens } from '../../source/proxy/logins.ts';
import { temporaryHome } from '../kit/temporary-home.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import type { Config } from '../../source/config/schema.ts';
import { createProxy, type Proxy, type ProxyOptions } from '../../source/proxy/proxy.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from '../../source/demo/upstream.ts';
import type { Limits } from '../../source/demo/limits.ts';
import type { ProxyEvent, ProxyEventType } from '../../source/shared/events.ts';
import { Secret } from '../../source/shared/secret.ts';
import {
  asEpoch,
  type AccountId,
  type AccountKind,
  type AccountRecord,
  type FinishedRequest,
} from '../../source/shared/types.ts';
import { exchange, requestBytes, type Exchange } from '../kit/raw-client.ts';
import type { PeerEnd, RawConnection } from '../kit/raw-connection.ts';

export type TestAccount = {
  name: string;
  url: string;
  key?: string;
  kind?: AccountKind;
  priority?: number;
  paused?: boolean;
};

export type TestConfig = Partial<Omit<Config, 'timeouts'>> & { timeouts?: Partial<Config['timeouts']> };

type EventOf<Type extends ProxyEventType> = Extract<ProxyEvent, { type: Type }>;

export type TestProxy = {
  proxy: Proxy;
  url: string;
  port: number;
  /** `127.0.0.1:PORT`, what a client's Host header says. */
  host: string;
  /** Everything it told so far, oldest first. */
  events: readonly ProxyEvent[];
  /** What became of logins, oldest first. */
  news: readonly TokenNews[];
  eventsOf<Type extends ProxyEventType>(type: Type): EventOf<Type>[];
  /** The first event of this type that fits, told or to come. Rejects after 30 s. */
  awaitEvent<Type extends ProxyEventType>(
    type: Type,
    match?: (event: EventOf<Type>) => boolean,
  ): Promise<EventOf<Type>>;
  /** The row of the n-th finished request (from 0). */
  row(index?: number): Promise<FinishedRequest>;
  /** The account's newest public state, once it matches. */
  account(name: string, match: (view: EventOf<'accountChanged'>['account']) => boolean): Promise<void>;
};

export const accountId = (name: string): AccountId => `id-${name}` as AccountId;

export const record = ({ name, url, kind, priority, paused }: TestAccount): AccountRecord => ({
  id: accountId(name),
  name,
  kind: kind ?? 'api-key',
  baseUrl: url,
  priority: priority ?? 200,
  weight: 1,
  paused: paused ?? false,
  store: 'memory',
  createdAt: asEpoch(0),
});

/** The defaults of the schema on a free port, and what the test wants otherwise. */
export const testConfig = (changes: TestConfig = {}): Config => {
  const { config } = loadSettings({
    paths: { config: '/nonexistent/config.json' },
    env: {},
    flags: { port: '0' },
  });
  return { ...config, ...changes, timeouts: { ...config.timeouts, ...changes.timeouts } };
};

const cleanups: (() => Promise<unknown>)[] = [];

/** To be called after each test: ends what it started, newest first. */
export const endAll = async (): Promise<void> => {
  for (const end of cleanups.splice(0).toReversed()) await end();
};

/** Ends with the test. */
export const ending = <T extends { close(): Promise<unknown> }>(thing: T): T => {
  cleanups.push(() => thing.close());
  return thing;
};

type StartOptions = {
  config?: TestConfig;
  keeper?: ProxyOptions['keeper'];
  clock?: ProxyOptions['clock'];
  keys?: ProxyOptions['keys'];
  outbound?: ProxyOptions['outbound'];
  replayBytes?: number;
  owners?: ProxyOptions['owners'];
  budgets?: ProxyOptions['budgets'];
  sendCapture?: NonNullable<ProxyOptions['sendCapture']>;
  captureBytes?: number;
};

/** Events in the order they came, and promises of those to come. */
const eventLog = () => {
  const events: ProxyEvent[] = [];
  const waiting = new Set<() => void>();
  return {
    events,
    take(batch: readonly ProxyEvent[]): void {
      events.push(...batch);
      for (const look of waiting) look();
    },
    async until<Found>(what: string, find: () => Found | undefined): Promise<Found> {
      const { promise, resolve, reject } = Promise.withResolvers<Found>();
      const look = (): void => {
        const found = find();
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      look();
      const timer = setTimeout(() => {
        reject(new Error(`no ${what} among ${events.length} events: ${JSON.stringify(events.slice(-5))}`));
      }, 30_000);
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(look);
      });
    },
  };
};

/** The real door to the tokens of logins, which lie with the keys; its files in a folder that goes with the test. */
const testTokens =
  (
    keeper: ProxyOptions['keeper'],
    keep: (id: AccountId, entry: Secret) => unknown,
    clock: ProxyOptions['clock'] = systemClock,
  ): OpenTokens =>
  async (hooks) => {
    const home = await temporaryHome();
    cleanups.unshift(() => home.remove());
    const renew: SecretKeeper['renew'] = async (id, entry) => void keep(id, entry);
    return openTokens({
      ...hooks,
      paths: resolvePaths({ CCR_TUI_HOME: home.path }),
      keeper: { get: keeper.get, renew },
      clock,
    });
  };

/** The real data plane on a free port of this process. Ends after the test. */
export const startProxy = async (
  accounts: readonly TestAccount[],
  {
    config = {},
    keeper,
    clock,
    keys: clientKeys,
    outbound,
    replayBytes,
    owners,
    budgets,
    ...captures
  }: StartOptions = {},
): Promise<TestProxy> => {
  const keys = new Map(accounts.map(({ name, key }) => [accountId(name), new Secret(key ?? `key-${name}`)]));
  const log = eventLog();
  const own = keeper ?? { get: async (id) => keys.get(id) ?? null };
  const news: TokenNews[] = [];
  const proxy: Proxy = createProxy({
    config: testConfig(config),
    accounts: accounts.map(record),
    keeper: own,
    openTokens: testTokens(own, (id, entry) => keys.set(id, entry), clock),
    onTokenNews: (each) => void news.push(each),
    ...(clock ? { clock } : {}),
    ...(clientKeys ? { keys: clientKeys } : {}),
    ...(outbound ? { outbound } : {}),
    ...(replayBytes === undefined ? {} : { replayBytes }),
    ...(owners ? { owners } : {}),
    ...(budgets === undefined ? {} : { budgets }),
    ...captures,
    send(batch, events) {
      log.take(events);
      queueMicrotask(() => proxy.acknowledged(batch));
    },
  });
  const { url, port } = await proxy.listen();
  cleanups.push(() => proxy.drain(0));
  const eventsOf = <Type extends ProxyEventType>(type: Type): EventOf<Type>[] =>
    log.events.filter((event): event is EventOf<Type> => event.type === type);
  return {
    proxy,
    url,
    port,
    host: `127.0.0.1:${port}`,
    events: log.events,
    news,
    eventsOf,
    awaitEvent: (type, match = () => true) => log.until(type, () => eventsOf(type).find(match)),
    row: (index = 0) => log.until(`row ${index}`, () => eventsOf('requestFinished')[index]?.request),
    async account(name, match) {
      await log.until(`such a state of ${name}`, () => {
        const newest = eventsOf('accountChanged').findLast((event) => event.account.name === name);
        return newest !== undefined && match(newest.account) ? newest : undefined;
      });
    },
  };
};

/** A simulated provider with these accounts (keys `key-NAME`), and a proxy in front of it. */
export const startPair = async (
  limits: Readonly<Record<string, Limits>> = { work: { kind: 'unified' } },
  options: Pick<StartOptions, 'config' | 'clock'> & { upstream?: Partial<UpstreamOptions> } = {},
): Promise<TestProxy & { upstream: Upstream; records: AccountRecord[] }> => {
  const upstream = ending(
    await startUpstream({
      accounts: Object.entries(limits).map(([name, limits]) => ({ name, key: `key-${name}`, limits })),
      ...options.upstream,
    }),
  );
  const accounts = Object.keys(limits).map((name) => ({ name, url: upstream.url }));
  const { config = {}, clock } = options;
  const proxy = await startProxy(accounts, { config, ...(clock ? { clock } : {}) });
  return { ...proxy, upstream, records: accounts.map(record) };
};

export const question = {
  model: 'claude-opus-5-5',
  max_tokens: 500,
  messages: [{ role: 'user' as const, content: 'How long is a window?' }],
};

export type Ask = {
  method?: string;
  path?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
};

/** The bytes of a request as a client of this proxy would send them. */
export const askBytes = (
  { host }: Pick<TestProxy, 'host'>,
  { method = 'POST', path = '/v1/messages', headers = {}, body }: Ask = {},
): Buffer => {
  const content = body ?? (method === 'POST' ? JSON.stringify(question) : '');
  return requestBytes(method, path, { host, ...headers }, content);
};

/** One request on a connection of its own, and what came back. */
export const ask = (proxy: TestProxy, request: Ask = {}): Promise<Exchange> =>
  exchange(proxy.port, askBytes(proxy, request));

export const askStream = (proxy: TestProxy, headers: Record<string, string> = {}): Promise<Exchange> =>
  ask(proxy, { headers, body: JSON.stringify({ ...question, stream: true }) });

/** The JSON body of an answer. */
export const jsonOf = ({ response }: Exchange): Record<string, unknown> =>
  JSON.parse(String(response?.body)) as Record<string, unknown>;

export const headerOf = ({ response }: Exchange, name: string): string | undefined => response?.header(name);

/** An answer of a raw upstream: head with these headers, body with its length. */
export const answerBytes = (
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): Buffer => {
  const content = Buffer.from(body);
  const all = { ...headers, 'content-length': String(content.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Word\r\n${lines.join('')}\r\n`), content]);
};

/** Waits until the other side has ended the connection, ends ours too, and says how the other did it. */
export const hungUp = async (connection: RawConnection): Promise<PeerEnd> => {
  const { socket } = connection;
  if (!socket.readableEnded && !socket.destroyed) {
    await new Promise<void>((resolve) => {
      socket.once('end', resolve).once('close', () => resolve());
    });
  }
  connection.end();
  return connection.closed;
};

/** Script of a raw upstream: the same answer to each request of a connection, as long as it lasts. */
export const answerAll =
  (bytes: string | Uint8Array) =>
  async (connection: RawConnection): Promise<void> => {
    while (
      await connection.message(60_000).then(
        () => true,
        () => false,
      )
    ) {
      await connection.send(bytes);
    }
  };

/** A proxy in front of one upstream of raw connections. */
export const inFrontOf = async (
  script: (connection: RawConnection, index: number) => Promise<void>,
  config = {},
): Promise<TestProxy> => {
  const upstream = ending(await startRawUpstream(script));
  return startProxy([{ name: 'work', url: upstream.url }], { config });
};

/** Bytes in the chunked coding. */
export const chunk = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
