import type { SQLInputValue } from 'node:sqlite';
import { asEpoch, outcomes, type TokenCounts } from '../shared/types.ts';
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
const columns = [...requestFields, ...tokenFields].map(([, column]) => column);

export const columnList = columns.map(([name]) => name).join(', ');

/** Adds a row; one that is already there stays as it is, so that a repeated write does no harm. */
export const insertRow = `insert or ignore into requests (${columnList}) values (${columns.map(() => '?').join(', ')})`;

/** The parameters of `insertRow`. */
export const toRow = (request: PricedRequest): SQLInputValue[] => {
  const row: SQLInputValue[] = [];
  for (const [field, [, codec]] of requestFields) row.push(codec.encode(request[field]));
  for (const [field, [, codec]] of tokenFields) row.push(codec.encode(request.tokens[field]));
  return row;
};

/** The request that a row of the columns in `columnList` holds: what was given to `toRow`. */
export const fromRow = (row: Readonly<Record<string, unknown>>): PricedRequest => {
  const decoded = (
    fields: readonly (readonly [string, readonly [string, Codec]])[],
  ): Record<string, unknown> =>
    Object.fromEntries(fields.map(([field, [column, codec]]) => [field, codec.decode(row[column])]));
  const request = { ...decoded(requestFields), tokens: decoded(tokenFields) } as unknown as PricedRequest;
  return { ...request, at: asEpoch(request.at) };
};

/**
 * The steps from one version of the tables to the next; `user_version` of the file is the number of steps it has
 * taken. A step that was released never changes.
 */
export const migrations: readonly string[] = [
  `create table requests (${columns
    .map(([name, { type }]) => `${name} ${type}${name === 'id' ? ' not null primary key' : ''}`)
    .join(', ')});
   create index requests_at on requests (at);`,
];

export const schemaVersion = migrations.length;
