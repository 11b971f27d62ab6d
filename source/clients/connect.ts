import { CcrError } from '../shared/errors.ts';
import { Secret } from '../shared/secret.ts';
import type { ClientEdit, Slots, Wish } from './client-edit.ts';
import {
  assertWritable,
  locate,
  readClientFile,
  removeClientLeftovers,
  replaceClientFile,
  sameContent,
  type ClientFile,
  type ClientPath,
} from './client-file.ts';
import { isAsWritten, oursAmong, putBack, slotsIn, textOf, unfit, type Connection } from './connection.ts';
import { hashOf, hashSlots, type Receipt, type Written } from './receipt.ts';

export type ConnectOptions = Connection & {
  /** Where the proxy listens: `http://127.0.0.1:4180`. */
  origin: string;
  /** Name for the client key, when one has to be made. */
  keyName: string;
  /** A key that opens nothing yet. */
  makeKey(): Secret;
  /** From now on that key opens the proxy, in the place of an earlier one of that name. */
  keepKey(name: string, key: Secret): Promise<void>;
  /** False for a key that opens nothing any more. */
  isLive(name: string, key: Secret): Promise<boolean>;
  revoke(name: string): Promise<void>;
};

export type Connected = {
  /** The file itself, behind all links. */
  path: string;
  /** False when everything stood there already. */
  changed: boolean;
  /** True when there was no file before. */
  created: boolean;
  before: string;
  after: string;
};

type Look = {
  target: ClientPath;
  found: ClientFile;
  bom: string;
  text: string;
  /** What stands in our places and came from us. */
  ours: Slots;
  previous: Receipt | null;
  /** The file without us; null = no file. */
  base: Buffer | null;
};

/** What the file would be without us: what it was, or, when others changed it since, it with our places put back. */
const without = (edit: ClientEdit, receipt: Receipt, found: ClientFile, ours: Slots): Buffer | null => {
  if (isAsWritten(found, receipt)) return receipt.original;
  return ours.size === 0 ? found.bytes : putBack(edit, receipt, found, [...ours.keys()]);
};

const look = ({ client, edit, file, receipts }: Connection): Look => {
  const target = locate(file);
  const found = readClientFile(target.path);
  const { bom, text } = textOf(target.path, found.bytes);
  const slots = slotsIn(edit, target.path, text);
  assertWritable(target);
  const previous = receipts.read(client, target.path);
  const ours = previous === null ? new Map() : oursAmong(slots, previous.written);
  const base = previous === null ? found.bytes : without(edit, previous, found, ours);
  return { target, found, bom, text, ours, previous, base };
};

const edited = (edit: ClientEdit, { target, base, bom }: Look, wish: Wish): Buffer => {
  const result = edit.write(textOf(target.path, base).text, wish);
  if (!result.ok) throw unfit(target.path, result.problem);
  return Buffer.from(bom + result.text);
};

const receiptFor = (options: ConnectOptions, seen: Look, next: Buffer, wished: Slots): Receipt => {
  const { target, found, ours, previous, base } = seen;
  const written: Written[] = [{ file: hashOf(next), slots: hashSlots(wished) }];
  // Until the file is replaced it is in its present state, and that is ours as well.
  if (ours.size > 0 && found.bytes !== null)
    written.push({ file: hashOf(found.bytes), slots: hashSlots(ours) });
  return {
    client: options.client,
    path: target.path,
    original: base,
    createdFolders: [...new Set([...(previous?.createdFolders ?? []), ...target.missingFolders])],
    written,
    keyName: previous?.keyName ?? options.keyName,
  };
};

type Change = {
  next: Buffer;
  receipt: Receipt;
  /** The key in `next` when it is a new one. */
  fresh: Secret | null;
};

/** For a file that did not become ours: no key, and the receipt of before. */
const takeBack = async (
  { receipts, revoke }: ConnectOptions,
  { previous }: Look,
  { receipt, fresh }: Change,
): Promise<void> => {
  if (fresh !== null) await revoke(receipt.keyName);
  if (previous === null) receipts.remove(receipt.client, receipt.path);
  else receipts.write(previous);
};

/**
 * The receipt, the key, the file: whatever happens between them, the receipt knows what to undo and which key to revoke,
 * and no key stands in the file before it opens the proxy.
 */
const apply = async (options: ConnectOptions, seen: Look, change: Change): Promise<void> => {
  const { receipts, keepKey } = options;
  const { target, found } = seen;
  const { next, receipt, fresh } = change;
  const { path } = target;
  removeClientLeftovers(target);
  receipts.write(receipt);
  try {
    if (fresh !== null) await keepKey(receipt.keyName, fresh);
    if (!sameContent(readClientFile(path).bytes, found.bytes)) {
      throw new CcrError('locked', `${path} was changed by another program just now`, { hint: 'try again' });
    }
    replaceClientFile(target, next, found.traits);
  } catch (error) {
    // Where that fails, too, the receipt stays, and `disconnect` ends the key.
    if (!isFile(path, next)) await takeBack(options, seen, change).catch(() => undefined);
    throw error;
  }
};

/** False also for a file that cannot be read. */
const isFile = (path: string, bytes: Buffer): boolean => {
  try {
    return sameContent(readClientFile(path).bytes, bytes);
  } catch {
    return false;
  }
};

/** The key in the file, if it is ours and opens something still. */
const keyToKeep = async (
  { edit, isLive }: Pick<ConnectOptions, 'edit' | 'isLive'>,
  { ours, previous }: Look,
): Promise<Secret | null> => {
  const token = edit.tokenIn(ours);
  if (token === null || previous === null) return null;
  return (await isLive(previous.keyName, token)) ? token : null;
};

const isFilled = (ours: Slots, wished: Slots): boolean =>
  [...wished].every(([name, value]) => ours.get(name) === value);

const result = ({ target, found, text }: Look, after: string, changed: boolean): Connected => ({
  path: target.path,
  changed,
  created: found.bytes === null,
  before: text,
  after,
});

const sample = new Secret('[a new key]');

/**
 * Points a client at the proxy by editing its settings, and keeps a receipt that undoes it. A key of ours that is already
 * there is used again as long as it opens something. Throws `failed`, naming file and reason, when the file cannot be
 * edited, and `locked` when another program changes it just then; it then is as it was. At no moment is there a change
 * without its receipt. The caller lets one of these run at a time.
 */
export const connect = async (options: ConnectOptions): Promise<Connected> => {
  const { edit, origin, makeKey } = options;
  const seen = look(options);
  const kept = await keyToKeep(options, seen);
  const token = kept ?? makeKey();
  const wish = { origin, token };
  const wished = edit.wished(wish);
  if (isFilled(seen.ours, wished)) return result(seen, seen.text, false);
  const next = edited(edit, seen, wish);
  await apply(options, seen, {
    next,
    fresh: kept === null ? token : null,
    receipt: receiptFor(options, seen, next, wished),
  });
  return result(seen, textOf(seen.target.path, next).text, true);
};

/** What `connect` would do, with every token masked; touches nothing. Throws as `connect` does. */
export const previewConnect = async (
  options: Pick<ConnectOptions, keyof Connection | 'origin' | 'isLive'>,
): Promise<Connected> => {
  const { edit, origin } = options;
  const seen = look(options);
  const present = await keyToKeep(options, seen);
  if (present !== null && isFilled(seen.ours, edit.wished({ origin, token: present }))) {
    const masked = edit.mask(seen.text, '[key]');
    return { ...result(seen, masked, false), before: masked };
  }
  const next = textOf(seen.target.path, edited(edit, seen, { origin, token: present ?? sample })).text;
  // The same key before and after is no change; another one is.
  const label = present === null ? '[a new key]' : '[key]';
  return { ...result(seen, edit.mask(next, label), true), before: edit.mask(seen.text, '[key]') };
};
