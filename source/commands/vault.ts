import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import { passphraseFileOf, readPassphraseFile } from '../credentials/passphrase-file.ts';
import type { StoreOperation } from '../credentials/store-operation.ts';
import type { CommandName, MoveReport, VaultProtection } from '../shared/commands.ts';
import { CcrError } from '../shared/errors.ts';
import { plural } from '../shared/plural.ts';
import { sanitize } from '../shared/sanitize.ts';
import { bytesOfSecret } from '../shared/secret-bytes.ts';
import type { Secret } from '../shared/secret.ts';
import { movableStores, passphraseKdfs, type MovableStore } from '../shared/types.ts';
import { secretPlaces } from '../shared/secret-place.ts';
import { aloneInHome } from './alone-in-home.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { openSecretKeeper } from './open-secret-keeper.ts';
import type { GivenOptions } from './parse-command-line.ts';
import { newPassphrase } from './passphrase-source.ts';
import { printJson, printLines } from './print.ts';
import { notRunning, reachInstance, untilStarted } from './reach-instance.ts';
import { readSecret } from './read-secret.ts';

const givenUp = 130;

/** One of those words; null when the option was not given. Throws `usage`. */
const wordOf = <Word extends string>(
  options: GivenOptions,
  name: string,
  words: readonly Word[],
): Word | null => {
  const given = options[name];
  if (typeof given !== 'string') return null;
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  throw new CcrError('usage', `--${name}: ${sanitize(given, 40)} is not known`, {
    hint: `use ${words.join(' or ')}`,
  });
};

const runHere = async (
  context: CommandContext,
  operation: StoreOperation,
  passphrase: Secret | null,
): Promise<Record<string, never>> => {
  const [{ storeOperations }, keeper] = await Promise.all([
    import('../credentials/store-operation.ts'),
    openSecretKeeper(context),
  ]);
  await storeOperations(keeper)(operation, passphrase);
  return {};
};

type Locking = Extract<CommandName, 'vault.init' | 'vault.passwd'>;

/** Locks the vault, a new one or the one that is there; null passphrase = with a key file. */
const lock = async (
  context: CommandContext,
  name: Locking,
  passphrase: Secret | null,
): Promise<VaultProtection> => {
  const kdf = passphrase === null ? null : (wordOf(context.options, 'kdf', passphraseKdfs) ?? 'scrypt');
  const operation = { name: name === 'vault.init' ? name : 'vault.protect', kdf } as const;
  const here = () => runHere(context, operation, passphrase);
  const bytes = passphrase === null ? undefined : () => bytesOfSecret(passphrase);
  await carryOut(context, name, { kdf }, here, bytes);
  return { kdf };
};

const keyFileSentence = (env: CommandContext['env']): string => {
  const { vaultKey } = resolvePaths(env);
  return `whoever can read ${vaultKey} can open it; to lock it with a passphrase: ccr-tui vault passwd`;
};

const init = async (context: CommandContext): Promise<number> => {
  const { env, options, stdout } = context;
  const file = passphraseFileOf(env);
  const isAsked = options['passphrase'] === true && file === null;
  const asked = isAsked ? await newPassphrase(context, { file: null, what: 'of the vault' }) : null;
  if (isAsked && asked === null) return givenUp;
  const { kdf } = await lock(context, 'vault.init', asked ?? (file && readPassphraseFile(file)));
  const { config } = loadSettings({ paths: resolvePaths(env), env, flags: {} });
  await printLines(stdout, [
    `made the vault ${resolvePaths(env).vault}`,
    kdf === null ? keyFileSentence(env) : 'there is no way in without its passphrase: keep that somewhere',
    ...(config.credentialStore === 'vault'
      ? []
      : ['to keep new secrets there: ccr-tui config set credentialStore vault']),
  ]);
  return 0;
};

const passwd = async (context: CommandContext): Promise<number> => {
  const { env, options, stdout } = context;
  const file = options['new-passphrase-file'];
  if (options['no-passphrase'] === true) {
    await lock(context, 'vault.passwd', null);
    await printLines(stdout, [`the vault has no passphrase; ${keyFileSentence(env)}`]);
    return 0;
  }
  const chosen = await newPassphrase(context, {
    file: typeof file === 'string' ? file : null,
    what: 'of the vault',
  });
  if (chosen === null) return givenUp;
  await lock(context, 'vault.passwd', chosen);
  await printLines(stdout, ['the vault is locked with the new passphrase']);
  return 0;
};

const unlock = async (context: CommandContext): Promise<number> => {
  const { env, stdin, stderr, stdout } = context;
  const paths = resolvePaths(env);
  await untilStarted(paths);
  const instance = await reachInstance(paths);
  if (instance === null) throw notRunning('commands ask for the passphrase when they need it');
  try {
    const file = passphraseFileOf(env);
    const bytes =
      file === null
        ? await readSecret(stdin, stderr, 'passphrase of the vault (not shown): ')
        : bytesOfSecret(readPassphraseFile(file));
    if (bytes === null) return givenUp;
    await instance.run('vault.unlock', {}, bytes);
  } finally {
    instance.close();
  }
  await printLines(stdout, ['the vault is open to the running instance']);
  return 0;
};

const rotate = async (context: CommandContext): Promise<number> => {
  await carryOut(context, 'vault.rotate', {}, () => runHere(context, { name: 'vault.rotate' }, null));
  await printLines(context.stdout, ['the vault is encrypted with a new key; what opens it is the same']);
  return 0;
};

const moveHere = (context: CommandContext, to: MovableStore): Promise<MoveReport> =>
  aloneInHome(context, async () => {
    const { env } = context;
    const paths = resolvePaths(env);
    const [{ moveSecrets }, { storeOperations }, { openDocument }, keeper] = await Promise.all([
      import('../credentials/move-secrets.ts'),
      import('../credentials/store-operation.ts'),
      import('../config/document.ts'),
      openSecretKeeper(context),
    ]);
    const read = () => loadSettings({ paths, env, flags: {} });
    return moveSecrets({ to, read, document: openDocument(paths), run: storeOperations(keeper) });
  });

const moved = ({ accounts, clientKeys, named }: MoveReport, to: MovableStore): string => {
  const parts = [
    ...(accounts > 0 ? [`the secrets of ${plural(accounts, 'account')}`] : []),
    ...(clientKeys > 0 ? ['the one behind the client keys'] : []),
    ...(named > 0 ? [`${plural(named, 'secret')} by name`] : []),
  ];
  if (parts.length === 0) return `nothing was moved to ${secretPlaces[to]}`;
  return `moved to ${secretPlaces[to]}: ${parts.join(', ')}`;
};

const move = async (context: CommandContext): Promise<number> => {
  const { env, options, stdout, stderr } = context;
  const to = wordOf(options, 'to', movableStores);
  if (to === null)
    throw new CcrError('usage', '--to is missing', { hint: 'use --to keychain or --to vault' });
  const report = await carryOut(context, 'vault.move', { to }, () => moveHere(context, to));
  if (options['json'] === true) await printJson(stdout, { to, ...report });
  else await printLines(stdout, [moved(report, to)]);
  const { config } = loadSettings({ paths: resolvePaths(env), env, flags: {} });
  const { credentialStore: preference } = config;
  await printLines(stderr, [
    ...report.left.map((sentence) => `ccr-tui: note: ${sanitize(sentence, 300)}`),
    ...(preference === 'auto' || preference === to
      ? []
      : [`ccr-tui: note: new secrets go elsewhere: ccr-tui config set credentialStore ${to}`]),
  ]);
  return report.left.length > 0 ? 1 : 0;
};

const runs: Readonly<Record<string, (context: CommandContext) => Promise<number>>> = {
  'vault.init': init,
  'vault.passwd': passwd,
  'vault.unlock': unlock,
  'vault.rotate': rotate,
  'vault.move': move,
};

/** `vault init|passwd|unlock|rotate|move`: how secrets are locked, and where they lie. */
export const run = async (context: CommandContext): Promise<number> => {
  const carryOutHere = runs[context.action];
  if (carryOutHere === undefined) throw new CcrError('failed', `nothing carries out ${context.action}`);
  return carryOutHere(context);
};
