import { cutWidth, displayWidth } from '../shared/display-width.ts';

/** Sanitised `text` in exactly `width` columns: padded on the free side, or cut with `more` as its last column. */
export const fit = (text: string, width: number, align: 'left' | 'right' = 'left', more = '…'): string => {
  if (width <= 0) return '';
  const full = displayWidth(text);
  if (full <= width) {
    const blank = ' '.repeat(width - full);
    return align === 'right' ? blank + text : text + blank;
  }
  const kept = cutWidth(text, width - 1);
  return kept + more + ' '.repeat(width - 1 - displayWidth(kept));
};

/** `text` in lines of at most `width` columns, broken at spaces; a longer word is cut. Empty text gives no line. */
export const wrap = (text: string, width: number, more = '…'): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) line = joined;
    else {
      if (line !== '') lines.push(line);
      line = displayWidth(word) <= width ? word : fit(word, width, 'left', more);
    }
  }
  return line === '' ? lines : [...lines, line];
};

/** Exactly `height` lines: cut, or filled up with empty ones. */
export const padLines = (lines: readonly string[], height: number): string[] => [
  ...lines.slice(0, height),
  ...Array.from({ length: Math.max(0, height - lines.length) }, () => ''),
];

/** A painted line in at most `width` columns. Its colours are kept, also those that end behind the cut. */
export const cutPainted = (text: string, width: number): string => {
  let free = width;
  return text
    .split(/(\u001B\[[0-9;]*m)/)
    .map((part, index) => {
      if (index % 2 === 1) return part;
      const kept = cutWidth(part, free);
      // Nothing stands behind a cut, however narrow.
      free = kept === part ? free - displayWidth(kept) : 0;
      return kept;
    })
    .join('');
};
