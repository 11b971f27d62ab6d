import type { EpochMs } from '../../shared/types.ts';
import type { RequestRow } from '../../store/state.ts';
import { cutShort, errorWords, refusalText } from '../../store/wording.ts';
import { ownTexts } from '../panes/request-texts.ts';
import type { Theme } from '../theme.ts';
import {
  askedText,
  beganText,
  cacheText,
  clientText,
  endedText,
  idTexts,
  limitsText,
  modelText,
  routeOf,
  tokensText,
} from './detail-texts.ts';
import { paintedPart, partLines, partRoom, type Part } from './part-lines.ts';
import { timingBar } from './timing-bar.ts';
import { whyLines } from './why-lines.ts';

// One request, as lines: what was asked, who was asked in turn, and why that account and none of the others.

const twice = 'it may have run twice: its connection died after it was sent, and it was sent again';

/** What stands behind the bar of its time; nothing where nothing was told. */
const outcomeParts = (row: RequestRow, now: EpochMs): Part[] => {
  const request = row.kind === 'finished' ? row.request : null;
  const { error = null, mayHaveRunTwice = false } = request ?? {};
  // How it ended says these already.
  const isTold =
    error === cutShort || (request !== null && request.status !== null && refusalText(request) !== '');
  return [
    { label: 'Ended', text: endedText(row) },
    { label: 'Error', text: error === null || isTold ? '' : errorWords(error), tone: 'bad' },
    { label: 'Careful', text: mayHaveRunTwice ? twice : '', tone: 'warning' },
    { label: 'Tokens', text: tokensText(row, now) },
    { label: 'Cache', text: cacheText(row) },
    { label: 'Limits', text: limitsText(row) },
    ...idTexts(row),
  ];
};

/** All that is known of a request; as many lines as it needs, none wider than `columns`. */
export const detailLines = (theme: Theme, row: RequestRow, columns: number, now: EpochMs): string[] => {
  const asked: Part[] = [
    { label: 'Asked', text: askedText(row) },
    { label: 'Model', text: modelText(row) },
    { label: 'Client', text: clientText(row) },
    { label: 'Route', text: routeOf(row, now, theme.glyphs.next) },
    { label: 'Began', text: beganText(row, now) },
  ];
  const texts = (parts: readonly Part[]): string[] =>
    parts.flatMap((part) => (part.text === '' ? [] : partLines(theme, part, columns)));
  const { total } = ownTexts(row, now);
  const bar = timingBar(theme, row, { columns: partRoom(columns), now, total });
  const decision = row.kind === 'finished' ? row.request.decision : (row.request.decision ?? null);
  return [
    ...texts(asked),
    ...paintedPart(theme, { label: 'Time' }, bar, columns),
    ...texts(outcomeParts(row, now)),
    ...whyLines(theme, decision, row.request.at, columns),
  ];
};
