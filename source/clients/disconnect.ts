import { CcrError } from '../shared/errors.ts';
import {
  assertWritable,
  locate,
  readClientFile,
  removeClientLeftovers,
  removeEmptyFolders,
  replaceClientFile,
  sameContent,
  type ClientFile,
  type ClientPath,
} from './client-file.ts';
import {
  isAsBefore,
  isAsWritten,
  oursAmong,
  putBack,
  slotsIn,
  textOf,
  type Connection,
} from './connection.ts';
import type { Receipt } from './receipt.ts';

export type DisconnectOptions = Connection & {
  /** Go on although our values were changed by hand. */
  force: boolean;
  revoke(name: string): Promise<void>;
};

/** What became of the file: all its bytes as before, only our places put back, gone again, or nothing to undo. */
export type Undoing = 'exact' | 'places' | 'removed' | 'nothing';

export type Disconnected = { path: string; undone: Undoing };

const notConnected = (client: string, path: string): CcrError =>
  new CcrError('not_connected', `${client} is not connected (${path})`, {
    hint: `connect it with ccr-tui connect ${client}`,
  });

const changedByHand = (path: string, what: string): CcrError =>
  new CcrError('failed', `${path}: ${what} since it was connected`, {
    hint: 'nothing was written; --force puts back what was there before',
  });

type Decision = { undone: Undoing; bytes: Buffer | null };

/** For a file that others have changed since. */
const drifted = ({ edit, force }: DisconnectOptions, receipt: Receipt, found: ClientFile): Decision => {
  const { path, original, written } = receipt;
  if (found.bytes === null) {
    if (!force) throw changedByHand(path, 'the file was removed');
    return { undone: 'exact', bytes: original };
  }
  const slots = slotsIn(edit, path, textOf(path, found.bytes).text);
  const before = slotsIn(edit, path, textOf(path, original).text);
  const ours = oursAmong(slots, written);
  const names = [...new Set(written.flatMap((state) => Object.keys(state.slots)))];
  // A place that somebody has already put back needs nothing.
  const foreign = names.filter((name) => !ours.has(name) && slots.get(name) !== before.get(name));
  if (foreign.length > 0 && !force) throw changedByHand(path, `${foreign.join(' and ')} changed`);
  const bytes = putBack(edit, receipt, found, [...ours.keys(), ...foreign]);
  return { undone: bytes === null ? 'removed' : 'places', bytes };
};

const decide = (options: DisconnectOptions, receipt: Receipt, found: ClientFile): Decision => {
  if (isAsBefore(found, receipt)) return { undone: 'nothing', bytes: found.bytes };
  if (!isAsWritten(found, receipt)) return drifted(options, receipt, found);
  return { undone: receipt.original === null ? 'removed' : 'exact', bytes: receipt.original };
};

type Plan = Decision & { target: ClientPath; receipt: Receipt; found: ClientFile };

const plan = (options: DisconnectOptions): Plan => {
  const { client, file, receipts } = options;
  const target = locate(file);
  const receipt = receipts.read(client, target.path);
  if (receipt === null) throw notConnected(client, target.path);
  const found = readClientFile(target.path);
  const decision = decide(options, receipt, found);
  if (!sameContent(decision.bytes, found.bytes)) assertWritable(target);
  return { ...decision, target, receipt, found };
};

/** Throws what `disconnect` would throw, and touches nothing. */
export const assertDisconnectable = (options: DisconnectOptions): void => {
  plan(options);
};

/**
 * Undoes what `connect` did to a file: its exact bytes, or only our places when others changed it since. File first, then
 * the receipt, so that a death between the two leaves something to do again and nothing lost. Throws `not_connected`
 * without a receipt, `failed` when our values were changed by hand or the file cannot be edited; nothing is written then.
 * The caller lets one of these run at a time.
 */
export const disconnect = async (options: DisconnectOptions): Promise<Disconnected> => {
  const { client, receipts, revoke } = options;
  const { target, receipt, found, bytes, undone } = plan(options);
  removeClientLeftovers(target);
  if (!sameContent(bytes, found.bytes)) replaceClientFile(target, bytes, found.traits);
  removeEmptyFolders(receipt.createdFolders);
  await revoke(receipt.keyName);
  receipts.remove(client, target.path);
  return { path: target.path, undone };
};
