import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { outboundProxies } from '../config/outbound-proxy.ts';
import { openAudit } from '../credentials/audit.ts';
import { createAuthFailures } from '../credentials/auth-failures.ts';
import { createCaptureKeys } from '../credentials/capture-key.ts';
import { removeEverywhere } from '../credentials/emergency.ts';
import { createPepper } from '../credentials/key-pepper.ts';
import { replaceLogin } from '../credentials/replace-login.ts';
import { readPassphraseFile } from '../credentials/passphrase-file.ts';
import { createSecretKeeper } from '../credentials/secret-keeper.ts';
import { createReferences } from '../credentials/secret-reference.ts';
import { storeOperations } from '../credentials/store-operation.ts';
import { atMost, longestEndMs } from '../shared/at-most.ts';
import { systemClock } from '../shared/clock.ts';
import { CcrError, errorShape } from '../shared/errors.ts';
import { packEvents } from '../shared/packed-events.ts';
import { takeSecret } from '../shared/secret-bytes.ts';
import { buffersOf } from '../shared/capture.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts';
import { auditOfNews } from './login-news.ts';
import { openOwnersFile } from './owners-file.ts';
import { loadTls } from './provider-socket.ts';
import { createProxy, type Proxy } from './proxy.ts';

// The thread entry of the data plane: messages in, batches of events out. Everything it does is in proxy.ts.

const port = parentPort;
if (!port) throw new Error('worker.ts is started as a worker thread');

// It is ignored (see provider-socket.ts), but Node would say on the terminal, over the screen, that it is not.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

const settings = workerData as WorkerSettings;
const { config, accounts, paths, clientKeys = [], spending = new Map(), passphraseFile } = settings;
const tell = (message: FromWorker): void => port.postMessage(message);
// Trouble with the file is told by the main thread, which writes a record of every command.
const audit = openAudit({
  file: paths.audit,
  via: 'instance',
  clock: systemClock,
  onProblem: () => undefined,
});
const keeper = createSecretKeeper({
  paths,
  preference: config.credentialStore,
  passphrase: {
    atHand: () => (passphraseFile ? readPassphraseFile(passphraseFile) : null),
    locked: () => new CcrError('vault_locked', 'vault locked; ccr-tui vault unlock'),
  },
  onVaultCreated: () => audit.record({ event: 'vault.created', path: paths.vault }),
  onWarning: (text) => proxy.log('warning', text),
});
const removeSecret = removeEverywhere(keeper, paths);
const runStore = storeOperations(keeper);

let records = accounts;

const references = createReferences({
  keeper,
  env: process.env,
  stores: () => records.map(({ store }) => store),
  onWarning: (text) => proxy.log('warning', text),
});

/** Accounts whose secret has this name take the new one from now on. */
const forgetUsers = (name: string): void => {
  for (const account of references.usersOf(name)) proxy.account.forgetSecret(account);
};

const pepper = createPepper(keeper.pepper);

const captureKeys = createCaptureKeys({ keeper, preference: config.credentialStore });

const failures = createAuthFailures(audit);

/** What this thread remembers; nothing where there is no home. */
const fileNamed = (name: string): string | null => (paths.home === '' ? null : join(paths.home, name));

const owners = openOwnersFile(fileNamed('owners.json'));

const proxy: Proxy = createProxy({
  config,
  accounts,
  keeper: references,
  keys: { records: clientKeys, loadPepper: (store) => pepper.load(store), spending },
  budgets: settings.budgets ?? (settings.budgets === null ? null : []),
  onAuthFailed: failures.add,
  onProfile: (account, profile) => tell({ type: 'login.profile', account, profile }),
  owners,
  // Loaded when there is a login: most installations have none.
  async openTokens(hooks) {
    const { openTokens } = await import('../credentials/open-tokens.ts');
    const { pruneJournal } = await import('../credentials/refresh-journal.ts');
    // Those of now, and before a refresh can begin: the entry of one that is under way must not go.
    await pruneJournal(paths.journal, new Set(records.map(({ id }) => id)));
    return openTokens({ ...hooks, keeper, paths, clock: systemClock });
  },
  onTokenNews(news) {
    const event = auditOfNews(news);
    if (event !== null) void audit.record(event);
  },
  limitsFile: fileNamed('limits.json'),
  outbound: outboundProxies(process.env),
  sendCapture: (capture) =>
    port.postMessage({ type: 'captured', capture } satisfies FromWorker, buffersOf(capture)),
  send: (batch, events) => tell({ type: 'events', batch, json: packEvents(events) }),
});

proxy.captures.set(settings.capture ?? { mode: 'off', bodyBytes: 0 });

type Handlers = { [Type in ToWorker['type']]: (message: Extract<ToWorker, { type: Type }>) => unknown };

const handlers: Handlers = {
  accounts(message) {
    records = message.accounts;
    proxy.setAccounts(message.accounts);
  },
  config: (message) => proxy.setConfig(message.config),
  acknowledged: ({ batch }) => proxy.acknowledged(batch),
  async 'secret.put'({ call, account, secret, decided }) {
    const { store, notice } = await keeper.put(account, takeSecret(secret), decided);
    proxy.account.forgetSecret(account);
    tell({ type: 'secret.stored', call, store, notice });
  },
  async 'secret.remove'({ call, account, store }) {
    await removeSecret(account, store);
    tell({ type: 'secret.removed', call });
  },
  async 'login.replace'({ call, record, login }) {
    await replaceLogin({ record, keeper, paths }, takeSecret(login));
    proxy.account.forgetSecret(record.id);
    tell({ type: 'login.replaced', call });
  },
  async 'named.set'({ call, name, secret, decided }) {
    const { store, notice } = await keeper.named.set(name, takeSecret(secret), decided);
    forgetUsers(name);
    tell({ type: 'secret.stored', call, store, notice });
  },
  async 'named.list'({ call, store }) {
    tell({ type: 'named.listed', call, names: await keeper.named.list(store) });
  },
  async 'named.delete'({ call, name, store }) {
    const found = await keeper.named.delete(name, store);
    if (found) forgetUsers(name);
    tell({ type: 'named.deleted', call, found });
  },
  'account.reset': ({ call, account }) =>
    tell({ type: 'account.wasReset', call, account: proxy.account.reset(account) }),
  async 'token.refresh'({ call, account }) {
    tell({ type: 'token.refreshed', call, expiresAt: await proxy.account.refresh(account) });
  },
  async 'account.usage'({ call, account }) {
    tell({ type: 'account.usageRead', call, account: await proxy.account.readUsage(account) });
  },
  async 'account.test'({ call, account }) {
    tell({ type: 'account.tested', call, result: await proxy.account.test(account) });
  },
  async store({ call, operation, secret }) {
    const answer = await runStore(operation, secret === null ? null : takeSecret(secret));
    if (operation.name === 'vault.unlock') proxy.storeOpened('vault');
    tell({ type: 'store.done', call, answer });
  },
  keys: ({ keys }) => proxy.keys.replace(keys),
  spending: ({ spending }) => proxy.keys.setSpending(spending),
  budgets: ({ spent }) => proxy.setBudgets(spent),
  costs: ({ costs }) => proxy.setCosts(costs),
  async 'key.hash'({ call, key, place }) {
    const hashed = await pepper.hash(takeSecret(key), place);
    // It may be a new one: the one that was there before had gone with its store.
    proxy.keys.forgetPepper(hashed.store);
    tell({ type: 'key.hashed', call, hashed });
  },
  capture: ({ rules }) => proxy.captures.set(rules),
  'capture.taken': ({ count }) => proxy.captures.taken(count),
  async 'capture.key'({ call, decided }) {
    const { key, notice } = await captureKeys.loadOrMake(decided);
    // The bytes of a Buffer may lie among those of others, which would all cross.
    tell({ type: 'capture.keyFound', call, key: Uint8Array.from(key), notice });
    key.fill(0);
  },
  'hold.end': ({ request, how }) => proxy.endHold(request, how),
  async drain({ limitMs }) {
    const cut = await proxy.drain(limitMs);
    const written = Promise.all([failures.close(), owners.close(), proxy.captures.settled()]);
    await atMost(written, longestEndMs);
    tell({ type: 'drained', cut });
  },
};

port.on('message', (message: ToWorker) => {
  const handled = Promise.resolve((handlers[message.type] as (message: ToWorker) => unknown)(message));
  handled.catch((error: unknown) => {
    if ('call' in message) tell({ type: 'secret.failed', call: message.call, error: errorShape(error) });
    else throw error;
  });
});

/** What the first request to a provider would wait for. It comes after the port: whoever starts us waits for that. */
const prepare = (): void => {
  if (records.some(({ baseUrl }) => baseUrl.startsWith('https:'))) setImmediate(loadTls);
};

proxy.listen().then(
  (bound) => {
    tell({ type: 'listening', ...bound });
    prepare();
  },
  (error: unknown) => tell({ type: 'failed', error: errorShape(error) }),
);
