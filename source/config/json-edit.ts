// Edits of one object of a JSON file as text, so that everything around it stays byte for byte as its owner wrote it.

import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { lineBreakOf } from './line-break.ts';

export type Member = { key: string; raw: string; value: unknown };

export type Reading = { ok: true; members: Member[] } | { ok: false; problem: string };

// The library's word when the only thing wrong is a comment; ours is one that helps.
const wording: Readonly<Record<string, string>> = {
  InvalidCommentToken: 'a comment',
  PropertyNameExpected: 'a name or a comma too many',
  ValueExpected: 'a value is missing',
  CommaExpected: 'a comma is missing',
  ColonExpected: 'a colon is missing',
  CloseBraceExpected: 'a closing brace is missing',
  CloseBracketExpected: 'a closing bracket is missing',
  EndOfFileExpected: 'something behind the end',
};

const strict = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false };

const place = (text: string, offset: number): string => {
  const lines = text.slice(0, offset).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
};

const brokenJson = (text: string, [error]: readonly ParseError[]): string => {
  if (error === undefined) return 'is not valid JSON';
  const code = printParseErrorCode(error.error);
  const what = wording[code] === undefined ? '' : `, ${wording[code]}`;
  return `is not valid JSON (${place(text, error.offset)}${what})`;
};

const isBlank = (text: string): boolean => text.trim() === '';

const emptyObject = '{}';

/** The text as a tree with offsets; text without anything in it is an object without anything in it. */
const treeOf = (text: string): Node | string => {
  const errors: ParseError[] = [];
  try {
    const tree = parseTree(text, errors, strict);
    if (tree === undefined || errors.length > 0) return brokenJson(text, errors);
    // The arbiter: it is what the programs that own such files read them with.
    JSON.parse(text);
    return tree;
  } catch (error) {
    return error instanceof RangeError ? 'is nested too deep' : 'is not valid JSON';
  }
};

const propertiesOf = (node: Node): Node[] => node.children ?? [];
const keyOf = (property: Node): string => String(property.children?.[0]?.value);

const namesTwice = (node: Node, keys: readonly string[]): string | undefined => {
  const all = propertiesOf(node).map(keyOf);
  return keys.find((key) => all.indexOf(key) !== all.lastIndexOf(key));
};

const rawOf = (text: string, { offset, length }: Node): string => text.slice(offset, offset + length);

/** The object called `name` at the top of the file; undefined when there is none. The text is known to be fit. */
const objectIn = (text: string, name: string): Node | undefined => {
  const tree = treeOf(isBlank(text) ? emptyObject : text);
  return typeof tree === 'string' ? undefined : findNodeAtLocation(tree, [name]);
};

/**
 * Which of the `keys` stand in the object `name` at the top of a JSON file, with their values. A problem (`is …`, to be
 * put behind a file's name) for text that is not strict JSON, not an object, or says one of these names twice.
 */
export const readMembers = (text: string, name: string, keys: readonly string[]): Reading => {
  if (isBlank(text)) return { ok: true, members: [] };
  const tree = treeOf(text);
  if (typeof tree === 'string') return { ok: false, problem: tree };
  if (tree.type !== 'object') return { ok: false, problem: 'is not a JSON object' };
  if (namesTwice(tree, [name]) !== undefined) return { ok: false, problem: `says ${name} twice` };
  const object = findNodeAtLocation(tree, [name]);
  if (object === undefined) return { ok: true, members: [] };
  if (object.type !== 'object') return { ok: false, problem: `has an ${name} that is not an object` };
  const twice = namesTwice(object, keys);
  if (twice !== undefined) return { ok: false, problem: `says ${name}.${twice} twice` };
  const members = keys.flatMap((key): Member[] => {
    const node = findNodeAtLocation(object, [key]);
    if (node === undefined) return [];
    const raw = rawOf(text, node);
    return [{ key, raw, value: JSON.parse(raw) as unknown }];
  });
  return { ok: true, members };
};

const splice = (text: string, start: number, end: number, put: string): string =>
  text.slice(0, start) + put + text.slice(end);

/** How an object is written: what stands before each member, between name and value, and before the closing brace. */
type Layout = { before: string; colon: string; after: string };

/** From the last line break on: a blank line above a member is not part of the style. */
const lastLine = (space: string): string => {
  const at = Math.max(space.lastIndexOf('\r\n'), space.lastIndexOf('\n'));
  if (at < 0) return space;
  return space.slice(space[at - 1] === '\r' ? at - 1 : at);
};

const layoutOf = (text: string, object: Node): Layout | null => {
  const properties = propertiesOf(object);
  const last = properties.at(-1);
  const [name, value] = last?.children ?? [];
  if (last === undefined || name === undefined || value === undefined) return null;
  const previous = properties.at(-2);
  const from = previous === undefined ? object.offset + 1 : previous.offset + previous.length;
  const before = lastLine(text.slice(from, last.offset).replace(',', ''));
  const colon = text.slice(name.offset + name.length, value.offset);
  const after = lastLine(text.slice(last.offset + last.length, object.offset + object.length - 1));
  return { before, colon: /[\r\n]/.test(colon) ? ': ' : colon, after };
};

/** The layout of a new object that is a member of one with this layout. */
const inner = ({ before, colon, after }: Layout): Layout => {
  if (!before.includes('\n')) return { before, colon, after };
  const unit = before.startsWith(after) ? before.slice(after.length) : '';
  return { before: before + unit, colon, after: before };
};

const defaultLayout = (text: string): Layout => {
  const lineBreak = lineBreakOf(text);
  return { before: `${lineBreak}  `, colon: ': ', after: lineBreak };
};

type Entry = readonly [key: string, raw: string];

const written = ({ before, colon }: Layout, [key, raw]: Entry): string =>
  `${before}${JSON.stringify(key)}${colon}${raw}`;

const newObject = (layout: Layout, entries: readonly Entry[]): string =>
  `{${entries.map((entry) => written(layout, entry)).join(',')}${layout.after}}`;

/** Adds a member behind the last one; an empty object is written anew in `layout`. */
const withMember = (text: string, object: Node, layout: Layout, entry: Entry): string => {
  const last = propertiesOf(object).at(-1);
  const end = object.offset + object.length;
  if (last === undefined) return splice(text, object.offset, end, newObject(layout, [entry]));
  const at = last.offset + last.length;
  const own = layoutOf(text, object) ?? layout;
  // In `{ "a": 1 }` the first member has its space from the brace; behind a comma it is the same.
  return splice(text, at, at, `,${written(own, entry)}`);
};

/** The text with `name`.`key` being `raw`, itself JSON: in place when it is there, else behind the other members. */
export const setMember = (text: string, name: string, entry: Entry): string => {
  const filled = isBlank(text) ? emptyObject : text;
  const root = treeOf(filled);
  if (typeof root === 'string') return text;
  const top = layoutOf(filled, root) ?? defaultLayout(filled);
  const object = findNodeAtLocation(root, [name]);
  if (object === undefined) {
    const done = withMember(filled, root, top, [name, newObject(inner(top), [entry])]);
    return isBlank(text) ? `${done}${lineBreakOf(text)}` : done;
  }
  const value = findNodeAtLocation(object, [entry[0]]);
  if (value !== undefined) return splice(filled, value.offset, value.offset + value.length, entry[1]);
  return withMember(filled, object, inner(top), entry);
};

const withoutProperty = (text: string, object: Node, key: string): string => {
  const properties = propertiesOf(object);
  const index = properties.findIndex((property) => keyOf(property) === key);
  const [previous, property, next] = [properties[index - 1], properties[index], properties[index + 1]];
  if (property === undefined) return text;
  const end = property.offset + property.length;
  if (previous !== undefined) return splice(text, previous.offset + previous.length, end, '');
  if (next !== undefined) return splice(text, property.offset, next.offset, '');
  return splice(text, object.offset, object.offset + object.length, emptyObject);
};

/** The text without `name`.`key`, and the comma that belongs to it. */
export const removeMember = (text: string, name: string, key: string): string => {
  const object = objectIn(text, name);
  return object === undefined ? text : withoutProperty(text, object, key);
};

/** True when the file says nothing: no text, or an object without members. */
export const saysNothing = (text: string): boolean => {
  if (isBlank(text)) return true;
  const tree = treeOf(text);
  return typeof tree !== 'string' && tree.type === 'object' && propertiesOf(tree).length === 0;
};

/**
 * An object `name` that has lost all its members, as it was in the `original`: not there, or empty in its own way. One
 * with members stays.
 */
export const restoreEmpty = (text: string, name: string, original: string): string => {
  const object = objectIn(text, name);
  if (object === undefined || propertiesOf(object).length > 0) return text;
  const before = objectIn(original, name);
  if (before !== undefined) {
    if (propertiesOf(before).length > 0) return text;
    return splice(text, object.offset, object.offset + object.length, rawOf(original, before));
  }
  const root = treeOf(text);
  return typeof root === 'string' ? text : withoutProperty(text, root, name);
};
