import type { Environment } from '../shared/environment.ts';
import type { Secret } from '../shared/secret.ts';

/** Where a client is to send its requests, and with which key. */
export type Wish = { origin: string; token: Secret };

/** What stands in the places that are ours, each as canonical JSON of its value; a place without a value is left out. */
export type Slots = ReadonlyMap<string, string>;

export type SlotReading = { ok: true; slots: Slots } | { ok: false; problem: string };
export type Edited = { ok: true; text: string } | { ok: false; problem: string };

/** How the file of one kind of client is read and changed. Pure: text in, text out; problems read `is …`, `has …`. */
export type ClientEdit = {
  read(text: string): SlotReading;
  /** The slots as `write` fills them. */
  wished(wish: Wish): Slots;
  /** The text with our values. */
  write(text: string, wish: Wish): Edited;
  /** The text with these slots as they stand in `original`; everything else stays as it is. */
  restore(text: string, original: string, slots: readonly string[]): string;
  /** True when the file says nothing any more. */
  saysNothing(text: string): boolean;
  /** The key in slots that came from `write`; null when there is none. */
  tokenIn(slots: Slots): Secret | null;
  /** The text with `label` in the place of every key that we would write. */
  mask(text: string, label: string): string;
  /** What the file adds to the environment of the client, ours included; for what else decides where it goes. */
  environment(text: string): Readonly<Record<string, string>>;
  /** Where a client of this kind keeps its file. */
  path(env: Environment, dir: string | null): string;
};
