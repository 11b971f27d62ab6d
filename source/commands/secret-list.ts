import { resolvePaths } from '../config/paths.ts';
import { secretPlaces } from '../shared/secret-place.ts';
import { textTable, type TextColumn } from '../shared/text-table.ts';
import type { CommandContext } from './context.ts';
import { openSecretBook } from './open-secret-book.ts';
import { print, printJson, printLines } from './print.ts';
import { askInstance } from './reach-instance.ts';

const columns: readonly TextColumn[] = [
  { title: 'SECRET', align: 'left' },
  { title: 'PLACE', align: 'left' },
  { title: 'NOTE', align: 'left' },
];

/** `secret list`: the names of the secrets and where they are; nothing of the secrets themselves is read. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, env, stdout, stderr } = context;
  const secrets = await askInstance(
    resolvePaths(env),
    (instance) => instance.run('secret.list', {}),
    async () => (await openSecretBook(context)).list(),
  );
  if (options['json'] === true) await printJson(stdout, secrets);
  else if (secrets.length === 0) await print(stderr, 'no secret yet; store one: ccr-tui secret set NAME\n');
  else {
    const rows = secrets.map(({ name, store }) => [
      name,
      secretPlaces[store],
      env[name] === undefined || env[name] === '' ? '' : 'goes before the variable of the environment',
    ]);
    await printLines(stdout, textTable(columns, rows, stdout.columns));
  }
  return 0;
};
