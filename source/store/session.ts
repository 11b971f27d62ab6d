import type { Commander } from '../shared/session.ts';
import type { State } from './state.ts';

/** What a screen talks to: the state of an instance and a way to command it. This process or a socket is behind it. */
export type Session = Commander & {
  state(): State;
  /** Called after each change of the state; the returned function ends it. */
  subscribe(listener: () => void): () => void;
  /** The instance refuses whatever changes something. */
  readOnly?: boolean;
  /** The machine it runs on, as the person named it; absent for this one. */
  host?: string;
};

/**
 * A session out of a state that changes (the store of this process, or the mirror of another one) and the commander
 * that belongs to it.
 */
export const createSession = (
  source: Pick<Session, 'state' | 'subscribe'>,
  commander: Commander,
): Session => ({
  state: () => source.state(),
  subscribe: (listener) => source.subscribe(listener),
  run: (name, args, secret) => commander.run(name, args, secret),
});
