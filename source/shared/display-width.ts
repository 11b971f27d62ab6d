// Two columns: East Asian Wide and Fullwidth (Unicode 16, EastAsianWidth.txt, joined to blocks) and emoji shown as pictures.
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
const zero = /[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]/u;
const plain = /^[\x20-\x7e]*$/;

const characterWidth = (character: string): number => {
  if (zero.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
};

/** Columns that a sanitised text takes on a terminal. */
export const displayWidth = (text: string): number => {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
};

/** The first characters of a sanitised text that fit into `width` columns; empty when none does. */
export const cutWidth = (text: string, width: number): string => {
  let end = 0;
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    end += character.length;
  }
  return text.slice(0, end);
};

/** The text in at most `width` columns, with `…` at the end when something was cut; empty below one column. */
export const fitWidth = (text: string, width: number): string => {
  if (displayWidth(text) <= width) return text;
  return width < 1 ? '' : `${cutWidth(text, width - 1)}…`;
};
