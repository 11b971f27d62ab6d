import type { SQLInputValue } from 'node:sqlite';
import { costKinds } from '../shared/cost-kind.ts';
import { asEpoch, outcomes, type TokenCounts } from '../shared/types.ts';
import type { Counted } from '../store/figures.ts';
import type { PricedRequest } from '../store/state.ts';

/** How one field stands in the table. Decoding is total: what a foreign hand put there becomes the fallback. */
type Codec = {
  type: 'TEXT' | 'REAL' | 'INTEGER';
  encode(value: unknown): SQLInputValue;
  decode(stored: unknown): unknown;
};

const text = (fallback: string | null): Codec => ({
  type: 'TEXT',
  encode: (value) => (typeof value === 'string' ? packed(value) : null),
  decode(stored) {
    const value = stored instanceof Uint8Array ? parsed(Buffer.from(stored).toString('utf8')) : stored;
    return typeof value === 'string' ? value : fallback;
  },
});

// SQLite's UTF-8 has no lone surrogates, and Node 22 ends a text at its first NUL: such a text is kept as a blob of JSON.
const packed = (value: string): SQLInputValue =>
  value.includes('\0') || !value.isWellFormed() ? Buffer.from(JSON.stringify(value)) : value;

const parsed = (json: unknown): unknown => {
  try {
    return JSON.parse(String(json)) as unknown;
  } catch {
    return undefined;
  }
};

// REAL wherever a number comes from outside: an INTEGER above 2^53 would come back as an error.
const number = (fallback: number | null, type: 'REAL' | 'INTEGER' = 'REAL'): Codec => ({
  type,
  encode: (value) => (typeof value === 'number' ? value : null),
  decode: (stored) => (typeof stored === 'number' ? stored : fallback),
});

/** A number that is no date would break every reader that shows one. */
const time: Codec = {
  ...number(0, 'INTEGER'),
  decode: (stored) => (typeof stored === 'number' && Math.abs(stored) <= 8.64e15 ? stored : 0),
};

const flag: Codec = {
  type: 'INTEGER',
  encode: (value) => (value === true ? 1 : 0),
  decode: (stored) => stored === 1,
};

const json = (fallback: unknown, isRight: (value: unknown) => boolean): Codec => ({
  type: 'TEXT',
  encode: (value) => (value === null ? null : JSON.stringify(value)),
  decode(stored) {
    const value = parsed(stored);
    return isRight(value) ? value : fallback;
  },
});

const isRecords = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);

const isDecision = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'considered' in value && isRecords(value.considered);

const outcome: Codec = {
  ...text('error'),
  decode: (stored) => outcomes.find((known) => known === stored) ?? 'error',
};

const costKind: Codec = {
  ...text(null),
  decode: (stored) => costKinds.find((known) => known === stored) ?? null,
};

type Columns<Row> = { [Field in keyof Row]: readonly [column: string, codec: Codec] };

const requestColumns: Columns<Omit<PricedRequest, 'tokens'>> = {
  id: ['id', text('')],
  at: ['at', time],
  method: ['method', text('')],
  path: ['path', text('')],
  client: ['client', text('')],
  clientAddress: ['client_address', text('')],
  agent: ['agent', text('')],
  session: ['session', text(null)],
  project: ['project', text(null)],
  model: ['model', text(null)],
  upstreamModel: ['upstream_model', text(null)],
  account: ['account', text(null)],
  accountId: ['account_id', text(null)],
  status: ['status', number(null, 'INTEGER')],
  outcome: ['outcome', outcome],
  stream: ['stream', flag],
  waitMs: ['wait_ms', number(0)],
  firstByteMs: ['first_byte_ms', number(null)],
  totalMs: ['total_ms', number(0)],
  attempts: ['attempts', json([], isRecords)],
  decision: ['decision', json(null, isDecision)],
  costUsd: ['cost_usd', number(null)],
  costKind: ['cost_kind', costKind],
  cacheSavedUsd: ['cache_saved_usd', number(null)],
  stopReason: ['stop_reason', text(null)],
  upstreamRequestId: ['upstream_request_id', text(null)],
  mayHaveRunTwice: ['may_have_run_twice', flag],
  error: ['error', text(null)],
};

const tokenColumns: Columns<TokenCounts> = {
  input: ['input_tokens', number(null)],
  output: ['output_tokens', number(null)],
  cacheRead: ['cache_read_tokens', number(null)],
  cacheWrite5m: ['cache_write_5m_tokens', number(null)],
  cacheWrite1h: ['cache_write_1h_tokens', number(null)],
};

const requestFields = Object.entries(requestColumns) as [
  keyof typeof requestColumns,
  readonly [string, Codec],
][];
const tokenFields = Object.entries(tokenColumns) as [keyof TokenCounts, readonly [string, Codec]][];
/** The columns of a request, as this version writes them. */
export const columns: readonly string[] = [...requestFields, ...tokenFields].map(([, [name]]) => name);

export const columnList = columns.join(', ');

/** Adds a row; one that is already there stays as it is, so that a repeated write does no harm. */
export const insertRow = `insert or ignore into requests (${columnList}) values (${columns.map(() => '?').join(', ')})`;

/** The parameters of `insertRow`. */
export const toRow = (request: PricedRequest): SQLInputValue[] => {
  const row: SQLInputValue[] = [];
  for (const [field, [, codec]] of requestFields) row.push(codec.encode(request[field]));
  for (const [field, [, codec]] of tokenFields) row.push(codec.encode(request.tokens[field]));
  return row;
};

type Fields = readonly (readonly [string, readonly [string, Codec]])[];

const decodedRow = (fields: Fields, row: Readonly<Record<string, unknown>>): unknown => {
  const decoded = (some: Fields): Record<string, unknown> => {
    const values: Record<string, unknown> = {};
    for (const [field, [column, codec]] of some) values[field] = codec.decode(row[column]);
    return values;
  };
  return Object.assign(decoded(fields), { tokens: decoded(tokenFields) });
};

/** The columns of what is counted of a request, and the request of such a row; in half the time of a whole one. */
export const countedColumns: readonly string[] = [
  ...'at account cost_kind model upstream_model client session outcome stream'.split(' '),
  ...'first_byte_ms total_ms attempts cost_usd cache_saved_usd'.split(' '),
  ...tokenFields.map(([, [column]]) => column),
];

const countedFields = requestFields.filter(([, [column]]) => countedColumns.includes(column));

export const countedFrom = (row: Readonly<Record<string, unknown>>): Counted =>
  decodedRow(countedFields, row) as Counted;

/** The request that a row of the columns in `columnList` holds: what was given to `toRow`. */
export const fromRow = (row: Readonly<Record<string, unknown>>): PricedRequest => {
  const request = decodedRow(requestFields, row) as PricedRequest;
  return { ...request, at: asEpoch(request.at) };
};
