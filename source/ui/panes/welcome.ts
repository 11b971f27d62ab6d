import { smallest, type Size } from '../layout.ts';
import { shorten, paragraph } from '../line.ts';
import type { Theme } from '../theme.ts';

/** The only line of a terminal in which nothing fits. */
export const smallLine = (size: Size): string =>
  `${smallest.columns}x${smallest.rows} needed, have ${size.columns}x${size.rows}`.slice(0, size.columns);

/** What to do first, while there is no account: with a key here, or with a line of shell. */
export const onboardingLines = (theme: Theme, columns: number): string[] => {
  const roomy = columns >= 46;
  const indent = roomy ? 3 : 1;
  const text = (words: string): string => ' '.repeat(indent) + shorten(theme, words, columns - indent);
  const key = (name: string, does: string): string =>
    `${' '.repeat(indent + 2)}${theme.paint('strong', name)}  ${shorten(theme, does, columns - indent - 5)}`;
  const command = (words: string): string =>
    ' '.repeat(indent + 2) + theme.paint('accent', shorten(theme, words, columns - indent - 2));
  const commands = [command('ccr-tui account add work'), command('ccr-tui run -- claude')];
  if (!roomy) return [text('No account yet: a adds one.'), text('c shows how to connect. Or:'), ...commands];
  const long = columns >= 56;
  return [
    text('No account yet.'),
    key('a', `adds one here: paste its key${long ? ', then Enter' : ''}`),
    key('c', `shows what to set in a client${long ? ', ready to copy' : ''}`),
    text('The same from another shell:'),
    ...commands,
  ];
};

/** What stands in the requests' place before the first one. */
export const idleLines = (theme: Theme, columns: number): string[] =>
  paragraph(
    theme,
    'No request yet. Try ccr-tui run -- claude in another shell; c shows what else there is.',
    { columns, margin: 2, tone: 'faint' },
  );
