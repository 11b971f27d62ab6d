import { createHeadroom } from '../balancer/headroom.ts';
import { nextAccount } from '../balancer/next-account.ts';
import { RetryBudget } from '../balancer/retry-budget.ts';
import { createSessions } from '../balancer/sessions.ts';
import type { Config } from '../config/schema.ts';
import { outboundProxies, type OutboundProxies } from '../config/outbound-proxy.ts';
import type { TokenNews } from '../credentials/token-work.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import { systemClock, type Clock } from '../shared/clock.ts';
import type { LogLevel, ProxyEvent } from '../shared/events.ts';
import type { AccountTest } from '../shared/commands.ts';
import type { AccountId, AccountRecord, AccountView, EpochMs, SecretStoreName } from '../shared/types.ts';
import type { ClientKeyRecord } from '../shared/client-key.ts';
import { aboutAccounts, keepRecords, type AccountParts } from './about-accounts.ts';
import type { SpentBudget } from '../shared/budget.ts';
import type { PassedCapture } from '../shared/capture.ts';
import { Captures } from './captures.ts';
import { createConnectionPool } from './connection-pool.ts';
import type { ClientKeys, ClientKeysOptions } from './client-keys.ts';
import { openDoor } from './open-door.ts';
import { endServing } from './end-serving.ts';
import { EventBatcher } from './event-batcher.ts';
import { watchGrowth } from './growth.ts';
import type { Holds } from './hold.ts';
import { LiveRequests } from './live-requests.ts';
import { createLogins, type OpenTokens } from './logins.ts';
import { newsTeller } from './login-news.ts';
import { bind, type Bound } from './listen.ts';
import { newHopMark } from './loop.ts';
import { openPool } from './open-pool.ts';
import { createOwners, type Owner } from './owners.ts';
import { ReplayMemory } from './replay-memory.ts';
import { createProxyServer } from './server.ts';
import { createUsageReader, type UsageContext } from './usage-reader.ts';
import type { Tally } from './tally.ts';
import { figuresOf, openTelling } from './telling.ts';
import { tellNoWay } from './tell-no-way.ts';
import { tellUnknownWords } from './tell-unknown-words.ts';
import { isTlsWanted } from './tls-identity.ts';
import { serveCertificate } from './tls-certificate.ts';

export type ProxyOptions = {
  config: Config;
  accounts: readonly AccountRecord[];
  keeper: Pick<SecretKeeper, 'get'>;
  /** Of clients, the secret that they were hashed with, and what they have spent before; left out = there are none. */
  keys?: { records: readonly ClientKeyRecord[] } & Pick<ClientKeysOptions, 'loadPepper' | 'spending'>;
  /** The hard budgets that are spent; left out = none, null = they are being counted: requests wait until it is told. */
  budgets?: readonly SpentBudget[] | null;
  /** Told the address of each request that showed a wrong key, or none where one is wanted. */
  onAuthFailed?(address: string): void;
  /** Bytes of all bodies together that are kept for a second try; left out = 256 MiB. */
  replayBytes?: number;
  /** See `UsageContext`. */
  onProfile?: UsageContext['onProfile'];
  /** Opens the door to the tokens of logins, when there is one; left out = logins cannot be used. */
  openTokens?: OpenTokens;
  /** Told what becomes of logins. */
  onTokenNews?(news: TokenNews): void;
  /** Who made which batch or file, as far as it is known, and whom to tell of more; left out = nobody, and nobody. */
  owners?: { known: readonly Owner[]; add(owner: Owner): void };
  /** The file that remembers limits; left out = there is none. */
  limitsFile?: string | null;
  send(batch: number, events: ProxyEvent[]): void;
  /** Takes what is kept of heads and bodies; left out = nobody does. */
  sendCapture?(capture: PassedCapture): void;
  /** Bytes of all captures together; left out = 64 MiB. */
  captureBytes?: number;
  /** Who leads to the providers; left out = nobody. */
  outbound?: OutboundProxies;
  clock?: Clock;
};

export type Proxy = {
  /** Binds the port. Rejects with a CcrError that names the port and what to do. */
  listen(): Promise<Bound>;
  setConfig(config: Config): void;
  setAccounts(accounts: readonly AccountRecord[]): void;
  /** The hard budgets that are spent now; whoever counts tells it. */
  setBudgets(spent: readonly SpentBudget[]): void;
  /** What is asked about single accounts. */
  account: {
    /** See `AccountPool.reset`. */
    reset(id: AccountId): AccountView | null;
    /** Its store is asked again before it is next used. */
    forgetSecret(id: AccountId): void;
    /** Reads its usage; see `UsageReader.read`. */
    readUsage(id: AccountId): Promise<AccountView | null>;
    /** Rejects with `unknown_account`. */
    test(id: AccountId): Promise<AccountTest>;
    /** Renews its login now; when its token ends then. Rejects with `needs_login` or `failed`. */
    refresh(id: AccountId): Promise<EpochMs | null>;
  };
  /** Of clients. */
  keys: Pick<ClientKeys, 'replace' | 'setSpending' | 'forgetPepper'>;
  /** What requests have cost, which is reckoned elsewhere. */
  setCosts: Tally['setCosts'];
  acknowledged(batch: number): void;
  /** What is kept of heads and bodies. */
  captures: Pick<Captures, 'set' | 'taken' | 'settled' | 'tick' | 'used' | 'lost'>;
  /** A sentence for the log. */
  log(level: LogLevel, text: string): void;
  /** Ends the wait of a request that is held. */
  endHold: Holds['end'];
  /** A store that gave nothing does now: what is missing is asked for again. */
  storeOpened(store: SecretStoreName): void;
  /** Takes no new request; resolves with the number of requests that had to be cut after `limitMs`. */
  drain(limitMs: number): Promise<number>;
};

/** The data plane, put together. Runs in the worker thread; holds no global. */
export const createProxy = (options: ProxyOptions): Proxy => {
  const { send, outbound = outboundProxies({}), clock = systemClock } = options;
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
  const { tally, emit, log, refused, reportRefusals } = openTelling(batcher, clock);
  const logins = createLogins(options.openTokens ?? null, {
    oauth: () => config.oauth,
    onChange: (id, status) => pool.credentialTold(id, status),
    onNews: newsTeller({ emit, clock, further: options.onTokenNews }),
  });
  const { pool, pauses, holds, limits } = openPool(options, { logins, clock, batcher, emit });
  const own = { pool, pauses, holds, logins, batcher, clock };
  const parts = { ...emptyParts(options, outbound, { log, clock }), ...own };
  const door = openDoor(options, { config: () => config, clock, log });
  const context = { ...parts, ...door, growth, emit, live, config: () => config };
  const metrics = figuresOf(tally, context);
  const captures = capturesOf(options, { pool, log, clock });
  const state = { captures, refused, metrics, bound: () => bound, draining: () => draining };
  const server = createProxyServer(isTlsWanted(config.tls), { ...context, ...state });
  const usage = createUsageReader({ ...context, onProfile: options.onProfile ?? (() => undefined) });
  const ticking = everySecond([pool, logins, usage, captures, { tick: reportRefusals }]);
  const records = keepRecords(options.accounts, door.budgets, parts);
  return {
    async listen() {
      await serveCertificate(server, { files: config.tls, clock, log });
      bound = await bind(server, config.host, config.port, isTlsWanted(config.tls));
      emit({ type: 'listening', at: clock.now(), ...bound });
      records.take();
      // Whoever hears that it listens may ask for the accounts at once.
      batcher.flush();
      return bound;
    },
    setConfig(next) {
      config = next;
      batcher.wake();
    },
    setAccounts: records.setAccounts,
    setBudgets: records.setBudgets,
    account: aboutAccounts({ ...context, usage }),
    keys: door.keys,
    setCosts: tally.setCosts,
    captures,
    ...tellers({ ...parts, keys: door.keys, log }),
    drain(limitMs) {
      draining = true;
      return endServing({ ...context, server, ticking, limits }, limitMs);
    },
  };
};

const capturesOf = (
  { sendCapture: send = () => undefined, captureBytes }: ProxyOptions,
  { pool, ...telling }: Pick<AccountParts, 'pool' | 'clock'> & Pick<Proxy, 'log'>,
) =>
  new Captures({
    ...telling,
    send,
    mostBytes: captureBytes,
    secrets: () => pool.candidates().flatMap(({ record }) => pool.secretAtHand(record.id) ?? []),
  });

const everySecond = (all: readonly { tick(): void }[]): NodeJS.Timeout =>
  setInterval(() => {
    for (const each of all) each.tick();
  }, 1000);

type TellerParts = Pick<Proxy, 'log'> &
  Pick<AccountParts, 'pool' | 'logins' | 'batcher'> & {
    keys: Pick<ClientKeys, 'forgetPepper'>;
    holds: Holds;
  };

/** What the thread around it tells it. */
const tellers = ({
  keys,
  pool,
  logins,
  batcher,
  holds,
  log,
}: TellerParts): Pick<Proxy, 'acknowledged' | 'endHold' | 'storeOpened' | 'log'> => ({
  acknowledged: (batch) => batcher.acknowledged(batch),
  endHold: (request, how) => holds.end(request, how),
  storeOpened(store) {
    keys.forgetPepper(store);
    void pool.loadSecrets();
    logins.storeOpened();
  },
  log,
});

/** What all requests share, and has nothing in it yet. */
const emptyParts = (
  { replayBytes, owners = { known: [], add: () => undefined } }: ProxyOptions,
  outbound: OutboundProxies,
  { log, clock }: Pick<Proxy, 'log'> & Pick<AccountParts, 'clock'>,
) => ({
  sessions: createSessions(),
  headroom: createHeadroom(),
  random: Math.random,
  retries: new RetryBudget(),
  connections: createConnectionPool({ ...outbound, noWay: tellNoWay(log, clock) }),
  unknownWords: tellUnknownWords(log),
  memory: new ReplayMemory(replayBytes),
  owners: createOwners(owners.known, owners.add),
  hop: newHopMark(),
});
