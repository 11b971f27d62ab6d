import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../shared/is-record.ts';
import { Secret } from '../shared/secret.ts';
import type { ClientEdit, Edited, Wish } from './client-edit.ts';
import { lineBreakOf } from '../config/line-break.ts';
import {
  aboveComments,
  commentSaying,
  firstTable,
  readToml,
  rootKey,
  tableAt,
  withoutLines,
  type TomlFile,
} from './toml-edit.ts';

// Codex picks the provider by the root key `model_provider` and finds it in a table of `model_providers`; a provider
// without requires_openai_auth gets no login of Codex's own, and experimental_bearer_token needs no variable in the
// shell. The only wire API is "responses" (seen with 0.169.0).
const provider = 'ccr-tui';
const choice = 'model_provider';
const tablePath = ['model_providers', provider];
const tableSlot = tablePath.join('.');
const marker = {
  start: '# >>> ccr-tui: written by "ccr-tui connect codex", removed by "ccr-tui disconnect codex"',
  end: '# <<< ccr-tui',
};

const tableFor = ({ origin, token }: Wish): Record<string, string> => ({
  name: provider,
  base_url: `${origin}/v1`,
  wire_api: 'responses',
  experimental_bearer_token: token.reveal(),
});

// JSON's escapes are TOML's, but for DEL, which TOML wants escaped as well.
const tomlString = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007F');

const assignments = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).map(([key, value]) => `${key} = ${tomlString(value)}`);

/** The managed lines; `chooses` when the file has no choice of its own that we replace in place. */
const blockLines = (table: Readonly<Record<string, string>>, chooses: boolean): string[] => [
  marker.start,
  ...(chooses ? [...assignments({ [choice]: provider }), ''] : []),
  `[${tablePath.join('.')}]`,
  ...assignments(table),
  marker.end,
];

const tableIn = ({ value }: TomlFile): unknown => {
  const [group = ''] = tablePath;
  const providers = value[group];
  return isRecord(providers) ? providers[provider] : undefined;
};

/** The block goes before the first table, for its root key would otherwise belong to one; without tables, to the end. */
const withBlock = (text: string, file: TomlFile, lines: readonly string[]): string => {
  const lineBreak = lineBreakOf(text);
  const table = firstTable(file);
  const at = table === undefined ? text.length : aboveComments(text, file, table.range[0]);
  const before = text.slice(0, at);
  const unfinished = before !== '' && !before.endsWith('\n') ? lineBreak : '';
  const gap = before.trim() === '' || /\n\r?\n$/.test(before) ? '' : lineBreak;
  const block = lines.map((line) => `${line}${lineBreak}`).join('');
  return `${before}${unfinished}${gap}${block}${table === undefined ? '' : lineBreak}${text.slice(at)}`;
};

const replaceChoice = (text: string, file: TomlFile, raw: string): string => {
  const key = rootKey(file, choice);
  if (key === undefined) return text;
  const [start, end] = key.value.range;
  return text.slice(0, start) + raw + text.slice(end);
};

/** What the file says with our values in it. */
const expected = (value: TomlFile['value'], table: Readonly<Record<string, string>>): unknown => {
  const [group = ''] = tablePath;
  const providers = value[group];
  return {
    ...value,
    [choice]: provider,
    [group]: { ...(isRecord(providers) ? providers : {}), [provider]: table },
  };
};

const write = (text: string, wish: Wish): Edited => {
  const before = readToml(text);
  if (!before.ok) return before;
  if (tableIn(before.file) !== undefined) {
    return { ok: false, problem: `has a [${tableSlot}] that ccr-tui did not write` };
  }
  const chooses = rootKey(before.file, choice) === undefined;
  const table = tableFor(wish);
  const chosen = chooses ? text : replaceChoice(text, before.file, tomlString(provider));
  const between = readToml(chosen);
  if (!between.ok) return between;
  const done = withBlock(chosen, between.file, blockLines(table, chooses));
  const after = readToml(done);
  // The parser is the judge: inline tables, for one, cannot be added to from outside.
  if (!after.ok || !isDeepStrictEqual(after.file.value, expected(before.file.value, table))) {
    return { ok: false, problem: `defines model_providers in a way that no table can be added to` };
  }
  return { ok: true, text: done };
};

/** Repeats a removal until there is nothing to remove: every place moves with each of them. */
const removing = (
  text: string,
  find: (file: TomlFile, text: string) => { start: number; end: number } | undefined,
): string => {
  const reading = readToml(text);
  const found = reading.ok ? find(reading.file, text) : undefined;
  return found === undefined ? text : removing(withoutLines(text, found.start, found.end), find);
};

const span = (node: { range: [number, number] } | undefined): { start: number; end: number } | undefined =>
  node === undefined ? undefined : { start: node.range[0], end: node.range[1] };

/** The original's own choice put back, or ours taken away where it had none. */
const restoreChoice = (text: string, original: string): string => {
  const before = readToml(original);
  const own = before.ok ? rootKey(before.file, choice) : undefined;
  if (own === undefined) return removing(text, (file) => span(rootKey(file, choice)));
  const raw = original.slice(...own.value.range);
  const now = readToml(text);
  if (!now.ok) return text;
  if (rootKey(now.file, choice) !== undefined) return replaceChoice(text, now.file, raw);
  const table = firstTable(now.file);
  const at = table === undefined ? text.length : aboveComments(text, now.file, table.range[0]);
  const lineBreak = lineBreakOf(text);
  const unfinished = at > 0 && text[at - 1] !== '\n' ? lineBreak : '';
  return `${text.slice(0, at)}${unfinished}${choice} = ${raw}${lineBreak}${text.slice(at)}`;
};

/** The managed lines as one piece with the empty lines that came with them; the text as it is when they were changed. */
const withoutBlock = (text: string): string => {
  const reading = readToml(text);
  const table = reading.ok ? tableIn(reading.file) : undefined;
  if (!isRecord(table)) return text;
  const lineBreak = lineBreakOf(text);
  for (const chooses of [true, false]) {
    const values = Object.fromEntries(
      Object.entries(table).map(([key, value]) => [key, typeof value === 'string' ? value : '']),
    );
    const block = blockLines(values, chooses)
      .map((line) => `${line}${lineBreak}`)
      .join('');
    const at = text.indexOf(block);
    if (at < 0) continue;
    const behind = text.slice(at + block.length);
    const before = text.slice(0, at);
    // An empty line came with the block on each side where something stands: one is enough without it.
    if (behind === '' && before.endsWith(lineBreak + lineBreak)) return before.slice(0, -lineBreak.length);
    return before + (behind.startsWith(lineBreak) ? behind.slice(lineBreak.length) : behind);
  }
  return text;
};

const withoutTable = (text: string): string =>
  [marker.start, marker.end].reduce(
    (done, words) => removing(done, (file, now) => commentSaying(now, file, words)),
    removing(withoutBlock(text), (file) => span(tableAt(file, tablePath))),
  );

/** `config.toml` of Codex. */
export const codex: ClientEdit = {
  read(text) {
    const reading = readToml(text);
    if (!reading.ok) return reading;
    const table = tableIn(reading.file);
    const slots = new Map<string, string>();
    if (reading.file.value[choice] !== undefined)
      slots.set(choice, JSON.stringify(reading.file.value[choice]));
    if (table !== undefined) slots.set(tableSlot, JSON.stringify(table));
    return { ok: true, slots };
  },
  wished: (wish) =>
    new Map([
      [choice, JSON.stringify(provider)],
      [tableSlot, JSON.stringify(tableFor(wish))],
    ]),
  write,
  restore(text, original, slots) {
    const bare = slots.includes(tableSlot) ? withoutTable(text) : text;
    return slots.includes(choice) ? restoreChoice(bare, original) : bare;
  },
  saysNothing: (text) => text.trim() === '',
  tokenIn(slots) {
    const table: unknown = JSON.parse(slots.get(tableSlot) ?? 'null');
    const token = isRecord(table) ? table['experimental_bearer_token'] : null;
    return typeof token === 'string' ? new Secret(token) : null;
  },
  mask: (text, label) =>
    text.replace(/^(\s*experimental_bearer_token\s*=\s*).*$/gm, `$1${tomlString(label)}`),
  environment: () => ({}),
  path: (env, dir) => join(resolve(dir ?? (env['CODEX_HOME'] || join(homedir(), '.codex'))), 'config.toml'),
};
