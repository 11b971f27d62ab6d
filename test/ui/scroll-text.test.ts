import { describe, expect, it } from 'vitest';
import { createScrollText } from '../../source/ui/scroll-text.ts';

const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);

describe('createScrollText', () => {
  it('shows what has room, scrolls by the keys of lists, and stops at both ends', () => {
    const text = createScrollText();
    expect(text.shown(lines, 5)).toEqual(lines.slice(0, 5));
    expect([text.below(), text.hints()]).toEqual([15, [{ key: 'j k', text: 'scroll' }]]);
    text.press('j');
    expect(text.shown(lines, 5)[0]).toBe('line 1');
    text.press('pagedown');
    expect(text.shown(lines, 5)[0]).toBe('line 5');
    text.press('G');
    text.press('j');
    expect([text.shown(lines, 5).at(-1), text.below()]).toEqual(['line 19', 0]);
    expect(text.readOn()).toBe(false);
    text.press('g');
    expect([text.readOn(), text.shown(lines, 5)[0]]).toEqual([true, 'line 4']);
    text.press('g');
    text.press('k');
    text.press('x');
    expect(text.shown(lines, 5)[0]).toBe('line 0');
  });

  it('keeps its place in another room and with another text as far as there is one', () => {
    const text = createScrollText();
    text.shown(lines, 5);
    text.press('G');
    expect(text.shown(lines, 8)[0]).toBe('line 12');
    expect(text.shown(lines.slice(0, 3), 8)).toEqual(lines.slice(0, 3));
    expect(text.hints()).toEqual([]);
    text.press('G');
    expect(text.shown([], 0)).toEqual([]);
    text.shown(lines, 5);
    text.press('G');
    text.toTop();
    expect(text.shown(lines, 5)[0]).toBe('line 0');
  });
});
