import type { Candidate } from '../balancer/strategies.ts';
import type { Exchange } from './exchange.ts';
import type { KeyRefusal } from './key-limits.ts';

// What a key may do can be told when the body is there: before that, nobody knows the model.

const forbidden = (message: string): KeyRefusal => ({ code: 'key_forbidden', message, headers: {} });

/** The model as the last field of that name says, which is the one that most servers take; null when there is none. */
const lastModel = ({ body }: Exchange): string | null => {
  try {
    const value: unknown = JSON.parse(Buffer.concat(body.chunks).toString('utf8'));
    const model = typeof value === 'object' && value !== null && 'model' in value ? value.model : null;
    return typeof model === 'string' ? model : null;
  } catch {
    return null;
  }
};

/** Files run no model. */
const runsModel = ({ request, path }: Exchange): boolean =>
  request.method === 'POST' && !/^\/v1\/files(?:\/|$)/.test(path);

const modelRefusal = (exchange: Exchange): KeyRefusal | null => {
  const { caller, description } = exchange;
  if (!caller?.models || !runsModel(exchange)) return null;
  const model = description?.model ?? null;
  // Read twice, in two ways: a body with two models must not show us one and the provider the other.
  if (model === null || lastModel(exchange) !== model) {
    return forbidden(
      `The key ${caller.name} is for certain models, and this request does not clearly name one.`,
    );
  }
  return caller.models(model) ? null : forbidden(`The key ${caller.name} may not use the model ${model}.`);
};

/** Which accounts may serve the request, by name; null = all. */
type Permitted = { accounts: ReadonlySet<string> | null; refusal: KeyRefusal | null };

const permittedAccounts = ({ caller, request }: Exchange, candidates: readonly Candidate[]): Permitted => {
  const allowed = caller?.accounts ?? null;
  const isThere = (name: string): boolean => candidates.some(({ record }) => record.name === name);
  const wanted = request.headers['x-ccr-account'];
  if (typeof wanted === 'string') {
    if (allowed !== null && !allowed.has(wanted)) {
      const refusal = forbidden(`The key ${caller?.name} may not use this account.`);
      return { accounts: allowed, refusal };
    }
    if (!isThere(wanted)) {
      const message = 'x-ccr-account names no account of this proxy.';
      return { accounts: allowed, refusal: { code: 'bad_request', message, headers: {} } };
    }
    return { accounts: new Set([wanted]), refusal: null };
  }
  if (allowed === null || [...allowed].some(isThere)) return { accounts: allowed, refusal: null };
  return {
    accounts: allowed,
    refusal: forbidden(`None of the accounts of the key ${caller?.name} is there.`),
  };
};

/** Why the key may not do this; null when it may. Leaves on the exchange which accounts may serve it. */
export const permit = (exchange: Exchange, candidates: readonly Candidate[]): KeyRefusal | null => {
  const { accounts, refusal } = permittedAccounts(exchange, candidates);
  exchange.accounts = accounts;
  return modelRefusal(exchange) ?? refusal;
};
