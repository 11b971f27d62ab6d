import { systemClock } from '../../shared/clock.ts';
import type { RequestRow } from '../../store/state.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { closesOpen, keyHint, moveHint } from '../keymap.ts';
import type { Size } from '../layout.ts';
import { titleLine } from '../line.ts';
import { createScrollText } from '../scroll-text.ts';
import type { Theme } from '../theme.ts';
import { createCapturedHeads, headsLines } from './captured-heads.ts';
import { detailLines } from './detail-lines.ts';

export type DetailContext = DialogContext & {
  /** Goes to another request of the list, by an action that does so there. */
  walk(action: string): void;
};

/** What leads to another request of the list. */
const walks: ReadonlySet<string> = new Set([
  'select.next',
  'select.previous',
  'requests.next-error',
  'requests.previous-error',
]);

/** What can be done with a request while it is read. */
const performed: ReadonlySet<string> = new Set([
  'request.copy',
  'requests.export',
  'request.release',
  'request.cancel',
]);

/**
 * All that is known of the selected request, as it goes on; null when none is selected. It stays open from one request of
 * the list to the next.
 */
export const openRequestDetail = (context: DetailContext, clock = systemClock): Dialog | null => {
  const opened = context.request();
  if (opened === null) return null;
  let row: RequestRow = opened;
  const scrolled = createScrollText(context.keys);
  const heads = createCapturedHeads(context, clock);
  const walk = (action: string): void => {
    context.walk(action);
    const next = context.request();
    if (next === null || next.seq === row.seq) return;
    row = next;
    scrolled.toTop();
  };
  return {
    beside: true,
    lines(theme: Theme, { columns, rows }: Size) {
      // One that was evicted meanwhile stays as it was.
      const state = context.state();
      row = state.rows.find(({ seq }) => seq === row.seq) ?? row;
      const lines = [
        ...detailLines(theme, row, columns, clock.now()),
        ...headsLines(theme, heads.of(row), state.capture ?? 'off', columns),
      ];
      const shown = scrolled.shown(lines, rows - 1);
      const note = scrolled.below() > 0 ? `${scrolled.below()} more below` : '';
      return [titleLine(theme, { title: 'Request', note, focused: true }, columns), ...shown];
    },
    footer: () => [
      ...moveHint(context.keys, 'next request'),
      ...keyHint(context.keys, ['request.copy'], 'copy'),
      // With hardly any room it is the one that stays.
      ...(scrolled.hints().length > 0
        ? keyHint(context.keys, ['select.page-down', 'select.page-up'], 'scroll')
        : []),
      { key: 'Esc', text: 'back' },
    ],
    press(name) {
      const action = context.keys.actionFor(name, 'requests')?.name ?? '';
      if (closesOpen(context.keys, name, 'request.show')) context.close();
      else if (walks.has(action)) walk(action);
      else if (performed.has(action)) context.perform(action);
      else scrolled.press(name);
    },
    paste: () => {},
  };
};
