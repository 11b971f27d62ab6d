import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { CcrError } from '../../../source/shared/errors.ts';
import { keymapOf } from '../../../source/ui/keymap.ts';
import { openStepPage, type Step } from '../../../source/ui/overlays/step-page.ts';
import { hostileCharacter, hostileText } from '../../kit/hostile-text.ts';
import { dialogPlace, plain, readDialog, type } from './dialog-place.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const place = () => dialogPlace(() => Promise.reject(new Error('it sends nothing')));
const looking = { title: 'A change', busy: 'Looking…' };
const done: Step = { title: 'A change', texts: [{ text: 'It is done.' }], said: 'all done' };

const open = (first: () => Promise<Step>, lines: readonly string[] = []) => {
  const given = place();
  const { told } = given;
  const context = { ...given.context, keys: keymapOf(lines) };
  return { dialog: openStepPage(context, looking, first), told };
};

describe('pages that follow each other by y', () => {
  it('does nothing before a y, and shows what was done', async () => {
    let count = 0;
    const next = async (): Promise<Step> => {
      count += 1;
      return done;
    };
    const { dialog, told } = open(async () => ({
      title: 'A change',
      texts: [{ text: 'This would change.' }],
      yes: { word: 'write it', busy: 'Writing…', next },
    }));
    type(dialog, 'y');
    expect(readDialog(dialog)).toContain('Looking…');
    await settled();
    type(dialog, 'enter', 'Y', 'j', 'space');
    expect([count, told.closed, dialog.footer()[0]]).toEqual([0, 0, { key: 'y', text: 'write it' }]);
    type(dialog, 'y', 'y');
    expect(readDialog(dialog)).toContain('Writing…');
    await settled();
    type(dialog, 'y');
    expect(count).toBe(1);
    expect(readDialog(dialog)).toContain('It is done.');
    type(dialog, 'enter');
    expect(told).toMatchObject({ closed: 1, sentences: [] });
  });

  it.each(['escape', 'q', 'n'])('%s closes it, and what was begun is told of', async (key) => {
    const { promise, resolve } = Promise.withResolvers<Step>();
    const yes = { word: 'go', busy: 'Going…', next: () => promise };
    const { dialog, told } = open(async () => ({ title: 'A change', texts: [], yes }));
    await settled();
    type(dialog, 'y', key);
    expect(told.closed).toBe(1);
    resolve(done);
    await settled();
    expect(told.sentences).toEqual(['all done']);
  });

  it('says what went wrong, every line of it', async () => {
    const problems = ['the first', 'the second'];
    const { dialog } = open(() => Promise.reject(new CcrError('failed', 'the first', { problems })));
    await settled();
    expect(readDialog(dialog)).toMatch(/the first\n +the second/);
    expect(dialog.footer()).toEqual([{ key: 'Esc', text: 'close' }]);
  });

  it('y reads on as long as not all of it was seen', async () => {
    let count = 0;
    const next = async (): Promise<Step> => {
      count += 1;
      return done;
    };
    const texts = Array.from({ length: 30 }, (_, at) => ({ text: `line ${at}` }));
    // Whatever the key of a page is.
    const { dialog } = open(
      async () => ({
        title: 'Terms',
        texts,
        yes: { word: 'go on', busy: '…', next },
      }),
      ['select.page-down ctrl+d'],
    );
    await settled();
    const read = (): string => readDialog(dialog, { columns: 80, rows: 14 });
    expect(read()).toContain('18 more below');
    expect(dialog.footer()[0]).toEqual({ key: 'y', text: 'read on' });
    for (let times = 0; times < 2; times += 1) {
      type(dialog, 'y');
      read();
    }
    expect([count, read().includes('line 29'), dialog.footer()[0]?.text]).toEqual([0, true, 'go on']);
    type(dialog, 'y');
    expect(count).toBe(1);
  });

  it('cuts no line off that somebody says yes to', async () => {
    const long = `{${'abcdefghi '.repeat(40)}}`;
    const { dialog } = open(async () => ({ title: 'A change', texts: [{ text: long, asLine: true }] }));
    await settled();
    const lines = dialog.lines(plain, { columns: 60, rows: 20 }).slice(2);
    expect(lines.map((line) => line.slice(3)).join('')).toBe(long);
  });

  it('fits at every size, whatever it is told', async () => {
    const texts = hostileText.flatMap(([, text]) => [{ text }, { text, asLine: true as const }]);
    const { dialog } = open(async () => ({ title: hostileText[0]?.[1] ?? '', texts }));
    await settled();
    for (let columns = 30; columns <= 150; columns += 7) {
      for (const rows of [4, 6, 12, 40]) {
        const lines = dialog.lines(plain, { columns, rows });
        expect(lines.length).toBeLessThanOrEqual(rows);
        expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
        expect(lines.join('')).not.toMatch(hostileCharacter);
      }
    }
  });
});
