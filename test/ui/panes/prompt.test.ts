import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { promptLines } from '../../../source/ui/panes/prompt.ts';
import type { PromptLook } from '../../../source/ui/prompt.ts';
import { fieldOf } from '../../../source/ui/text-field.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { hostileCharacter, hostileText } from '../../kit/hostile-text.ts';

const theme = createTheme({ ascii: true, color: false });
const look = (text: string, part: Partial<PromptLook> = {}): PromptLook => ({
  label: '/',
  field: fieldOf(text),
  problem: null,
  candidates: [],
  taken: -1,
  hint: 'Enter keeps it',
  ...part,
});
const draw = (given: PromptLook, columns = 60): string[] =>
  promptLines(theme, given, { kind: columns < 46 ? 'tiny' : 'wide', columns }).map((each) => each.trimEnd());
const candidates = ['status', 'session', 'size'].map((shown) => ({ text: shown, shown }));

describe('promptLines', () => {
  it('shows what is typed behind its label, and a hint below', () => {
    expect(draw(look('status'))).toEqual([' /status|', ' Enter keeps it']);
    expect(draw(look('status'), 30)).toEqual(['/status|', 'Enter keeps it']);
  });

  it('puts a problem at its column, in front of the mark where there is more room', () => {
    const problem = { column: 9, message: 'a number is needed' };
    expect(draw(look('status>=x', { problem }))).toEqual([' /status>=x|', '          ^ a number is needed']);
    expect(draw(look('status>=x', { problem: { column: 8, message: 'm'.repeat(48) } }))[1]).toBe(
      `         ^ ${'m'.repeat(48)}`,
    );
    const late = look('a'.repeat(40), { problem: { column: 38, message: 'a number is needed' } });
    expect(draw(late, 48)[1]).toBe('                    a number is needed ^');
  });

  it('keeps the mark under its column when the text is scrolled', () => {
    const text = `${'a'.repeat(100)}x${'b'.repeat(10)}`;
    const [typed = '', said = ''] = draw(look(text, { problem: { column: 101, message: 'this' } }), 50);
    expect(typed[said.indexOf('^')]).toBe('x');
  });

  it('shows the candidates, and the one that was taken, however many there are', () => {
    expect(draw(look('s', { candidates }))[1]).toBe(' status  session  size');
    expect(draw(look('size', { candidates, taken: 2 }))[1]).toBe(' status  session >size');
    const many = Array.from({ length: 90 }, (_, i) => ({ text: `c${i}`, shown: `candidate-${i}` }));
    expect(draw(look('s', { candidates: many, taken: 70 }), 40)[1]).toContain('>candidate-70');
  });

  it.each(hostileText)('shows %s as text, wherever it stands, and no wider than the screen', (_, text) => {
    const problem = { column: 3, message: text };
    const looks = [
      look(text),
      look(text, { problem }),
      look('x', { hint: text }),
      look('x', { candidates: [{ text, shown: text }], taken: 0 }),
    ];
    for (const each of looks) {
      for (const columns of [30, 31, 46, 80]) {
        for (const drawn of draw(each, columns)) {
          expect(drawn).not.toMatch(hostileCharacter);
          expect(displayWidth(drawn)).toBeLessThanOrEqual(columns);
        }
      }
    }
  });
});
