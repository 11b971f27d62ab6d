import type { Commander } from '../shared/session.ts';
import type { State } from './state.ts';

/** What a screen talks to: the state of an instance and a way to command it. This process or a socket is behind it. */
export type Session = Commander & {
  state(): State;
  /** Called after each change of the state; the returned function ends it. */
  subscribe(listener: () => void): () => void;
};
