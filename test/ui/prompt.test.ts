import { describe, expect, it } from 'vitest';
import { openPrompt, type PromptAsk, type PromptPlace } from '../../source/ui/prompt.ts';
import { fieldText } from '../../source/ui/text-field.ts';

const fruits = ['apple', 'apricot', 'banana'];

/** A prompt that completes fruits and wants no digit, and all that it did. */
const opened = (more: Partial<PromptAsk> = {}) => {
  const done: string[] = [];
  const place: PromptPlace = { prompt: null };
  openPrompt(place, {
    label: ':',
    words: (text) => ({
      problem: /\d/.test(text) ? { column: text.search(/\d/) + 1, message: 'no digits' } : null,
      candidates: fruits
        .filter((each) => text !== '' && each !== text && each.startsWith(text))
        .map((each) => ({ text: each, shown: each })),
      hint: 'type a fruit',
    }),
    typed: (text) => done.push(`typed ${text}`),
    enter: (text) => {
      done.push(`enter ${text}`);
      return text === 'banana' ? { column: 1, message: 'sold out' } : null;
    },
    cancel: () => done.push('cancel'),
    ...more,
  });
  const press = (...names: string[]): void => {
    for (const name of names) place.prompt?.press(name);
  };
  const text = (): string | null => (place.prompt === null ? null : fieldText(place.prompt.look().field));
  return { place, done, press, text, look: () => place.prompt?.look() };
};

describe('openPrompt', () => {
  it('tells of every change, and closes with Enter', () => {
    const { place, done, press } = opened();
    press('f', 'i', 'left', 'x', 'enter', 'y');
    expect(done).toEqual(['typed f', 'typed fi', 'typed fxi', 'enter fxi']);
    expect(place.prompt).toBeNull();
  });

  it('is cancelled by Esc, and by Backspace where nothing is typed', () => {
    const { place, done, press } = opened();
    press('a', 'escape');
    expect([done, place.prompt]).toEqual([['typed a', 'cancel'], null]);
    const other = opened();
    other.press('a', 'backspace');
    expect(other.text()).toBe('');
    other.press('backspace');
    expect([other.done.at(-1), other.place.prompt]).toEqual(['cancel', null]);
  });

  it('says what is wrong while it is typed, and does not take it', () => {
    const { done, press, look } = opened();
    press('x', '1', 'enter');
    expect(look()?.problem).toEqual({ column: 2, message: 'no digits' });
    expect(done).not.toContain('enter x1');
    press('backspace');
    expect(look()?.problem).toBeNull();
  });

  it('stays open with what the answer was refused for, until it is another one', () => {
    const { press, look } = opened({ initial: 'banana' });
    press('enter');
    expect(look()?.problem?.message).toBe('sold out');
    press('x');
    expect(look()?.problem).toBeNull();
  });

  it('completes with Tab through all that fit, back with Shift+Tab', () => {
    const { press, text, look } = opened();
    press('a', 'tab');
    expect([text(), look()?.taken]).toEqual(['apple', 0]);
    press('tab');
    expect(text()).toBe('apricot');
    press('tab');
    expect(text()).toBe('apple');
    press('shift+tab');
    expect([text(), look()?.candidates.length]).toEqual(['apricot', 2]);
    press('x');
    expect([text(), look()?.taken, look()?.candidates]).toEqual(['apricotx', -1, []]);
    press('tab');
    expect(text()).toBe('apricotx');
  });

  it('takes the only one that fits, and offers what may follow it', () => {
    const { press, text, look } = opened();
    press('b', 'tab');
    expect([text(), look()?.candidates]).toEqual(['banana', []]);
  });

  it('goes back through answers of before, and again to what was typed', () => {
    const { press, text } = opened({ history: ['first', 'second'] });
    press('x', 'up');
    expect(text()).toBe('second');
    press('up', 'up', 'up');
    expect(text()).toBe('first');
    press('down', 'down', 'down');
    expect(text()).toBe('x');
  });

  it('takes what is pasted as one line', () => {
    const { place, text } = opened();
    place.prompt?.paste('  a\r\n\u001B]0;b\u0007c\u2028d\n');
    expect(text()).toBe('a ]0;b c d');
  });

  it('never closes what was opened after it', () => {
    const place: PromptPlace = { prompt: null };
    const plain = { label: ':', words: () => ({ problem: null, candidates: [], hint: '' }) };
    openPrompt(place, {
      ...plain,
      enter: () => {
        openPrompt(place, { ...plain, label: '/', enter: () => null });
        return null;
      },
    });
    place.prompt?.press('enter');
    expect(place.prompt?.look().label).toBe('/');
  });
});
