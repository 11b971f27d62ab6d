import { describe, expect, it } from 'vitest';
import { themeNames } from '../../source/shared/look.ts';
import { createTheme, type Tone } from '../../source/ui/theme.ts';

const tones: readonly Tone[] = ['plain', 'good', 'warning', 'bad', 'faint', 'accent', 'strong'];

describe('createTheme', () => {
  it('uses only foreground colours of the 16 ANSI ones and ends each of them', () => {
    const { paint } = createTheme({ ascii: false, color: true });
    for (const tone of tones) {
      expect(paint(tone, 'x')).toMatch(/^(?:x|\u001B\[(?:1|2|3[0-7])mx\u001B\[(?:22|39)m)$/);
    }
  });

  it.each(themeNames)('has only foreground colours of the 16 ANSI ones in %s, too', (name) => {
    const { paint } = createTheme({ ascii: false, color: true }).as(name);
    for (const tone of tones) {
      expect(paint(tone, 'x')).toMatch(/^(?:x|\u001B\[(?:1|2|3[0-7]|9[0-7])mx\u001B\[(?:22|39)m)$/);
      expect(createTheme({ ascii: false, color: false, name }).paint(tone, 'x')).toBe('x');
    }
  });

  it('has no colour in mono, nothing faint in high-contrast, and no green in colour-blind', () => {
    const { as } = createTheme({ ascii: false, color: true });
    const all = (name: (typeof themeNames)[number]): string =>
      tones.map((tone) => as(name).paint(tone, 'x')).join('');
    expect(all('auto')).toContain('\u001B[32m');
    // oxlint-disable no-control-regex -- colours are escapes
    expect(all('mono')).not.toMatch(/\u001B\[[39]/);
    expect(all('high-contrast')).not.toMatch(/\u001B\[(?:2|33)m/);
    expect(all('colour-blind')).not.toMatch(/\u001B\[[39]2m/);
    // oxlint-enable no-control-regex
  });

  it('writes no escape at all without colours', () => {
    const { paint } = createTheme({ ascii: false, color: false });
    for (const tone of tones) expect(paint(tone, 'x')).toBe('x');
  });

  it('says everything in ASCII when asked to', () => {
    const { glyphs, text } = createTheme({ ascii: true, color: true });
    for (const glyph of Object.values(glyphs)) expect(glyph).toMatch(/^[\x20-\x7e]$/);
    expect(text('— 日本 ─…')).toBe('- ?? -.');
  });

  it('has a different glyph for every meaning', () => {
    for (const ascii of [false, true]) {
      const { full, half, empty, cross, turn, barOn, barOff } = createTheme({ ascii, color: false }).glyphs;
      expect(new Set([full, half, empty, cross, turn]).size).toBe(5);
      expect(barOn).not.toBe(barOff);
    }
  });
});
