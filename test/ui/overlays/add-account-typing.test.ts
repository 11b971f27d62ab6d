import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addAccountLines } from '../../../source/ui/overlays/add-account-lines.ts';
import { createTyping, type Typing } from '../../../source/ui/overlays/add-account-typing.ts';
import { plain } from './dialog-place.ts';

const key = 'sk-ant-api03-QZQZQZQZQZQZQZQZQZQZQZ';

const draw = (typing: Typing): string =>
  addAccountLines(
    plain,
    { form: typing.form(), keyLength: typing.keyLength(), problem: typing.problem(), storing: false },
    { columns: 60, rows: 18 },
  ).join('\n');

describe('what is typed into the form', () => {
  it('never shows a key, whatever is pressed before and after it was pasted or typed', () => {
    const names = 'tab shift+tab up down enter left right backspace ctrl+u ctrl+w home a 1 space /';
    const name = fc.constantFrom(...names.split(' '));
    const step = fc.oneof(
      { weight: 6, arbitrary: name },
      { weight: 1, arbitrary: fc.constant('PASTE') },
      { weight: 1, arbitrary: fc.constant('PASTE LINES') },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const typing = createTyping(() => ['work']);
        for (const each of steps) {
          if (each === 'PASTE') typing.paste(`${key}\n`);
          else if (each === 'PASTE LINES') typing.paste(`${key}\r${key}`);
          else typing.press(each);
          const text = draw(typing);
          expect(text).not.toContain('QZ');
          expect(JSON.stringify([typing.form(), typing.args()])).not.toContain('QZ');
        }
      }),
      { numRuns: 200 },
    );
  });

  it('takes a pasted key as it is, without the blanks and the line end around it', () => {
    const typing = createTyping(() => []);
    typing.paste(` \t${key}\r\n`);
    expect(Buffer.from(typing.copyKey()).toString()).toBe(key);
    typing.wipe();
    expect(typing.keyLength()).toBe(0);
    expect(typing.copyKey()).toHaveLength(0);
  });

  it('is complete with a key and a free name, and else says what is missing', () => {
    const names: string[] = [];
    const typing = createTyping(() => names);
    expect(typing.complete()).toBe(false);
    expect(typing.problem()).toEqual({ field: 'key', text: 'no key yet; paste it here' });
    typing.paste(key);
    expect(typing.problem()).toBeNull();
    expect(typing.complete()).toBe(true);
    // Somebody else took the suggested name meanwhile.
    names.push('work');
    expect(typing.complete()).toBe(false);
    expect(typing.problem()?.field).toBe('name');
    expect(typing.form().focus).toBe('name');
  });

  it('refuses what is longer than any key', () => {
    const typing = createTyping(() => []);
    typing.paste(`sk-${'x'.repeat(70_000)}`);
    expect(typing.problem()).toMatchObject({
      field: 'key',
      text: expect.stringContaining('longer than any'),
    });
    expect(typing.keyLength()).toBe(0);
  });
});
