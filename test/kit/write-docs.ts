// `npm run docs`: writes the tables of commands, keys and settings into the README from the code that has them.
import { readFileSync, writeFileSync } from 'node:fs';
import { withGeneratedSections } from './document-tables.ts';

const readme = new URL('../../README.md', import.meta.url);
const before = readFileSync(readme, 'utf8');
const after = withGeneratedSections(before);
if (after !== before) writeFileSync(readme, after);
process.stdout.write(after === before ? 'README.md is up to date\n' : 'README.md written\n');
