import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import { padLines } from '../fit.ts';
import type { Layout } from '../layout.ts';
import { titleLine } from '../line.ts';
import { requestWindow, shownRows, type RequestWindow } from '../request-window.ts';
import type { FrameInput } from '../view.ts';
import { requestColumns } from './request-columns.ts';
import { requestHeading, requestLines } from './request-lines.ts';
import { idleLines } from './welcome.ts';

const grouped = (n: number): string => String(n).replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** How the list stands: does it follow, and what of everything is shown. */
const noteOf = (
  { state, view, theme }: Pick<FrameInput, 'state' | 'view' | 'theme'>,
  { following, below }: RequestWindow,
): string => {
  const { rows, seen } = shownRows(view, state);
  const dot = theme.glyphs.dot;
  if (view.frozen !== null) return `FROZEN ${dot} ${grouped(state.seen - seen)} new`;
  if (!following) return `PAUSED ${dot} ${grouped(below)} below`;
  const kept = rows.length < seen ? ` ${dot} ${grouped(rows.length)} kept of ${grouped(seen)}` : '';
  return `FOLLOW${kept}`;
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
  const columns = requestColumns(kind, width, Math.max(0, ...names));
  const lines = rows.slice(window.start, window.start + window.count).flatMap((row, index) => {
    const selected = focused && window.start + index === window.selected;
    return requestLines(theme, row, { columns, width, selected, now });
  });
  const idle = state.accounts.length > 0 ? idleLines(theme, width) : [];
  const title = { title: '2 Requests', note: noteOf(input, window), focused };
  return [
    ...(layout.titles ? [titleLine(theme, title, width)] : []),
    ...(layout.headings ? [rows.length === 0 ? '' : requestHeading(theme, { columns, width })] : []),
    ...padLines(rows.length === 0 ? idle : lines.slice(window.hidden), height),
  ];
};
