import { isRecord } from '../shared/is-record.ts';
import type { LoginFacts } from '../shared/types.ts';
import { filePath } from './network-checks.ts';
import { parseTime, shown, wrong, type Checked } from './checks.ts';

type Parse<T> = (value: unknown) => Checked<T>;

const again = 'remove the account and add it again';

const words: Parse<string | null> = (value) =>
  value === null || (typeof value === 'string' && /^[^\p{C}]{1,200}$/u.test(value))
    ? { ok: true, value }
    : wrong(`${shown(value)} is not a name`, `use a text or null`);

const folder: Parse<string | null> = (value) => {
  if (value === null) return { ok: true, value };
  const checked = filePath.parse(value);
  return checked.ok && checked.value === '' ? wrong('is empty', again) : checked;
};

const parsers: { [Field in keyof LoginFacts]: Parse<LoginFacts[Field]> } = {
  termsAcceptedAt: parseTime,
  linkedTo: folder,
  accountUuid: words,
  organization: words,
  plan: words,
};

/** What an account record holds of a login: every field there, and no other. Names the first that is wrong. */
export const parseLoginFacts: Parse<LoginFacts> = (value) => {
  if (!isRecord(value)) return wrong(`${shown(value)} is not what is kept of a login`, again);
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(parsers, key));
  if (unknown !== undefined) return wrong(`has ${shown(unknown)}, which is not known`, 'remove it');
  const facts: Record<string, unknown> = {};
  for (const [field, parse] of Object.entries(parsers)) {
    if (!Object.hasOwn(value, field)) return wrong(`has no ${field}`, again);
    const checked = parse(value[field]);
    if (!checked.ok) return wrong(`${field} ${checked.what}`, checked.fix);
    facts[field] = checked.value;
  }
  return { ok: true, value: facts as LoginFacts };
};

/** As config.json keeps it. */
export const loginFactsJson = (facts: LoginFacts): Record<string, unknown> => ({
  ...facts,
  termsAcceptedAt: new Date(facts.termsAcceptedAt).toISOString(),
});
