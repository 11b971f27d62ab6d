import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { resolvePaths, type Paths } from '../../source/config/paths.ts';
import { openEmergency, type Emergency } from '../../source/credentials/emergency.ts';
import { bindSecret } from '../../source/credentials/bound-secret.ts';
import { loginText, type Login } from '../../source/credentials/login.ts';
import type { LoginStore } from '../../source/credentials/login-store.ts';
import { createOwnLoginStore } from '../../source/credentials/own-login-store.ts';
import { openRefreshJournal, type RefreshJournal } from '../../source/credentials/refresh-journal.ts';
import { createSecretKeeper, type SecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { createPostToken, type PostToken } from '../../source/credentials/token-request.ts';
import { Secret } from '../../source/shared/secret.ts';
import {
  asEpoch,
  type AccountId,
  type AccountRecord,
  type EpochMs,
  type SecretStoreName,
} from '../../source/shared/types.ts';
import { createFakeClock, type FakeClock } from '../kit/fake-clock.ts';
import { startOauthMock, type Grant, type OauthMock } from '../kit/oauth-mock.ts';

export const hour = 3_600_000;

export const loginOf = ({ accessToken, refreshToken }: Grant, expiresAt: number | null): Login => ({
  accessToken: new Secret(accessToken),
  refreshToken: new Secret(refreshToken),
  expiresAt: expiresAt === null ? null : asEpoch(expiresAt),
  scopes: ['user:inference'],
});

export const loginRecord = (name: string, store: SecretStoreName = 'vault'): AccountRecord => ({
  id: `id-${name}` as AccountId,
  name,
  kind: 'login',
  baseUrl: 'https://api.example',
  priority: 100,
  weight: 1,
  paused: false,
  store,
  createdAt: asEpoch(0),
});

/** What a store holds of a login, in clear; null when nothing. */
export type Held = { accessToken: string; refreshToken: string | null; expiresAt: EpochMs | null } | null;

export const heldOf = (login: Login | null): Held =>
  login && {
    accessToken: login.accessToken.reveal(),
    refreshToken: login.refreshToken?.reveal() ?? null,
    expiresAt: login.expiresAt,
  };

export type LoginPlace = {
  paths: Paths;
  clock: FakeClock;
  oauth: OauthMock;
  keeper: SecretKeeper;
  emergency: Emergency;
  journal: RefreshJournal;
  post: PostToken;
  storeOf(record: AccountRecord): LoginStore;
  /** Signs in: a new login whose access token ends so many milliseconds from now, stored. */
  signIn(record: AccountRecord, leftMs: number): Promise<Grant>;
};

/** A home on disk with a vault, and an authorisation server; both end with the test. */
export const loginPlace = async (timeoutMs = 5000): Promise<LoginPlace> => {
  const home = mkdtempSync(join(tmpdir(), 'ccr-login-'));
  const oauth = await startOauthMock();
  onTestFinished(async () => {
    await oauth.close();
    rmSync(home, { recursive: true, force: true });
  });
  const paths = resolvePaths({ CCR_TUI_HOME: home });
  const clock = createFakeClock();
  const keeper = createSecretKeeper({ paths, preference: 'vault' });
  return {
    paths,
    clock,
    oauth,
    keeper,
    emergency: openEmergency(paths),
    journal: openRefreshJournal(paths.journal),
    post: createPostToken({ timeoutMs }),
    storeOf: (record) => createOwnLoginStore({ record, keeper, paths }),
    async signIn(record, leftMs) {
      const grant = oauth.issue(record.name);
      const text = loginText(loginOf(grant, clock.now() + leftMs));
      await keeper.renew(record.id, bindSecret(text, record.baseUrl), record.store);
      return grant;
    },
  };
};
