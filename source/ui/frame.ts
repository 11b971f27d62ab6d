import type { Dialog } from './dialog.ts';
import { cutPainted, padLines } from './fit.ts';
import { footerKeys, helpKeys } from './footer-keys.ts';
import { layoutFor, type Layout } from './layout.ts';
import { helpLines } from './overlays/help-rows.ts';
import { accountBlocks, accountsPane } from './panes/accounts.ts';
import { footerLine, noticeLine } from './panes/footer.ts';
import { headerLine } from './panes/header.ts';
import { logPane } from './panes/log.ts';
import { requestsPane } from './panes/requests.ts';
import { smallLine } from './panes/welcome.ts';
import type { FrameInput } from './view.ts';

/** What is on the screen, as finished lines: a pure result of the state, the view, the size and the time. */
export type Frame = {
  layout: Layout;
  header: string;
  /** A dialog in the room between header and footer, instead of the panes. */
  dialog: readonly string[] | null;
  /** The help in that room. */
  help: readonly string[] | null;
  /** The panes with their titles, from top to bottom; empty when they do not stand on the screen. */
  accounts: readonly string[];
  requests: readonly string[];
  /** The log, its newest sentence, or a notice. */
  log: readonly string[];
  footer: string;
};

/** Lines that fill the room between header and footer; a notice takes the last of them. */
const inRoom = (
  { theme, notice }: FrameInput,
  { columns, rows }: Layout,
  linesFor: (room: { columns: number; rows: number }) => readonly string[],
): string[] => {
  const noticed = notice === null ? [] : [noticeLine(theme, notice, columns)];
  const room = { columns, rows: rows - 2 - noticed.length };
  const lines = linesFor(room).map((text) => cutPainted(text, columns));
  return [...padLines(lines, room.rows), ...noticed];
};

/** The help from the line on to which it was scrolled. */
const scrolledHelp = ({ theme, view }: FrameInput, room: { columns: number; rows: number }): string[] => {
  const lines = helpLines(theme, room);
  return lines.slice(Math.min(view.helpTop, Math.max(0, lines.length - room.rows)));
};

const footerOf = (input: FrameInput, layout: Layout, dialog: Dialog | null): string => {
  const { state, view, theme, notice } = input;
  if (dialog !== null) return footerLine(theme, dialog.footer(), layout);
  if (view.help) {
    const fits = helpLines(theme, layout).length <= layout.rows - 2;
    return footerLine(theme, helpKeys(fits), layout);
  }
  const logged = layout.shown.includes('log') || layout.logLine;
  if (notice !== null && !logged) return noticeLine(theme, notice, layout.columns);
  return footerLine(theme, footerKeys(view, state), layout);
};

/** How the screen is divided now. */
export const frameLayout = (input: FrameInput, blocks: readonly string[][] = accountBlocks(input)): Layout =>
  layoutFor(input.size, blocks.flat().length, input.view.pane, {
    ...input.view,
    empty: input.state.accounts.length === 0,
  });

/** The whole screen: never more lines than rows, none wider than the columns. A dialog or the help covers the panes. */
export const makeFrame = (input: FrameInput, dialog: Dialog | null = null): Frame => {
  const { state, view, size, theme, now, readOnly = false, host = null } = input;
  const blocks = accountBlocks(input);
  const layout = frameLayout(input, blocks);
  const { kind, columns, shown } = layout;
  const none = { dialog: null, help: null, accounts: [], requests: [], log: [] };
  if (kind === 'small') return { ...none, layout, header: smallLine(size), footer: '' };
  const frame = {
    ...none,
    layout,
    header: headerLine(theme, state, { kind, columns, now, readOnly, host }),
    footer: footerOf(input, layout, dialog),
  };
  if (dialog !== null) {
    return { ...frame, dialog: inRoom(input, layout, (room) => dialog.lines(theme, room)) };
  }
  if (view.help) return { ...frame, help: inRoom(input, layout, (room) => scrolledHelp(input, room)) };
  return {
    ...frame,
    accounts: shown.includes('accounts') ? accountsPane(input, layout, blocks) : [],
    requests: shown.includes('requests') ? requestsPane(input, layout) : [],
    log: shown.includes('log') || layout.logLine ? logPane(input, layout) : [],
  };
};

const sameLines = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  a === null || b === null ? a === b : a.length === b.length && a.every((line, index) => line === b[index]);

/** Whether two frames look the same, so that nothing has to be drawn. */
export const sameFrame = (a: Frame, b: Frame): boolean =>
  a.layout.columns === b.layout.columns &&
  a.layout.rows === b.layout.rows &&
  a.header === b.header &&
  a.footer === b.footer &&
  sameLines(a.dialog, b.dialog) &&
  sameLines(a.help, b.help) &&
  sameLines(a.accounts, b.accounts) &&
  sameLines(a.requests, b.requests) &&
  sameLines(a.log, b.log);
