import type { Settings } from './config/settings.ts';
import { decidedStore } from './credentials/decided-store.ts';
import type { HistoryClient } from './history/client.ts';
import type { CaptureMode, CaptureStatus } from './shared/capture.ts';
import type { Clock } from './shared/clock.ts';
import { errorShape } from './shared/errors.ts';
import { plural } from './shared/plural.ts';
import { captureSentence } from './store/capture-sentence.ts';
import type { Store } from './store/store.ts';
import type { SupervisedProxy } from './supervise-proxy.ts';

export type KeepCapturesOptions = {
  settings: Pick<Settings, 'config' | 'accounts'>;
  proxy: Pick<SupervisedProxy, 'setCapture' | 'captureKey'>;
  history: Pick<HistoryClient, 'captures'>;
  store: Pick<Store, 'apply' | 'log'>;
  clock: Clock;
  /** Before a store that gave no key is asked again. 30 s by default. */
  retryMs?: number;
};

export type KeptCaptures = {
  /** Does what the settings say from now on; resolves when that is done, or has failed, which `status` tells. */
  apply(): Promise<void>;
  /** A capture was not written, and why; null = it was. */
  taken(lost: string | null): void;
  status(): CaptureStatus;
  close(): void;
};

/** What was captured and not kept. */
const countLost = (log: Store['log']): { add(why: string | null): void; sentence(): string | null } => {
  let lost = 0;
  return {
    add(why) {
      if (why === null) return;
      lost += 1;
      // The first of them is worth a line; how many there are the status says.
      if (lost === 1) log('warning', `a captured request was not kept: ${why}`);
    },
    sentence: () => (lost > 0 ? `${plural(lost, 'capture')} missing` : null),
  };
};

/** Tells everybody of a change. */
const announce = (
  { store, clock }: Pick<KeepCapturesOptions, 'store' | 'clock'>,
  status: CaptureStatus,
): void => {
  store.apply([{ type: 'captureChanged', at: clock.now(), ...status }]);
  const text = captureSentence(status);
  store.log(text === null ? 'info' : 'warning', text ?? 'capture is off');
};

/** Captures requests when the settings say so, and a secret store has the key for it. */
export const keepCaptures = (options: KeepCapturesOptions): KeptCaptures => {
  const { settings, proxy, history, store, retryMs = 30_000 } = options;
  const lost = countLost(store.log);
  let status: CaptureStatus = { mode: 'off', reason: null };
  let round = 0;
  let retry: NodeJS.Timeout | null = null;

  const become = (mode: CaptureMode, reason: string | null, key: Uint8Array | null): void => {
    const { captureKiB, captureDays: days, captureMiB: maxMiB } = settings.config;
    history.captures.setRules({ key, days, maxMiB });
    proxy.setCapture({ mode, bodyBytes: captureKiB * 1024 });
    const isNew = mode !== status.mode || reason !== status.reason;
    status = { mode, reason };
    if (isNew) announce(options, status);
  };

  const apply = async (): Promise<void> => {
    const mine = (round += 1);
    if (retry !== null) clearTimeout(retry);
    const mode = settings.config.capture;
    if (mode === 'off') return become(mode, null, null);
    try {
      const { key, notice } = await proxy.captureKey(decidedStore(settings.accounts));
      if (notice !== null) store.log('info', notice);
      // Another setting came meanwhile.
      if (mine !== round) return void key.fill(0);
      become(mode, null, key);
    } catch (error) {
      if (mine !== round) return;
      become('off', `no key for it: ${errorShape(error).message}`, null);
      retry = setTimeout(() => void apply(), retryMs).unref();
    }
  };

  return {
    apply,
    taken: lost.add,
    status: () => ({ ...status, reason: status.reason ?? lost.sentence() }),
    close() {
      round += 1;
      if (retry !== null) clearTimeout(retry);
    },
  };
};
