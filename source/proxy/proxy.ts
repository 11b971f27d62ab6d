import { nextAccount } from '../balancer/next-account.ts';
import { RetryBudget } from '../balancer/retry-budget.ts';
import { createSessions, type Sessions } from '../balancer/sessions.ts';
import type { Config } from '../config/schema.ts';
import { outboundProxies, type OutboundProxies } from '../config/outbound-proxy.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import { systemClock, type Clock } from '../shared/clock.ts';
import type { LogLevel, ProxyEvent } from '../shared/events.ts';
import type { AccountRecord } from '../shared/types.ts';
import type { ClientKeyRecord } from '../shared/client-key.ts';
import { AccountPool } from './account-pool.ts';
import { createConnectionPool } from './connection-pool.ts';
import { createAuthDelay, type AuthDelay } from './auth-delay.ts';
import { createClientKeys, type ClientKeys, type ClientKeysOptions } from './client-keys.ts';
import { EventBatcher } from './event-batcher.ts';
import { watchGrowth } from './growth.ts';
import { LiveRequests } from './live-requests.ts';
import { bind, closeServer, type Bound } from './listen.ts';
import { newHopMark } from './loop.ts';
import { countRefusals } from './refusal-count.ts';
import { createOwners, type Owner } from './owners.ts';
import { ReplayMemory } from './replay-memory.ts';
import { createProxyServer } from './server.ts';
import { tellNoWay } from './tell-no-way.ts';
import { isTlsWanted } from './tls-identity.ts';
import { serveCertificate } from './tls-certificate.ts';

export type ProxyOptions = {
  config: Config;
  accounts: readonly AccountRecord[];
  keeper: Pick<SecretKeeper, 'get'>;
  /** Of clients, the secret that they were hashed with, and what they have spent before; left out = there are none. */
  keys?: { records: readonly ClientKeyRecord[] } & Pick<ClientKeysOptions, 'loadPepper' | 'spending'>;
  /** Told the address of each request that showed a wrong key, or none where one is wanted. */
  onAuthFailed?(address: string): void;
  /** Bytes of all bodies together that are kept for a second try; left out = 256 MiB. */
  replayBytes?: number;
  /** Who made which batch or file, as far as it is known, and whom to tell of more; left out = nobody, and nobody. */
  owners?: { known: readonly Owner[]; add(owner: Owner): void };
  send(batch: number, events: ProxyEvent[]): void;
  /** Who leads to the providers; left out = nobody. */
  outbound?: OutboundProxies;
  clock?: Clock;
};

export type Proxy = {
  /** Binds the port. Rejects with a CcrError that names the port and what to do. */
  listen(): Promise<Bound>;
  setConfig(config: Config): void;
  setAccounts(accounts: readonly AccountRecord[]): void;
  /** Of clients. */
  keys: Pick<ClientKeys, 'replace' | 'setSpending' | 'forgetPepper'>;
  acknowledged(batch: number): void;
  /** Takes no new request; resolves with the number of requests that had to be cut after `limitMs`. */
  drain(limitMs: number): Promise<number>;
};

/** The data plane, put together. Runs in the worker thread; holds no global. */
export const createProxy = (options: ProxyOptions): Proxy => {
  const { keeper, send, outbound = outboundProxies({}), clock = systemClock } = options;
  let { config } = options;
  let draining = false;
  let bound: Bound = { url: '', host: config.host, port: config.port };
  const live = new LiveRequests();
  const growth = watchGrowth({ live, clock, onGrowth: () => batcher.wake() });
  const batcher = new EventBatcher({
    send,
    viewOf: (id) => pool.viewOf(id),
    next: () => nextAccount(pool.candidates(), config.strategy, clock.now()),
    live: growth.events,
    now: () => clock.now(),
  });
  const emit = (event: ProxyEvent): void => batcher.emit(event);
  const log = (level: LogLevel, text: string): void => emit({ type: 'logged', at: clock.now(), level, text });
  const pool = new AccountPool({ keeper, clock, onDirty: (id) => batcher.accountDirty(id) });
  const refusals = countRefusals(log);
  const parts = { ...emptyParts(options, outbound, log, clock), pool, batcher, clock };
  const door = openDoor(options, { config: () => config, clock, log });
  const context = { ...parts, ...door, growth, emit, live };
  const server = createProxyServer(isTlsWanted(config.tls), {
    ...context,
    refused: refusals.add,
    config: () => config,
    bound: () => bound,
    draining: () => draining,
  });
  const ticking = setInterval(() => {
    pool.tick();
    refusals.report();
  }, 1000);
  replaceAccounts(options.accounts, parts);
  return {
    async listen() {
      await serveCertificate(server, { files: config.tls, clock, log });
      bound = await bind(server, config.host, config.port, isTlsWanted(config.tls));
      emit({ type: 'listening', at: clock.now(), ...bound });
      void pool.loadSecrets();
      return bound;
    },
    setConfig(next) {
      config = next;
      batcher.wake();
    },
    setAccounts(accounts) {
      replaceAccounts(accounts, parts);
      void pool.loadSecrets();
    },
    keys: door.keys,
    acknowledged: (batch) => batcher.acknowledged(batch),
    async drain(limitMs) {
      draining = true;
      const cut = await closeServer(server, live, limitMs);
      clearInterval(ticking);
      batcher.flush();
      return cut;
    },
  };
};

/** What all requests share, and has nothing in it yet. */
const emptyParts = (
  { replayBytes, owners = { known: [], add: () => undefined } }: ProxyOptions,
  outbound: OutboundProxies,
  log: (level: LogLevel, text: string) => void,
  clock: Clock,
) => ({
  sessions: createSessions(),
  retries: new RetryBudget(),
  connections: createConnectionPool({ ...outbound, noWay: tellNoWay(log, clock) }),
  memory: new ReplayMemory(replayBytes),
  owners: createOwners(owners.known, owners.add),
  hop: newHopMark(),
});

/** Who may come in, and how fast those may ask who may not. */
const openDoor = (
  {
    keys: { records, ...given } = { records: [], loadPepper: async () => null },
    onAuthFailed = () => undefined,
  }: Pick<ProxyOptions, 'keys' | 'onAuthFailed'>,
  parts: Omit<ClientKeysOptions, 'loadPepper' | 'spending'>,
): { keys: ClientKeys; authDelay: AuthDelay } => {
  const opened = createClientKeys({ ...parts, ...given });
  opened.replace(records);
  const monotonic = (): number => parts.clock.monotonic();
  return { keys: opened, authDelay: createAuthDelay({ monotonic, onFailed: onAuthFailed }) };
};

type AccountParts = { pool: AccountPool; sessions: Sessions; batcher: EventBatcher; clock: Clock };

/** Takes over the records; what has gone is forgotten everywhere, and told. */
const replaceAccounts = (
  records: readonly AccountRecord[],
  { pool, sessions, batcher, clock }: AccountParts,
): void => {
  for (const account of pool.replace(records)) {
    sessions.forget(account);
    batcher.emit({ type: 'accountRemoved', at: clock.now(), account });
  }
  batcher.wake();
};
