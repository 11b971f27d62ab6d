import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import { refuseDuplicate } from '../credentials/find-account.ts';
import { checkAccountFields, checkKind, refuseOwnAddress } from '../credentials/account-input.ts';
import { checkSecretName } from '../credentials/secret-name.ts';
import type { NewAccount } from '../shared/commands.ts';
import { secretPlaces } from '../shared/secret-place.ts';
import { isLoginKind, type AccountKind, type AccountRecord, type SecretStoreName } from '../shared/types.ts';
import { accountJson } from './account-json.ts';
import { accountOptions } from './account-options.ts';
import { askConsent } from './ask-consent.ts';
import type { CommandContext } from './context.ts';
import type { GivenOptions } from './parse-command-line.ts';
import { printJson, printLines } from './print.ts';
import { readSecret } from './read-secret.ts';
import { storeAccountBytes } from './store-login.ts';

const wanted = (name: string, options: GivenOptions): NewAccount => ({
  name,
  kind: checkKind(typeof options['kind'] === 'string' ? options['kind'] : 'api-key'),
  ...accountOptions(options),
});

/** What the secret of a kind is called, where it is no key. */
const secretNames: Partial<Readonly<Record<AccountKind, string>>> = {
  login: 'login',
  'setup-token': 'token',
};

/** Of a login that was copied, while the program it was copied from goes on using it. */
const copyWarning =
  'note: this is a copy of a login; when either side refreshes it, the other one is logged out (ccr-tui account login makes one of its own)';

/** The yes to the notice about Claude logins, for the kinds that are one. Rejects with `terms_not_accepted`. */
const consentFor = async (
  context: CommandContext,
  kind: AccountKind,
  accounts: readonly AccountRecord[],
): Promise<Pick<NewAccount, 'login'>> => {
  if (!isLoginKind(kind)) return {};
  const termsAcceptedAt = await askConsent(context, accounts);
  return { login: { termsAcceptedAt, linkedTo: null, accountUuid: null, organization: null, plan: null } };
};

/** `$NAME`, which stands for the secret of that name; null when none was given. */
const named = ({ 'secret-name': name }: GivenOptions): Buffer | null =>
  typeof name === 'string' ? Buffer.from(`$${checkSecretName(name)}`) : null;

/** Where the secret is, for a person. */
const placeOf = ({ 'secret-name': name }: GivenOptions, store: SecretStoreName): string =>
  typeof name === 'string' ? `$${checkSecretName(name)}` : `in ${secretPlaces[store]}`;

/** `account add NAME`: checks what was typed, takes the secret, stores it, then says where it lies. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, options, env, stdin, stdout, stderr, clock } = context;
  const given = wanted(positionals[0] ?? '', options);
  const force = options['force'] === true;
  const paths = resolvePaths(env);
  const { accounts, config } = loadSettings({ paths, env, flags: {} });
  // Everything but the secret is checked first: nobody should paste a key and then read that the name was wrong.
  refuseDuplicate(accounts, checkAccountFields(given).name);
  refuseOwnAddress(given.baseUrl, config);
  const account = { ...given, ...(await consentFor(context, given.kind, accounts)) };
  const secretName = secretNames[account.kind] ?? 'key';
  const bytes =
    named(options) ??
    (await readSecret(stdin, stderr, {
      question: `${secretName} for ${account.name} (not shown): `,
      isDocument: account.kind === 'login',
    }));
  if (bytes === null) return 130;
  const added = await storeAccountBytes(context, account, bytes, { force });
  if (added.notice !== null) await printLines(stderr, [`ccr-tui: ${added.notice}`]);
  if (account.kind === 'login') await printLines(stderr, [`ccr-tui: ${copyWarning}`]);
  if (options['json'] === true) await printJson(stdout, accountJson(added.account, clock.now()));
  else
    await printLines(stdout, [
      `added ${added.account.name}; its ${secretName} is ${placeOf(options, added.store)}`,
    ]);
  return 0;
};
