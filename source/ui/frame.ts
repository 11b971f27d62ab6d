import { footerKeys, overlayKeys } from './keymap.ts';
import { layoutFor, type Layout } from './layout.ts';
import { accountBlocks, accountsPane } from './panes/accounts.ts';
import { footerLine, logLine, noticeLine } from './panes/footer.ts';
import { headerLine } from './panes/header.ts';
import { requestsPane } from './panes/requests.ts';
import { smallLine } from './panes/welcome.ts';
import type { FrameInput } from './view.ts';

/** What is on the screen, as finished lines: a pure result of the state, the view, the size and the time. */
export type Frame = {
  layout: Layout;
  help: boolean;
  header: string;
  accounts: readonly string[];
  requests: readonly string[];
  /** The newest log sentence, or a notice; null where there is no line for it. */
  log: string | null;
  footer: string;
};

const footerOf = ({ state, view, theme, notice }: FrameInput, layout: Layout): string => {
  if (notice !== null && !layout.log) return noticeLine(theme, notice, layout.columns);
  const keys = view.help ? overlayKeys : footerKeys(view.pane, state.accounts.length > 0);
  return footerLine(theme, keys, layout);
};

/** The whole screen: never more lines than rows, none wider than the columns. */
export const makeFrame = (input: FrameInput): Frame => {
  const { state, view, size, theme, notice, now } = input;
  const blocks = accountBlocks(input);
  const layout = layoutFor(size, blocks.flat().length, view.pane);
  const { kind, columns } = layout;
  if (kind === 'small') {
    const header = smallLine(size);
    return { layout, help: false, header, accounts: [], requests: [], log: null, footer: '' };
  }
  const log =
    notice === null ? logLine(theme, state.log.at(-1), columns) : noticeLine(theme, notice, columns);
  return {
    layout,
    help: view.help,
    header: headerLine(theme, state, { kind, columns, now }),
    accounts: accountsPane(input, layout, blocks),
    requests: requestsPane(input, layout),
    log: layout.log ? log : null,
    footer: footerOf(input, layout),
  };
};

const sameLines = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line, index) => line === b[index]);

/** Whether two frames look the same, so that nothing has to be drawn. */
export const sameFrame = (a: Frame, b: Frame): boolean =>
  a.layout.columns === b.layout.columns &&
  a.layout.rows === b.layout.rows &&
  a.help === b.help &&
  a.header === b.header &&
  a.log === b.log &&
  a.footer === b.footer &&
  sameLines(a.accounts, b.accounts) &&
  sameLines(a.requests, b.requests);
