import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { parseName } from '../../../source/config/account-record.ts';
import { nameProblem, openFirstLogin } from '../../../source/ui/overlays/first-login.ts';
import { dialogPlace, plain, readDialog } from './dialog-place.ts';

describe('a first login', () => {
  it('takes for a name what is one to the settings', () => {
    for (const name of ['work', 'a.b_c@d+e-f', '9', '-x', '', 'a b', 'ä', 'x'.repeat(64), 'x'.repeat(65)]) {
      expect(nameProblem(name) === null).toBe(parseName(name).ok);
    }
  });

  it('says before it begins that the terms come first, and fits', () => {
    const { context } = dialogPlace(() => Promise.reject(new Error('it sends nothing')));
    const dialog = openFirstLogin(context, () => Promise.reject(new Error('it was not asked for')));
    expect(readDialog(dialog).replaceAll(/\s+/g, ' ')).toContain('what the terms of the provider say');
    for (const [columns, rows] of [
      [30, 4],
      [46, 13],
      [80, 22],
    ] as const) {
      const lines = dialog.lines(plain, { columns, rows });
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
    }
  });
});
