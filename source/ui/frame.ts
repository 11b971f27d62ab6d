import type { Dialog } from './dialog.ts';
import { cutPainted, padLines } from './fit.ts';
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
  /** A dialog in the room between header and footer; null = the panes or the help are there. */
  dialog: readonly string[] | null;
  header: string;
  accounts: readonly string[];
  requests: readonly string[];
  /** The newest log sentence, or a notice; null where there is no line for it. */
  log: string | null;
  footer: string;
};

const dialogLines = (dialog: Dialog, { theme, notice }: FrameInput, { columns, rows }: Layout): string[] => {
  const room = { columns, rows: rows - 2 - (notice === null ? 0 : 1) };
  const lines = dialog.lines(theme, room).map((text) => cutPainted(text, columns));
  return [...padLines(lines, room.rows), ...(notice === null ? [] : [noticeLine(theme, notice, columns)])];
};

const footerOf = (
  { state, view, theme, notice }: FrameInput,
  layout: Layout,
  dialog: Dialog | null,
): string => {
  if (dialog !== null) return footerLine(theme, dialog.footer(), layout);
  if (notice !== null && !layout.log) return noticeLine(theme, notice, layout.columns);
  const keys = view.help ? overlayKeys : footerKeys(view.pane, state.accounts.length > 0);
  return footerLine(theme, keys, layout);
};

/** How the screen is divided now. */
export const frameLayout = (input: FrameInput, blocks: readonly string[][] = accountBlocks(input)): Layout =>
  layoutFor(input.size, blocks.flat().length, input.view.pane);

/** The whole screen: never more lines than rows, none wider than the columns. A dialog covers the panes. */
export const makeFrame = (input: FrameInput, dialog: Dialog | null = null): Frame => {
  const { state, view, size, theme, notice, now } = input;
  const blocks = accountBlocks(input);
  const layout = frameLayout(input, blocks);
  const { kind, columns } = layout;
  const none = { help: false, dialog: null, accounts: [], requests: [], log: null, footer: '' };
  if (kind === 'small') return { ...none, layout, header: smallLine(size) };
  const header = headerLine(theme, state, { kind, columns, now });
  const footer = footerOf(input, layout, dialog);
  if (dialog !== null) return { ...none, layout, header, footer, dialog: dialogLines(dialog, input, layout) };
  const log =
    notice === null ? logLine(theme, state.log.at(-1), columns) : noticeLine(theme, notice, columns);
  return {
    layout,
    help: view.help,
    dialog: null,
    header,
    accounts: accountsPane(input, layout, blocks),
    requests: requestsPane(input, layout),
    log: layout.log ? log : null,
    footer,
  };
};

const sameLines = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line, index) => line === b[index]);

/** Whether two frames look the same, so that nothing has to be drawn. */
export const sameFrame = (a: Frame, b: Frame): boolean =>
  a.layout.columns === b.layout.columns &&
  a.layout.rows === b.layout.rows &&
  a.help === b.help &&
  (a.dialog === null) === (b.dialog === null) &&
  sameLines(a.dialog ?? [], b.dialog ?? []) &&
  a.header === b.header &&
  a.log === b.log &&
  a.footer === b.footer &&
  sameLines(a.accounts, b.accounts) &&
  sameLines(a.requests, b.requests);
