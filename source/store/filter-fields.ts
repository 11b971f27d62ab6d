import type { Attempt, Outcome } from '../shared/types.ts';
import type { PricedRequest } from './state.ts';

type Known =
  | 'id'
  | 'method'
  | 'path'
  | 'client'
  | 'agent'
  | 'session'
  | 'project'
  | 'model'
  | 'account'
  | 'status'
  | 'stream';
type Later =
  | 'clientAddress'
  | 'upstreamModel'
  | 'outcome'
  | 'waitMs'
  | 'totalMs'
  | 'attempts'
  | 'costUsd'
  | 'stopReason'
  | 'upstreamRequestId'
  | 'mayHaveRunTwice'
  | 'error';

/** What a filter looks at: a finished request, or one under way, of which less is known. */
export type FilterSubject = Pick<PricedRequest, Known | 'tokens'> &
  Partial<Pick<PricedRequest, Later>> & { firstByteMs: number | null; failures?: readonly Attempt[] };

type Text = string | null | undefined;

/** Fields that are compared as text; each may have several. */
export const textFields: Readonly<Record<string, (of: FilterSubject) => readonly Text[]>> = {
  account: ({ account }) => [account],
  model: ({ model, upstreamModel }) => [model, upstreamModel],
  client: ({ client }) => [client],
  project: ({ project }) => [project],
  session: ({ session }) => [session],
  agent: ({ agent }) => [agent],
  path: ({ path }) => [path],
  method: ({ method }) => [method],
  outcome: ({ outcome }) => [outcome],
  stop: ({ stopReason }) => [stopReason],
  error: ({ error }) => [error],
  address: ({ clientAddress }) => [clientAddress],
  id: ({ id, upstreamRequestId }) => [id, upstreamRequestId],
};

/** What stands behind a number, and what it multiplies by. */
type Units = Readonly<Record<string, number>>;
const plain: Units = { '': 1 };
const counts: Units = { '': 1, k: 1e3, m: 1e6, g: 1e9 };
const durations: Units = { '': 1, ms: 1, s: 1e3, m: 60e3, h: 3.6e6 };

export type NumberField = {
  units: Units;
  of(subject: FilterSubject): readonly (number | null | undefined)[];
};

/** What was asked of other accounts before, as far as it is known. */
const triesOf = ({ attempts, failures }: FilterSubject): readonly Attempt[] => attempts ?? failures ?? [];

/** What the client got, and what any account said before: each has a line of its own in the list. */
const statusesOf = (subject: FilterSubject): readonly (number | null)[] => [
  subject.status,
  ...triesOf(subject).map(({ status }) => status),
];

const retriesOf = ({ attempts, failures }: FilterSubject): number =>
  attempts === undefined ? (failures?.length ?? 0) : Math.max(0, attempts.length - 1);

/** Fields that are compared as numbers; each may have several. */
export const numberFields: Readonly<Record<string, NumberField>> = {
  status: { units: plain, of: statusesOf },
  ms: { units: durations, of: ({ totalMs }) => [totalMs] },
  first: { units: durations, of: ({ firstByteMs }) => [firstByteMs] },
  wait: { units: durations, of: ({ waitMs }) => [waitMs] },
  in: { units: counts, of: ({ tokens }) => [tokens.input] },
  out: { units: counts, of: ({ tokens }) => [tokens.output] },
  cache: { units: counts, of: ({ tokens }) => [tokens.cacheRead] },
  cost: { units: plain, of: ({ costUsd }) => [costUsd] },
  retries: { units: plain, of: (subject) => [retriesOf(subject)] },
};

const ended =
  (wanted: Outcome) =>
  ({ outcome }: FilterSubject): boolean =>
    outcome === wanted;

const isLimited = (subject: FilterSubject): boolean =>
  subject.status === 429 || triesOf(subject).some(({ verdict }) => verdict === 'limited');

/** What a request may be: `is:retry`. */
export const kinds: Readonly<Record<string, (subject: FilterSubject) => boolean>> = {
  retry: (subject) => retriesOf(subject) > 0,
  // The same that `stats` counts: whatever did not end well.
  error: ({ outcome }) => outcome !== undefined && outcome !== 'ok',
  stream: ({ stream }) => stream,
  limited: isLimited,
  ok: ended('ok'),
  truncated: ended('truncated'),
  aborted: ended('aborted'),
  rejected: ended('rejected'),
  waited: ({ waitMs = 0 }) => waitMs > 0,
  twice: ({ mayHaveRunTwice }) => mayHaveRunTwice === true,
  live: ({ outcome }) => outcome === undefined,
};

/** Where bare text is looked for. */
export const everyText = (subject: FilterSubject): readonly Text[] => [
  ...Object.values(textFields).flatMap((of) => of(subject)),
  subject.status === null ? null : `${subject.status}`,
  ...triesOf(subject).flatMap(({ account, verdict, window }) => [account, verdict, window]),
];
