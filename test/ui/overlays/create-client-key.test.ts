import { expect, it } from 'vitest';
import { limitOptions } from '../../../source/commands/key-limit-options.ts';
import { unlimited } from '../../../source/shared/client-key.ts';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { CcrError } from '../../../source/shared/errors.ts';
import { Secret } from '../../../source/shared/secret.ts';
import { openCreateClientKey } from '../../../source/ui/overlays/create-client-key.ts';
import { later } from '../sample.ts';
import { commandPlace, plain, readDialog, type, typeText } from './dialog-place.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const open = (run: () => Promise<unknown> = async () => ({})) => {
  const ran: unknown[] = [];
  const made: unknown[] = [];
  const { context, told } = commandPlace((name, args) => {
    ran.push([name, args]);
    return run();
  });
  const maker = {
    mint: () => new Secret('ccr_x'),
    limits: (given: Readonly<Record<string, string>>) => limitOptions(given, later(0)),
  };
  const dialog = openCreateClientKey(context, maker, (_, key) => made.push(key.reveal()));
  return { dialog, ran, made, told };
};

it('a key gets limits as on the command line; what makes no sense is said by its field, and nothing is sent', async () => {
  const { dialog, ran, made } = open();
  expect(readDialog(dialog)).toMatch(/> name +▏[^\n]*\n +per minute +no limit\n/);
  type(dialog, 'enter');
  expect(readDialog(dialog)).toContain('beginning with a letter or digit');
  typeText(dialog, 'ci');
  type(dialog, 'tab');
  typeText(dialog, '60');
  type(dialog, 'tab', 'tab');
  typeText(dialog, 'much');
  type(dialog, 'shift+tab', 'enter');
  const text = readDialog(dialog);
  expect(text).toMatch(/> USD a day +much▏/);
  expect(text).toMatch(/✗ (?!--)/);
  expect(ran).toEqual([]);
  type(dialog, 'ctrl+u');
  typeText(dialog, '0.5');
  type(dialog, 'up', 'up', 'up', 'up');
  dialog.paste('30d');
  for (const [columns, rows] of [
    [30, 4],
    [46, 13],
    [100, 28],
  ] as const) {
    const lines = dialog.lines(plain, { columns, rows });
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
    expect(lines.join('\n')).toMatch(/> expires in +30d/);
  }
  type(dialog, 'enter');
  await settled();
  const limits = { ...unlimited, requestsPerMinute: 60, dailyUsd: 0.5, expiresAt: later(30 * 86_400_000) };
  expect(ran).toEqual([['key.create', { name: 'ci', kind: 'user', limits, pid: null }]]);
  expect(made).toEqual(['ccr_x']);
});

it('what the instance refuses is said by the name; after Esc in one sentence', async () => {
  const { dialog, told } = open(() => Promise.reject(new CcrError('usage', 'there is a key ci already')));
  typeText(dialog, 'ci');
  type(dialog, 'enter');
  await settled();
  expect(readDialog(dialog)).toMatch(/> name +ci▏[^]*there is a key ci already/);
  type(dialog, 'enter', 'escape');
  await settled();
  expect([told.closed, told.sentences]).toEqual([1, ['there is a key ci already']]);
});
