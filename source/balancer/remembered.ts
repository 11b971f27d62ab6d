import { freshRuntime, type AccountRuntime } from './account-state.ts';
import { longestExtra, longestRest } from './limits.ts';
import { maxKept, type Rest } from './rests.ts';
import { isExtra } from '../shared/limit-window.ts';
import { isRecord } from '../shared/is-record.ts';
import { asEpoch, type EpochMs, type LimitWindow } from '../shared/types.ts';

// What is known of an account's limits outlives the process that learned it: else every start would run into the same
// refusals again. Times stay epoch ms: nobody but this file reads them.

/** What is worth remembering of an account; plain data, JSON as it is. */
export type Remembered = Pick<
  AccountRuntime,
  'windows' | 'rests' | 'overage' | 'failures' | 'ejected' | 'askedAnywayAt'
>;

export const rememberedOf = ({
  windows,
  rests,
  overage,
  failures,
  ejected,
  askedAnywayAt,
}: AccountRuntime): Remembered => ({
  windows,
  // A key that was refused is tried again at once: somebody may have started anew because it is in order now.
  rests: rests.filter(({ state }) => state !== 'error'),
  overage,
  failures,
  ejected,
  askedAnywayAt,
});

type Read<T> = (value: unknown, now: EpochMs) => T | undefined;

const name: Read<string> = (value) =>
  typeof value === 'string' && /^[\x21-\x7e ]{1,300}$/.test(value) ? value : undefined;
const nameOrNull: Read<string | null> = (value, now) => (value === null ? null : name(value, now));
const share: Read<number | null> = (value) =>
  value === null || (typeof value === 'number' && value >= 0 && Number.isFinite(value)) ? value : undefined;
const timeWithin =
  (farthest: number): Read<EpochMs> =>
  (value, now) =>
    typeof value === 'number' && value > 0 && value <= now + farthest ? asEpoch(value) : undefined;
/** What lies further ahead is of a clock that was wrong. */
const time = timeWithin(longestRest);
const reset: Read<EpochMs | null> = (value, now) =>
  value === null ? null : timeWithin(longestExtra)(value, now);
const seen: Read<EpochMs> = (value, now) => {
  const at = time(value, now);
  return at === undefined || at > now ? undefined : at;
};
const oneOf =
  <const Words extends readonly string[]>(words: Words): Read<Words[number]> =>
  (value) =>
    words.find((word) => word === value);

type Fields<T> = { [Field in keyof T]: Read<T[Field]> };

const windowFields: Fields<LimitWindow> = {
  id: name,
  scope: nameOrNull,
  utilization: share,
  status: nameOrNull,
  resetsAt: reset,
  source: oneOf(['header', 'usage']),
  seenAt: seen,
};

const restFields: Fields<Rest> = {
  state: oneOf(['limited', 'pacing', 'benched']),
  until: time,
  scope: nameOrNull,
  model: nameOrNull,
  reason: name,
};

const ejectionOf = (value: unknown, now: EpochMs): AccountRuntime['ejected'] => {
  if (!isRecord(value)) return null;
  const { times } = value;
  const until = time(value['until'], now);
  if (until === undefined || !Number.isInteger(times)) return null;
  return { times: Math.min(Math.max(Number(times), 1), 100), until };
};

/** Every entry of the list that has all its fields, each as it has to be; the others count as never said. */
const entriesIn = <T>(list: unknown, fields: Fields<T>, now: EpochMs): T[] => {
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).slice(0, maxKept).flatMap((entry) => {
    if (!isRecord(entry)) return [];
    const read = Object.entries<Read<unknown>>(fields).map(([field, read]) => [
      field,
      read(entry[field], now),
    ]);
    return read.some(([, value]) => value === undefined) ? [] : [Object.fromEntries(read) as T];
  });
};

/**
 * The account as a process before this one has left it: what lies behind is gone, what cannot be read counts as never said.
 * Pure and total.
 */
export const recall = (value: unknown, now: EpochMs): AccountRuntime => {
  if (!isRecord(value)) return freshRuntime;
  const { failures } = value;
  const rests = entriesIn(value['rests'], restFields, now).filter(({ until }) => until > now);
  return {
    ...freshRuntime,
    windows: entriesIn(value['windows'], windowFields, now).filter(
      (window) => isExtra(window) || window.resetsAt === null || window.resetsAt <= now + longestRest,
    ),
    rests,
    overage: value['overage'] === true,
    // Those that failed long ago are not doubted any more.
    failures:
      rests.length > 0 && Number.isInteger(failures) ? Math.min(Math.max(Number(failures), 0), 100) : 0,
    ejected: ejectionOf(value['ejected'], now),
    askedAnywayAt: seen(value['askedAnywayAt'], now) ?? null,
  };
};
