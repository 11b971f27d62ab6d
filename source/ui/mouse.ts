import { stripVTControlCharacters } from 'node:util';
import type { Pane } from '../shared/action.ts';
import type { Looking } from './dispatch.ts';
import type { Frame } from './frame.ts';
import type { Keymap } from './keymap.ts';

/** Presses, releases and the wheel are told (1000), in decimal numbers (1006). */
export const mouseReports = [1000, 1006] as const;

/** What the mouse did in a row of the terminal, counted from 0; null = nothing that means something here. */
export type MouseDeed = { kind: 'press' | 'up' | 'down'; row: number } | null;

const report = /<(\d{1,3});\d{1,5};(\d{1,5})([Mm])$/;

/** Which deed each button's number means when it goes down; of the others we take none. */
const deeds: Readonly<Record<string, 'press' | 'up' | 'down'>> = { '0': 'press', '64': 'up', '65': 'down' };

/** What a report of the mouse tells. */
export const mouseDeed = (sequence: string): MouseDeed => {
  const [, button = '', row = '', end] = report.exec(sequence) ?? [];
  const kind = deeds[button];
  return kind === undefined || end === 'm' ? null : { kind, row: Number(row) - 1 };
};

/** The pane at that row of the screen, and the line of it. */
const paneAt = (frame: Frame, row: number): { pane: Pane; line: number } | null => {
  let line = row - 1 - frame.banner.length;
  for (const pane of ['accounts', 'requests', 'log'] as const) {
    const { length } = frame[pane];
    if (line >= 0 && line < length) return pane === 'log' && frame.layout.log === 0 ? null : { pane, line };
    line -= length;
  }
  return null;
};

export type MouseOptions = {
  looking: Looking;
  keys: Keymap;
  /** The picture of what is looked at, as it would be drawn now. */
  frame(): Frame;
  press(key: string): void;
};

/** What opens the selected line of a pane. */
const opens: Readonly<Record<Pane, string | null>> = {
  accounts: 'account.detail',
  requests: 'request.show',
  log: null,
};

/** How many rows one notch of the wheel is. */
const notch = 3;

/** What the wheel and a press do: move in the pane under them, select what is there, open what is selected. */
export const createMouse = ({ looking, keys, frame, press }: MouseOptions): ((deed: MouseDeed) => void) => {
  const keyOf = (action: string): string | null => {
    const found = keys.keysOf(action);
    return found.find((key) => key.length > 1) ?? found[0] ?? null;
  };
  const perform = (action: string): void => {
    const key = keyOf(action);
    if (key !== null) press(key);
  };
  const markedLine = (pane: Pane): number =>
    frame()[pane].findIndex((text, index) => {
      // In ASCII the title of the pane with the keys begins with the same character.
      const isTitle = index === 0 && frame().layout.titles;
      return !isTitle && stripVTControlCharacters(text).startsWith(looking.theme.glyphs.select);
    });
  /** Moves the selection there step by step, as keys would; an entry of several lines has its mark on the first. */
  const select = (pane: Pane, line: number): void => {
    let at = markedLine(pane);
    for (let steps = looking.size.rows; at !== -1 && at !== line && steps > 0; steps -= 1) {
      const isBelow = line > at;
      perform(isBelow ? 'select.next' : 'select.previous');
      const next = markedLine(pane);
      if (isBelow && next > line) return perform('select.previous');
      if (next === at || (!isBelow && next < line)) return;
      at = next;
    }
  };
  const wheel = (kind: 'up' | 'down'): void => {
    for (let n = 0; n < notch; n += 1) perform(kind === 'up' ? 'select.previous' : 'select.next');
  };
  return (deed) => {
    if (deed === null) return;
    const { dialog, prompt, view } = looking;
    const isCovered = dialog !== null || view.help;
    if (prompt !== null) return;
    if (isCovered) return deed.kind === 'press' ? undefined : wheel(deed.kind);
    const found = paneAt(frame(), deed.row);
    if (found === null) return;
    const { pane, line } = found;
    const wasThere = view.pane === pane;
    if (!wasThere) looking.view = { ...view, pane };
    if (deed.kind !== 'press') return wheel(deed.kind);
    if (wasThere && markedLine(pane) === line) {
      const action = opens[pane];
      return action === null ? undefined : perform(action);
    }
    if (stripVTControlCharacters(frame()[pane][line] ?? '').trim() !== '') select(pane, line);
  };
};
