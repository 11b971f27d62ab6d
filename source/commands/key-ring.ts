import { requiresClientKey } from '../config/key-requirement.ts';
import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import { keyView, type ClientKeyKind, type ClientKeyView } from '../shared/client-key.ts';
import type { CommandArgs, CommandResults } from '../shared/commands.ts';
import { bytesOfSecret } from '../shared/secret-bytes.ts';
import type { Secret } from '../shared/secret.ts';
import type { CommandContext } from './context.ts';
import { openKeyBook } from './open-key-book.ts';
import { askInstance } from './reach-instance.ts';
import { recordAudit } from './record-audit.ts';

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
    create: (wanted, key) =>
      askInstance(
        paths,
        (instance) => instance.run('key.create', { ...wanted, pid: null }, bytesOfSecret(key)),
        async () => {
          const before = requiresClientKey(settings());
          const { record, notice } = await (
            await openKeyBook(context)
          ).create({ ...wanted, process: null }, key);
          await recordAudit(context, { event: 'key.created', key: record.name });
          return { key: keyView(record), notice, required: !before && requiresClientKey(settings()) };
        },
      ),
    rotate: (name, key, graceMs) =>
      askInstance(
        paths,
        (instance) => instance.run('key.rotate', { key: name, graceMs }, bytesOfSecret(key)),
        async () => {
          const { record, notice } = await (await openKeyBook(context)).rotate(name, key, graceMs);
          await recordAudit(context, { event: 'key.rotated', key: record.name });
          return { key: keyView(record), notice };
        },
      ),
    revoke: (name, kind) =>
      askInstance(
        paths,
        (instance) => instance.run('key.revoke', { key: name, kind }),
        async () => {
          const record = await (await openKeyBook(context)).revoke(name, kind);
          await recordAudit(context, { event: 'key.revoked', key: record.name });
          return keyView(record);
        },
      ),
    list: () =>
      askInstance(
        paths,
        (instance) => instance.run('key.list', {}),
        async () => settings().clientKeys.map(keyView),
      ),
  };
};
