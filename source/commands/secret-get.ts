import { plural } from '../shared/plural.ts';
import { secretPlaces } from '../shared/secret-place.ts';
import type { CommandContext } from './context.ts';
import { openSecretBook } from './open-secret-book.ts';
import { print, printJson, printLines } from './print.ts';

/** So much of a long secret that a person knows it again; of a short one nothing. */
const masked = (secret: string): string =>
  secret.length < 24 ? '…' : `${secret.slice(0, 4)}…${secret.slice(-4)}`;

/** `secret get NAME`: whether it is there, and enough of it to know it again; all of it with `--reveal` alone. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, options, stdout } = context;
  const { name, secret, store } = await (await openSecretBook(context)).get(positionals[0] ?? '');
  const text = secret.reveal();
  if (options['json'] === true) {
    const shown = options['reveal'] === true ? { secret: text } : {};
    await printJson(stdout, { name, masked: masked(text), length: text.length, store, ...shown });
  } else if (options['reveal'] === true) await print(stdout, `${text}\n`);
  else {
    const length = plural(text.length, 'character');
    await printLines(stdout, [`${name}  ${masked(text)}  ${length}, in ${secretPlaces[store]}`]);
  }
  return 0;
};
