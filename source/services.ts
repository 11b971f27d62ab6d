import { tmpdir } from 'node:os';
import type { Document } from './config/document.ts';
import type { Settings } from './config/settings.ts';
import type { Paths } from './config/paths.ts';
import { startControlServer, type ControlServer } from './control/server.ts';
import { prepareSocketPath } from './control/socket-path.ts';
import { createExecute } from './execute.ts';
import { keepAudit } from './keep-audit.ts';
import { readOpenLimitHistory } from './history/queries.ts';
import { openHistory, type HistoryClient } from './history/client.ts';
import type { InstanceOptions } from './instance.ts';
import type { Bound } from './proxy/listen.ts';
import type { CaptureStatus } from './shared/capture.ts';
import type { Clock } from './shared/clock.ts';
import type { EpochMs } from './shared/types.ts';
import type { Secret } from './shared/secret.ts';
import type { Execute } from './shared/session.ts';
import { createLimitNews } from './store/limit-news.ts';
import { pricedRequest, priceWith } from './store/prices.ts';
import type { Store } from './store/store.ts';
import { trendsOf } from './store/trends.ts';
import { keepCaptures, type KeptCaptures } from './keep-captures.ts';
import { keepTraces } from './keep-traces.ts';
import { keepWebhook } from './keep-webhook.ts';
import type { SupervisedProxy } from './supervise-proxy.ts';
import { watchSpending, type Undo } from './watch-spending.ts';
import { packageVersion } from './version.ts';

/** What there is of an instance as soon as it listens. */
export type Listening = {
  options: InstanceOptions;
  settings: Settings;
  reload(): Settings;
  document: Document;
  store: Store;
  proxy: SupervisedProxy;
  bound: Bound;
  token: Secret;
  onStop(): void;
};

/** Starts everything of an instance that its proxy does without: the history, feeds, keys and budgets, and the control socket. */
export const openServices = async (
  { options, token, ...parts }: Listening,
  undo: Undo,
): Promise<{ execute: Execute; socketPath: string; capturing: Promise<CaptureStatus> }> => {
  const { settings, store, bound } = parts;
  const { paths, env, clock } = options;
  const { history, captures } = openRecords({ ...parts, paths, clock }, undo);
  const traces = keepTraces(settings, store);
  undo.push(() => traces.close());
  const audit = keepAudit(paths, clock, store, bound);
  undo.push(() => audit.end());
  openWebhook(settings, env, store, undo);
  const keys = watchSpending({ ...parts, clock, paths }, undo);
  const execute = createExecute({ ...parts, clock, history, captures, audit, ...keys });
  const control = await openControl({ options, token, store, execute, bound });
  undo.push(() => control.close());
  const capturing = captures.apply().then(captures.status);
  return { execute, socketPath: control.socketPath, capturing };
};

type RecordParts = Pick<Listening, 'settings' | 'store' | 'proxy'> & { paths: Paths; clock: Clock };

/** Rows of requests, and what is captured of them where that is wished. */
const openRecords = (parts: RecordParts, undo: Undo): { history: HistoryClient; captures: KeptCaptures } => {
  const { proxy } = parts;
  const history = keepHistory(parts, (lost) => {
    proxy.capturesTaken(1);
    captures.taken(lost);
  });
  undo.push(() => history.close());
  const captures = keepCaptures({ ...parts, history });
  undo.push(() => captures.close());
  proxy.takeCaptures(history.captures.add);
  return { history, captures };
};

/** Goes on with how windows were used before this start. What cannot be read the history itself tells of. */
const recallUse = (store: Store, { accounts }: Settings, { history: file }: Paths, now: EpochMs): void => {
  try {
    store.recall(trendsOf(readOpenLimitHistory({ file, now }), accounts));
  } catch {
    // Forecasts begin anew.
  }
};

/** Writes every finished request down, and says when that stops working. */
const keepHistory = (
  { settings, paths, store, clock }: RecordParts,
  onCaptureTaken: (lost: string | null) => void,
): HistoryClient => {
  const { config } = settings;
  const history = openHistory({
    file: paths.history,
    ...config.history,
    captures: { days: config.captureDays, maxMiB: config.captureMiB },
    onCaptureTaken,
    onStatus({ ok, reason }) {
      const missing = reason === null ? '' : `; ${reason}`;
      const text = ok
        ? `the history is written again${missing}`
        : `the history is off: ${reason ?? 'unknown reason'}`;
      store.apply([{ type: 'historyChanged', at: clock.now(), ok }]);
      store.log(ok ? 'info' : 'warning', text);
    },
  });
  const price = priceWith(config.prices);
  const news = createLimitNews();
  store.feed.onEvents((events) => {
    for (const { event } of events) {
      if (event.type === 'requestFinished') history.write(pricedRequest(event.request, price));
      // Tells of every window that limitsSeen tells of, and of those that the usage endpoint told of.
      if (event.type === 'accountChanged') history.writeLimits(news.of(event.account));
    }
  });
  // Once the start is over: nobody waits for it.
  setImmediate(() => recallUse(store, settings, paths, clock.now()));
  return history;
};

/** Tells the user's webhook of events, when there is one. */
const openWebhook = (settings: Settings, env: InstanceOptions['env'], store: Store, undo: Undo): void => {
  const webhook = keepWebhook({
    settings,
    log: store.log,
    loadPost: async () => (await import('./credentials/post-webhook.ts')).createPostWebhook({ env }),
  });
  store.feed.onEvents((events) => webhook.apply(events.map(({ event }) => event)));
  undo.push(() => webhook.close());
};

type ControlParts = {
  options: InstanceOptions;
  token: Secret;
  store: Store;
  execute: Execute;
  bound: Bound;
};

/** Opens the socket for other processes of this user. */
const openControl = async (parts: ControlParts): Promise<ControlServer & { socketPath: string }> => {
  const { options, token, store, execute, bound } = parts;
  const version = packageVersion();
  const { env, paths } = options;
  const { platform, pid } = process;
  const uid = process.getuid?.() ?? null;
  const controlSocket = paths.controlSocket;
  const socketPath = prepareSocketPath({ controlSocket, platform, env, uid, temporary: tmpdir() });
  const control = await startControlServer({
    socketPath,
    token,
    execute,
    feed: store.feed,
    snapshot: () => store.state(),
    welcome: () => ({ version, pid, url: bound.url }),
  });
  return { ...control, socketPath };
};
