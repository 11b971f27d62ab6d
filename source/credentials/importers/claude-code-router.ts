import type { Environment } from '../../shared/environment.ts';
import { isRecord } from '../../shared/is-record.ts';
import { Secret } from '../../shared/secret.ts';
import {
  anthropicKey,
  numberOf,
  plainAccount,
  recordsOf,
  textOf,
  type ImportedAccount,
  type JsonPlace,
  type ToolContent,
} from './imported-account.ts';

type Entry = Readonly<Record<string, unknown>>;

const endpoint = /\/(?:v1\/)?messages\/?$/;

const usedTransformers = (transformer: unknown): string[] => {
  const use: unknown = isRecord(transformer) ? transformer['use'] : [];
  return Array.isArray(use)
    ? use.map((each: unknown) => textOf(Array.isArray(each) ? each[0] : each)?.toLowerCase() ?? '')
    : [];
};

/** Where it speaks the Anthropic API; null when nothing says that it does. */
const anthropicUrl = (provider: Entry): string | null => {
  for (const [, capability] of recordsOf(provider['capabilities'])) {
    if (capability['type'] === 'anthropic_messages') return textOf(capability['baseUrl']);
  }
  const url = textOf(provider['api_base_url']) ?? textOf(provider['baseUrl']) ?? textOf(provider['baseurl']);
  if (url === null) return null;
  if (provider['type'] === 'anthropic_messages' || endpoint.test(url)) return url;
  // With this transformer alone requests pass through there, wherever they go: the address has to agree.
  const transformers = usedTransformers(provider['transformer']);
  const passes = transformers.length === 1 && transformers[0] === 'anthropic';
  return passes && /\/anthropic(?:\/|$)|\/\/api\.anthropic\.com(?:\/|$)/.test(url) ? url : null;
};

const keyNames = ['api_key', 'apiKey', 'apikey'];
const variable = /^\$\{?([A-Za-z_]\w*)\}?$/;

type Key = { key: string; plain: JsonPlace[] } | { key: null; plain: JsonPlace[]; reason: string };

/** The key of a provider, or of one of its credentials; one named `$NAME` comes from the environment. */
const keyOf = (entry: Entry, place: JsonPlace, env: Environment): Key => {
  const name = keyNames.find((each) => textOf(entry[each]) !== null);
  const written = name === undefined ? null : textOf(entry[name]);
  if (name === undefined || written === null) return { key: null, plain: [], reason: 'it has no key' };
  const [, variableName] = variable.exec(written) ?? [];
  if (variableName === undefined) return { key: written, plain: [[...place, name]] };
  const value = textOf(env[variableName]);
  return value === null
    ? { key: null, plain: [], reason: `its key is in $${variableName}, which is not set here` }
    : { key: value, plain: [] };
};

const credentialsOf = (
  provider: Entry,
  place: JsonPlace,
): { entry: Entry; place: JsonPlace; name: string | null }[] => {
  const pool = recordsOf(provider['credentials']).map(([index, entry]) => ({
    entry,
    place: [...place, 'credentials', index],
    name: textOf(entry['label']) ?? textOf(entry['name']) ?? textOf(entry['id']) ?? String(index + 1),
  }));
  return pool.length > 0 ? pool : [{ entry: provider, place, name: null }];
};

const typeOf = (url: string, key: string): Pick<ImportedAccount, 'kind' | 'secret' | 'baseUrl'> | string => {
  const isOwn = URL.parse(url)?.hostname === 'api.anthropic.com';
  if (!isOwn) return { kind: 'compatible', secret: new Secret(key), baseUrl: url.replace(endpoint, '') };
  const known = anthropicKey(key);
  return known === null ? 'its key is not one of the Claude Console' : { ...known, baseUrl: null };
};

const notTaken = (provider: Entry): string[] => {
  const others = usedTransformers(provider['transformer']).filter((name) => name !== 'anthropic');
  return others.length === 0 ? [] : [`its transformers (${others.join(', ')}) were not taken`];
};

/**
 * The providers in the settings of claude-code-router (`config.json` of version 2, the row `default` of version 3): those
 * that speak the Anthropic API become accounts, one for each key. `env` gives keys that are named there as `$NAME`.
 */
export const claudeCodeRouterContent = (document: unknown, env: Environment): ToolContent => {
  const content: ToolContent = { accounts: [], left: [] };
  if (!isRecord(document)) return content;
  const listName = ['Providers', 'providers'].find((key) => Array.isArray(document[key])) ?? 'Providers';
  for (const [index, provider] of recordsOf(document[listName])) {
    const title = textOf(provider['name']) ?? `provider ${index + 1}`;
    const url = anthropicUrl(provider);
    if (url === null) {
      content.left.push({ name: title, reason: 'it does not speak the Anthropic API' });
      continue;
    }
    const models = Array.isArray(provider['models'])
      ? provider['models'].filter((each) => typeof each === 'string')
      : [];
    for (const { entry, place, name } of credentialsOf(provider, [listName, index])) {
      const whole = name === null ? title : `${title}-${name}`;
      const found = keyOf(entry, place, env);
      const type = found.key === null ? found.reason : typeOf(url, found.key);
      if (typeof type === 'string') {
        content.left.push({ name: whole, reason: type });
        continue;
      }
      content.accounts.push({
        ...plainAccount,
        ...type,
        name: whole,
        sourceId: whole,
        priority: numberOf(entry['priority']),
        paused: entry['enabled'] === false || provider['enabled'] === false,
        models: models.length === 0 ? null : models,
        notes: notTaken(provider),
        plain: found.plain,
      });
    }
  }
  if (isRecord(document['Router']) && content.accounts.length > 0) {
    content.left.push({ name: 'Router', reason: 'its rules were not taken' });
  }
  return content;
};
