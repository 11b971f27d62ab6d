import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { fieldOf } from '../../../source/ui/text-field.ts';
import { newForm, type AddForm, type FormFieldName } from '../../../source/ui/overlays/add-account-form.ts';
import { addAccountLines, type DrawnForm } from '../../../source/ui/overlays/add-account-lines.ts';
import { hostileCharacter } from '../../kit/hostile-text.ts';
import { hostileTyping } from '../hostile-typing.ts';

const theme = createTheme({ ascii: true, color: false });
const sizes = [
  [100, 28],
  [60, 18],
  [46, 8],
  [30, 4],
] as const;
const relay: AddForm = {
  ...newForm('work'),
  name: fieldOf('relay'),
  kind: 'compatible',
  url: fieldOf('https://relay.example'),
};
const drawn = (part: Partial<DrawnForm> & { focus?: FormFieldName } = {}): DrawnForm => ({
  form: { ...relay, focus: part.focus ?? 'name' },
  keyLength: 40,
  problem: null,
  storing: false,
  ...part,
});
const draw = (what: DrawnForm, columns: number, rows: number): string[] =>
  addAccountLines(theme, what, { columns, rows });

describe.each(sizes)('the form in %i x %i', (columns, rows) => {
  it.each(['name', 'kind', 'url', 'key'] as const)('shows the %s while it is edited, and fits', (focus) => {
    const problem = { field: focus, text: 'this is not what was wanted; use something else' };
    for (const what of [drawn({ focus }), drawn({ focus, problem }), drawn({ focus, storing: true })]) {
      const lines = draw(what, columns, rows);
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      expect(lines.filter((line) => line.startsWith(` > ${focus}`))).toHaveLength(1);
    }
    expect(draw(drawn({ focus, problem }), columns, rows).join('\n')).toContain('x this is not');
  });
});

describe('the form', () => {
  it('reads as a person expects', () => {
    expect(draw(drawn({ focus: 'key' }), 60, 18)).toEqual([
      '- Add an account -------------------------------------------',
      '',
      '   name relay',
      '   kind  api-key  [compatible]',
      '   url  https://relay.example',
      ' > key  ************| 40 characters',
      '',
      '        Paste or type it. It is not shown; it is kept in the',
      '        OS keychain or the encrypted vault.',
    ]);
  });

  it('says where a Claude login comes in, which it does not take', () => {
    expect(draw(drawn({ focus: 'kind' }), 60, 18).slice(-3)).toEqual([
      '        compatible: a key of another provider that speaks',
      '        the Anthropic API. A Claude login of yours: ccr-tui',
      '        account login NAME, in a shell.',
    ]);
  });

  it('has no address for a key of the Claude Console, and suggests a name', () => {
    const text = draw({ ...drawn(), form: newForm('home') }, 60, 18).join('\n');
    expect(text).not.toContain('url');
    expect(text).toContain('name |home');
    expect(text).toContain('[api-key]');
  });

  it('draws the same dots for every long key', () => {
    const row = (keyLength: number): string =>
      draw(drawn({ keyLength }), 60, 18).find((line) => line.includes('key ')) ?? '';
    expect(row(200).replace('200', '')).toBe(row(108).replace('108', ''));
  });

  it('fits into every room, whatever was typed', () => {
    fc.assert(
      fc.property(
        hostileTyping,
        hostileTyping,
        hostileTyping,
        fc.integer({ min: 30, max: 120 }),
        fc.integer({ min: 1, max: 30 }),
        (name, url, said, columns, rows) => {
          const form = { ...relay, name: fieldOf(name), url: fieldOf(url) };
          const problem = { field: 'name', text: said } as const;
          for (const ascii of [true, false]) {
            const lines = addAccountLines(
              createTheme({ ascii, color: false }),
              { ...drawn({ problem }), form },
              { columns, rows },
            );
            expect(lines.length).toBeLessThanOrEqual(rows);
            for (const line of lines) {
              expect(displayWidth(line)).toBeLessThanOrEqual(columns);
              expect(line).not.toMatch(hostileCharacter);
              expect(ascii && /[^\x20-\x7e]/.test(line)).toBe(false);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
