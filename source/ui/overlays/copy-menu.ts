import { localStamp } from '../../shared/local-time.ts';
import { maskTokens } from '../../shared/mask-tokens.ts';
import { safeJson, sanitize } from '../../shared/sanitize.ts';
import { historyRow } from '../../store/history-row.ts';
import type { RequestRow } from '../../store/state.ts';
import { withoutTokens } from '../../store/without-tokens.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { saveText } from '../save-text.ts';
import { curlText } from './curl-text.ts';
import { openMenu, type MenuEntry } from './menu.ts';

type Part = {
  key: string;
  word: string;
  does: string;
  ending: string;
  text(row: RequestRow, url: string): string;
};

/** What is known of it as JSON; of one that runs, the events so far. */
const jsonOf = (row: RequestRow): string =>
  safeJson(withoutTokens(row.kind === 'finished' ? historyRow(row.request) : row.request));

/** What can be taken out of a request. */
const parts: readonly Part[] = [
  {
    key: 'c',
    word: 'curl',
    does: 'a command that asks again; $TOKEN is yours',
    ending: 'sh',
    text: curlText,
  },
  { key: 'j', word: 'JSON', does: 'the row, as history --json prints it', ending: 'json', text: jsonOf },
  {
    key: 'i',
    word: 'id',
    does: 'the x-ccr-request-id',
    ending: 'txt',
    text: (row) => sanitize(maskTokens(row.request.id), 200),
  },
];

/** Terminals drop what is longer, without a word. */
const longestCopy = 50_000;

/** Where the proxy is asked for when nothing is known of it. */
const unknownUrl = 'http://127.0.0.1:4180';

/** What of the selected request goes into the clipboard, or into a file; null when none is selected. */
export const openCopyMenu = (context: DialogContext, now = Date.now): Dialog | null => {
  const row = context.request();
  if (row === null) return null;
  const { outside } = context;
  const url = context.state().url ?? unknownUrl;
  const save = ({ word, ending, text }: Part): void =>
    saveText(context, `request-${localStamp(now())}.${ending}`, `${text(row, url)}\n`, word);
  const copy = (part: Part): void => {
    const text = part.text(row, url);
    // The next best thing, where the clipboard would stay as it is.
    if (outside.withoutClipboard === true || text.length > longestCopy) return save(part);
    context.copy(text);
    const other =
      outside.saveFile === undefined ? '' : ` · nothing to paste? ${part.key.toUpperCase()} writes a file`;
    context.tell(`copied the ${part.word} of this request${other}`);
  };
  const copies: MenuEntry[] = parts.map((part) => ({ ...part, run: () => copy(part) }));
  const files: MenuEntry[] = parts.map((part) => ({
    key: part.key.toUpperCase(),
    word: `${part.word} file`,
    does: 'a new file in exports, for you alone',
    run: () => save(part),
  }));
  const entries = outside.saveFile === undefined ? copies : [...copies, ...files];
  return openMenu(context, { title: 'Copy', enter: 'copy', opener: 'request.copy', entries });
};
