import { setTimeout as delay } from 'node:timers/promises';
import type { Settings } from './config/settings.ts';
import type { PostWebhook } from './credentials/post-webhook.ts';
import type { LogLevel, ProxyEvent } from './shared/events.ts';
import { isoTime } from './shared/iso-time.ts';
import { createNotices, type Notice } from './store/notices.ts';
import { createPoolWatch } from './store/pool-dry.ts';

export type KeepWebhookOptions = {
  settings: Pick<Settings, 'config'>;
  /** Loaded when there is something to send: most installations tell nobody. */
  loadPost(): Promise<PostWebhook>;
  log(level: LogLevel, text: string): void;
  /** Before the second try; doubled for each further one. 1000 by default. */
  retryMs?: number;
};

export type KeptWebhook = {
  /** Takes in what happened. Never waits. */
  apply(events: readonly ProxyEvent[]): void;
  /** Gives up what was not sent. */
  close(): Promise<void>;
};

/** Notices that may wait; beyond them the oldest goes. */
const mostWaiting = 100;
const mostTries = 6;
const longestRetryMs = 60_000;

/** What is sent: times as everywhere in JSON, and nothing that the notice does not have. */
const bodyOf = ({ event, at, account, window, resetsAt, budget, text }: Notice) => ({
  event,
  at: isoTime(at),
  account,
  window,
  resetsAt: isoTime(resetsAt),
  budget,
  text,
});

/** Tells the webhook of the settings of events, one after the other. What it does not take is tried again, and then said in the log. */
export const keepWebhook = (options: KeepWebhookOptions): KeptWebhook => {
  const { settings, loadPost, log, retryMs = 1000 } = options;
  const sources = [createNotices(), createPoolWatch()];
  const closing = new AbortController();
  const { signal } = closing;
  const waiting: Notice[] = [];
  let lost = 0;
  let sending: Promise<void> | null = null;

  /** Why it was not taken, in the end; null when it was, or nobody is to be told any more. */
  const send = async (notice: Notice): Promise<string | null> => {
    const post = await loadPost();
    for (let tries = 1; ; tries += 1) {
      const { url } = settings.config.webhook;
      const failure = url === '' || signal.aborted ? null : await post(url, bodyOf(notice), signal);
      if (failure === null || signal.aborted) return null;
      if (failure.final || tries === mostTries) return failure.reason;
      const wait = Math.min(longestRetryMs, retryMs * 2 ** (tries - 1)) * (0.8 + 0.4 * Math.random());
      await delay(wait, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  const sendAll = async (): Promise<void> => {
    for (let notice = waiting.shift(); notice && !signal.aborted; notice = waiting.shift()) {
      const why = await send(notice).catch(() => 'it cannot be asked');
      if (why !== null) log('warning', `the webhook did not take "${notice.text}": ${why}`);
      if (lost > 0) log('warning', `${lost} events were not told to the webhook: too many waited`);
      lost = 0;
    }
    sending = null;
  };

  return {
    apply(events) {
      const notices = events.flatMap((event) => sources.map((source) => source.of(event)));
      for (const notice of notices) {
        const { url, events: wanted } = settings.config.webhook;
        if (notice === null || url === '' || !wanted.includes(notice.event)) continue;
        waiting.push(notice);
        if (waiting.length > mostWaiting) {
          waiting.shift();
          lost += 1;
        }
      }
      if (waiting.length > 0) sending ??= sendAll();
    },
    async close() {
      closing.abort();
      await sending;
    },
  };
};
