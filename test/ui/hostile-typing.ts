import * as fc from 'fast-check';

/** What a person may type or paste: letters, wide ones, and what a terminal would act on. */
export const hostileTyping = fc.string({
  unit: fc.constantFrom(
    'a',
    '-',
    ' ',
    'ö',
    '日',
    '😀',
    '\u001B',
    '\n',
    '\u0007',
    '\u009B',
    '\u202E',
    '\u0301',
  ),
  maxLength: 80,
});
