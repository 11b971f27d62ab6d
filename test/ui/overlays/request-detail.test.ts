import { describe, expect, it } from 'vitest';
import { asDuration, asEpoch } from '../../../source/shared/types.ts';
import type { RequestRow, State } from '../../../source/store/state.ts';
import { screenActions } from '../../../source/ui/keymap.ts';
import { openRequestDetail } from '../../../source/ui/overlays/request-detail.ts';
import { busyState, doneRow, later, liveRow } from '../sample.ts';
import { commandPlace, readDialog, type } from './dialog-place.ts';

const size = { columns: 100, rows: 20 };

const open = (rows: readonly RequestRow[]) => {
  const state: State = { ...busyState, rows };
  const changing = { rows };
  const place = commandPlace(async () => ({}), state);
  const walked: string[] = [];
  const at = { index: rows.length - 1 };
  const context = {
    ...place.context,
    state: () => ({ ...state, ...changing }),
    request: () => rows[at.index] ?? null,
    walk(action: string) {
      walked.push(action);
      if (action === 'select.previous') at.index -= 1;
    },
  };
  const dialog = openRequestDetail(context);
  if (dialog === null) throw new Error('nothing opened');
  return { ...place, dialog, changing, walked };
};

const many = Array.from({ length: 40 }, (_, at) => ({ account: `account-${at}`, verdict: 'eligible' }));

describe('the detail of a request', () => {
  it('goes on with the request, and stays when the list has forgotten it', () => {
    const { dialog, changing } = open([liveRow(3, { heldUntil: later(90_000) })]);
    expect(readDialog(dialog)).toMatch(/waits for an account, until/);
    changing.rows = [doneRow(3, { outcome: 'rejected', status: 429, error: 'all_limited' })];
    expect(readDialog(dialog)).toMatch(/Ended +429 limited: every account that could serve was limited/);
    changing.rows = [];
    expect(readDialog(dialog)).toMatch(/Ended +429 limited: every account that could serve was limited/);
  });

  it('opens nothing where no request is selected', () => {
    const { context } = commandPlace(async () => ({}), { ...busyState, rows: [] });
    expect(openRequestDetail({ ...context, walk: () => {} })).toBeNull();
  });

  it.each(['enter', 'escape', 'q'])('%s closes it', (key) => {
    const { dialog, told } = open([doneRow(1)]);
    type(dialog, 'x', key);
    expect(told.closed).toBe(1);
  });

  it('scrolls where not all of it fits, no further than to its end', () => {
    const { dialog } = open([
      doneRow(1, { decision: { strategy: 'spread', affinity: null, considered: many } }),
    ]);
    const first = readDialog(dialog, size);
    expect(first).toMatch(/\d+ more below/);
    // The one in front of the last is what a narrow footer still has.
    expect(dialog.footer().map(({ text }) => text)).toEqual(['next request', 'copy', 'scroll', 'back']);
    type(dialog, 'pagedown', 'pageup', 'ctrl+d');
    const second = readDialog(dialog, size).split('\n');
    // One line of the page before stays in view.
    expect(second[1]).toBe(first.split('\n').at(-1));
    type(dialog, 'G');
    const last = readDialog(dialog, size);
    expect(last).toContain('account-39');
    expect(last).not.toContain('more below');
    type(dialog, 'pagedown');
    expect(readDialog(dialog, size)).toBe(last);
    type(dialog, 'g', 'pageup');
    expect(readDialog(dialog, size)).toBe(first);
  });

  it('goes to other requests of the list by the keys that do so there, and begins each at its top', () => {
    const decision = { strategy: 'spread', affinity: null, considered: many };
    const { dialog, walked } = open([doneRow(1, { decision }), doneRow(2, { decision })]);
    expect(readDialog(dialog)).toMatch(/ Id +r2$/m);
    type(dialog, 'G', 'k');
    expect(readDialog(dialog)).toMatch(/ Id +r1$/m);
    expect(readDialog(dialog).split('\n')[1]).toMatch(/^ Asked/);
    type(dialog, 'down', 'j', 'n', 'N');
    const errors = ['requests.next-error', 'requests.previous-error'].filter((name) =>
      screenActions.some((action) => action.name === name),
    );
    expect(walked).toEqual(['select.previous', 'select.next', 'select.next', ...errors]);
  });

  it('leaves what can be done with the request to the screen', () => {
    const { dialog, told } = open([liveRow(1, { heldUntil: later(90_000) })]);
    type(dialog, 'r', 'X', 'p', 'q');
    expect(told.performed).toEqual(['request.release', 'request.cancel']);
    expect(told.closed).toBe(1);
  });

  it('says when it began, in which zone, and where its time went', () => {
    const row = doneRow(1, {
      at: asEpoch(new Date(2026, 10, 22, 14, 6, 51).getTime()),
      waitMs: asDuration(5000),
      firstByteMs: asDuration(5410),
    });
    const text = readDialog(open([row]).dialog);
    expect(text).toMatch(/Began +Sun 22 Nov 2026 14:06:51 UTC/);
    expect(text).toMatch(
      /Time +·+▯+▮+ total 6\.2s\n +· kept waiting 5\.0s, ▯ to the first byte 410ms, ▮ answer 790ms/,
    );
  });
});
