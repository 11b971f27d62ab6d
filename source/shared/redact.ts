// Secrets out of what is captured. Texts are latin1, a character for each byte, so that nothing of a body is lost that is no text.

export const placeholder = '[secret]';

/** No secret is shorter, and shorter words would be replaced everywhere. */
const shortest = 8;
/** Of a secret at a cut so many characters may stay: they could be anything. */
const mayStay = 3;

/** How a secret may be spelled: as it is, within JSON, within a URL. */
const spellings = (secret: string): string[] => {
  const plain = Buffer.from(secret, 'utf8').toString('latin1');
  const json = JSON.stringify(plain).slice(1, -1);
  const asUrl = encodeURIComponent(secret.toWellFormed());
  return [plain, json, json.replaceAll('/', '\\/'), asUrl];
};

/** The spellings to look for of these secrets, the longest first. */
export const wordsOf = (secrets: Iterable<string>): string[] => {
  const words = new Set<string>();
  for (const secret of secrets) {
    if (secret.length >= shortest) for (const word of spellings(secret)) words.add(word);
  }
  return [...words].toSorted((a, b) => b.length - a.length);
};

/** How many characters at the end of the text are the beginning of the word, without being all of it. */
const begunAtEnd = (text: string, word: string): number => {
  for (let length = Math.min(text.length, word.length - 1); length > mayStay; length -= 1) {
    if (text.endsWith(word.slice(0, length))) return length;
  }
  return 0;
};

/** The text without these words (of `wordsOf`). `isWhole` = it does not end within one. */
export const maskWords = (text: string, words: readonly string[], isWhole: boolean): string => {
  let clean = text;
  for (const word of words) if (clean.includes(word)) clean = clean.replaceAll(word, placeholder);
  if (isWhole) return clean;
  const begun = Math.max(0, ...words.map((word) => begunAtEnd(clean, word)));
  return begun === 0 ? clean : `${clean.slice(0, -begun)}${placeholder}`;
};

// The shapes of mask-tokens.ts; within JSON or a URL the letter before one may belong to an escape (`\n`, `%0A`).
const before = String.raw`(?:(?<![a-z0-9-])|(?<=\\[bfnrt])|(?<=\\u[0-9a-f]{4})|(?<=%[0-9a-f]{2}))`;
const key = String.raw`${before}(?:sk-|ccr_)[A-Za-z0-9_-]`;
const webToken = String.raw`${before}eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`;
const bearer = String.raw`(?<=\bbearer(?:\s|%20|\+))[^\s"'&\\]`;
const shaped = new RegExp(`${key}{16,}|${webToken}|${bearer}{8,}`, 'gi');
/** The same, begun and cut off. */
const begun = new RegExp(`(?:${key}*|${before}eyJ[A-Za-z0-9_.-]*|${bearer}+)$`, 'i');
/** Nothing that begins with one of these prefixes is longer than that; a long line must not be looked through again and again. */
const tail = 8192;

/** The text without whatever is shaped like a credential. `isWhole` = it does not end within one. */
export const maskShapes = (text: string, isWhole: boolean): string => {
  const clean = text.replace(shaped, placeholder);
  if (isWhole) return clean;
  const from = Math.max(0, clean.length - tail);
  return clean.slice(0, from) + clean.slice(from).replace(begun, placeholder);
};
