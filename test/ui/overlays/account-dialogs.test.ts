import { describe, expect, it } from 'vitest';
import { CcrError } from '../../../source/shared/errors.ts';
import type { Dialog, DialogContext } from '../../../source/ui/dialog.ts';
import { openRemove, openReset, readUsage } from '../../../source/ui/overlays/account-dialogs.ts';
import { busyState, emptyState } from '../sample.ts';
import { commandPlace, readDialog, type, typeText } from './dialog-place.ts';

type Answer = (name: string, args: unknown) => Promise<unknown>;

const open = (make: (context: DialogContext) => Dialog | null, answer: Answer) => {
  const ran: unknown[] = [];
  const place = commandPlace((name, args) => {
    ran.push([name, args]);
    return answer(name, args);
  }, busyState);
  const dialog = make(place.context);
  if (dialog === null) throw new Error('nothing opened');
  return { dialog, ran, ...place };
};
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the dialogs of one account', () => {
  it('what is refused is said below the answer, and what was typed stays', async () => {
    const busy = new CcrError('failed', 'the vault is locked');
    const { dialog, told } = open(openRemove, () => Promise.reject(busy));
    dialog.paste('home');
    type(dialog, 'ctrl+u');
    dialog.paste('work\n');
    type(dialog, 'enter', 'enter', 'x');
    await settled();
    expect(readDialog(dialog)).toMatch(/name work[^]*the vault is locked/);
    expect(told).toMatchObject({ closed: 0, changed: 1 });
  });

  it('remove: nothing happens before the name was typed, and says what could not be removed', async () => {
    const notice = 'its secret is still in the vault';
    const { dialog, ran, told } = open(openRemove, async () => ({ name: 'work', notice }));
    type(dialog, 'enter');
    typeText(dialog, 'wor');
    type(dialog, 'enter');
    expect(readDialog(dialog)).toContain('type work to remove it');
    expect(ran).toEqual([]);
    typeText(dialog, 'k');
    type(dialog, 'enter');
    await settled();
    expect(ran).toEqual([['account.remove', { account: 'id-work' }]]);
    expect(told.sentences).toEqual([`removed work; ${notice}`]);
  });

  it('reset: only y does it, Esc and Enter do not', async () => {
    for (const key of ['escape', 'n', 'q']) {
      const { dialog, ran, told } = open(openReset, async () => ({}));
      type(dialog, 'enter', 'Y');
      expect(told.closed).toBe(0);
      type(dialog, key);
      expect([told.closed, ran]).toEqual([1, []]);
    }
    const { dialog, ran, told } = open(openReset, async () => ({ name: 'work', state: 'ready' }));
    type(dialog, 'y');
    await settled();
    expect(ran).toEqual([['account.reset', { account: 'id-work' }]]);
    expect(told).toMatchObject({ closed: 1, sentences: ['reset work; it is ready'] });
  });

  it('reset: y reads on where not all of the question has room, before it is a yes', () => {
    const { dialog, ran, told } = open(openReset, async () => ({ name: 'work', state: 'ready' }));
    const read = (): string => readDialog(dialog, { columns: 30, rows: 4 });
    for (let pages = 0; !read().includes('next answer'); pages += 1) {
      expect(pages).toBeLessThan(4);
      expect(dialog.footer()[0]).toEqual({ key: 'y', text: 'read on' });
      type(dialog, 'y');
      expect([told.closed, ran]).toEqual([0, []]);
    }
    expect(dialog.footer()[0]).toEqual({ key: 'y', text: 'reset' });
    type(dialog, 'y');
    expect([told.closed, ran.length]).toEqual([1, 1]);
  });

  it('one that fails after its dialog was closed is told all the same', async () => {
    const failing = open(openRemove, () => Promise.reject(new CcrError('failed', 'the disk is full')));
    typeText(failing.dialog, 'work');
    type(failing.dialog, 'enter', 'escape');
    await settled();
    expect(failing.told).toMatchObject({ closed: 1, sentences: ['the disk is full'] });
    const reset = open(openReset, () => Promise.reject(new CcrError('failed', 'no')));
    type(reset.dialog, 'y');
    await settled();
    expect(reset.told.sentences).toEqual(['no']);
  });

  it('reading the usage opens nothing, and tells what was learned or why nothing was', async () => {
    const windows = busyState.accounts[0]?.windows;
    const { context, told } = commandPlace(async () => ({ windows }), busyState);
    expect(readUsage(context)).toBeNull();
    await settled();
    expect(told.sentences).toEqual(['reading the usage of work', 'work: 5h 68%, 7d 31%']);
    const empty = commandPlace(async () => ({ windows: [] }), busyState);
    readUsage(empty.context);
    await settled();
    expect(empty.told.sentences.at(-1)).toBe('work: no window was told');
    const failing = commandPlace(() => Promise.reject(new CcrError('failed', 'no')), busyState);
    readUsage(failing.context);
    await settled();
    expect(failing.told.sentences.at(-1)).toBe('no');
  });

  it('without an account there is nothing to open, and the person is told how to add one', () => {
    for (const make of [openRemove, openReset, readUsage]) {
      const { context, told } = commandPlace(() => Promise.reject(new Error('sent')), emptyState);
      expect(make(context)).toBeNull();
      expect(told.sentences).toEqual(['there is no account yet; a adds one']);
    }
  });

  it.each([
    [100, 28],
    [40, 6],
    [20, 2],
  ])('fit into %i columns and %i lines', (columns, rows) => {
    for (const make of [openRemove, openReset]) {
      const lines = readDialog(open(make, async () => ({})).dialog, { columns, rows }).split('\n');
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
    }
  });
});
