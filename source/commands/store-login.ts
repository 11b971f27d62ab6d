import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import type { CommandResults, NewAccount } from '../shared/commands.ts';
import type { Secret } from '../shared/secret.ts';
import { bytesOfSecret, takeSecret } from '../shared/secret-bytes.ts';
import type { AccountRecord, AccountView, LoginFacts, SecretStoreName } from '../shared/types.ts';
import { restingView } from './account-json.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { openAccountBook } from './open-account-book.ts';

/** An account with where its secret lies; `notice` must be shown. */
export type Stored = { account: AccountView; store: SecretStoreName; notice: string | null };

/**
 * Adds an account by the running instance, or here when none runs; `bytes` of its secret are wiped, null for a linked login.
 * Rejects as `AccountBook.add`.
 */
export const storeAccountBytes = async (
  context: CommandContext,
  account: NewAccount,
  bytes: Uint8Array | null,
  { force = false, keeper }: { force?: boolean; keeper?: SecretKeeper | undefined } = {},
): Promise<Stored> => {
  const here = async (): Promise<CommandResults['account.add']> => {
    const book = await openAccountBook(context, keeper);
    const { record, notice } = await book.add(account, bytes && takeSecret(bytes), { force });
    return { account: restingView(record, context.clock.now()), store: record.store, notice };
  };
  try {
    const given = bytes === null ? undefined : () => bytes;
    return await carryOut(context, 'account.add', { ...account, force }, here, given);
  } finally {
    bytes?.fill(0);
  }
};

/** The same with the secret as text. */
export const storeAccount = (
  context: CommandContext,
  account: NewAccount,
  secret: Secret | null,
  keeper?: SecretKeeper,
): Promise<Stored> => storeAccountBytes(context, account, secret && bytesOfSecret(secret), { keeper });

/** Puts a login in the place of the one an account had; whoever asks has looked whose it is. Rejects as `loginAgain`. */
export const storeLoginAgain = async (
  context: CommandContext,
  { id }: Pick<AccountRecord, 'id'>,
  { facts, secret }: { facts: LoginFacts; secret: Secret },
  keeper?: SecretKeeper,
): Promise<Stored> => {
  const bytes = bytesOfSecret(secret);
  const here = async (): Promise<CommandResults['account.login']> => {
    const book = await openAccountBook(context, keeper);
    const record = await book.loginAgain(id, { secret: takeSecret(bytes), facts, force: true });
    return { account: restingView(record, context.clock.now()), store: record.store };
  };
  try {
    const args = { account: id, login: facts, force: true };
    return { ...(await carryOut(context, 'account.login', args, here, () => bytes)), notice: null };
  } finally {
    bytes.fill(0);
  }
};
