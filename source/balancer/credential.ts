import type { AccountRuntime } from './account-state.ts';
import { refusedKeyRest } from './retry-policy.ts';
import { withRest } from './rests.ts';
import { asEpoch, type AccountKind, type CredentialProblem, type EpochMs } from '../shared/types.ts';

/** What is known of the credential of an account by now. */
export type CredentialNews = {
  problem: CredentialProblem | null;
  expiresAt: EpochMs | null;
  /** There is none at this moment, and one is on its way. */
  renewing: boolean;
  /** It is another one than before: what the provider said of that one is of no interest any more. */
  isNew: boolean;
};

const isSame = (one: CredentialProblem | null, other: CredentialProblem | null): boolean =>
  one?.state === other?.state && one?.reason === other?.reason && one?.until === other?.until;

const ofCredential: ReadonlySet<string> = new Set(['error', 'needs-login']);

/** Takes over what is known of the credential; the same runtime when nothing has changed. */
export const credentialTold = (
  runtime: AccountRuntime,
  { problem, expiresAt, renewing, isNew }: CredentialNews,
): AccountRuntime => {
  const rests = isNew ? runtime.rests.filter(({ state }) => !ofCredential.has(state)) : runtime.rests;
  const isUnchanged =
    rests.length === runtime.rests.length &&
    isSame(problem, runtime.credentialProblem) &&
    expiresAt === runtime.tokenExpiresAt &&
    renewing === runtime.renewing;
  if (isUnchanged) return runtime;
  return { ...runtime, rests, credentialProblem: problem, tokenExpiresAt: expiresAt, renewing };
};

/** What a 401 means for kinds whose credential is no key. */
const refusals: Partial<Readonly<Record<AccountKind, { state: 'error' | 'needs-login'; reason: string }>>> = {
  login: { state: 'error', reason: 'the provider refused its token (401), and the renewed one, too' },
  'setup-token': {
    state: 'needs-login',
    reason:
      'the provider refused its token (401); make another one with claude setup-token, remove the account and add it again',
  },
};

/** The runtime of a Claude login whose token was refused; null for other kinds, which are judged as ever. */
export const tokenRefused = (
  runtime: AccountRuntime,
  kind: AccountKind,
  now: EpochMs,
): AccountRuntime | null => {
  const refusal = refusals[kind];
  if (refusal === undefined) return null;
  const rest = { ...refusal, until: asEpoch(now + refusedKeyRest), scope: null, model: null };
  return { ...runtime, rests: withRest(runtime.rests, rest, now) };
};
