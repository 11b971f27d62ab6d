/** The line break that a text uses first; LF for one without any. */
export const lineBreakOf = (text: string): string => /\r?\n/.exec(text)?.[0] ?? '\n';
