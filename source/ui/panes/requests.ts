import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import { padLines } from '../fit.ts';
import type { Layout } from '../layout.ts';
import { paragraph, paneTitle, shorten } from '../line.ts';
import { shownRows } from '../request-list.ts';
import { requestWindow } from '../request-window.ts';
import { hasKeys, type FrameInput } from '../view.ts';
import { hiddenColumns, requestColumns } from './request-columns.ts';
import { requestHeading, requestLines } from './request-lines.ts';
import { emptyWords, noteRoom, requestNote } from './request-title.ts';
import { idleLines } from './welcome.ts';

/** What stands there while no request does. */
const withoutRows = (input: FrameInput, width: number): readonly string[] => {
  const { state, theme, keys } = input;
  const words = emptyWords(input);
  if (words !== null) return paragraph(theme, words, { columns: width - 1, margin: 2, tone: 'faint' });
  if (state.accounts.length > 0) return idleLines(theme, width, keys);
  return [`  ${theme.paint('faint', shorten(theme, 'Requests will be listed here.', width - 2))}`];
};

/** The pane with the requests, newest last; its title says whether it follows them. */
export const requestsPane = (input: FrameInput, layout: Layout): readonly string[] => {
  const { state, view, theme } = input;
  // No time goes on in a frozen list.
  const now = view.frozen?.at ?? input.now;
  const { kind, columns: width, requests: height } = layout;
  const { rows } = shownRows(view, state);
  const focused = view.pane === 'requests';
  const window = requestWindow(view, rows, height);
  const names = state.accounts.map(({ name }) => displayWidth(sanitize(name, 60)));
  const columns = requestColumns(kind, width, Math.max(0, ...names), view.columns);
  const lines = rows.slice(window.start, window.start + window.count).flatMap((row, index) => {
    const selected = focused && window.start + index === window.selected;
    return requestLines(theme, row, { columns, width, selected, now });
  });
  const title = '2 Requests';
  const hidden = hiddenColumns(kind, view.columns, columns.length);
  const note = requestNote({ ...input, hidden }, noteRoom(theme, title, width), window.start);
  return [
    ...(layout.titles ? [paneTitle(theme, { title, note, focused: hasKeys(input, 'requests') }, width)] : []),
    ...(layout.requestHeading ? [rows.length === 0 ? '' : requestHeading(theme, { columns, width })] : []),
    ...padLines(rows.length === 0 ? withoutRows(input, width) : lines.slice(window.hidden), height),
  ];
};
