import { setImmediate as nextTurn } from 'node:timers/promises';
import { localStamp } from '../../shared/local-time.ts';
import { plural } from '../../shared/plural.ts';
import type { PricedRequest, RequestRow } from '../../store/state.ts';
import { withoutTokens } from '../../store/without-tokens.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { saveText } from '../save-text.ts';
import { openMenu } from './menu.ts';

type Format = { key: string; word: string; does: string; format: string; ending: string };

/** As the history prints them; see `rowFormats`. */
const formats: readonly Format[] = [
  {
    key: 'n',
    word: 'NDJSON',
    does: 'a JSON object a line, as history --json',
    format: 'json',
    ending: 'ndjson',
  },
  {
    key: 'h',
    word: 'HAR',
    does: 'an HTTP archive, for tools that show timings',
    format: 'har',
    ending: 'har',
  },
  { key: 'c', word: 'CSV', does: 'for a spreadsheet', format: 'csv', ending: 'csv' },
];

/** So many rows are made text of before keys and frames have their turn. */
const batch = 100;

const textOf = async (requests: readonly PricedRequest[], name: string, version: string): Promise<string> => {
  const { rowFormats } = await import('../../store/row-formats.ts');
  const format = rowFormats[name]?.(version);
  if (format === undefined) return '';
  const texts: string[] = [];
  for (let from = 0; from < requests.length; from += batch) {
    texts.push(format.rows(requests.slice(from, from + batch).map(withoutTokens)));
    await nextTurn();
  }
  return texts.join('') + format.end();
};

/** Writes the finished ones of these requests, which the list shows now, to a new file in the format that is chosen. */
export const openExportMenu = (
  context: DialogContext,
  rows: readonly RequestRow[],
  now = Date.now,
): Dialog | null => {
  const requests = rows.flatMap((row) => (row.kind === 'finished' ? [row.request] : []));
  if (requests.length === 0) {
    context.tell('no finished request is shown: there is nothing to export');
    return null;
  }
  if (context.outside.saveFile === undefined) {
    context.tell('no file can be written from here: ccr-tui history --json, --har or --csv prints them');
    return null;
  }
  const write = async ({ format, ending, word }: Format): Promise<void> => {
    const text = await textOf(requests, format, context.outside.version?.() ?? '');
    saveText(
      context,
      `requests-${localStamp(now())}.${ending}`,
      text,
      `${plural(requests.length, 'request')} as ${word}`,
    );
  };
  return openMenu(context, {
    title: `Export ${plural(requests.length, 'shown request')}`,
    enter: 'write a file',
    opener: 'requests.export',
    entries: formats.map((format) => ({ ...format, run: () => void write(format) })),
  });
};
