import type { ReadStream } from 'node:tty';
import { mouseDeed, type MouseDeed } from './mouse.ts';

/** What a terminal tells that is no key: whether it has the focus, and what the mouse did. */
export type TerminalReport = { kind: 'focus'; focused: boolean } | { kind: 'mouse'; deed: MouseDeed };

const escape = '\u001B';
// Pasted text is between two marks, and never a report whatever is in it.
const token = new RegExp(`${escape}\\[(?:200~|201~|[IO]|<\\d{1,3};\\d{1,5};\\d{1,5}[Mm])`, 'g');
/** A report whose end has not come yet. */
const begun = new RegExp(`${escape}(?:\\[(?:2|20|20[01]|<[\\d;]{0,16})?)?$`);

/** Finds the reports in what is read, piece by piece; a piece may end within one. */
export const createReportReader = (): ((text: string) => TerminalReport[]) => {
  let kept = '';
  let isPasting = false;
  const meaning = (found: string): TerminalReport[] => {
    if (found.endsWith('~')) isPasting = found.endsWith('200~');
    if (found.endsWith('~') || isPasting) return [];
    if (found.endsWith('I') || found.endsWith('O')) return [{ kind: 'focus', focused: found.endsWith('I') }];
    const deed = mouseDeed(found);
    return deed === null ? [] : [{ kind: 'mouse', deed }];
  };
  return (text) => {
    const all = kept + text;
    kept = begun.exec(all)?.[0] ?? '';
    return [...all.matchAll(token)].flatMap(([found]) => meaning(found));
  };
};

/**
 * Tells of the reports among what is read from this terminal. Whoever reads it gets everything all the same: Ink drops what
 * is no key, and offers no way to hear of it, so its reading is listened to. The returned function ends that.
 */
export const watchReports = (
  stdin: Pick<ReadStream, 'read'>,
  onReport: (report: TerminalReport) => void,
): (() => void) => {
  const reports = createReportReader();
  const { read } = stdin;
  const listen = function (this: ReadStream, size?: number): unknown {
    const chunk: unknown = read.call(this, size);
    if (typeof chunk === 'string' && chunk.includes(escape)) {
      // After the reader has taken the keys that came before.
      for (const report of reports(chunk)) setImmediate(onReport, report);
    }
    return chunk;
  };
  stdin.read = listen;
  return () => {
    if (stdin.read === listen) stdin.read = read;
  };
};
