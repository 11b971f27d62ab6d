import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from '../shared/display-width.ts';
import { arranged } from './account-list.ts';
import type { Dialog } from './dialog.ts';
import { cutPainted, padLines } from './fit.ts';
import { answerKeys, footerKeys, helpKeys } from './footer-keys.ts';
import { innerRows, layoutFor, type Layout, type Size } from './layout.ts';
import { standardKeys } from './keymap.ts';
import { titleLine } from './line.ts';
import { helpLines, helpPlace, helpTableFits, type HelpWish } from './overlays/help-rows.ts';
import { accountBlocks, accountsPane } from './panes/accounts.ts';
import { bannerLines } from './panes/banner.ts';
import { footerLine, noticeLine } from './panes/footer.ts';
import { headerLine } from './panes/header.ts';
import { logPane } from './panes/log.ts';
import { promptLines } from './panes/prompt.ts';
import { briefNote } from './panes/request-title.ts';
import { requestsPane } from './panes/requests.ts';
import { smallLine } from './panes/welcome.ts';
import type { FrameInput } from './view.ts';

/** What is on the screen, as finished lines: a pure result of the state, the view, the size and the time. */
export type Frame = {
  layout: Layout;
  header: string;
  /** What must be seen as long as it is so; empty while there is nothing of the kind. */
  banner: readonly string[];
  /** A dialog in the room between header and footer, instead of the panes. */
  dialog: readonly string[] | null;
  /** The help in that room. */
  help: readonly string[] | null;
  /** All keys have room as a table, and nobody looks for some of them. */
  helpTable: boolean;
  /** The panes with their titles, from top to bottom; empty when they do not stand on the screen. */
  accounts: readonly string[];
  requests: readonly string[];
  /** The log, its newest sentence, or a notice. */
  log: readonly string[];
  /** What is typed at a prompt; null while there is none. What is said of it stands in the footer. */
  prompt: string | null;
  footer: string;
};

/** Lines that fill the room between header and footer; a notice takes the last of them. */
const inRoom = (
  { theme, notice }: FrameInput,
  layout: Layout,
  linesFor: (room: Size) => readonly string[],
): string[] => {
  const { columns } = layout;
  const noticed = notice === null ? [] : [noticeLine(theme, notice, columns)];
  const room = { columns, rows: innerRows(layout) - noticed.length };
  const lines = linesFor(room).map((text) => cutPainted(text, columns));
  return [...padLines(lines, room.rows), ...noticed];
};

const helpWish = ({ view, keys = standardKeys }: FrameInput): HelpWish => ({
  keys,
  pane: view.pane,
  query: view.helpQuery,
});

/** The help has a title where that leaves room for it. */
const helpTitle = (rows: number): number => (rows < 8 ? 0 : 1);

/** How many lines the help has, and how many of them are seen. */
export const helpRoom = (input: FrameInput, layout: Layout): { lines: number; height: number } => {
  const rows = innerRows(layout);
  return helpPlace(input.theme, { ...layout, rows: rows + 2 - helpTitle(rows) }, helpWish(input));
};

/** The help from the line on to which it was scrolled, under a title that says how much is below. */
const scrolledHelp = (input: FrameInput, room: Size): string[] => {
  const { theme, view } = input;
  const lines = helpLines(theme, room, helpWish(input));
  const height = room.rows - helpTitle(room.rows);
  const top = Math.min(view.helpTop, Math.max(0, lines.length - height));
  const below = lines.length - top - height;
  const note = below > 0 ? `${below} more below` : '';
  const title = titleLine(theme, { title: 'Keys', note, focused: true }, room.columns);
  return [...(helpTitle(room.rows) === 0 ? [] : [title]), ...lines.slice(top)];
};

const footerOf = (input: FrameInput, layout: Layout, dialog: Dialog | null): string => {
  const { state, view, theme, notice, answers = [], keys } = input;
  const inLog = layout.shown.includes('log') || layout.logLine;
  const covered = dialog !== null || view.help;
  if (notice !== null && !inLog && !covered) return noticeLine(theme, notice, layout.columns);
  if (answers.length > 0) return footerLine(theme, answerKeys(answers, keys), layout);
  if (dialog !== null) return footerLine(theme, dialog.footer(), layout);
  if (view.help) {
    const { lines, height } = helpRoom(input, layout);
    return footerLine(theme, helpKeys(lines <= height, input.keys), layout);
  }
  // Without a title nothing else tells why not all requests are there.
  const note = !layout.titles && layout.shown.includes('requests') ? briefNote(input) : '';
  return footerLine(theme, footerKeys(view, state, input.keys), layout, note);
};

/** A prompt and what is said of it, or the keys that mean something now. */
const footOf = (
  input: FrameInput,
  layout: Layout,
  dialog: Dialog | null,
): Pick<Frame, 'prompt' | 'footer'> => {
  if (!input.prompt) return { prompt: null, footer: footerOf(input, layout, dialog) };
  const [prompt, footer] = promptLines(input.theme, input.prompt, layout);
  return { prompt: cutPainted(prompt, layout.columns), footer };
};

const bannerOf = ({ theme, banner = null, size }: FrameInput): string[] => bannerLines(theme, banner, size);

/** How the screen is divided now. */
export const frameLayout = (input: FrameInput, blocks: readonly string[][] = accountBlocks(input)): Layout =>
  layoutFor(input.size, blocks.flat().length, input.view.pane, {
    ...input.view,
    compact: input.compact ?? false,
    empty: input.state.accounts.length === 0,
    prompt: (input.prompt ?? null) !== null,
    banner: bannerOf(input).length,
  });

/** From here on a dialog may stand beside the panes. */
const besideColumns = 120;

/** What the panes are made of: the left half of it, where a dialog has the other one. */
export const panesInput = (input: FrameInput, dialog: Dialog | null): FrameInput => {
  const { columns, rows } = input.size;
  if (dialog?.beside !== true || columns < besideColumns || input.view.help) return input;
  const taken = [input.notice, input.prompt].filter((each) => (each ?? null) !== null).length;
  const size = { columns: Math.floor((columns - 1) / 2), rows: rows - taken - bannerOf(input).length };
  return { ...input, size, notice: null, prompt: null, banner: null, keysElsewhere: true };
};

type Panes = Pick<Frame, 'accounts' | 'requests' | 'log'>;

/** The panes that stand on the screen, each with as many lines as the layout gives it. */
const panesOf = (input: FrameInput, layout: Layout, blocks: readonly string[][]): Panes => ({
  accounts: layout.shown.includes('accounts') ? accountsPane(input, layout, blocks) : [],
  requests: layout.shown.includes('requests') ? requestsPane(input, layout) : [],
  log: layout.shown.includes('log') || layout.logLine ? logPane(input, layout) : [],
});

/** The panes in the left half, a dialog in the right one. */
const besidePanes = (input: FrameInput, dialog: Dialog, room: Size): string[] => {
  const { theme, size } = input;
  const blocks = accountBlocks(input);
  const panes = panesOf(input, frameLayout(input, blocks), blocks);
  const left = [...panes.accounts, ...panes.requests, ...panes.log];
  const right = dialog.lines(theme, { columns: room.columns - size.columns - 1, rows: room.rows });
  const wall = theme.paint('faint', theme.glyphs.wall);
  return Array.from({ length: room.rows }, (_, index) => {
    const painted = cutPainted(left[index] ?? '', size.columns);
    const free = size.columns - displayWidth(stripVTControlCharacters(painted));
    return `${painted}${' '.repeat(free)}${wall}${right[index] ?? ''}`;
  });
};

const dialogLines = (input: FrameInput, dialog: Dialog, room: Size): readonly string[] => {
  const panes = panesInput(input, dialog);
  return panes === input ? dialog.lines(input.theme, room) : besidePanes(panes, dialog, room);
};

/** The whole screen: never more lines than rows, none wider than the columns. A dialog or the help covers the panes. */
export const makeFrame = (given: FrameInput, dialog: Dialog | null = null): Frame => {
  const input = { ...given, state: arranged(given.view.accountSort, given.state) };
  const { state, view, size, theme, now, readOnly = false, host = null } = input;
  const blocks = accountBlocks(input);
  const layout = frameLayout(input, blocks);
  const { kind, columns } = layout;
  const none = {
    banner: [],
    dialog: null,
    help: null,
    helpTable: false,
    accounts: [],
    requests: [],
    log: [],
    prompt: null,
  };
  if (kind === 'small') return { ...none, layout, header: smallLine(size), footer: '' };
  const frame = {
    ...none,
    layout,
    header: headerLine(theme, state, { kind, columns, now, readOnly, host }),
    banner: bannerOf(input),
    ...footOf(input, layout, dialog),
  };
  if (dialog !== null) {
    return { ...frame, dialog: inRoom(input, layout, (room) => dialogLines(input, dialog, room)) };
  }
  if (view.help) {
    const whole = view.helpQuery === '' && (input.keys ?? standardKeys) === standardKeys;
    const helpTable = whole && frame.prompt === null && frame.banner.length === 0 && helpTableFits(layout);
    return { ...frame, helpTable, help: inRoom(input, layout, (room) => scrolledHelp(input, room)) };
  }
  return { ...frame, ...panesOf(input, layout, blocks) };
};

const sameLines = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  a === null || b === null ? a === b : a.length === b.length && a.every((line, index) => line === b[index]);

/** Whether two frames look the same, so that nothing has to be drawn. */
export const sameFrame = (a: Frame, b: Frame): boolean =>
  a.layout.columns === b.layout.columns &&
  a.layout.rows === b.layout.rows &&
  a.header === b.header &&
  a.prompt === b.prompt &&
  a.footer === b.footer &&
  sameLines(a.banner, b.banner) &&
  sameLines(a.dialog, b.dialog) &&
  sameLines(a.help, b.help) &&
  sameLines(a.accounts, b.accounts) &&
  sameLines(a.requests, b.requests) &&
  sameLines(a.log, b.log);
