import { isDeepStrictEqual } from 'node:util';
import { freshRuntime, viewOf } from './balancer/account-state.ts';
import { createAccountBook, type AccountBook } from './credentials/account-book.ts';
import { findAccount } from './credentials/find-account.ts';
import { refuseOwnAddress } from './credentials/account-input.ts';
import { liveDocument, type LiveDocument } from './live-document.ts';
import type { Bound } from './proxy/listen.ts';
import type { Settings } from './config/settings.ts';
import type { Clock } from './shared/clock.ts';
import type { CommandHandlers, CommandName } from './shared/commands.ts';
import { CcrError } from './shared/errors.ts';
import { takeSecret } from './shared/secret-bytes.ts';
import type { AccountRecord, AccountView } from './shared/types.ts';
import type { Store } from './store/store.ts';
import type { SupervisedProxy } from './supervise-proxy.ts';
import { untilState } from './until-state.ts';

export type AccountHandlerOptions = {
  document: LiveDocument;
  settings: Pick<Settings, 'accounts' | 'clientKeys'>;
  clock: Clock;
  store: Pick<Store, 'state' | 'subscribe'>;
  proxy: Pick<
    SupervisedProxy,
    | 'setAccounts'
    | 'setClientKeys'
    | 'putSecret'
    | 'removeSecret'
    | 'replaceLogin'
    | 'resetAccount'
    | 'readUsage'
    | 'testAccount'
    | 'refreshToken'
  >;
  bound: Pick<Bound, 'host' | 'port'>;
};

type AccountCommand = Exclude<Extract<CommandName, `account.${string}`>, 'account.list'>;

/** What is asked of accounts, while an instance runs. */
export const accountHandlers = (options: AccountHandlerOptions): CommandHandlers<AccountCommand> => {
  const { clock, store, bound } = options;
  const book = openBook(options);
  const setPaused = async (account: string, paused: boolean): Promise<AccountView> => {
    const record = await book.setPaused(account, paused);
    return seen(store, record, clock, (view) => view.paused === paused);
  };
  const setAllPaused = async (paused: boolean): Promise<{ names: string[] }> => {
    const records = await book.setAllPaused(paused);
    for (const record of records) await seen(store, record, clock, (view) => view.paused === paused);
    return { names: records.map(({ name }) => name) };
  };
  return {
    'account.add': async ({ force, ...account }, secret) => {
      refuseOwnAddress(account.baseUrl, bound);
      const { record, notice } = await book.add(account, secret && takeSecret(secret), { force });
      return { account: await seen(store, record, clock, () => true), store: record.store, notice };
    },
    'account.login': async ({ account, login: facts, force }, secret) => {
      if (secret === null) throw noSecret();
      const record = await book.loginAgain(account, { secret: takeSecret(secret), facts, force });
      const isBack = (view: AccountView): boolean => !['needs-login', 'error'].includes(view.state);
      return { account: await seen(store, record, clock, isBack), store: record.store };
    },
    'account.remove': async ({ account }) => {
      const { record, notice } = await book.remove(account);
      await untilState(store, () => store.state().accounts.every(({ id }) => id !== record.id));
      return { name: record.name, notice };
    },
    'account.pause': ({ account }) => setPaused(account, true),
    'account.resume': ({ account }) => setPaused(account, false),
    'account.pauseAll': () => setAllPaused(true),
    'account.resumeAll': () => setAllPaused(false),
    'account.prefer': async ({ account }) => {
      const record = await book.prefer(account);
      if (record !== null) return seen(store, record, clock, (view) => view.preferred === true);
      await untilState(store, () => store.state().accounts.every(({ preferred }) => preferred !== true));
      return null;
    },
    'account.rename': async ({ account, to }) => {
      const record = await book.rename(account, to);
      return seen(store, record, clock, (view) => view.name === record.name);
    },
    'account.set': async ({ account, ...change }) => {
      refuseOwnAddress(change.baseUrl, bound);
      const record = await book.change(account, change);
      return seen(store, record, clock, (view) => isLike(view, record));
    },
    ...askedOfProxy(options),
  };
};

const noSecret = (): CcrError =>
  new CcrError('bad_secret', 'no secret was given', { hint: 'pass it on stdin' });

/** The account book of this instance: every change of the records reaches the data plane before a command is answered. */
const openBook = ({ document, settings, clock, proxy }: AccountHandlerOptions): AccountBook =>
  createAccountBook({
    document: liveDocument({ document, settings, proxy }),
    keeper: {
      put: (id, secret, decided) => proxy.putSecret(id, secret, decided),
      remove: (id, name) => proxy.removeSecret(id, name),
    },
    replaceLogin: (record, login) => proxy.replaceLogin(record, login),
    clock,
    readAccounts: () => settings.accounts,
  });

/** What the data plane knows or does, and no record. */
const askedOfProxy = ({
  settings,
  clock,
  store,
  proxy,
}: AccountHandlerOptions): CommandHandlers<`account.${'reset' | 'refresh' | 'usage' | 'test'}`> => ({
  'account.reset': async ({ account }) => {
    const record = findAccount(settings.accounts, account);
    const now = await proxy.resetAccount(record.id);
    return seen(store, record, clock, (view) => isDeepStrictEqual(view, now));
  },
  'account.refresh': async ({ account }) => {
    const record = findAccount(settings.accounts, account);
    refuseWithoutLogin(record);
    const expiresAt = await proxy.refreshToken(record.id);
    return seen(store, record, clock, (view) => (view.tokenExpiresAt ?? null) === expiresAt);
  },
  'account.usage': async ({ account }) => {
    const record = findAccount(settings.accounts, account);
    const now = await proxy.readUsage(record.id);
    return seen(store, record, clock, (view) => isDeepStrictEqual(view.windows, now?.windows));
  },
  'account.test': ({ account }) => proxy.testAccount(findAccount(settings.accounts, account).id),
});

const refuseWithoutLogin = ({ name, kind }: AccountRecord): void => {
  if (kind === 'login') return;
  throw new CcrError('usage', `the account ${name} is of kind ${kind}: it has no token that can be renewed`);
};

/** Whether the view tells what the record says now. */
const isLike = (view: AccountView, record: AccountRecord): boolean =>
  (['baseUrl', 'priority', 'weight', 'caps', 'models', 'overage', 'concurrent'] as const).every((field) =>
    isDeepStrictEqual(view[field], record[field]),
  );

/** The account's view once the data plane has told of the change, so that the caller sees what everybody sees. */
const seen = async (
  store: AccountHandlerOptions['store'],
  record: AccountRecord,
  clock: Clock,
  settled: (view: AccountView) => boolean,
): Promise<AccountView> => {
  const find = (): AccountView | undefined => store.state().accounts.find(({ id }) => id === record.id);
  await untilState(store, () => {
    const view = find();
    return view !== undefined && settled(view);
  });
  // Of one that the data plane does not tell of in time the record speaks.
  return find() ?? viewOf(record, freshRuntime, clock.now());
};
