import type { Candidate } from '../balancer/strategies.ts';
import type { Exchange } from './exchange.ts';
import { FieldScanner } from './field-scanner.ts';
import type { KeyRefusal } from './key-limits.ts';

// What a key may do can be told when the body is there: before that, nobody knows the model.

const forbidden = (message: string): KeyRefusal => ({ code: 'key_forbidden', message, headers: {} });

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
};

/**
 * The model that every server reads in this body; null when there is none. Of two fields of one name some take the first
 * and others the last, and some (Go's encoding/json) do not tell `MODEL` from `model`.
 */
const onlyModel = ({ body }: Pick<Exchange, 'body'>): string | null => {
  const bytes = Buffer.concat(body.chunks);
  const value = parsed(bytes);
  if (typeof value !== 'object' || value === null || !('model' in value)) return null;
  const { model } = value;
  if (typeof model !== 'string') return null;
  if (Object.keys(value).filter((key) => key.toLowerCase() === 'model').length > 1) return null;
  const scanner = new FieldScanner(new Set(['model']));
  scanner.push(bytes);
  return scanner.fields().get('model') === model ? model : null;
};

/** Files run no model. */
const runsModel = ({ request, path }: Exchange): boolean =>
  request.method === 'POST' && !/^\/v1\/files(?:\/|$)/.test(path);

const isBatches = ({ path }: Exchange): boolean => /^\/v1\/messages\/batches(?:\/|$)/.test(path);

const modelRefusal = (exchange: Exchange): KeyRefusal | null => {
  const { caller, description } = exchange;
  if (!caller?.models || !runsModel(exchange)) return null;
  if (isBatches(exchange)) {
    return forbidden(`The key ${caller.name} is for certain models, and those of a batch are not looked at.`);
  }
  if (exchange.upload) {
    const message = 'The proxy has no memory left to read which model this request names; send it again.';
    return { code: 'all_overloaded', message, headers: { 'retry-after': '2' } };
  }
  const model = onlyModel(exchange);
  if (model === null || description?.model !== model) {
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
