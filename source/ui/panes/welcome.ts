import { sanitize } from '../../shared/sanitize.ts';
import { wrap } from '../fit.ts';
import { smallest, type Size } from '../layout.ts';
import type { Theme } from '../theme.ts';

/** The only line of a terminal in which nothing fits. */
export const smallLine = (size: Size): string =>
  `${smallest.columns}x${smallest.rows} needed, have ${size.columns}x${size.rows}`.slice(0, size.columns);

/** What to type first, while there is no account. `url` null: the proxy does not listen yet. */
export const onboardingLines = (theme: Theme, url: string | null, columns: number): string[] => {
  const roomy = columns >= 46;
  const indent = roomy ? 3 : 1;
  const text = (words: string): string[] =>
    wrap(theme.text(words), columns - indent).map((each) => ' '.repeat(indent) + each);
  const command = (words: string): string =>
    ' '.repeat(indent + 2) +
    theme.paint('accent', theme.text(words).slice(0, Math.max(0, columns - indent - 2)));
  return [
    ...text(roomy ? 'No account yet. In another shell, add one:' : 'No account yet: add one with'),
    command('ccr-tui account add work'),
    ...text('Then point a client here:'),
    command('ccr-tui run -- claude'),
    ...(url === null || !roomy ? [] : [command(`ANTHROPIC_BASE_URL=${sanitize(url)}`)]),
  ];
};

/** What stands in the requests' place before the first one. */
export const idleLines = (theme: Theme, url: string | null, columns: number): string[] => {
  const where = url === null ? '' : ` or set ANTHROPIC_BASE_URL=${sanitize(url)}`;
  return wrap(theme.text(`No request yet. Try ccr-tui run -- claude${where}`), columns - 2).map(
    (each) => `  ${theme.paint('faint', each)}`,
  );
};
