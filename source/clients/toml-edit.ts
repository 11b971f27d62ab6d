// Where things stand in a TOML file, so that a change leaves everything around it byte for byte as its owner wrote it.

import { getStaticTOMLValue, parseTOML, ParseError, type AST } from 'toml-eslint-parser';

export type TomlNode = AST.TOMLTopLevelTable['body'][number];
export type TomlFile = {
  /** Root keys and tables in the order of the file. */
  nodes: readonly TomlNode[];
  /** Where comments begin and end. */
  comments: readonly { start: number; end: number }[];
  value: Readonly<Record<string, unknown>>;
};

export type TomlReading = { ok: true; file: TomlFile } | { ok: false; problem: string };

/** TOML text with the places of what is in it; a problem (`is …`) when it is not valid. Never throws. */
export const readToml = (text: string): TomlReading => {
  try {
    const program = parseTOML(text);
    return {
      ok: true,
      file: {
        nodes: program.body[0].body,
        comments: program.comments.map(({ range: [start, end] }) => ({ start, end })),
        value: getStaticTOMLValue(program),
      },
    };
  } catch (error) {
    if (error instanceof ParseError) {
      const where = `line ${error.lineNumber}, column ${error.column + 1}`;
      return { ok: false, problem: `is not valid TOML (${where}: ${error.message})` };
    }
    return { ok: false, problem: error instanceof RangeError ? 'is nested too deep' : 'is not valid TOML' };
  }
};

const joined = (parts: readonly unknown[]): string => JSON.stringify(parts);

/** The path a root key or a table header names: `[a.b]` is a, b. */
const pathOf = (node: TomlNode): string =>
  joined(
    node.type === 'TOMLTable'
      ? node.resolvedKey
      : node.key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value)),
  );

/** The root key of that name, `name = value`; undefined when there is none. */
export const rootKey = (file: TomlFile, name: string): (TomlNode & { type: 'TOMLKeyValue' }) | undefined =>
  file.nodes.find((node) => node.type === 'TOMLKeyValue' && pathOf(node) === joined([name])) as
    | (TomlNode & { type: 'TOMLKeyValue' })
    | undefined;

/** The table with that header; undefined when there is none. */
export const tableAt = (file: TomlFile, path: readonly string[]): TomlNode | undefined =>
  file.nodes.find((node) => node.type === 'TOMLTable' && pathOf(node) === joined(path));

/** The first table of the file, before which root keys must stand; undefined when there is none. */
export const firstTable = (file: TomlFile): TomlNode | undefined =>
  file.nodes.find((node) => node.type === 'TOMLTable');

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
};

/** The text without the whole lines from `start` to `end`. */
export const withoutLines = (text: string, start: number, end: number): string =>
  text.slice(0, lineStart(text, start)) + text.slice(lineEnd(text, Math.max(start, end - 1)));

/** The start of the line at `at`, or of the comment lines that stand directly above it. */
export const aboveComments = (text: string, file: TomlFile, at: number): number => {
  let start = lineStart(text, at);
  for (;;) {
    const above = lineStart(text, start - 1);
    const comment = file.comments.find((each) => each.start >= above && each.end <= start);
    const alone = comment !== undefined && text.slice(above, comment.start).trim() === '';
    if (start === 0 || !alone) return start;
    start = above;
  }
};

/** The comment that is exactly this, whole; undefined when there is none. Text in a string is no comment. */
export const commentSaying = (
  text: string,
  file: TomlFile,
  words: string,
): { start: number; end: number } | undefined =>
  file.comments.find(({ start, end }) => text.slice(start, end).trimEnd() === words);
