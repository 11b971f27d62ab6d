import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { outboundProxies } from '../config/outbound-proxy.ts';
import { openAudit } from '../credentials/audit.ts';
import { createAuthFailures } from '../credentials/auth-failures.ts';
import { createPepper } from '../credentials/key-pepper.ts';
import { createSecretKeeper } from '../credentials/secret-keeper.ts';
import { systemClock } from '../shared/clock.ts';
import { errorShape } from '../shared/errors.ts';
import { packEvents } from '../shared/packed-events.ts';
import { takeSecret } from '../shared/secret-bytes.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts';
import { openOwnersFile } from './owners-file.ts';
import { createProxy, type Proxy } from './proxy.ts';

// The thread entry of the data plane: messages in, batches of events out. Everything it does is in proxy.ts.

const port = parentPort;
if (!port) throw new Error('worker.ts is started as a worker thread');

// It is ignored (see provider-socket.ts), but Node would say on the terminal, over the screen, that it is not.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

const { config, accounts, paths, clientKeys = [], spending = new Map() } = workerData as WorkerSettings;
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
  onVaultCreated: () => audit.record({ event: 'vault.created', path: paths.vault }),
});

const pepper = createPepper(keeper.pepper);

const failures = createAuthFailures(audit);

const owners = openOwnersFile(paths.home === '' ? null : join(paths.home, 'owners.json'));

const proxy: Proxy = createProxy({
  config,
  accounts,
  keeper,
  keys: { records: clientKeys, loadPepper: (store) => pepper.load(store), spending },
  onAuthFailed: failures.add,
  owners,
  outbound: outboundProxies(process.env),
  send: (batch, events) => tell({ type: 'events', batch, json: packEvents(events) }),
});

type Handlers = { [Type in ToWorker['type']]: (message: Extract<ToWorker, { type: Type }>) => unknown };

const handlers: Handlers = {
  accounts: (message) => proxy.setAccounts(message.accounts),
  config: (message) => proxy.setConfig(message.config),
  acknowledged: ({ batch }) => proxy.acknowledged(batch),
  async 'secret.put'({ call, account, secret, decided }) {
    const { store, notice } = await keeper.put(account, takeSecret(secret), decided);
    tell({ type: 'secret.stored', call, store, notice });
  },
  async 'secret.remove'({ call, account, store }) {
    await keeper.remove(account, store);
    tell({ type: 'secret.removed', call });
  },
  keys: ({ keys }) => proxy.keys.replace(keys),
  spending: ({ spending }) => proxy.keys.setSpending(spending),
  async 'key.hash'({ call, key, place }) {
    const hashed = await pepper.hash(takeSecret(key), place);
    // It may be a new one: the one that was there before had gone with its store.
    proxy.keys.forgetPepper(hashed.store);
    tell({ type: 'key.hashed', call, hashed });
  },
  async drain({ limitMs }) {
    const cut = await proxy.drain(limitMs);
    // A disk that does not answer must not keep the program from its end.
    await Promise.race([
      Promise.all([failures.close(), owners.close()]),
      delay(500, undefined, { ref: false }),
    ]);
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

proxy.listen().then(
  (bound) => tell({ type: 'listening', ...bound }),
  (error: unknown) => tell({ type: 'failed', error: errorShape(error) }),
);
