// Everything a terminal may act on instead of showing: C0, DEL, C1, line and paragraph separators, bidi controls and other
// format characters (Cf), invisible characters (Default_Ignorable: zero width, fillers, variation selectors, tags),
// halves of a surrogate pair and noncharacters.
const hostile =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
const everyHostile = new RegExp(hostile, 'gu');

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const visible = (character: string): string => {
  if (!hostile.test(character)) return character;
  const known = short[character];
  if (known !== undefined) return known;
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
};

/**
 * Text from outside as one line that is safe on a terminal: whatever could move the cursor, change a mode, reorder or
 * hide text is shown as an escape (`\x1b`, `\u202e`, `\n`). At most `max` UTF-16 units long, the last one `…` when
 * something was cut; an escape or a character is never cut in two. Cleaning twice changes nothing.
 */
export const sanitize = (text: string, max = 200): string => {
  if (max < 1) return '';
  if (text.length <= max && !hostile.test(text)) return text;
  let clean = '';
  let kept = '';
  for (const character of text) {
    clean += visible(character);
    if (clean.length > max) return `${kept}…`;
    if (clean.length < max) kept = clean;
  }
  return clean;
};

const unicodeEscapes = (character: string): string => {
  let escapes = '';
  for (let index = 0; index < character.length; index += 1) {
    escapes += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escapes;
};

/**
 * A value as JSON on one line that is safe on a terminal. JSON.stringify escapes C0 alone (RFC 8259, section 7, asks no
 * more); a terminal obeys C1, and bidi controls reorder what stands around them. All of them stand within strings, where
 * an escape is the same value: whoever parses the line gets exactly what was given.
 */
export const safeJson = (value: unknown): string => {
  const json = JSON.stringify(value);
  return hostile.test(json) ? json.replace(everyHostile, unicodeEscapes) : json;
};
