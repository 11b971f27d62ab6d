import { resolvePaths } from '../config/paths.ts';
import { settingFromText, settingNamed } from '../config/schema.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { printLines } from './print.ts';
import { settingText } from './setting-text.ts';

type Change = { key: string; value: unknown; unset: boolean };

/** Through the running instance when there is one; true when only its next start will know the change. */
export const writeSetting = async (
  context: CommandContext,
  { key, value, unset }: Change,
): Promise<boolean> => {
  const here = async (): Promise<{ restart: boolean }> => {
    const { openDocument } = await import('../config/document.ts');
    const document = openDocument(resolvePaths(context.env));
    await (unset ? document.unset(key) : document.set(key, value));
    return { restart: false };
  };
  const { restart } = unset
    ? await carryOut(context, 'config.unset', { key }, here)
    : await carryOut(context, 'config.set', { key, value }, here);
  return restart;
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
