import { isUtf8 } from 'node:buffer';
import { realpathSync } from 'node:fs';
import {
  findNodeAtLocation,
  parse,
  parseTree,
  printParseErrorCode,
  type ParseError,
  type ParseOptions,
} from 'jsonc-parser';
import { removeLeftovers, writeDurably } from '../../config/durable-file.ts';
import { readRegularFile } from '../../config/regular-file.ts';
import { systemCode } from '../../shared/system-code.ts';
import type { JsonPlace } from './imported-account.ts';
import { toolError } from './tool-error.ts';

const maxBytes = 16 * 1024 * 1024;

// Some of these tools read their settings with comments and trailing commas.
const lenient: ParseOptions = { allowTrailingComma: true, allowEmptyContent: false };

const readFile = (path: string) => {
  const found = readRegularFile(path, { maxBytes, follow: true });
  switch (found.kind) {
    case 'missing':
      throw toolError(path, 'is not there', 'give the right one with --path');
    case 'irregular':
      throw toolError(
        path,
        `is ${found.is === 'folder' ? 'a folder' : 'not a regular file'}`,
        'give a file with --path',
      );
    case 'large':
      throw toolError(path, 'is too large', 'give the right file with --path');
    case 'denied':
    case 'broken':
      throw toolError(
        path,
        `cannot be read (${systemCode(found.error)})`,
        'check who may read it',
        found.error,
      );
    case 'file':
      // Bytes that spell no text could not be put back as they were.
      if (isUtf8(found.bytes)) return found;
      throw toolError(path, 'is not UTF-8', 'correct it');
  }
};

/** The value that a text of JSON spells. Throws `failed`, naming `path`, for text that is none. */
export const jsonValue = (path: string, text: string): unknown => {
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/, ''), errors, lenient);
  const [error] = errors;
  if (error === undefined) return value;
  throw toolError(path, `is not valid JSON (${printParseErrorCode(error.error)})`, 'correct it');
};

/** What the JSON file says. Throws `failed` with the reason. */
export const readJsonStore = (path: string): unknown =>
  jsonValue(path, readFile(path).bytes.toString('utf8'));

/** The text with the strings at these places empty, and everything else as it was. */
export const blankPlaces = (text: string, places: readonly JsonPlace[]): string => {
  const tree = parseTree(text, [], lenient);
  if (tree === undefined) return text;
  return places
    .flatMap((place) => findNodeAtLocation(tree, [...place]) ?? [])
    .filter(({ type }) => type === 'string')
    .toSorted((one, other) => other.offset - one.offset)
    .reduce((done, { offset, length }) => `${done.slice(0, offset)}""${done.slice(offset + length)}`, text);
};

/** Empties strings of a JSON file in one step; its mode and owner stay. Throws `failed`; the file is then as it was. */
export const blankJsonStore = (path: string, places: readonly JsonPlace[]): void => {
  const { bytes, stat } = readFile(path);
  const before = bytes.toString('utf8');
  const after = blankPlaces(before, places);
  if (after === before) return;
  try {
    const target = realpathSync(path);
    removeLeftovers(target);
    const { mode, uid, gid } = stat;
    writeDurably(target, Buffer.from(after, 'utf8'), { mode: mode & 0o7777, uid, gid });
  } catch (error) {
    throw toolError(path, `cannot be written (${systemCode(error)})`, 'it is as it was', error);
  }
};
