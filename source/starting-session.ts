import { freshRuntime, viewOf } from './balancer/account-state.ts';
import { listenOrigin } from './config/listen-origin.ts';
import type { Settings } from './config/settings.ts';
import type { Clock } from './shared/clock.ts';
import type { Commander } from './shared/session.ts';
import { byPriorityThenName } from './store/accounts.ts';
import type { Session } from './store/session.ts';
import type { State } from './store/state.ts';
import type { Store } from './store/store.ts';

export type StartingOptions = {
  store: Pick<Store, 'state' | 'subscribe'>;
  settings: Pick<Settings, 'accounts' | 'config'>;
  clock: Clock;
  /** Kept when it serves; what is asked of it before that waits. */
  instance: Promise<Commander>;
};

/**
 * A session on an instance from the moment on that its settings are known. Until the data plane tells of its accounts
 * they are shown as they are written down, and the address has a place, but is not told before it listens.
 */
export const startingSession = ({ store, settings, clock, instance }: StartingOptions): Session => {
  const { host, port } = settings.config;
  // Any free port has as many digits as most of them have. The scheme is shown nowhere.
  const expected = listenOrigin(host, port === 0 ? 10_000 : port, false);
  const known = settings.accounts
    .map((record) => viewOf(record, freshRuntime, clock.now()))
    .toSorted(byPriorityThenName);
  let told = known.length === 0;
  let seen: State | null = null;
  let shown: State | null = null;
  const fill = (state: State): State => {
    told ||= state.accounts.length > 0;
    if (told && state.url !== null) return state;
    return {
      ...state,
      accounts: told ? state.accounts : known,
      ...(state.url === null ? { expected } : {}),
    };
  };
  return {
    state() {
      const state = store.state();
      // The same state is the same object, by which a screen sees that nothing has changed.
      if (shown === null || state !== seen) shown = fill(state);
      seen = state;
      return shown;
    },
    subscribe: (listener) => store.subscribe(listener),
    run: async (name, args, secret) => (await instance).run(name, args, secret),
  };
};
