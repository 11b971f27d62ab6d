import type { Layout } from '../layout.ts';
import { titleLine } from '../line.ts';
import { requestWindow } from '../request-window.ts';
import type { FrameInput } from '../view.ts';
import { padLines } from '../fit.ts';
import { requestHeading, requestLine } from './request-lines.ts';
import { idleLines } from './welcome.ts';

/** The pane with the requests, newest last; its title says whether it follows them. */
export const requestsPane = ({ state, view, theme, now }: FrameInput, layout: Layout): readonly string[] => {
  const { rows } = state;
  const { kind, columns, requests: height } = layout;
  const focused = view.pane === 'requests';
  const { start, selected, following, below } = requestWindow(view, rows, height);
  const lines = rows.slice(start, start + height).map((row, index) => {
    const marked = focused && start + index === selected;
    return requestLine(theme, row, { kind, columns, selected: marked, now });
  });
  const idle = state.accounts.length > 0 ? idleLines(theme, state.url, columns) : [];
  const title = { title: 'Requests', note: following ? 'FOLLOW' : `${below} below`, focused };
  return [
    ...(layout.titles ? [titleLine(theme, title, columns)] : []),
    ...(layout.headings ? [rows.length === 0 ? '' : requestHeading(theme, layout)] : []),
    ...padLines(rows.length === 0 ? idle : lines, height),
  ];
};
