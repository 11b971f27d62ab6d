import { judged, type AccountRuntime } from './account-state.ts';
import { tokenRefused } from './credential.ts';
import { ejected } from './ejection.ts';
import type { Verdict } from './retry-policy.ts';
import type { Candidate } from './strategies.ts';
import type { EpochMs } from '../shared/types.ts';

/**
 * All that an account has to bear after the verdict on one attempt, as one of all. `model` is the request's, null
 * when it has none. Pure.
 */
export const afterVerdict = (
  { record, runtime }: Candidate,
  verdict: Verdict,
  model: string | null,
  others: { all: readonly Candidate[]; now: EpochMs },
): AccountRuntime => {
  const { now } = others;
  const refused = verdict.kind === 'unauthorized' ? tokenRefused(runtime, record.kind, now) : null;
  const after = refused ?? judged(runtime, verdict, model, now);
  return ejected({ record, runtime }, after, verdict, others);
};
