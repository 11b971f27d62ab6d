import { createFieldReader, type FieldReader, type Fields } from './field-reader.ts';

// The formats `ccr-trace/1` and `ccr-accounts/1`: what was asked, and what there was to serve it with. Times are whole
// milliseconds from the start of the trace; money is USD, and the unit of every quota.

/** USD per million tokens. */
export type TracePrice = { input: number; output: number; write5m: number; write1h: number; read: number };

export type TraceRequest = {
  id: number;
  /** When it arrives if nothing before it was delayed. */
  at: number;
  /** Session and agent together are a chain: one growing context. */
  chain: string;
  session: number;
  /** A prompt of the user with all its turns; a refusal ends it. */
  task: number;
  model: number;
  /** Which shared beginning (tools and system prompt) it has. */
  sys: number;
  /** Grows when the conversation was compacted: what was cached before does not match. */
  epoch: number;
  prompt: number;
  output: number;
  /** From dispatch to the last byte. */
  durMs: number;
  /** The request that comes before it, or -1; at least `gapMs` lie between that one's end and this arrival. */
  after: number;
  gapMs: number;
};

export type Trace = {
  name: string;
  seed: number;
  startAt: number;
  horizonMs: number;
  cacheTtl: '5m' | '1h';
  models: readonly string[];
  /** One for each model. */
  prices: readonly TracePrice[];
  sysTokens: readonly number[];
  requests: readonly TraceRequest[];
};

const columns = [
  'at',
  'session',
  'agent',
  'task',
  'model',
  'sys',
  'epoch',
  'prompt',
  'output',
  'durMs',
  'after',
  'gapMs',
] as const;

const priceFields = ['input', 'output', 'write5m', 'write1h', 'read'] as const;

const readPrice = (read: FieldReader, prices: Fields, model: string): TracePrice => {
  const where = `prices.${model}`;
  const entry = read.object(Object.hasOwn(prices, model) ? prices[model] : undefined, where);
  const rate = (field: (typeof priceFields)[number]): number =>
    entry === null ? 0 : read.number(entry, field, { where: `${where}.` });
  return Object.fromEntries(priceFields.map((field) => [field, rate(field)])) as TracePrice;
};

type Bounds = { models: number; sys: number };

type Row = Record<(typeof columns)[number], number>;

/** One row by the names of its columns; null when it is none. */
const cellsOf = (read: FieldReader, row: unknown, where: string): Row | null => {
  if (!Array.isArray(row) || row.length !== columns.length) {
    read.misfit(where, `${columns.length} numbers: ${columns.join(', ')}`);
    return null;
  }
  const named: Fields = Object.fromEntries(columns.map((column, at) => [column, (row as unknown[])[at]]));
  const cell = (column: (typeof columns)[number]): number =>
    read.number(named, column, { min: column === 'after' ? -1 : 0, whole: true, where: `${where}.` });
  return Object.fromEntries(columns.map((column) => [column, cell(column)])) as Row;
};

const readRow = (read: FieldReader, row: unknown, id: number, bounds: Bounds): TraceRequest[] => {
  const where = `requests[${id}]`;
  const cells = cellsOf(read, row, where);
  if (cells === null) return [];
  const { session, agent, ...rest } = cells;
  if (rest.model >= bounds.models) read.misfit(`${where}.model`, 'the place of a model');
  if (rest.sys >= bounds.sys) read.misfit(`${where}.sys`, 'a place in sysTokens');
  if (rest.after >= id) read.misfit(`${where}.after`, 'an earlier request, or -1');
  return [{ id, chain: `${session}/${agent}`, session, ...rest }];
};

const readModels = (read: FieldReader, trace: Fields): string[] =>
  read.list(trace, 'models').flatMap((model, at) => {
    if (typeof model === 'string' && model !== '') return [model];
    read.misfit(`models[${at}]`, 'a name');
    return [];
  });

const readRows = (read: FieldReader, trace: Fields, bounds: Bounds): TraceRequest[] => {
  const given = read.list(trace, 'columns');
  if (given.length !== columns.length || columns.some((column, at) => given[at] !== column)) {
    read.misfit('columns', columns.join(', '));
    return [];
  }
  const requests = read.list(trace, 'requests').flatMap((row, id) => readRow(read, row, id, bounds));
  const early = requests.find(({ at }, place) => at < (requests[place - 1]?.at ?? 0));
  if (early !== undefined)
    read.misfit(`requests[${early.id}].at`, 'a time that is not before that of the row above');
  return requests;
};

/** Reads a trace. Throws `usage`, naming the file and every field that does not fit, on one line. */
export const parseTrace = (file: string, name: string, value: unknown): Trace => {
  const read = createFieldReader(file);
  const trace = read.object(value, 'the file') ?? {};
  read.done();
  if (trace['format'] !== 'ccr-trace/1') read.misfit('format', 'ccr-trace/1');
  read.done();
  const { cacheTtl } = trace;
  if (cacheTtl !== '5m' && cacheTtl !== '1h') read.misfit('cacheTtl', '5m or 1h');
  const models = readModels(read, trace);
  const prices = read.object(trace['prices'], 'prices');
  const sysTokens = read
    .list(trace, 'sysTokens')
    .map((tokens, at) => read.number({ [at]: tokens }, String(at), { where: 'sysTokens.' }));
  const parsed: Trace = {
    name,
    seed: read.number(trace, 'seed'),
    startAt: startOf(read, trace['startAt']),
    horizonMs: read.number(trace, 'horizonMs', { whole: true }),
    cacheTtl: cacheTtl === '1h' ? '1h' : '5m',
    models,
    prices: prices === null ? [] : models.map((model) => readPrice(read, prices, model)),
    sysTokens,
    requests: readRows(read, trace, { models: models.length, sys: sysTokens.length }),
  };
  read.done();
  return parsed;
};

const startOf = (read: FieldReader, value: unknown): number => {
  const ms = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : Number.NaN;
  // What no date can hold would break everything that writes one.
  if (Math.abs(ms) <= 8e15) return ms;
  read.misfit('startAt', 'a time');
  return 0;
};
