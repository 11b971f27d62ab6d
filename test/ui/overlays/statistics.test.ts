import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CcrError } from '../../../source/shared/errors.ts';
import type { Statistics } from '../../../source/shared/statistics.ts';
import { openStatistics, statsRanges } from '../../../source/ui/overlays/statistics.ts';
import { busyStatistics, statsOf } from '../../store/stats-samples.ts';
import { commandPlace, readDialog, type } from './dialog-place.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A day and its sum tell the ranges apart. */
const answers = (args: unknown): Statistics => {
  const { slotMs, slots } = args as { slotMs: number; slots: number };
  return { ...busyStatistics, total: statsOf({ requests: slotMs / 100_000 + slots }) };
};

const open = (run: (args: unknown) => Promise<unknown> = (args) => Promise.resolve(answers(args))) => {
  const asked: { slotMs: number; slots: number }[] = [];
  const place = commandPlace((name, args) => {
    expect(name).toBe('statistics');
    asked.push(args as { slotMs: number; slots: number });
    return run(args);
  });
  return { ...place, asked, dialog: openStatistics(place.context) };
};
const settled = () => vi.advanceTimersByTimeAsync(0);

describe('the statistics', () => {
  it('ask for a day when they open, and say so until the answer is there', async () => {
    const { dialog, told } = open();
    expect(readDialog(dialog)).toContain('the history is being asked');
    await settled();
    expect(told.changed).toBe(1);
    expect(readDialog(dialog)).toMatch(/^ {2}1h {2}6h >24h {2}7d {2}30d {3}a bar is 1 h/m);
    expect(readDialog(dialog)).toMatch(/requests +60/);
  });

  it.each([
    ['l', '7d'],
    ['right', '7d'],
    ['tab', '7d'],
    ['h', '6h'],
    ['left', '6h'],
  ])('%s changes the range', async (key, name) => {
    const { dialog, asked } = open();
    type(dialog, key);
    await settled();
    const range = statsRanges.find((each) => each.name === name);
    expect(asked.at(-1)).toEqual({ slotMs: range?.slotMs, slots: range?.slots });
    expect(readDialog(dialog)).toContain(`>${name}`);
    for (const _ of statsRanges) type(dialog, key);
    expect(readDialog(dialog)).toContain(`>${name}`);
  });

  it('show each range at once when it is looked at again, and no late answer in the place of another one', async () => {
    const late = Promise.withResolvers<unknown>();
    const { dialog, asked } = open((args) =>
      (args as { slots: number }).slots === 24 ? late.promise : Promise.resolve(answers(args)),
    );
    type(dialog, 'l');
    await settled();
    late.resolve(answers({ slotMs: 3_600_000, slots: 24 }));
    await settled();
    expect(readDialog(dialog)).toMatch(/requests +244/);
    // Nor is that one asked for again.
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked.map(({ slots }) => slots)).toEqual([24, 28, 28, 28]);
    type(dialog, 'h');
    expect(readDialog(dialog)).toMatch(/requests +60/);
  });

  it('draw the tables of what m chooses, of all that there is in turn', async () => {
    const { dialog } = open(() => Promise.resolve(busyStatistics));
    type(dialog, 'm');
    await settled();
    const headings = [];
    for (let n = 0; n < 7; n += 1) {
      headings.push(/^ Account +share +(\S+(?: \S+)?) +req /m.exec(readDialog(dialog))?.[1]);
      type(dialog, 'm');
    }
    expect(headings).toEqual([
      'requests',
      'not ok',
      'tokens',
      'cost',
      'list value',
      'cache hits',
      'requests',
    ]);
    expect(dialog.footer()).toContainEqual({ key: 'm', text: 'bars' });
  });

  it('are asked for again now and then, by r at once, and no more when they are closed', async () => {
    const { dialog, asked, told } = open();
    await settled();
    type(dialog, 'r');
    await settled();
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked).toHaveLength(3);
    type(dialog, 'q');
    expect(told.closed).toBe(1);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(asked).toHaveLength(3);
  });

  it('are asked for once at a time, however often somebody asks', async () => {
    const late = Promise.withResolvers<unknown>();
    let first = true;
    const { dialog, asked } = open((args) => {
      const answer = first ? late.promise : Promise.resolve(answers(args));
      first = false;
      return answer;
    });
    type(dialog, ...Array<string>(50).fill('r'), 'l', 'h', 'r');
    expect(asked.map(({ slots }) => slots)).toEqual([24, 28]);
    late.resolve(answers({ slotMs: 3_600_000, slots: 24 }));
    await settled();
    expect(readDialog(dialog)).toMatch(/requests +60/);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked.map(({ slots }) => slots)).toEqual([24, 28, 24]);
    type(dialog, 'r');
    expect(asked).toHaveLength(4);
  });

  it.each(['escape', 'q', 'T', '4'])('%s closes them', (key) => {
    const { dialog, told } = open();
    type(dialog, key);
    expect(told.closed).toBe(1);
  });

  it('say why there are none, and come back', async () => {
    let fails = true;
    const { dialog } = open((args) =>
      fails
        ? Promise.reject(new CcrError('no_instance', 'the connection is lost'))
        : Promise.resolve(answers(args)),
    );
    await settled();
    expect(readDialog(dialog)).toContain('the connection is lost');
    fails = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(readDialog(dialog)).toMatch(/requests +60/);
  });

  it('scroll where there is no room for all', async () => {
    const { dialog } = open();
    await settled();
    const size = { columns: 60, rows: 8 };
    const first = readDialog(dialog, size);
    expect(first.split('\n')).toHaveLength(8);
    expect(dialog.footer().map(({ key }) => key)).toContain('j k');
    type(dialog, 'j');
    const next = readDialog(dialog, size);
    expect(next.split('\n')[2]).toBe(first.split('\n')[3]);
    type(dialog, 'G');
    expect(readDialog(dialog, size)).toMatch(/^ opus-5\.5 /m);
    type(dialog, 'g');
    expect(readDialog(dialog, size)).toBe(first);
    type(dialog, 'end', 'home', 'ctrl+d');
    expect(readDialog(dialog, size)).not.toBe(first);
    type(dialog, 'ctrl+u');
    expect(readDialog(dialog, size)).toBe(first);
  });
});
