import { resolvePaths } from '../config/paths.ts';
import { settingFromText, settingNamed } from '../config/schema.ts';
import { settingChanged } from '../shared/audit-event.ts';
import type { CommandContext } from './context.ts';
import { printLines } from './print.ts';
import { askInstance } from './reach-instance.ts';
import { recordAudit } from './record-audit.ts';
import { settingText } from './setting-text.ts';

type Change = { key: string; value: unknown; unset: boolean };

/** Through the running instance when there is one; true when only its next start will know the change. */
export const writeSetting = (context: CommandContext, { key, value, unset }: Change): Promise<boolean> => {
  const paths = resolvePaths(context.env);
  return askInstance(
    paths,
    async (instance) => {
      const done = unset
        ? await instance.run('config.unset', { key })
        : await instance.run('config.set', { key, value });
      return done.restart;
    },
    async () => {
      const { openDocument } = await import('../config/document.ts');
      const document = openDocument(paths);
      await (unset ? document.unset(key) : document.set(key, value));
      await recordAudit(context, settingChanged(key, unset ? null : value));
      return false;
    },
  );
};

/** `config set KEY VALUE` and `config unset KEY`; the value is checked by the key's type before anything is written. */
export const run = async (context: CommandContext): Promise<number> => {
  const [key = '', text = ''] = context.positionals;
  const unset = context.action === 'config.unset';
  const value = unset ? settingNamed(key).default : settingFromText(key, text);
  const restart = await writeSetting(context, { key, value, unset });
  const shown = settingText(value);
  const when = restart ? ' (takes effect at the next start)' : '';
  await printLines(context.stdout, [`${key} is ${shown === '' ? 'empty' : shown}${when}`]);
  return 0;
};
