import { describe, expect, it } from 'vitest';
import { drawText, formRow, formStep } from '../../../source/ui/overlays/form-row.ts';
import { emptyField, fieldOf } from '../../../source/ui/text-field.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { hostileCharacter, hostileText } from '../../kit/hostile-text.ts';

const theme = createTheme({ ascii: true, color: false });
const row = (label: string, focused: boolean, text: string): string => {
  const field = text === '' ? emptyField : fieldOf(text);
  return formRow(
    theme,
    { label, focused, indent: 12 },
    drawText(theme, field, { focused, empty: 'none', room: 20 }),
  );
};

describe('a field of a form', () => {
  it('has a mark and its cursor while it has the keys, and stands in one column with the others', () => {
    const rows = [row('name', true, 'work'), row('models', false, 'haiku'), row('held', false, '')];
    expect(rows).toEqual([
      expect.stringMatching(/^ > name {5}work./),
      '   models   haiku',
      '   held     none',
    ]);
  });

  it('is gone through by Tab and the arrows, there and back, and by nothing else', () => {
    const keys = ['tab', 'down', 'shift+tab', 'up', 'enter', 'x', 'constructor'];
    expect(keys.map(formStep)).toEqual([1, 1, -1, -1, 0, 0, 0]);
  });

  it.each(hostileText)('passes nothing on to the terminal of %s', (_, text) => {
    expect(row('name', false, text)).not.toMatch(hostileCharacter);
  });
});
