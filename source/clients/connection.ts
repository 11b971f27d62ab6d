import { CcrError } from '../shared/errors.ts';
import type { ClientEdit, Slots } from './client-edit.ts';
import { sameContent, type ClientFile } from './client-file.ts';
import { hashOf, hashSlots, type Receipt, type Receipts, type Written } from './receipt.ts';

/** One file of one client, and who keeps what was done to it. */
export type Connection = {
  client: string;
  edit: ClientEdit;
  /** As the user or the client names it; links are followed. */
  file: string;
  receipts: Receipts;
};

const byteOrderMark = '\uFEFF';

/** Text of a settings file, without the byte order mark; a file that is not there is an empty one. */
export type ClientText = { bom: string; text: string };

/** A CcrError('failed') for bytes that are not UTF-8. */
export const textOf = (path: string, bytes: Buffer | null): ClientText => {
  try {
    const all = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes ?? new Uint8Array());
    const marked = all.startsWith(byteOrderMark);
    return marked ? { bom: byteOrderMark, text: all.slice(1) } : { bom: '', text: all };
  } catch (error) {
    throw new CcrError('failed', `${path} is not UTF-8 text`, {
      hint: 'save it as UTF-8; nothing was written',
      cause: error,
    });
  }
};

/** The error for a file that cannot be edited as it is; `problem` reads `is …` or `has …`. */
export const unfit = (path: string, problem: string): CcrError =>
  new CcrError('failed', `${path} ${problem}`, { hint: 'correct it, or move it away; nothing was written' });

/** What stands in our places; a CcrError('failed') with the reason when the file is not what it should be. */
export const slotsIn = (edit: ClientEdit, path: string, text: string): Slots => {
  const reading = edit.read(text);
  if (!reading.ok) throw unfit(path, reading.problem);
  return reading.slots;
};

/** The values among `slots` that are ones we wrote, whatever else happened to the file. */
export const oursAmong = (slots: Slots, written: readonly Written[]): Slots => {
  const hashes = hashSlots(slots);
  return new Map([...slots].filter(([name]) => written.some((state) => state.slots[name] === hashes[name])));
};

/** True when the file is, to the byte, in a state that we left it in. */
export const isAsWritten = (found: ClientFile, { written }: Receipt): boolean =>
  found.bytes !== null && written.some(({ file }) => file === hashOf(found.bytes));

/** True when the file is, to the byte, as it was before us. */
export const isAsBefore = (found: ClientFile, { original }: Receipt): boolean =>
  sameContent(found.bytes, original);

/** The file with these of our places put back to what they were and everything else as it is; null = no file. */
export const putBack = (
  edit: ClientEdit,
  receipt: Receipt,
  found: ClientFile,
  names: readonly string[],
): Buffer | null => {
  const { bom, text } = textOf(receipt.path, found.bytes);
  const done = edit.restore(text, textOf(receipt.path, receipt.original).text, names);
  return receipt.original === null && edit.saysNothing(done) ? null : Buffer.from(bom + done);
};
