import type { HashedKey, PepperPlace } from '../credentials/key-pepper.ts';
import type { StoreOperation } from '../credentials/store-operation.ts';
import { CcrError } from '../shared/errors.ts';
import { bytesOfSecret } from '../shared/secret-bytes.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountId, AccountRecord, SecretStoreName } from '../shared/types.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { PendingCalls } from './pending-calls.ts';
import type { ProxyWorker, StoredSecret } from './worker-client.ts';

type Answer = Exclude<Extract<FromWorker, { call: number }>, { type: 'secret.failed' }>;

/** Asks the thread, and gives the answer of that type. Rejects when there is none, or another one comes. */
type Ask = <Type extends Answer['type']>(
  type: Type,
  question: (call: number) => ToWorker,
) => Promise<Extract<Answer, { type: Type }>>;

/** What is asked of the thread about secrets and accounts, and answered. */
export const secretCalls = (tell: (message: ToWorker) => void) => {
  const calls = new PendingCalls<Answer>();
  const ask: Ask = async (type, question) => {
    const answer = await calls.ask((call) => tell(question(call)));
    if (isOf(answer, type)) return answer;
    throw new CcrError('failed', 'the proxy gave an unexpected answer');
  };
  return {
    answer: (call: number, answer: Answer | Error) => calls.answer(call, answer),
    close() {
      const hint = 'try again when it has started again';
      calls.failAll(new CcrError('failed', 'the proxy has stopped', { hint }));
    },
    async putSecret(account: AccountId, secret: Secret, decided: SecretStoreName | null) {
      const stored = withBytes(secret, (bytes) =>
        ask('secret.stored', (call) => ({ type: 'secret.put', call, account, secret: bytes, decided })),
      );
      return storedOf(await stored);
    },
    async removeSecret(account: AccountId, store: SecretStoreName) {
      await ask('secret.removed', (call) => ({ type: 'secret.remove', call, account, store }));
    },
    async replaceLogin(record: AccountRecord, secret: Secret) {
      await withBytes(secret, (login) =>
        ask('login.replaced', (call) => ({ type: 'login.replace', call, record, login })),
      );
    },
    async hashKey(secret: Secret, place: PepperPlace): Promise<HashedKey> {
      const { hashed } = await withBytes(secret, (key) =>
        ask('key.hashed', (call) => ({ type: 'key.hash', call, key, place })),
      );
      return hashed;
    },
    async captureKey(decided: SecretStoreName | null) {
      const { key, notice } = await ask('capture.keyFound', (call) => ({
        type: 'capture.key',
        call,
        decided,
      }));
      return { key, notice };
    },
    async runStore(operation: StoreOperation, secret: Secret | null) {
      const run = (bytes: Uint8Array | null) =>
        ask('store.done', (call) => ({ type: 'store', call, operation, secret: bytes }));
      const { answer } = await (secret === null ? run(null) : withBytes(secret, run));
      return answer;
    },
    named: namedCalls(ask),
    ...accountCalls(ask),
  };
};

const isOf = <Type extends Answer['type']>(
  answer: Answer,
  type: Type,
): answer is Extract<Answer, { type: Type }> => answer.type === type;

/** Posting copies the bytes of a secret; this copy is wiped at once. */
const withBytes = <Result>(secret: Secret, post: (bytes: Uint8Array) => Result): Result => {
  const bytes = bytesOfSecret(secret);
  try {
    return post(bytes);
  } finally {
    bytes.fill(0);
  }
};

type AccountCalls = Pick<ProxyWorker, 'resetAccount' | 'readUsage' | 'testAccount' | 'refreshToken'>;

const accountCalls = (ask: Ask): AccountCalls => ({
  resetAccount: async (account) =>
    (await ask('account.wasReset', (call) => ({ type: 'account.reset', call, account }))).account,
  readUsage: async (account) =>
    (await ask('account.usageRead', (call) => ({ type: 'account.usage', call, account }))).account,
  testAccount: async (account) =>
    (await ask('account.tested', (call) => ({ type: 'account.test', call, account }))).result,
  refreshToken: async (account) =>
    (await ask('token.refreshed', (call) => ({ type: 'token.refresh', call, account }))).expiresAt,
});

const namedCalls = (ask: Ask): ProxyWorker['named'] => ({
  async set(name, secret, decided) {
    const stored = withBytes(secret, (bytes) =>
      ask('secret.stored', (call) => ({ type: 'named.set', call, name, secret: bytes, decided })),
    );
    return storedOf(await stored);
  },
  list: async (store) => (await ask('named.listed', (call) => ({ type: 'named.list', call, store }))).names,
  delete: async (name, store) =>
    (await ask('named.deleted', (call) => ({ type: 'named.delete', call, name, store }))).found,
});

const storedOf = ({ store, notice }: StoredSecret): StoredSecret => ({ store, notice });
