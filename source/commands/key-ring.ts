import { requiresClientKey } from '../config/key-requirement.ts';
import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import { keyView, type ClientKeyKind, type ClientKeyView } from '../shared/client-key.ts';
import type { CommandArgs, CommandResults } from '../shared/commands.ts';
import { bytesOfSecret } from '../shared/secret-bytes.ts';
import type { Secret } from '../shared/secret.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { openKeyBook } from './open-key-book.ts';

/** What commands do with the keys of clients: in the instance that runs, so that it knows at once, else in the files. */
export type KeyRing = {
  create(wanted: Omit<CommandArgs<'key.create'>, 'pid'>, key: Secret): Promise<CommandResults['key.create']>;
  rotate(name: string, key: Secret, graceMs: number): Promise<CommandResults['key.rotate']>;
  revoke(name: string, kind: ClientKeyKind | null): Promise<ClientKeyView>;
  list(): Promise<ClientKeyView[]>;
};

/** The keys of this home. */
export const openKeyRing = (context: CommandContext): KeyRing => {
  const { env } = context;
  const paths = resolvePaths(env);
  const settings = () => loadSettings({ paths, env, flags: {} });

  return {
    create(wanted, key) {
      const here = async (): Promise<CommandResults['key.create']> => {
        const before = requiresClientKey(settings());
        const book = await openKeyBook(context);
        const { record, notice } = await book.create({ ...wanted, process: null }, key);
        return { key: keyView(record), notice, required: !before && requiresClientKey(settings()) };
      };
      return carryOut(context, 'key.create', { ...wanted, pid: null }, here, () => bytesOfSecret(key));
    },
    rotate(name, key, graceMs) {
      const here = async (): Promise<CommandResults['key.rotate']> => {
        const { record, notice } = await (await openKeyBook(context)).rotate(name, key, graceMs);
        return { key: keyView(record), notice };
      };
      return carryOut(context, 'key.rotate', { key: name, graceMs }, here, () => bytesOfSecret(key));
    },
    revoke: (name, kind) =>
      carryOut(context, 'key.revoke', { key: name, kind }, async () =>
        keyView(await (await openKeyBook(context)).revoke(name, kind)),
      ),
    list: () => carryOut(context, 'key.list', {}, async () => settings().clientKeys.map(keyView)),
  };
};
