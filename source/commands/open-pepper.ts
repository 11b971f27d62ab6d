import type { Pepper } from '../credentials/key-pepper.ts';
import type { CommandContext } from './context.ts';
import { openSecretKeeper } from './open-secret-keeper.ts';

/** What this home hashes keys with. Opens neither keychain nor vault before it is asked. */
export const openPepper = async (context: CommandContext): Promise<Pepper> => {
  const [{ createPepper }, keeper] = await Promise.all([
    import('../credentials/key-pepper.ts'),
    openSecretKeeper(context),
  ]);
  return createPepper(keeper.pepper);
};
