import { readFileSync } from 'node:fs';

/** Version of this program, from the package.json that lies beside `distribution/` and `source/`. */
export const packageVersion = (): string => {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const version: unknown =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : null;
  return typeof version === 'string' ? version : 'unknown';
};
